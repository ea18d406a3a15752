package Flowd;

use 5.022;
use strict;
use warnings;
use Carp qw(croak);
use POSIX ();

our $VERSION = '1.000';
# Errors are told to be at the caller's of all of them.
our @CARP_NOT = qw(Flowd::Query Flowd::Writer);

require XSLoader;
XSLoader::load('Flowd', $VERSION);

# --- Constants ---

# Fields of a record, as flowd-log(5) numbers them.
use constant {
    TAG => 1 << 0,
    RECV_TIME => 1 << 1,
    PROTO_FLAGS_TOS => 1 << 2,
    AGENT_ADDR4 => 1 << 3,
    AGENT_ADDR6 => 1 << 4,
    SRC_ADDR4 => 1 << 5,
    SRC_ADDR6 => 1 << 6,
    DST_ADDR4 => 1 << 7,
    DST_ADDR6 => 1 << 8,
    GATEWAY_ADDR4 => 1 << 9,
    GATEWAY_ADDR6 => 1 << 10,
    SRCDST_PORT => 1 << 11,
    PACKETS => 1 << 12,
    OCTETS => 1 << 13,
    IF_INDICES => 1 << 14,
    AGENT_INFO => 1 << 15,
    FLOW_TIMES => 1 << 16,
    AS_INFO => 1 << 17,
    FLOW_ENGINE_INFO => 1 << 18,
    CRC32 => 1 << 30,
};

use constant {
    AGENT_ADDR => AGENT_ADDR4 | AGENT_ADDR6,
    SRC_ADDR => SRC_ADDR4 | SRC_ADDR6,
    DST_ADDR => DST_ADDR4 | DST_ADDR6,
    SRCDST_ADDR => SRC_ADDR4 | SRC_ADDR6 | DST_ADDR4 | DST_ADDR6,
    GATEWAY_ADDR => GATEWAY_ADDR4 | GATEWAY_ADDR6,
    RESERVED => 1 << 31,
    BRIEF => 0x39ff,
    ALL => 0x4007ffff,
};

# Without arguments the version of records, as the first module has it; the
# method of all classes, which "use Flowd 1.0" calls, goes on to work.
sub VERSION {
    return 3 << 5 if !@_;
    my ($class, @wanted) = @_;
    return $class->UNIVERSAL::VERSION(@wanted);
}

# --- Options ---

my %SCAN = map { $_ => 1 } qw(where rules start end columns fields legacy salvage
    mapped utc threads limit);

# Seconds since 1970 as nanoseconds; a fraction is kept as far as a number
# holds it.
sub _nanoseconds {
    my ($seconds) = @_;

    my $whole = POSIX::floor($seconds);
    return $whole * 1_000_000_000
        + POSIX::floor(($seconds - $whole) * 1_000_000_000 + 0.5);
}

# Check the names of options, and put times into the form of the library. Times
# are seconds since 1970, or texts as flowd-reader -t takes them.
sub _scan_options {
    my ($known, %options) = @_;

    for my $name (sort keys %options) {
        croak qq(there is no option "$name")
            if !$known->{$name};
    }
    my %times = map { $_ => delete $options{$_} } qw(start end);
    my @texts = grep { defined && !/\A-?[0-9.]+\z/ } values %times;
    if (@texts) {
        croak 'start and end are both numbers, or both texts'
            if @texts != grep { defined } values %times;
        $options{time} = ($times{start} // '')
            . (defined $times{end} ? ",$times{end}" : '');
    } else {
        for my $name (grep { defined $times{$_} } keys %times) {
            $options{"${name}_ns"} = _nanoseconds($times{$name});
        }
    }
    return \%options;
}

# Where an error is told to be: at the caller's, not in here.
sub _call {
    my ($function, @arguments) = @_;

    my $result = eval { $function->(@arguments) };
    return $result if defined $result;
    my $error = $@;    # "TEXT at FILE line N, <HANDLE> line N."
    $error =~ s/\A(.*) at .+? line \d+(?:, <.*> \w+ \d+)?\.\n\z/$1/s;
    croak $error;
}

# --- Logs ---

# The library opens a file when it is its turn; programs want to know at once.
# A pipe is left alone.
sub _check_path {
    my ($path) = @_;

    return if !defined $path || $path eq '-' || $path =~ /\0/;
    croak "$path: $!" if !-e $path;
    return if !-f _;
    open my $file, '<', $path or croak "$path: $!";
    CORE::close $file;
    return;
}

sub new {
    my ($class, $paths, %options) = @_;

    croak 'new() wants a path' if !defined $paths;
    _check_path($_) for ref $paths eq 'ARRAY' ? @{$paths} : $paths;
    if (ref $options{columns} eq 'ARRAY') {
        $options{columns} = join ',', @{ $options{columns} };
    }
    return _call(\&_open, $class, $paths, _scan_options(\%SCAN, %options));
}

# Its objects are of no use in another thread.
sub CLONE_SKIP { return 1 }

sub format {    ## no critic (ProhibitBuiltinHomonyms)
    my ($self, $mask, $utc, $flow) = @_;

    return _call(\&_format, $flow, $mask // BRIEF, $utc ? 1 : 0);
}

*close = \&finish;

# --- Texts ---

sub iso_time {
    my ($time, $utc) = @_;

    return POSIX::strftime('%Y-%m-%dT%H:%M:%S',
        $utc ? gmtime $time : localtime $time);
}

# Years are of 364 days, so that weeks come out even, as in C.
my @UNITS = (
    [y => 52 * 7 * 86400], [w => 7 * 86400], [d => 86400], [h => 3600],
    [m => 60]
);

sub interval_time {
    my ($seconds) = @_;

    my $text = '';
    $seconds = int $seconds;
    for my $unit (@UNITS) {
        my $n = int($seconds / $unit->[1]);
        $text .= "$n$unit->[0]" if $n > 0;
        $seconds -= $n * $unit->[1];
    }
    return "$text${seconds}s";
}

sub interval_time_ms {
    my ($ms) = @_;

    return sprintf '%s.%03u', interval_time(int($ms / 1000)), $ms % 1000;
}

1;

__END__

=encoding utf8

=head1 NAME

Flowd - read flow logs

=head1 SYNOPSIS

    use Flowd;

    my $log = Flowd->new('/var/log/flowd');
    while (my $flow = $log->read_flow) {
        print "$flow->{src_addr} $flow->{flow_octets}\n";
        print $log->format(Flowd::BRIEF, 0, $flow), "\n";
    }
    $log->finish;

    # The same with a filter, and of some columns only: faster.
    my $web = Flowd->new('/var/flow', where => 'proto tcp dst port 443',
        start => time - 3600, columns => 'src_addr,octets');
    while (my $row = $web->read_row) {
        $octets{ $row->{src_addr} } += $row->{octets};
    }

=head1 DESCRIPTION

Flowd reads what the collector flowd(8) writes: logs of versions 2, 3 and 4,
directories of segments, and captures of NetFlow and IPFIX datagrams. What a
file is shows in its first octets. It is the library libflowd, and takes the
place of the module of the same name that came with the first flowd.

L<Flowd::Writer> writes logs, and L<Flowd::Query> groups flows.

=head1 METHODS

=head2 new

    my $log = Flowd->new($path, %options);
    my $log = Flowd->new(\@paths, %options);

Opens a log, or several that are read one after the other. C<-> is standard
input. It dies when a file cannot be opened, or an option is wrong. The options
are:

=over

=item where

Only flows for which this expression holds; see flowd.conf(5).

=item rules

Only flows that the rules in this file accept, as with C<flowd-reader -f>.

=item start, end

Only flows of this time, from C<start> on and before C<end>: seconds since 1970,
which may have a fraction, or texts as flowd-reader(8) takes them with C<-t>.

=item columns

The names of columns, as a text with commas or as an array; C<*> is all. Flows
are then read with L</read_row>. flowd-reader(8) describes the columns.

=item fields

Which fields L</read_flow> gives, a sum of the L</CONSTANTS>; all by default.
Half the keys take half the time.

=item utc

True: times without a zone, in texts, are in UTC, not in local time.

=item legacy

True: logs are of version 2, which cannot be told from version 3.

=item salvage

True: damage that ends a log of version 2 or 3 is a warning, and the next file
is read. Of version 4 only the damage is left out.

=item limit

So many flows are read of each path, whether they pass or not.

=item threads

How many threads read at most; by default as many as is fast.

=item mapped

True: logs of version 4 are mapped, which is faster for a few flows out of many.
When somebody cuts such a file meanwhile, the program ends with SIGBUS.

=back

=head2 read_flow

    my $flow = $log->read_flow;

Returns the next flow, a reference to a new hash with the L</KEYS> below; 0 at
the end. A log that ends within a flow ends in front of it. It dies at a damaged
place, with the name of the file and what is wrong; flows in front of that were
returned before.

=head2 read_row

    my $row = $log->read_row;

The same of a log that was opened with columns: a hash with their names as keys,
of those that have a value; undef at the end. Times are integers, nanoseconds
since 1970-01-01 UTC. Addresses are texts. C<other> is a hash of the elements
that have no column: by their names, or by enterprise and number as C<0:210>,
the octets as they were sent, or an array of these where there are several.

=head2 count

    my $flows = $log->count;

Returns how many flows there are, without looking at more of them than must be.
None may have been read before, and none can be read after that.

=head2 warnings

    my ($n, $last) = $log->warnings;

How many warnings there were, as with C<salvage>, and the text of the last one.

=head2 format

    my $line = $log->format($mask, $utc, $flow);

Returns the line that flowd-reader(8) prints of a flow of L</read_flow>, without
the newline. The mask is a sum of the L</CONSTANTS>; undef is C<BRIEF>. Times
are in UTC if the second argument is true. It may be called as
C<< Flowd->format(...) >>, too.

=head2 finish, close

Closes the log. After that other methods die; this one does nothing. A log that
is forgotten is closed by itself.

=head1 FUNCTIONS

None of them is exported.

=over

=item Flowd::iso_time($time, $utc)

A time in seconds since 1970 as C<2026-11-30T08:15:00>, in local time unless
C<$utc> is true.

=item Flowd::interval_time($seconds)

A span of time as C<1h0s>: years (of 364 days), weeks, days, hours and minutes
that are not zero, and seconds.

=item Flowd::interval_time_ms($milliseconds)

The same with three digits of milliseconds: C<1h0s.250>.

=item Flowd::header_length()

The octets of the header of a record of version 3: 8.

=item Flowd::flow_length($header)

The octets behind this header.

=item Flowd::deserialise($record)

The flow of a record, as L</read_flow> has it. What is behind the record has no
effect. Dies when the record is not whole, or damaged.

=item Flowd::serialise($flow, $mask)

The record of a flow, with those of its fields that are in the mask; all by
default.

=item Flowd::columns()

The names of all columns.

=item Flowd::library_version()

The version of libflowd.

=back

=head1 KEYS

Those of a field are all there when the flow has that field, else none of them
is. All numbers are integers.

    field             keys
                      fields, flow_ver (0x60)
    TAG               tag
    RECV_TIME         recv_sec recv_usec
    PROTO_FLAGS_TOS   protocol tcp_flags tos
    AGENT_ADDR        agent_addr agent_addr_af
    SRC_ADDR          src_addr src_addr_af
    DST_ADDR          dst_addr dst_addr_af
    GATEWAY_ADDR      gateway_addr gateway_addr_af
    SRCDST_PORT       src_port dst_port
    PACKETS           flow_packets
    OCTETS            flow_octets
    IF_INDICES        if_index_in if_index_out
    AGENT_INFO        sys_uptime_ms time_sec time_nanosec netflow_version
    FLOW_TIMES        flow_start flow_finish
    AS_INFO           src_as dst_as src_mask dst_mask
    FLOW_ENGINE_INFO  engine_type engine_id flow_sequence source_id
    CRC32             crc

C<flow_start> and C<flow_finish> are uptimes of the exporter in milliseconds.
Flows of version 4 that have absolute times instead are put on a scale of
uptime, as flowd-reader(8) does. Families of addresses are C<AF_INET> and
C<AF_INET6> of L<Socket>.

=head1 CONSTANTS

Bits of the fields: C<TAG>, C<RECV_TIME>, C<PROTO_FLAGS_TOS>, C<AGENT_ADDR4>,
C<AGENT_ADDR6>, C<SRC_ADDR4>, C<SRC_ADDR6>, C<DST_ADDR4>, C<DST_ADDR6>,
C<GATEWAY_ADDR4>, C<GATEWAY_ADDR6>, C<SRCDST_PORT>, C<PACKETS>, C<OCTETS>,
C<IF_INDICES>, C<AGENT_INFO>, C<FLOW_TIMES>, C<AS_INFO>, C<FLOW_ENGINE_INFO>,
C<CRC32>, and C<RESERVED>, which no record has.

Sums: C<AGENT_ADDR>, C<SRC_ADDR>, C<DST_ADDR>, C<SRCDST_ADDR>, C<GATEWAY_ADDR>,
C<BRIEF> and C<ALL>.

C<Flowd::VERSION()> is the version in the first octet of a record, 0x60;
C<$Flowd::VERSION> that of the module.

=head1 THREADS AND PROCESSES

An object belongs to the process and to the thread that made it. It is of no use
in a thread that is made later. After C<fork> methods die in the child, and only
the parent writes and closes.

=head1 CHANGES FROM THE FIRST FLOWD

Counters are integers of 64 bits, no longer floating point. C<format> prints the
lengths of prefixes and the source id, takes care of its second argument, and
leaves out zero units of intervals, as flowd-reader always did. A log that is
cut within a flow ends quietly, as a live log is always cut somewhere.

=head1 SEE ALSO

L<Flowd::Writer>, L<Flowd::Query>, flowd-reader(8), flowd.conf(5), flowd-log(5),
libflowd(3)

=cut
