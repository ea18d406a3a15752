# Flowd::Query, beside the same sums in Perl.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use FlowdTest;
use Flowd;
use Flowd::Query;

my $tmp = folder();
my $path = spew("$tmp/log", log_of(1000));

my %octets;
my $all = 0;
for my $flow (flows_of(Flowd->new($path))) {
    $octets{ $flow->{src_addr} } += $flow->{flow_octets};
    $all += $flow->{flow_octets};
}
my @top = (sort { $octets{$b} <=> $octets{$a} || $a cmp $b } keys %octets)
    [0 .. 9];

my $query = Flowd::Query->new(keys => 'src_addr', measures => 'octets,flows',
    limit => 10);
isa_ok($query, 'Flowd::Query');
is($query->run($path), $query, 'run returns the query');
is_deeply($query->names, [qw(src_addr octets flows)], 'names');
my $rows = $query->rows;
is_deeply([map { $_->{src_addr} } @{$rows}], \@top, 'the top');
is_deeply([map { $_->{octets} } @{$rows}], [map { $octets{$_} } @top],
    'their octets');
is_deeply($query->arrays,
    [map { [@{$_}{qw(src_addr octets flows)}] } @{$rows}],
    'the same as arrays');
is_deeply($query->total, { src_addr => undef, octets => $all, flows => 1000 },
    'total');
my $rest = $all;
$rest -= $octets{$_} for @top;
is($query->other->{octets}, $rest, 'other');
is_deeply($query->notes,
    { flows => 1000, groups => 250, unscaled => 0, timeless => 0,
        too_long => 0, saturated => 0 }, 'notes');

$query->run($path, where => 'dst port 53');
is($query->total->{flows}, 1333, 'run again adds');

my $pairs = Flowd::Query->new(keys => [qw(src_addr/24 protocol)],
    order => 'key')->run($path)->arrays;
is_deeply([map { [@{$_}[0 .. 3]] } @{$pairs}],
    [['10.0.0.0/24', 6, 500, 1500], ['10.0.0.0/24', 17, 500, 1500]],
    'networks, several keys, measures by default');

is_deeply(
    Flowd::Query->new(measures => [qw(flows max(octets))])->run($path)->rows,
    [{ flows => 1000, 'max(octets)' => 2000 }],
    'without keys there is one group');
my $binned = Flowd::Query->new(bin => '5m', measures => 'flows', utc => 1,
    bin_by_end => 1)->run($path);
is($binned->names->[0], 'bin', 'bins');
my $sum = 0;
$sum += $_->{flows} for @{ $binned->rows };
is($sum, 1000, 'bins have all flows');
is($binned->rows->[0]{bin} % 300_000_000_000, 0, 'a bin begins at its width');
is(scalar @{ Flowd::Query->new(keys => 'dst_port', ascending => 1,
    order => 'flows')->run($path)->rows }, 2, 'ascending');
is_deeply(Flowd::Query->new(keys => 'src_addr')->rows, [], 'before any run');
is(Flowd::Query->new->run($path, start => 2_000_000_000)->total->{flows}, 0,
    'a time without flows');

like(error_of { Flowd::Query->new(keys => 'src_adr') },
    qr/do you mean.* at \S+query\.t line/, 'a key that is none');
like(error_of { Flowd::Query->new(measures => 'sum(x)') }, qr/\S/,
    'a measure that is none');
like(error_of { Flowd::Query->new(order => 'packet') }, qr/none of the/,
    'an order that is none');
like(error_of { Flowd::Query->new(bin => '5 minutes') }, qr/as "5m"/,
    'a bin that is none');
like(error_of { Flowd::Query->new(series => 'x') }, qr/each, average/,
    'a series that is none');
like(error_of { Flowd::Query->new(kyes => 'x') }, qr/no option "kyes"/,
    'an option that is none');
like(error_of { $query->run("$tmp/none") }, qr/No such file.* at \S+query\.t/,
    'no such file');
like(error_of { $query->run }, qr/wants a path/, 'no path');
done_testing();
