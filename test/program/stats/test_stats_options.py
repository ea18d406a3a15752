"""flowd-stats: each way to say something wrong is told in one line."""
import os
import resource
import tempfile

from flowdtest import run
from stats import log, record, stats
from tap import Tap

tap = Tap()

WRONG = [
    ((), "no path to read; --help shows the usage"),
    (("-g", "srcaddr", "log"), "-g: srcaddr: is no key; do you mean src_addr?"),
    (("-g", "src_addr/33/129", "log"),
     "-g: src_addr/129: a prefix length is 0 to 32, or to 128 for IPv6"),
    (("-g", "src_port/24", "log"),
     "-g: src_port/24: is no address, so it has no networks"),
    (("-g", "", "log"), "-g: a key is missing"),
    (("-g", "src_addr:lan", "log"), "-g: src_addr:lan: there are no tables; a "
     "file of -f defines them"),
    (("-g", "src_addr:lan", "-f", "tables", "log"),
     "-g: src_addr:lan: there is no table <lan>"),
    (("-g", "src_addr:customer", "-f", "tables", "log"),
     "-g: src_addr:customer: there is no table <customer>; do you mean "
     "<customers>?"),
    (("-g", "customer", "-f", "tables", "log"),
     "-g: customer: is no key; do you mean customers?"),
    (("-g", "port:customers", "-f", "tables", "log"),
     "-g: port:customers: port is no address, so it is in no table"),
    (("-g", "srcip", "log"), "-g: srcip: is no key; do you mean src_addr?"),
    (("-g", "proto", "log"), "-g: proto: is no key; do you mean protocol?"),
    (("-s", "srcip/bytes", "log"), "-s: srcip/bytes: groups are named by -g, "
     "as -g src_addr -s octets"),
    (("-a", "bytes", "log"), "-a: bytes: is no measure; do you mean octets?"),
    (("-a", "sum(octet)", "log"),
     "-a: sum(octet): octet is no column; do you mean octets?"),
    (("-a", "flows,flows", "log"), "-a: flows: is there twice"),
    (("-s", "octet", "log"), "-s: octet: is no measure; do you mean octets?"),
    (("-s", "octets:up", "log"),
     '-s: behind octets stands :asc or :desc, not ":up"'),
    (("-s", "octets,flows", "log"),
     "-s: octets,flows: groups are ordered by one measure"),
    (("-g", "octets", "-a", "octets,sum(octets)", "log"),
     "-a: octets and sum(octets) are the same where octets is a key"),
    (("-n", "ten", "log"), '-n wants a number of groups, not "ten"'),
    (("-b", "5", "log"),
     "-b: 5: is no time span such as 30s, 5m, 1h, 1d or 1w"),
    (("-b", "0s", "log"),
     "-b: 0s: is no time span such as 30s, 5m, 1h, 1d or 1w"),
    (("-b", "500ms", "log"), "-b: 500ms: a bin has from 1s to 366d"),
    (("-b", "53w", "log"), "-b: 53w: a bin has from 1s to 366d"),
    (("-b", "5y", "log"),
     "-b: 5y: is no time span such as 30s, 5m, 1h, 1d or 1w"),
    (("-b", "1e999w", "log"),
     "-b: 1e999w: is no time span such as 30s, 5m, 1h, 1d or 1w"),
    (("--bin-by", "start", "log"),
     '--bin-by wants span or end, not "start"'),
    (("--bin-by", "end", "log"), "--bin-by goes with -b"),
    (("--bin-by", "end", "--loss", "log"), "--bin-by does not go with --loss"),
    (("--having", "octets,flows>1", "log"),
     "--having: octets,flows>1: is no test such as octets>1M or flows>=10"),
    (("--having", "octets", "log"),
     "--having: octets: is no test such as octets>1M or flows>=10"),
    (("--having", "octet>1", "log"),
     "--having: octet: is no measure; do you mean octets?"),
    (("--having", "octets>1x", "log"),
     "--having: 1x: is no number such as 1000, 1.5k or 2M"),
    (("--having", "duration>1", "log"),
     "--having: 1: is no time span such as 30s, 5m, 1h, 1d or 1w"),
    (("-o", "xml", "log"), '-o wants text, csv or json, not "xml"'),
    (("--series", "sum", "-b", "5m", "-g", "tos", "log"),
     '--series wants average, max, last or each, not "sum"'),
    (("--series", "max", "-b", "5m", "log"), "--series goes with -b and -g"),
    (("--memory", "lots", "log"),
     "--memory: lots: is no amount of memory such as 512M or 2G"),
    (("--threads", "0", "log"), '--threads wants 1 to 256, not "0"'),
    (("-t", "soon", "log"), None),
    (("-f", "/nonexistent", "log"), None),
    (("nothere",), "nothere: No such file or directory"),
    (("-r", "log"),
     "unknown option -r: files are named without an option"),
    (("-A", "srcip", "log"), "unknown option -A: -g KEYS groups flows"),
    (("-O", "bytes", "log"), "unknown option -O: -s MEASURE orders groups"),
    (("-a", "avg(src_addr)", "log"),
     "-a: avg(src_addr): is no measure; of src_addr there is distinct()"),
    (("-a", "sum(recv_time)", "log"),
     "-a: sum(recv_time): is no measure; of recv_time there is min(), max() "
     "and distinct()"),
    (("-a", "min(other)", "log"), "-a: min(other): is no measure"),
    (("--json", "log"),
     "unknown option --json: -o json prints objects"),
]


def wrong():
    for args, want in WRONG:
        r = stats(*args)
        said = r.stderr.decode()
        name = " ".join(args) or "nothing"
        tap.ok(r.returncode == 1 and r.stdout == b"" and
               said.startswith("flowd-stats: ") if want is not None else
               r.returncode == 1, f"refused: {name}", r)
        tap.equal(said.count("\n"), 1, f"{name}: one line") \
            if want is not None else None
        if want is not None:
            tap.equal(said, f"flowd-stats: {want}\n", f"{name}: what is wrong")


def too_many():
    r = stats(*(["--having", "flows>1"] * 9), "log")
    tap.equal(r.stderr.decode(),
              "flowd-stats: --having: there are more than 8 tests\n",
              "nine tests")
    r = stats("-g", "src_addr,dst_addr,src_port,dst_port,protocol,tos,if_in,"
              "if_out", "log")
    tap.equal(r.stderr.decode(),
              "flowd-stats: -g: if_out: a key has at most 7 parts\n",
              "eight keys")


def about():
    for option in "--help", "-h":
        r = stats(option)
        tap.ok(r.returncode == 0 and r.stdout.startswith(b"Usage: ") and
               r.stderr == b"", option, r)
        tap.equal([line for line in r.stdout.decode().splitlines()
                   if len(line) > 80], [], f"{option}: lines fit 80 columns")
    for option in "--version", "-V":
        r = stats(option)
        tap.ok(r.returncode == 0 and r.stdout.startswith(b"flowd-stats "),
               option, r)


def long_names():
    """Each long name is the same as its letter."""
    for args, same in ((("-g", "dst_port"), ("--keys", "dst_port")),
                       (("-a", "octets"), ("--measures", "octets")),
                       (("-g", "dst_port", "-s", "packets"),
                        ("--keys=dst_port", "--sort=packets")),
                       (("-g", "dst_port", "-n", "3"),
                        ("--keys=dst_port", "--top", "3")),
                       (("-b", "5m"), ("--bin", "5m")),
                       (("-o", "csv", "-a", "flows"),
                        ("--output", "csv", "-a", "flows"))):
        want, got = stats(*args, "log"), stats(*same, "log")
        tap.equal((got.returncode, got.stdout), (0, want.stdout),
                  " ".join(same))


def memory():
    """Groups that take more than they may go to a file, or are an error."""
    query = ("-o", "csv", "-b", "1s", "-g", "src_port,dst_port", "-n", "0")
    want = stats(*query, "many").stdout
    tap.ok(want.count(b"\n") == 180001, "many groups")
    r = stats("--memory", "2M", *query, "many")
    tap.equal((r.returncode, r.stdout == want, r.stderr), (0, True, b""),
              "--memory: the same with groups in a file")
    tap.equal(os.listdir("tmp"), [], "which is gone")
    r = stats("--memory", "2M", "-g", "src_port,dst_port", "-a",
              "flows,distinct(src_addr),p50(octets)", "many")
    tap.ok(r.returncode == 1 and r.stdout == b"" and
           r.stderr.count(b"\n") == 1 and
           b"memory" in r.stderr, "groups that cannot: one error", r)


def no_temporary_file():
    query = ("--memory", "2M", "-o", "csv", "-b", "1s", "-g",
             "src_port,dst_port", "-n", "0", "many")
    os.environ["TMPDIR"] = "/nonexistent"
    r = stats(*query)
    tap.equal((r.returncode, r.stdout, r.stderr.decode().splitlines()[1:]),
              (1, b"", ["flowd-stats: there is no temporary file in "
                        "/nonexistent: No such file or directory"]),
              "a folder that is not there is named")
    os.environ["TMPDIR"] = os.path.abspath("tmp")
    r = stats(*query, preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_FSIZE, (65536, 65536)))
    tap.equal((r.returncode, r.stdout, r.stderr),
              (1, b"", b"flowd-stats: the temporary file cannot be written: "
               b"File too large\n"), "a file that may not grow")
    try:
        os.close(os.open("tmp", os.O_TMPFILE | os.O_RDWR))
    except (AttributeError, OSError):
        tap.skip("no name is left by a kill", "no O_TMPFILE here")
        return
    os.utime("tmp", (1, 1))
    stats(*query)
    tap.equal(os.stat("tmp").st_mtime, 1, "the file never has a name")


def closed():
    """Started without some of standard input, output and error."""
    def without(fd, *args):
        return stats(*args, preexec_fn=lambda: os.close(fd))
    for args in ("-a", "flows", "log"), ("--histogram", "octets", "log"):
        r = without(1, *args)
        tap.equal((r.returncode, r.stderr),
                  (1, b"flowd-stats: standard output: write: "
                   b"Bad file descriptor\n"), f"no output: {args[0]}")
    r = without(0, "-a", "flows", "-")
    tap.ok(r.returncode == 1 and r.stderr.count(b"\n") == 1,
           "no input to read", r)
    want = stats("-a", "flows", "log").stdout
    for fd in 0, 2:
        r = without(fd, "-a", "flows", "log")
        tap.equal((r.returncode, r.stdout), (0, want), f"without {fd}")


def legacy():
    """-L, by the same flow as flowd-reader reads it."""
    import struct
    old = struct.pack("!IIIII4s", 0x012cf047, 2, 1700000000, 0, 1 << 5,
                      bytes([192, 0, 2, 1]))
    with open("old", "wb") as f:
        f.write(old)
    read = run(["flowd-reader", "-L", "--count", "old"])
    r = stats("-L", "-o", "json", "-a", "flows", "old")
    tap.equal((r.returncode, r.stdout),
              (0, b'{"flows":' + read.stdout.strip() + b"}\n"), "-L")


with tempfile.TemporaryDirectory() as where:
    os.chdir(where)
    log("log", *(record(dport=n) for n in range(5000)))
    log("many", *(record(dport=n % 600, sport=n // 600, lasts=3)
                  for n in range(60000)))
    with open("tables", "w") as f:
        f.write("table <customers> { 10.0.0.0/8 }\n")
    os.mkdir("tmp")
    os.environ["TMPDIR"] = os.path.join(where, "tmp")
    wrong()
    too_many()
    about()
    long_names()
    memory()
    no_temporary_file()
    closed()
    legacy()
    os.chdir("/")
tap.done()
