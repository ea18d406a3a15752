# What read_flow() and deserialise() give, of logs that are written down here.
use strict;
use warnings;
use lib 't/lib';
use B ();
use Test::More;
use FlowdTest;
use Flowd;

my $tmp = folder();
my $path = spew("$tmp/log", log_of(1000));

my %want = (
    fields => 0x4007ffff & ~0x550, # of addresses those of IPv4
    flow_ver => 0x60, tag => 1, recv_sec => 1_700_000_001,
    recv_usec => 250_000, tcp_flags => 0x1b, protocol => 6, tos => 4,
    agent_addr => '192.0.2.1', agent_addr_af => 2, src_addr => '10.0.0.1',
    src_addr_af => 2, dst_addr => '198.51.100.7', dst_addr_af => 2,
    gateway_addr => '192.0.2.254', gateway_addr_af => 2, src_port => 40_001,
    dst_port => 443, flow_packets => 3, flow_octets => 1001,
    if_index_in => 1, if_index_out => 2, sys_uptime_ms => 3_600_000,
    time_sec => 1_700_000_000, time_nanosec => 5, netflow_version => 9,
    flow_start => 3_590_000, flow_finish => 3_599_000, src_as => 64_500,
    dst_as => 64_501, src_mask => 24, dst_mask => 16, engine_type => 1,
    engine_id => 2, flow_sequence => 1, source_id => 0x01020304,
);
my $first = log_of(1);
$want{crc} = unpack 'N', substr $first, -4;
my $log = Flowd->new($path);
isa_ok($log, 'Flowd');
is_deeply($log->read_flow, \%want, 'all keys of a flow');
is_deeply(Flowd::deserialise($first), \%want, 'deserialise gives the same');
is_deeply(Flowd::deserialise("${first}more"), \%want, 'of what is in front');
is(unpack('H*', Flowd::serialise(\%want)), unpack('H*', $first),
    'serialise is the way back');
is(scalar flows_of($log), 999, 'the other flows');
is_deeply([$log->read_flow, $log->read_flow], [0, 0], '0 at the end');
$log->finish;

# IPv6, few fields, large counters.
my $v6 = pack('H*', '20010db8' . '00' x 11 . '01');
my $few = record(4 => $v6, 6 => $v6, 8 => $v6, 12 => pack('Q>', 2**32 + 1),
    13 => "\xff" x 8);
my $flow = Flowd::deserialise($few);
is_deeply(
    $flow,
    {   fields => 0x40003150, flow_ver => 0x60, agent_addr => '2001:db8::1',
        agent_addr_af => $flow->{agent_addr_af},
        src_addr => '2001:db8::1', src_addr_af => $flow->{agent_addr_af},
        dst_addr => '2001:db8::1', dst_addr_af => $flow->{agent_addr_af},
        flow_packets => 4_294_967_297,
        flow_octets => 18_446_744_073_709_551_615,
        crc => unpack('N', substr $few, -4)
    },
    'only what is there');
isnt($flow->{src_addr_af}, 2, 'the family of IPv6');
for my $key (qw(flow_packets flow_octets)) {
    my $flags = B::svref_2object(\$flow->{$key})->FLAGS;
    ok($flags & B::SVf_IOK() && !($flags & B::SVf_NOK()),
        "$key is an integer");
}
is("$flow->{flow_octets}", '18446744073709551615', 'to the last digit');
is_deeply(Flowd::deserialise(record()),
    { fields => 0x40000000, flow_ver => 0x60, crc => crc32(substr record(), 0,
        8) }, 'a record without fields');

# Hashes are the caller's.
$flow->{mine} = [1];
$flow->{src_addr} .= ' changed';
delete $flow->{dst_addr};
is(Flowd::deserialise($few)->{src_addr}, '2001:db8::1',
    'a change of one hash is none of the next');

# Records that are not whole or not true.
my %bad = (
    'nothing' => '', 'half a header' => substr($first, 0, 7),
    'half a body' => substr($first, 0, -1));
for my $name (sort keys %bad) {
    like(error_of { Flowd::deserialise($bad{$name}) },
        qr/not whole at \S+classic\.t line \d+/, "deserialise $name");
}
my $flipped = $first;
substr($flipped, 20, 1) ^= "\x01";
like(error_of { Flowd::deserialise($flipped) }, qr/checksum.* at \S+classic/,
    'deserialise of a flipped bit');
like(error_of { Flowd::deserialise("\x{100}") }, qr/Wide character/,
    'deserialise of characters');

spew("$tmp/bad", $first, $flipped, $first);
$log = Flowd->new("$tmp/bad");
is($log->read_flow->{tag}, 1, 'the flow in front of damage');
for (1, 2) {
    like(error_of { $log->read_flow },
        qr{\Q$tmp/bad\E.*checksum.* at \S+classic\.t line}, 'dies, and where');
}
spew("$tmp/cut", substr log_of(3), 0, -5);
is(scalar flows_of(Flowd->new("$tmp/cut")), 2, 'a log that is cut');
is(scalar flows_of(Flowd->new(spew("$tmp/empty", ''))), 0, 'an empty log');
is(scalar flows_of(Flowd->new([$path, "$tmp/cut"])), 1002, 'several paths');

# Opening.
like(error_of { Flowd->new("$tmp/none") },
    qr{\Q$tmp/none\E: No such file or directory at \S+classic\.t line},
    'no such file');
like(error_of { Flowd->new }, qr/wants a path at \S+classic/, 'no path');
like(error_of { Flowd->new([]) }, qr/no path/, 'an empty list of paths');
like(error_of { Flowd->new([undef]) }, qr/not defined/, 'an undefined path');
like(error_of { Flowd->new("a\0b") }, qr/NUL/, 'a path with a NUL');
like(error_of { Flowd->new($path, wher => 'x') }, qr/no option "wher"/,
    'an unknown option');

# Filters and times.
is(scalar flows_of(Flowd->new($path, where => 'port 443')), 667, 'where');
is(Flowd->new($path, where => 'dst port 53')->count, 333, 'count');
like(error_of { Flowd->new($path, where => 'prot 443') },
    qr/did you mean.* at \S+classic/, 'where that is none');
my ($from, $to) = (1_700_000_101, 1_700_000_201);
is(scalar flows_of(Flowd->new($path, start => $from + 0.25,
    end => $to + 0.25)), Flowd->new($path, utc => 1,
    start => '2023-11-14T22:15:01.25', end => '2023-11-14T22:16:41.25')->count,
    'times as numbers, and as texts');
like(error_of { Flowd->new($path, start => 1, end => 'yesterday') },
    qr/both numbers/, 'but not one of each');
is_deeply(
    [sort keys %{
        Flowd->new($path, fields => Flowd::SRC_ADDR | Flowd::OCTETS)->read_flow
    }],
    [qw(fields flow_octets flow_ver src_addr src_addr_af)], 'fields');
is(scalar flows_of(Flowd->new($path, limit => 7)), 7, 'limit');
is(scalar flows_of(Flowd->new($path, mapped => 1, threads => 2)), 1000,
    'mapped, with threads');
my $salvaged = Flowd->new("$tmp/bad", salvage => 1);
is(scalar flows_of($salvaged), 1, 'salvage');
my @warnings = $salvaged->warnings;
is($warnings[0], 1, 'one warning');
like($warnings[1], qr/checksum/, 'and its text');
done_testing();
