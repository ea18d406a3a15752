package FlowdTest;

# What the tests share: folders, logs of version 3 that are written down here
# without the library, and the outputs of the first flowd.
use strict;
use warnings;
use Exporter qw(import);
use File::Temp ();
use Test::More ();

our @EXPORT = qw(golden slurp spew record crc32 folder error_of log_of
    flows_of source);

# The folder of the sources, where examples are.
sub source { return $ENV{FLOWD_SOURCE} // '..' }

# A folder of the golden data; skips all tests where there is none.
sub golden {
    my ($name) = @_;

    my $path = source() . "/../shared/compat/golden/$name";
    Test::More::plan(skip_all => 'no shared data in this clone')
        if !-d $path;
    return $path;
}

# Removed at the end of the process, not of a thread.
sub folder { return File::Temp::tempdir(CLEANUP => 1) }

sub slurp {
    my ($path) = @_;

    open my $in, '<:raw', $path or die "$path: $!";
    local $/ = undef;
    return scalar <$in>;
}

sub spew {
    my ($path, @octets) = @_;

    open my $out, '>:raw', $path or die "$path: $!";
    print {$out} @octets;
    close $out or die "$path: $!";
    return $path;
}

# CRC-32, reflected, start value 0, no final inversion; bit by bit.
sub crc32 {
    my ($octets) = @_;

    my $crc = 0;
    for my $octet (unpack 'C*', $octets) {
        $crc ^= $octet;
        $crc = $crc >> 1 ^ ($crc & 1 ? 0xedb88320 : 0) for 1 .. 8;
    }
    return $crc;
}

# A record of pairs: number of the bit, octets.
sub record {
    my (%fields) = @_;

    my $mask = 1 << 30;
    $mask |= 1 << $_ for keys %fields;
    my $body = join '', map { $fields{$_} } sort { $a <=> $b } keys %fields;
    my $head = pack 'CCnN', 0x60, length($body) / 4 + 1, 0, $mask;
    return $head . $body . pack 'N', crc32("$head$body");
}

# A log of so many flows, with all fields and each different; the octets.
sub log_of {
    my ($n) = @_;

    return join '', map {
        record(
            0 => pack('N', $_),
            1 => pack('NN', 1_700_000_000 + $_, 250_000),
            2 => pack('CCCC', 0x1b, $_ % 2 ? 6 : 17, 4, 0),
            3 => pack('C4', 192, 0, 2, 1),
            5 => pack('C4', 10, 0, 0, $_ % 250),
            7 => pack('C4', 198, 51, 100, 7),
            9 => pack('C4', 192, 0, 2, 254),
            11 => pack('nn', 40_000 + $_ % 1000, $_ % 3 ? 443 : 53),
            12 => pack('Q>', 3),
            13 => pack('Q>', 1000 + $_),
            14 => pack('NN', 1, 2),
            15 => pack('NNNnn', 3_600_000, 1_700_000_000, 5, 9, 0),
            16 => pack('NN', 3_590_000, 3_599_000),
            17 => pack('NNCCn', 64_500, 64_501, 24, 16, 0),
            18 => pack('nnNN', 1, 2, $_, 0x01020304),
        )
    } 1 .. $n;
}

sub flows_of {
    my ($log) = @_;

    my @flows;
    while (my $flow = $log->read_flow) {
        push @flows, $flow;
    }
    return @flows;
}

# What a block dies with, or "".
sub error_of(&) {
    my ($block) = @_;

    return eval { $block->(); 1 } ? '' : $@;
}

1;
