# Constants and functions without a log.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use FlowdTest;
use Flowd 1.0;

my @names = qw(TAG RECV_TIME PROTO_FLAGS_TOS AGENT_ADDR4 AGENT_ADDR6 SRC_ADDR4
    SRC_ADDR6 DST_ADDR4 DST_ADDR6 GATEWAY_ADDR4 GATEWAY_ADDR6 SRCDST_PORT
    PACKETS OCTETS IF_INDICES AGENT_INFO FLOW_TIMES AS_INFO FLOW_ENGINE_INFO);
for my $bit (0 .. $#names) {
    is(Flowd->can($names[$bit])->(), 1 << $bit, $names[$bit]);
}
is(Flowd::CRC32, 1 << 30, 'CRC32');
is(Flowd::RESERVED, 1 << 31, 'RESERVED');
is(Flowd::AGENT_ADDR, 0x18, 'AGENT_ADDR');
is(Flowd::SRC_ADDR, 0x60, 'SRC_ADDR');
is(Flowd::DST_ADDR, 0x180, 'DST_ADDR');
is(Flowd::SRCDST_ADDR, 0x1e0, 'SRCDST_ADDR');
is(Flowd::GATEWAY_ADDR, 0x600, 'GATEWAY_ADDR');
is(Flowd::BRIEF, 0x39ff, 'BRIEF');
is(Flowd::ALL, 0x4007ffff, 'ALL');
is(Flowd::VERSION(), 0x60, 'VERSION is that of records');
is(Flowd->VERSION, $Flowd::VERSION, 'and as a method that of the module');
like(error_of { Flowd->VERSION(99) }, qr/version 99 required/,
    'which is checked');
ok(!defined &main::TAG, 'nothing is exported');
like(Flowd::library_version(), qr/\A\d+\.\d+\.\d+/, 'library_version');
is((Flowd::columns())[0], 'recv_time', 'columns');

$ENV{TZ} = 'Asia/Tokyo';
POSIX::tzset();
is(Flowd::iso_time(1_700_000_000), '2023-11-15T07:13:20', 'local time');
is(Flowd::iso_time(1_700_000_000, 0), '2023-11-15T07:13:20', 'the same');
is(Flowd::iso_time(1_700_000_000, 1), '2023-11-14T22:13:20', 'UTC');
is(Flowd::iso_time(4_294_967_295, 1), '2106-02-07T06:28:15', 'the last time');

for my $case (
    [0, '0s'], [59, '59s'], [60, '1m0s'], [3600, '1h0s'], [86_400, '1d0s'],
    [4_294_967, '7w17h2m47s'], [52 * 7 * 86_400, '1y0s'], [1.9, '1s'])
{
    is(Flowd::interval_time($case->[0]), $case->[1], "interval $case->[1]");
}
is(Flowd::interval_time_ms(0), '0s.000', 'interval in ms, 0');
is(Flowd::interval_time_ms(3_600_007), '1h0s.007', 'interval in ms');
is(Flowd::interval_time_ms(4_294_967_295), '7w17h2m47s.295', 'the longest');

is(Flowd::header_length(), 8, 'header_length');
my $record = log_of(1);
is(Flowd::flow_length(substr $record, 0, 8), length($record) - 8,
    'flow_length');
like(error_of { Flowd::flow_length('short') }, qr/a header has 8 octets/,
    'flow_length of too few octets');
done_testing();
