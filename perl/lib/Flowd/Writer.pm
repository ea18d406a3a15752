package Flowd::Writer;

use 5.022;
use strict;
use warnings;
use Carp qw(croak);
use Flowd;

our $VERSION = $Flowd::VERSION;
# Errors are told to be at the caller's of all of them.
our @CARP_NOT = qw(Flowd);

my %WRITER = map { $_ => 1 } qw(version compression level fields);
my %COPY = map { $_ => 1 } qw(where rules start end legacy salvage mapped utc
    threads limit);

sub new {
    my ($class, $path, %options) = @_;

    croak 'new() wants a path' if !defined $path;
    for my $name (sort keys %options) {
        croak qq(there is no option "$name") if !$WRITER{$name};
    }
    return Flowd::_call(\&_open, $class, $path, \%options);
}

sub copy {
    my ($self, $paths, %options) = @_;

    return Flowd::_call(\&_copy, $self, $paths,
        Flowd::_scan_options(\%COPY, %options));
}

sub CLONE_SKIP { return 1 }

1;

__END__

=encoding utf8

=head1 NAME

Flowd::Writer - write flow logs

=head1 SYNOPSIS

    use Flowd::Writer;

    my $writer = Flowd::Writer->new('copy.flow', version => 4);
    $writer->write_flow($log->read_flow);
    $writer->write_row({ src_addr => '192.0.2.1', dst_addr => '192.0.2.2',
        protocol => 6, octets => 1234,
        flow_end => 1_796_026_500_000_000_000 });
    $writer->copy(['flowd.log', 'flowd.log.0'], where => 'port 443');
    $writer->close;

=head1 DESCRIPTION

Writes logs of version 3 or 4, which flowd-log(5) describes. All methods die
when they fail.

=head1 METHODS

=head2 new

    my $writer = Flowd::Writer->new($path, %options);

Makes the file, with the mode 0600, or empties it. C<-> is standard output,
unless that is a terminal. The options are:

=over

=item version

3 or 4, which is the default.

=item compression

Of version 4: C<zstd>, the default, C<lz4> or C<none>.

=item level

Of zstd, from 1 to 19.

=item fields

Of version 3: the fields that are kept, a sum of the constants of L<Flowd>.

=back

=head2 write_flow

    $writer->write_flow($flow);

Writes a flow as C<read_flow> of L<Flowd> returns it, or one with the same keys.
Keys that are not there have no value; others than those have no effect. The
checksum is computed anew. C<fields> takes away those fields that are not in it;
leave it out in hashes of your own.

=head2 write_row

    $writer->write_row($row);

Writes a flow with the names of columns as keys, as C<read_row> returns it. A
key that is no column is an error. C<other> cannot be written in this way.

=head2 copy

    my $flows = $writer->copy($path, %options);
    my $flows = $writer->copy(\@paths, %options);

Writes all flows of logs, with all that they have, and returns how many. Options
are those of C<new> of L<Flowd>, without C<columns> and C<fields>.

=head2 left_out

How many flows were left out: version 3 cannot hold one that has one address
only, or addresses of two families.

=head2 flush

Writes all flows, so that others can read them. Of version 4 this ends a block,
of which there should be few.

=head2 close

Writes the rest, of version 4 with an index, and closes the file. A writer that
is forgotten is closed by itself, with a warning when that fails.

=head1 SEE ALSO

L<Flowd>, L<Flowd::Query>, flowd-log(5), flowd_writer(3)

=cut
