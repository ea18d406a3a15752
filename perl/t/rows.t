# read_row(): columns by their names.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use FlowdTest;
use Flowd;
use Flowd::Writer;

my $tmp = folder();
my $path = spew("$tmp/log", log_of(100));

my $log = Flowd->new($path, columns => 'src_addr,octets,recv_time,vlan');
is_deeply($log->read_row,
    { src_addr => '10.0.0.1', octets => 1001,
        recv_time => 1_700_000_001_250_000_000 },
    'columns that have a value');
$log = Flowd->new($path, columns => [qw(dst_port)], where => 'dst port 53');
my $n = 0;
while (my $row = $log->read_row) {
    $n++ if $row->{dst_port} == 53 && keys %{$row} == 1;
}
is($n, 33, 'an array of columns, and a filter');
is($log->read_row, undef, 'undef at the end');
my %row = %{ Flowd->new($path, columns => '*')->read_row };
is_deeply(
    [@row{qw(next_hop flow_start flow_end src_as source_id)}],
    ['192.0.2.254', 1_699_999_990_000_000_005, 1_699_999_999_000_000_005,
        64_500, 0x01020304],
    'all columns');
like(error_of { Flowd->new($path, columns => 'src_adr') },
    qr/did you mean.* at \S+rows\.t line/, 'a column that is none');
like(error_of { $log->read_flow }, qr/opened with columns/,
    'a flow of a log with columns');
like(error_of { Flowd->new($path)->read_row }, qr/opened without columns/,
    'a row of a log without');

# Rows of every type, written and read.
my %all = (
    recv_time => 1_796_026_500_123_456_789, agent_addr => '2001:db8::9',
    src_addr => '2001:db8::1', dst_addr => '192.0.2.1',
    src_mac => '02:00:00:00:be:ef', packets => 18_446_744_073_709_551_615,
    octets => 5, tcp_flags => 0x1ff, vlan => 4095, sampling_interval => 100,
    direction => 1, flow_start => 1_796_026_400_000_000_000,
    flow_end => 1_796_026_500_000_000_000);
for my $compression (qw(zstd lz4 none)) {
    my $file = "$tmp/$compression";
    my $writer = Flowd::Writer->new($file, compression => $compression);
    $writer->write_row(\%all) for 1 .. 3;
    $writer->close;
    my $in = Flowd->new($file, columns => '*');
    is_deeply([$in->read_row, $in->read_row, $in->read_row, $in->read_row],
        [\%all, \%all, \%all, undef], "rows of every type, $compression");
}

# Elements that have no column, in a recording.
my $capture = source() . '/test/recordings/softflowd-v9.pcap';
SKIP: {
    skip 'no recordings', 2 if !-e $capture;
    my $in = Flowd->new($capture, columns => '*');
    my ($flows, $others) = (0, 0);
    while (my $row = $in->read_row) {
        $flows++;
        $others++ if ref $row->{other} eq 'HASH' && %{ $row->{other} };
    }
    cmp_ok($flows, '>', 0, 'flows of a capture');
    is(scalar flows_of(Flowd->new($capture)), $flows, 'as classic flows, too');
}
done_testing();
