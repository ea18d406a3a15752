#!/usr/bin/perl
# Prints flow logs as flowd-reader(8) does:
#
#	reader.pl [-v] [-u] LOG...
#
# -v prints all that there is of a flow, -u times in UTC.
use strict;
use warnings;
use Getopt::Std qw(getopts);
use Flowd;

my %option;
getopts('vu', \%option) && @ARGV
    or die "usage: reader.pl [-v] [-u] log...\n";
my $fields = $option{v} ? Flowd::ALL : Flowd::BRIEF;

for my $path (@ARGV) {
    print "LOGFILE $path\n";
    my $log = Flowd->new($path);
    while (my $flow = $log->read_flow) {
        print $log->format($fields, $option{u}, $flow), "\n";
    }
    $log->finish;
}
