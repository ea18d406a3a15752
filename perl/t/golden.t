# format() prints what flowd-reader of the first flowd printed, of its logs.
use strict;
use warnings;
use lib 't/lib';
use JSON::PP ();
use Test::More;
use FlowdTest;
use Flowd;

my $golden = golden('.');
$ENV{TZ} = 'UTC';
POSIX::tzset();

# Lines of a log, up to what it dies of.
sub lines {
    my ($path, $mask, $utc, %options) = @_;

    my $text = '';
    my $log = Flowd->new($path, %options);
    eval {
        while (my $flow = $log->read_flow) {
            $text .= $log->format($mask, $utc, $flow) . "\n";
        }
        1;
    } or $text .= "DIED $@";
    return $text;
}

my $n = 0;
for my $folder (sort glob "$golden/wire/*/log.flowd") {
    $folder =~ s{/log\.flowd\z}{};
    my ($name) = $folder =~ m{([^/]+)\z};
    my %kinds = (brief => [Flowd::BRIEF, 0], v => [Flowd::ALL, 0],
        U => [Flowd::BRIEF, 1], vU => [Flowd::ALL, 1]);
    for my $kind (sort keys %kinds) {
        my $file = "$folder/reader.$kind.txt";
        next if !-e $file;
        my $want = slurp($file);
        $want =~ s/\ALOGFILE .*\n//;
        is(lines("$folder/log.flowd", @{ $kinds{$kind} }), $want,
            "wire/$name $kind");
        $n++;
    }
}
cmp_ok($n, '>', 100, 'there are many');

my $manifest =
    JSON::PP->new->utf8->decode(slurp("$golden/reader/manifest.json"));
# What is better today: a text is refused, no longer an empty log.
my %better = ('bad-garbage' => 1);
$n = 0;
for my $case (@{ $manifest->{cases} }) {
    my @arguments = @{ $case->{args} };
    my %is = map { $_ => 1 } grep { /\A-/ } @arguments;
    my @paths = map { "$golden/reader/$_" } grep { !/\A-/ } @arguments;
    my ($verbose, $utc, $legacy) = map { delete $is{$_} // 0 } qw(-v -U -L);
    # Not those with other options, or without a file that is there.
    next if %is || !@paths || grep { !-f } @paths;
    local $ENV{TZ} = $case->{TZ} // 'UTC';
    POSIX::tzset();
    my $want = defined $case->{stdout_file}
        ? slurp("$golden/reader/$case->{stdout_file}")
        : $case->{stdout} // '';
    $want =~ s/^LOGFILE .*\n//mg;
    my $got = lines(\@paths,
        $verbose ? Flowd::ALL : Flowd::BRIEF, $utc, legacy => $legacy);
    my $died = $got =~ s/^DIED .*\z//ms;
    is($got, $want, "reader/$case->{name}");
    is($died ? 1 : 0, $better{ $case->{name} } // $case->{rc},
        "reader/$case->{name} dies or not");
    $n++;
}
cmp_ok($n, '>', 40, 'there are many of these, too');
done_testing();
