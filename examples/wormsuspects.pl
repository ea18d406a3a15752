#!/usr/bin/perl
# Which host sends the most flows to one port? Of a scanner, or a worm, there
# are many:
#
#	wormsuspects.pl LOG...
#
# The library counts; see flowd-stats(1) for keys and measures.
use strict;
use warnings;
use Flowd::Query;

@ARGV or die "usage: wormsuspects.pl log...\n";

my $query = Flowd::Query->new(
    keys => [qw(src_addr protocol dst_port)],
    measures => 'flows',
    limit => 10,
)->run(\@ARGV);
my $all = $query->total->{flows};

sub line {
    my ($address, $protocol, $port, $flows) = map { $_ // '???' } @_;

    printf "%-39s %5s %5s %12s (%5.2f%%)\n", $address, $protocol, $port,
        $flows, $all ? 100 * $flows / $all : 0;
    return;
}

printf "%-39s %5s %5s %12s\n", qw(Address Proto Port Flows);
line(@{$_}) for @{ $query->arrays };
line('OTHER', '', '', $query->other->{flows});
