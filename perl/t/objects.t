# Objects that are closed, forgotten, changed, copied by fork() or by threads:
# an error, never a crash.
use strict;
use warnings;
use lib 't/lib';
use Config;
use Test::More;
use FlowdTest;
use Flowd;
use Flowd::Query;
use Flowd::Writer;

my $tmp = folder();
my $path = spew("$tmp/log", log_of(5000));
my ($log, $writer, $query) = (Flowd->new($path),
    Flowd::Writer->new("$tmp/out", version => 3),
    Flowd::Query->new(keys => 'src_addr'));
ok($log->read_flow, 'a log that is read');

# Other things in their place.
my @others = (undef, 0, 1, 'text', [], {}, sub { }, \1, $writer, $query,
    bless({}, 'Flowd'), bless([], 'Flowd'), bless(\(my $n = 12_345), 'Flowd'));
for my $other (@others) {
    like(error_of { Flowd::read_flow($other) }, qr/no object of Flowd at/,
        'read_flow of ' . ($other // 'undef'));
}
like(error_of { Flowd::Writer::write_flow($log, {}) },
    qr/no object of Flowd::Writer/, 'a log is no writer');
like(error_of { Flowd::Query::rows($log) }, qr/no object of Flowd::Query/,
    'nor a query');
for my $bad (undef, 1, [], 'x') {
    like(error_of { Flowd->format(Flowd::ALL, 0, $bad) },
        qr/reference to a hash at \S+objects\.t/, 'format of no flow');
}
like(error_of { Flowd->new($path, where => []) }, qr/\S/, 'a reference');
like(error_of { Flowd->new($path, limit => 'x') }, qr/Invalid "limit"/,
    'a limit that is no number');
is(Flowd->format(Flowd::ALL, 0, {}), 'FLOW ', 'format of an empty hash');
is(Flowd->format(0, 0, $log->read_flow), 'FLOW ', 'with no fields');
like(error_of { Flowd->format(Flowd::ALL, 0, { tag => 'x' }) },
    qr/Invalid "tag"/, 'format of a wrong value');

# What a script puts into an object is the script's.
$log->{mine} = 1;
%{$log} = ();
ok($log->read_flow, 'an object whose hash is changed');

# A mask may have bits that no field has.
is(Flowd->format(~0 & 0xffffffff, 1, { tag => 1 }), 'FLOW tag 1 ',
    'format of all fields, and more');

# What a script does while its values are fetched.
{
    package FlowdTest::Fetch;
    sub TIESCALAR { my ($class, $do) = @_; return bless { do => $do }, $class }
    sub FETCH { my ($self) = @_; return $self->{do}->() }
    package FlowdTest::Text;
    use overload '""' => sub { my ($self) = @_; return $self->{do}->() };
}
for my $method (qw(write_flow write_row)) {
    for my $do (qw(close flush)) {
        my $used = Flowd::Writer->new("$tmp/used");
        my %flow = (octets => 1);
        tie $flow{tag}, 'FlowdTest::Fetch', sub { $used->$do; return 1 };
        like(error_of { $used->$method(\%flow) }, qr/the log is in use/,
            "$do in a $method");
        untie $flow{tag};
        ok(eval { $used->$method({ octets => 1 }); $used->close; 1 },
            'and later it is not');
    }
}
{
    my $used = Flowd::Writer->new("$tmp/used");
    my $where = bless { do => sub { $used->close; return 'proto tcp' } },
        'FlowdTest::Text';
    like(error_of { $used->copy($path, where => $where) },
        qr/the log is in use/, 'close in a copy');
    my $asked = Flowd::Query->new(keys => 'src_addr');
    $where->{do} = sub { $asked->finish; return 'proto tcp' };
    like(error_of { $asked->run($path, where => $where) },
        qr/the query is in use/, 'finish in a run');
    my $last = Flowd::Writer->new("$tmp/used");
    my %flow = (octets => 1);
    tie $flow{tag}, 'FlowdTest::Fetch', sub { undef $last; return 1 };
    ok(eval { $last->write_flow(\%flow); 1 }, 'the last reference goes');
}

# A path ends where it ends.
spew("$tmp/victim", 'text');
like(error_of { Flowd::Writer->new("$tmp/victim\0.bak") }, qr/path/,
    'a path with an octet 0');
is(-s "$tmp/victim", 4, 'empties no other file');

# What is left out is warned of.
{
    my $damaged = log_of(3);
    substr($damaged, 20, 1) ^= "\xff";
    spew("$tmp/damaged", $damaged);
    my @said;
    local $SIG{__WARN__} = sub { push @said, @_ };
    my $asked = Flowd::Query->new(keys => 'src_addr');
    $asked->run("$tmp/damaged", salvage => 1);
    is(scalar @said, 1, 'a query warns of damage');
    my $copy = Flowd::Writer->new("$tmp/copy");
    $copy->copy("$tmp/damaged", salvage => 1);
    is(scalar @said, 2, 'and a copy');
    like($said[1], qr/\S/, 'with a text');
}

# Threads of Perl.
SKIP: {
    skip 'this Perl has no threads', 3 if !$Config{useithreads};
    require threads;
    my $in = threads->create({ context => 'list' }, sub {
        my @said = map { my $method = $_; error_of { $log->$method } }
            qw(read_flow finish);
        my $record = Flowd::deserialise(log_of(1));
        my $own = Flowd->new($path);
        return (@said, $record->{tag}, scalar flows_of($own),
            Flowd->format(Flowd::TAG, 1, $record));
    });
    my @said = $in->join;
    like($said[0], qr/unblessed|without a package|belongs to another thread/,
        'a log in another thread');
    is_deeply([@said[2 .. 4]], [1, 5000, 'FLOW tag 1 '],
        'a thread has its own');
    ok($log->read_flow, 'and the log of the first one goes on');
}

# Processes.
$writer->write_flow(Flowd::deserialise(log_of(1)));
pipe my $from, my $to or die "pipe: $!";
my $child = fork // die "fork: $!";
if ($child == 0) {
    my @said = (error_of { $log->read_flow },
        error_of { $writer->write_flow({}) }, error_of { $query->rows },
        error_of { $log->finish; $writer->close });
    print {$to} map { s/\n?\z/\n/r } @said;
    close $to;
    undef $writer;
    undef $log;
    POSIX::_exit(0);
}
close $to;
my @said = <$from>;
waitpid $child, 0;
is($?, 0, 'a child ends well');
like($said[0], qr/log belongs to another process/, 'a log in a child');
like($said[1], qr/log belongs to another process/, 'a writer in a child');
like($said[2], qr/query belongs to another process/, 'a query in a child');
is($said[3], "\n", 'to close them there does nothing');
ok($log->read_flow, 'the log of the parent goes on');
$writer->close;
is(Flowd->new("$tmp/out")->count, 1, 'the child has written nothing');

# After the end.
$log->finish;
for my $method (qw(read_flow read_row count warnings)) {
    like(error_of { $log->$method }, qr/the log is closed at \S+objects\.t/,
        "$method after finish");
}
is(error_of { $log->finish; $log->close; $writer->close }, '',
    'to close twice does nothing');
like(error_of { $writer->write_flow({}) }, qr/the log is closed/,
    'write_flow after close');
for my $method (qw(write_row flush left_out)) {
    like(error_of { $writer->$method({}) }, qr/\S/, "$method after close");
}
like(error_of { $writer->copy($path) }, qr/the log is closed at \S+objects/,
    'copy after close');
$query->finish;
for my $method (qw(rows arrays names total other notes)) {
    like(error_of { $query->$method }, qr/the query is closed/,
        "$method after finish");
}
like(error_of { $query->run($path) }, qr/the query is closed/,
    'run after finish');
ok(Flowd->new($path)->count == 5000, 'logs that are forgotten');
{
    my $half = Flowd->new($path, threads => 2);
    $half->read_flow;
    my $counted = Flowd->new($path);
    $counted->read_flow;
    like(error_of { $counted->count }, qr/were read before/,
        'count after reading');
}
our $global = Flowd->new($path);
$global->read_flow;
our $last = Flowd::Writer->new("$tmp/last");
$last->write_flow({ src_addr => '192.0.2.1' });
done_testing();
