# The programs in examples/, with golden logs.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use FlowdTest;

my $golden = golden('reader');
my $examples = source() . '/examples';
my $tmp = folder();
$ENV{TZ} = 'UTC';

# What a program prints, and its result.
sub run {
    my ($name, @arguments) = @_;

    open my $out, '-|', $^X, '-Mblib', "$examples/$name", @arguments
        or die "$name: $!";
    my $text = do { local $/ = undef; <$out> // '' };
    close $out;
    return ($text, $? >> 8);
}

for my $case (['', 'three-U.out.txt'], ['-v', 'three-vU.out.txt']) {
    my ($option, $file) = @{$case};
    my @options = $option ? $option : ();
    my $want = slurp("$golden/$file");
    $want =~ s/^LOGFILE .*\n//mg;
    my ($got, $status) = run('reader.pl', @options, '-u',
        "$golden/three.flowd");
    is($status, 0, "reader.pl $option");
    is($got, "LOGFILE $golden/three.flowd\n$want",
        'prints what flowd-reader does');
}

my $path = spew("$tmp/log", log_of(1000));
my ($text) = run('wormsuspects.pl', $path);
my @lines = split /\n/, $text;
is(scalar @lines, 12, 'wormsuspects.pl: ten of them, and the others');
like($lines[1], qr/\A10\.0\.0\.\d+ +(6|17) +(53|443) +[34] \( 0\.[34]0%\)\z/,
    'a line');
my $sum = 0;
$sum += $_ for map { /(\d+) \( *[\d.]+%\)\z/ ? $1 : () } @lines;
is($sum, 1000, 'together they are all flows');
like($lines[-1], qr/\AOTHER /, 'the others');

SKIP: {
    skip 'no DBD::SQLite (libdbd-sqlite3-perl)', 3
        if !eval { require DBI; require DBD::SQLite; 1 };
    my (undef, $status) = run('flowinsert.pl', "$tmp/flows.sqlite", $path);
    is($status, 0, 'flowinsert.pl');
    my $db = DBI->connect("dbi:SQLite:dbname=$tmp/flows.sqlite", '', '');
    is_deeply($db->selectrow_arrayref(
        'SELECT count(*), sum(octets) FROM flows'),
        [1000, 1_500_500], 'all flows are in the table');
    is_deeply($db->selectrow_arrayref(
        'SELECT received, src_addr FROM flows WHERE tag = 1'),
        ['2023-11-14T22:13:21', '10.0.0.1'], 'and what they are');
}
done_testing();
