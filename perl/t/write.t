# Flowd::Writer: what is written is read again.
use strict;
use warnings;
use lib 't/lib';
use Errno qw(ENOENT);
use Test::More;
use FlowdTest;
use Flowd;
use Flowd::Writer;

my $tmp = folder();
my $path = spew("$tmp/log", log_of(300));

# Version 3 is the same octets again.
my $writer = Flowd::Writer->new("$tmp/v3", version => 3);
$writer->write_flow($_) for flows_of(Flowd->new($path));
$writer->close;
ok(slurp("$tmp/v3") eq slurp($path), 'a log of version 3, octet for octet');
is(sprintf('%o', (stat "$tmp/v3")[2] & 07777), '600', 'its mode');

$writer = Flowd::Writer->new("$tmp/v4");
$writer->write_flow($_) for flows_of(Flowd->new($path));
$writer->flush;
is(scalar flows_of(Flowd->new("$tmp/v4")), 300, 'flush lets others read');
$writer->close;
is_deeply([flows_of(Flowd->new("$tmp/v4"))], [flows_of(Flowd->new($path))],
    'a log of version 4 has the same flows');
cmp_ok(-s "$tmp/v4", '<', (-s $path) / 3, 'and is smaller');

$writer = Flowd::Writer->new("$tmp/copy", version => 3);
is($writer->copy([$path, "$tmp/v4"], where => 'dst port 53'), 200, 'copy');
$writer->close;
is(Flowd->new("$tmp/copy")->count, 200, 'what was copied');

$writer = Flowd::Writer->new("$tmp/few", version => 3,
    fields => Flowd::SRCDST_ADDR | Flowd::OCTETS);
$writer->write_flow(Flowd->new($path)->read_flow);
$writer->close;
is_deeply([sort keys %{ Flowd->new("$tmp/few")->read_flow }],
    [sort qw(fields flow_ver src_addr src_addr_af dst_addr dst_addr_af
        flow_octets)], 'fields');

# A hash of one's own.
my %own = (src_addr => '192.0.2.1', dst_addr => '192.0.2.2', protocol => 6,
    flow_octets => '18446744073709551615', flow_packets => 3.0, mine => {},
    tag => undef);
$writer = Flowd::Writer->new("$tmp/own", version => 3);
$writer->write_flow(\%own);
$writer->close;
my $flow = Flowd->new("$tmp/own")->read_flow;
is($flow->{flow_octets}, 18_446_744_073_709_551_615, 'a number in a text');
is($flow->{flow_packets}, 3, 'a whole number in floating point');
ok(!exists $flow->{tag}, 'undef is no value');
is($flow->{fields}, Flowd::SRC_ADDR4 | Flowd::DST_ADDR4 | Flowd::OCTETS
    | Flowd::PACKETS | Flowd::PROTO_FLAGS_TOS
    | ($flow->{fields} & Flowd::CRC32), 'fields follow from the keys');
$flow->{fields} &= ~Flowd::OCTETS;
unlike(Flowd->format(Flowd::ALL, 1, $flow), qr/octets/,
    'fields takes a field away');

# Two kinds of rows in one log.
$writer = Flowd::Writer->new("$tmp/both");
for (1 .. 10) {
    $writer->write_flow(\%own);
    $writer->write_row({ src_addr => '192.0.2.3', octets => 1 });
}
$writer->close;
is(Flowd->new("$tmp/both")->count, 20, 'flows and rows in one log');

# More than are gathered.
$writer = Flowd::Writer->new("$tmp/many", version => 3);
$writer->write_flow(\%own) for 1 .. 10_000;
undef $writer;
is(Flowd->new("$tmp/many")->count, 10_000, 'closed when it is forgotten');

# Wrong values.
$writer = Flowd::Writer->new("$tmp/wrong");
my @wrong = (
    [src_addr => '192.0.2.256', qr/Invalid "src_addr" at \S+write\.t line/],
    [src_addr => [], qr/Invalid "src_addr"/],
    [src_port => 65_536, qr/Invalid "src_port": not from 0 to 65535 at/],
    [src_port => -1, qr/not from 0 to 65535/],
    [src_port => 1.5, qr/not a whole number/],
    [src_port => '80x', qr/not a whole number/],
    [src_port => {}, qr/not a whole number/],
    [src_port => 'nan', qr/not a whole number/],
    [src_port => 9**9**9, qr/not a whole number/],
    [flow_octets => 2**65, qr/not a whole number/],
    [flow_octets => '18446744073709551616', qr/not a whole number/]);
for my $case (@wrong) {
    my ($key, $value, $want) = @{$case};
    like(error_of { $writer->write_flow({ $key => $value }) }, $want,
        "write_flow: $key => $value");
}
for my $case (
    ['nonsense', 1, qr/no such column/], ['octets', -5, qr/not from 0 to/],
    ['src_mac', 'x', qr/Invalid "src_mac"/],
    ['recv_time', '1e99', qr/not a whole number/],
    ['recv_time', '9223372036854775808', qr/out of range/],
    ['other', {}, qr/see copy/])
{
    my ($key, $value, $want) = @{$case};
    like(error_of { $writer->write_row({ $key => $value }) }, $want,
        "write_row: $key => $value");
}
for my $method (qw(write_flow write_row)) {
    like(error_of { $writer->$method($_) }, qr/reference to a hash/,
        "$method of no hash")
        for undef, 1, [], 'text';
}
$writer->close;
is(Flowd->new("$tmp/wrong")->count, 0, 'nothing of these is written');

$! = 0;
like(error_of { Flowd::Writer->new("$tmp/none/log") },
    qr{\Q$tmp/none/log\E: No such file.* at \S+write\.t}, 'no such folder');
is($! + 0, ENOENT, 'and $!');
like(error_of { Flowd::Writer->new("$tmp/x", version => 2) },
    qr/version 3 or 4/, 'a version');
like(error_of { Flowd::Writer->new("$tmp/x", compression => 'gzip') },
    qr/zstd, lz4 or none/, 'a compression');
like(error_of { Flowd::Writer->new("$tmp/x", level => 20) }, qr/1 and 19/,
    'a level');
like(error_of { Flowd::Writer->new("$tmp/x", vresion => 3) },
    qr/no option "vresion"/, 'an option');
SKIP: {
    skip 'no /dev/full', 1 if !-e '/dev/full';
    my $full = Flowd::Writer->new('/dev/full', version => 3);
    $full->write_flow(\%own);
    like(error_of { $full->close }, qr{/dev/full: .*No space left},
        'a full disk');
}
$writer = Flowd::Writer->new("$tmp/half", version => 3);
$writer->write_flow({ src_addr => '192.0.2.1', dst_addr => '2001:db8::1' });
$writer->flush;
cmp_ok($writer->left_out, '<=', 1, 'left_out');
done_testing();
