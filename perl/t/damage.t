# Damaged files: flows and an error, never a crash. A small fuzzer, the same
# every time.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use FlowdTest;
use Flowd;
use Flowd::Query;
use Flowd::Writer;

my $tmp = folder();
my $rounds = $ENV{FLOWD_DAMAGE_ROUNDS} // 300;
my %seed = (v3 => log_of(20));
{
    spew("$tmp/v3", $seed{v3});
    for my $compression (qw(zstd none)) {
        my $writer =
            Flowd::Writer->new("$tmp/v4", compression => $compression);
        $writer->copy("$tmp/v3");
        $writer->close;
        $seed{"v4-$compression"} = slurp("$tmp/v4");
    }
    my $capture = source() . '/test/recordings/softflowd-v9.pcap';
    $seed{capture} = substr slurp($capture), 0, 20_000 if -e $capture;
}

# Cut it, turn bits, put octets in.
sub damage {
    my ($octets) = @_;

    for (0 .. int rand 4) {
        my $at = int rand length $octets;
        my $what = int rand 4;
        if ($what == 0) {
            substr($octets, $at, 1) ^= chr 1 << int rand 8;
        } elsif ($what == 1) {
            substr($octets, $at, 1) = chr int rand 256;
        } elsif ($what == 2) {
            substr($octets, $at) = '' if $at > 0;
        } else {
            substr($octets, $at, 0) = "\xff" x int rand 9;
        }
    }
    return $octets;
}

sub use_all {
    my ($path, $legacy) = @_;

    my $flows = 0;
    eval {
        my $log = Flowd->new($path, legacy => $legacy);
        while (my $flow = $log->read_flow) {
            $flows++;
            $log->format(Flowd::ALL, 1, $flow);
            Flowd::serialise($flow);
        }
    };
    eval {
        my $log = Flowd->new($path, columns => '*', salvage => 1);
        while (my $row = $log->read_row) { $flows++ }
    };
    eval { Flowd::Query->new(keys => 'src_addr')->run($path)->rows };
    return $flows;
}

srand 20_261_130;
for my $name (sort keys %seed) {
    my $flows = 0;
    for (1 .. $rounds) {
        my $octets = damage($seed{$name});
        $flows += use_all(spew("$tmp/damaged", $octets), $_ % 10 == 0);
        eval { Flowd::deserialise($octets) };
    }
    cmp_ok($flows, '>', 0, "$name: some flows of damaged files are read");
}
done_testing();
