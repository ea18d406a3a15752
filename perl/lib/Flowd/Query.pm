package Flowd::Query;

use 5.022;
use strict;
use warnings;
use Carp qw(croak);
use Flowd;

our $VERSION = $Flowd::VERSION;
# Errors are told to be at the caller's of all of them.
our @CARP_NOT = qw(Flowd);

my %QUERY = map { $_ => 1 } qw(keys measures order ascending limit bin
    bin_by_end series scale utc memory);
my %SCAN = map { $_ => 1 } qw(where rules start end legacy salvage mapped utc
    threads);

my %UNIT = (s => 1, m => 60, h => 3600, d => 86400, w => 7 * 86400);

# A number of seconds, or a text as "5m".
sub _bin_ns {
    my ($bin) = @_;

    my ($n, $unit) = $bin =~ /\A([0-9]+)([smhdw]?)\z/
        or croak qq(bin is a number of seconds, or as "5m": not "$bin");
    return $n * $UNIT{ $unit || 's' } * 1_000_000_000;
}

sub new {
    my ($class, %options) = @_;

    for my $name (sort keys %options) {
        croak qq(there is no option "$name") if !$QUERY{$name};
    }
    for my $name (qw(keys measures)) {
        next if ref $options{$name} ne 'ARRAY';
        $options{$name} = join ',', @{ $options{$name} };
    }
    my $bin = delete $options{bin};
    $options{bin_ns} = _bin_ns($bin) if defined $bin;
    return Flowd::_call(\&_new, $class, \%options);
}

sub run {
    my ($self, $paths, %options) = @_;

    croak 'run() wants a path' if !defined $paths;
    Flowd::_call(
        sub { _run(@_); 1 },
        $self, $paths, Flowd::_scan_options(\%SCAN, %options));
    return $self;
}

sub CLONE_SKIP { return 1 }

1;

__END__

=encoding utf8

=head1 NAME

Flowd::Query - group flows by keys

=head1 SYNOPSIS

    use Flowd::Query;

    my $query = Flowd::Query->new(keys => 'src_addr/24',
        measures => 'octets,flows', limit => 10);
    $query->run('/var/flow', where => 'proto tcp', start => time - 86400);
    for my $row (@{ $query->rows }) {
        print "$row->{'src_addr/24'} $row->{octets}\n";
    }
    print "of $query->total->{octets}\n";

=head1 DESCRIPTION

The engine of flowd-stats(1), which describes keys and measures. All methods die
when they fail.

=head1 METHODS

=head2 new

    my $query = Flowd::Query->new(%options);

All options have a default:

=over

=item keys

By what flows are grouped: C<src_addr/24,dst_port>, a text or an array. Without
keys all flows are one group.

=item measures

What is told of a group: C<flows,packets,octets> by default.

=item order

The measure by which groups are ordered, the first one by default; or C<key>.

=item ascending

True: the least is first.

=item limit

How many groups there are at most, or of each bin.

=item bin

The width of bins of time: a number of seconds, or a text as C<5m>, C<1h>,
C<1d>.

=item bin_by_end

True: a flow is in the bin in which it ends; else it is spread over its time.

=item series

Which groups there are with bins and a limit: the first ones of C<each>, which
is the default, or the same in all bins, by their C<average>, C<max> or C<last>.

=item scale

True: packets and octets are multiplied by the sampling rate.

=item utc

True: hours, days and bins are those of UTC, not of local time.

=item memory

How many octets groups may take; there is no limit by default.

=back

=head2 run

    $query->run($path, %options);
    $query->run(\@paths, %options);

Takes in all flows of some logs, and may be called again with others. Options
are those of C<new> of L<Flowd>, without C<columns>, C<fields> and C<limit>. Returns the
query.

=head2 rows

    my $rows = $query->rows;

Returns the groups, an array of hashes, with the names of L</names> as keys.
Times are nanoseconds since 1970-01-01 UTC, and spans of time nanoseconds;
addresses are texts, networks with their prefix. What has no value is undef. In
bins with a limit there is a row without keys for the groups of a bin that are
not shown.

=head2 arrays

The same with each group as an array, in the order of L</names>.

=head2 names

Returns an array of the names of columns: C<bin> if there are bins, the keys,
and the measures, as they were asked for.

=head2 total, other

A row, as a hash, for all flows together, and for groups that are not shown.

=head2 notes

What is to be said beside, as a hash: C<flows> that passed, C<groups> there are,
C<unscaled> flows whose sampling rate is not known, C<timeless> ones that are in
no bin, those C<too_long> for bins, and C<saturated>, 1 if a sum is greater than
2^64 - 1.

=head2 finish

Frees the query. One that is forgotten is freed by itself.

=head1 SEE ALSO

L<Flowd>, L<Flowd::Writer>, flowd-stats(1), flowd_query(3)

=cut
