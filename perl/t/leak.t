# Memory does not grow with the number of calls: that of the whole process, as
# the system tells it.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use FlowdTest;
use Flowd;
use Flowd::Query;
use Flowd::Writer;

plan skip_all => 'no /proc/self/statm' if !-r '/proc/self/statm';
plan skip_all => 'with sanitizers memory grows by itself'
    if ($ENV{ASAN_OPTIONS} // '') =~ /detect_leaks=0/;

my $tmp = folder();
my $path = spew("$tmp/log", log_of(1000));
my $record = log_of(1);
my $flow = Flowd::deserialise($record);
my $million = $ENV{FLOWD_LEAK_CALLS} // 1_000_000;

# In octets.
sub resident {
    my (undef, $pages) = split ' ', slurp('/proc/self/statm');
    return $pages * POSIX::sysconf(&POSIX::_SC_PAGESIZE);
}

my $log = Flowd->new($path);
my $writer = Flowd::Writer->new('/dev/null', version => 3);
my $query = Flowd::Query->new(keys => 'src_addr')->run($path);
my @cases = (
    [read_flow => 1, sub { $log->read_flow or $log = Flowd->new($path) }],
    [deserialise => 1, sub { Flowd::deserialise($record) }],
    [serialise => 10, sub { Flowd::serialise($flow) }],
    [format => 20, sub { Flowd->format(Flowd::ALL, 1, $flow) }],
    [write_flow => 10, sub { $writer->write_flow($flow) }],
    [write_row => 10,
        sub { $writer->write_row({ src_addr => '192.0.2.1', octets => 1 }) }],
    [errors => 20,
        sub { eval { Flowd::deserialise('x') };
            eval { $writer->write_flow({ tag => 'x' }) };
            eval { $writer->write_row({ x => 1 }) };
            eval { Flowd->new('/nonexistent') } }],
    ['a log half read' => 1000, sub { Flowd->new($path)->read_flow }],
    ['a row of all columns' => 1000,
        sub { Flowd->new($path, columns => '*')->read_row }],
    ['a query' => 3000,
        sub { $query->run($path); $query->rows; $query->arrays;
            $query->total; $query->notes; $query->names;
            $query = Flowd::Query->new(keys => 'src_addr') }],
);
for my $case (@cases) {
    my ($name, $slow, $call) = @{$case};
    my $calls = int $million / $slow;
    $call->() for 1 .. $calls / 5;
    my $before = resident();
    $call->() for 1 .. $calls;
    my $grown = resident() - $before;
    cmp_ok($grown, '<', 4 * 2**20, "$name, $calls times")
        or diag "grew by $grown octets";
}
done_testing();
