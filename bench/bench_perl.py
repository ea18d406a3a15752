"""The Perl module: flows a second that one thread of Perl takes from a log.

    read_flow   hashes with all keys of the first module, of logs of versions 4
                and 3, and of the capture that both are made of
    read_row    hashes of three columns
    count       the flows that pass a filter
    query       Flowd::Query, ten hosts

The traffic is the model of flowd-send(1), NetFlow 5. The time is the least of
some runs, each in a process of its own: wall, and in parentheses CPU of all
threads. "one" reads with one thread; else the library has others that read
ahead.

    bench_perl.py BUILD

    BENCH_PERL_FLOWS  flows (10000000)
"""
import os
import shutil
import subprocess
import sys
import tempfile

BUILD = os.path.abspath(sys.argv[1])
SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FLOWS = int(os.environ.get("BENCH_PERL_FLOWS", 10000000))
RUNS = 3

SEND = os.path.join(BUILD, "send", "flowd-send")
READER = os.path.join(BUILD, "reader", "flowd-reader")

# Prints flows, seconds, and seconds of CPU.
SCRIPT = r"""
use Time::HiRes qw(time);
use Flowd;
use Flowd::Query;
my ($how, $path, %options) = @ARGV;
my %how = (
    read_flow => sub {
        my $log = Flowd->new($path, %options);
        my ($n, $octets) = (0, 0);
        while (my $flow = $log->read_flow) {
            $n++;
            $octets += $flow->{flow_octets};
        }
        return $n;
    },
    read_row => sub {
        my $log = Flowd->new($path, %options);
        my ($n, $octets) = (0, 0);
        while (my $row = $log->read_row) {
            $n++;
            $octets += $row->{octets};
        }
        return $n;
    },
    count => sub { Flowd->new($path, %options)->count },
    query => sub {
        my $query = Flowd::Query->new(keys => 'src_addr',
            measures => 'octets,flows', limit => 10);
        return $query->run($path, %options)->total->{flows};
    },
);
my $begin = time;
my $n = $how{$how}->();
my ($user, $system) = times;
printf "%d %.6f %.6f\n", $n, time - $begin, $user + $system;
"""

ROWS = (  # name, how, log, options, target in millions a second
    ("read_flow, version 4", "read_flow", "v4", [], 0.5),
    ("read_flow, version 4, one", "read_flow", "v4", ["threads", "1"], None),
    ("read_flow, version 3", "read_flow", "v3", [], 0.25),
    ("read_flow, brief fields", "read_flow", "v4",
     ["fields", str(0x39ff)], None),
    ("read_flow, capture", "read_flow", "pcap", [], None),
    ("read_row, 3 columns", "read_row", "v4",
     ["columns", "src_addr,dst_addr,octets"], None),
    ("count, port 443", "count", "v4", ["where", "port 443"], None),
    ("query, ten hosts", "query", "v4", [], None))


def run(*args, **kw):
    return subprocess.run(args, check=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, **kw).stdout


def module(folder):
    """Build the module in a copy of its folder."""
    shutil.copytree(os.path.join(SOURCE, "perl"), folder,
                    ignore=shutil.ignore_patterns("blib", "*.o", "Makefile"))
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    env.update(FLOWD_BUILD=BUILD, FLOWD_SOURCE=SOURCE)
    run("perl", "Makefile.PL", cwd=folder, env=env)
    run("make", cwd=folder, env=env)


def logs(folder):
    """The same flows in each form."""
    paths = {kind: os.path.join(folder, "flows." + kind)
             for kind in ("pcap", "v4", "v3")}
    run(SEND, "-q", "-g", str(FLOWS), "--as", "5", "-w", paths["pcap"])
    for kind in ("v4", "v3"):
        run(READER, "-q", "--to", kind, "-o", paths[kind], paths["pcap"])
    return paths


def measure(folder, how, path, options):
    """Flows, and the least seconds: wall and CPU."""
    found = []
    for _ in range(RUNS):
        n, wall, cpu = run("perl", "-Mblib", "-e", SCRIPT, how, path,
                           *options, cwd=folder,
                           stderr=subprocess.DEVNULL).split()
        found.append((float(wall), float(cpu)))
    return int(n), min(w for w, _ in found), min(c for _, c in found)


def main():
    if shutil.which("perl") is None:
        print("perl: not installed")
        return
    with tempfile.TemporaryDirectory() as tmp:
        folder = os.path.join(tmp, "perl")
        module(folder)
        paths = logs(tmp)
        for name, how, log, options, target in ROWS:
            n, wall, cpu = measure(folder, how, paths[log], options)
            text = f"perl {name:<26} {wall:7.3f} s ({cpu:7.3f})"
            if how.startswith("read"):
                text += f" {n / wall / 1e6:6.3f} M flows/s" \
                    f" ({n / cpu / 1e6:6.3f})"
            else:
                text += f" {FLOWS / wall / 1e6:6.3f} M flows/s"
            if target is not None:
                text += f"  target {target}"
            print(text, flush=True)


main()
