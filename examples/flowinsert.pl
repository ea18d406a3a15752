#!/usr/bin/perl
# Puts flows into a table of a database, by DBI:
#
#	flowinsert.pl DATABASE LOG...
#
# DATABASE is a file of SQLite, which is made if it is not there; or a source of
# DBI as "dbi:Pg:dbname=flows", where the table is made by flows.sql. Times are
# texts in UTC.
use strict;
use warnings;
use DBI;
use Flowd;

my ($database, @paths) = @ARGV;
@paths or die "usage: flowinsert.pl database log...\n";

my @columns = qw(tag received agent_addr src_addr dst_addr src_port dst_port
    octets packets protocol);

my $is_file = $database !~ /\Adbi:/;
my $db = DBI->connect($is_file ? "dbi:SQLite:dbname=$database" : $database,
    '', '', { RaiseError => 1, PrintError => 0, AutoCommit => 0 });
$db->do('CREATE TABLE IF NOT EXISTS flows (tag INTEGER NOT NULL,
    received TIMESTAMP, agent_addr TEXT, src_addr TEXT, dst_addr TEXT,
    src_port INTEGER, dst_port INTEGER, octets NUMERIC(20),
    packets NUMERIC(20), protocol INTEGER)') if $is_file;
my $insert = $db->prepare(sprintf 'INSERT INTO flows (%s) VALUES (%s)',
    join(', ', @columns), join ', ', ('?') x @columns);

my $log = Flowd->new(\@paths);
while (my $flow = $log->read_flow) {
    $insert->execute(
        $flow->{tag} // 0,
        defined $flow->{recv_sec}
        ? Flowd::iso_time($flow->{recv_sec}, 1)
        : undef,
        @{$flow}{qw(agent_addr src_addr dst_addr src_port dst_port
            flow_octets flow_packets protocol)});
}
$db->commit;
$db->disconnect;
