"""flowd-stats: how long questions take and how much memory, beside nfdump and
DuckDB with the same flows.

Shapes of traffic, all of NetFlow 5: the model of flowd-send(1), 150 flows a
second, so that 12 million are of 22 hours; flows whose values are independent
of each other, with millions of hosts; and few hosts (random_flows.py).

    flowd-stats  the whole process, over a sealed columnar log (zstd)
    nfdump       the whole process, over what nfcapd stored (lz4)
    native       DuckDB in its process, over its own table in a database file
    Parquet      the same over a Parquet file (zstd) of that table

The time is the median of 5 runs after one that warms up. flowd-stats and
DuckDB have two threads. DuckDB gets the flows as CSV of flowd-reader, all the
fields that the log has, in columns of the smallest type that holds them: IPv4
addresses are UINTEGER, which is faster than text, and times TIMESTAMP. The
size of Parquet is told without the uptimes of first and last packet, too,
which follow from other columns.

The answers of flowd-stats and DuckDB are compared. Where they differ the row
says so, and the exit status is 1. Of several groups with as many octets as the
last of a top list any may be in it. nfdump has no series: beside these is its
sum of the same flows by protocol, which is less work.

Memory is the peak of what is resident, with the pages of the log that were
read; in parentheses that without files, sampled in runs of their own.

DuckDB is the Python module duckdb: of this Python, or else from PyPI, in an
environment that is removed at the end. Figures of what is not there are left
out.

    bench_stats.py BUILD

    BENCH_SCAN_FLOWS  flows of a shape (12000000)
    BENCH_ONLY        texts with ; between: only rows in whose names is one of
                      them, as "model", "scan", "model: series;growth"
"""
import csv
import dataclasses
import io
import os
import re
import statistics
import subprocess
import sys
import tempfile

import nfcapd
import random_flows
from duckdb_flows import DuckDB, Missing, duckdb_python, plain
from process_cost import RUNS, memory, wall

BUILD = os.path.abspath(sys.argv[1])
FLOWS = int(os.environ.get("BENCH_SCAN_FLOWS", 12000000))
ONLY = [text.strip() for text in os.environ.get("BENCH_ONLY", "").split(";")]
THREADS = 2
RATE = 5  # datagrams a second, of 30 flows
START = 1700000000  # of the first, in seconds since 1970
MEMORY_TARGET = 1500 * 10**6
OCTETS_TARGET = 0.5  # of those of Parquet

SEND = os.path.join(BUILD, "send", "flowd-send")
READER = os.path.join(BUILD, "reader", "flowd-reader")
STATS = os.path.join(BUILD, "stats", "flowd-stats")


@dataclasses.dataclass
class Question:
    name: str
    ours: list  # the program and its options
    sql: str  # {flows} is the table
    nfdump: list
    ranked: str = ""  # "list": a top list; "time": one in each bin
    parquet: float = 2  # how much faster than these it is to be
    native: float = 1
    many: bool = False  # groups: there is a target for memory


def stats(*options):
    return [STATS, "-U", "-o", "csv", "--threads", str(THREADS), *options]


def top(keys, where=""):
    return f"SELECT {keys}, sum(octets) AS octets FROM {{flows}} {where} " \
        f"GROUP BY {keys} ORDER BY octets DESC LIMIT 10"


def series(where=""):
    return f"SELECT time_bucket(INTERVAL 5 MINUTE, flow_end) AS time, " \
        f"sum(octets) AS octets FROM {{flows}} {where} GROUP BY time"


PORT = "WHERE src_port = 443 OR dst_port = 443"
TOP_OF_BINS = """
SELECT time, src_addr, octets FROM (
    SELECT time_bucket(INTERVAL 5 MINUTE, flow_end) AS time, src_addr,
        sum(octets) AS octets
    FROM {flows} GROUP BY time, src_addr)
QUALIFY row_number() OVER (PARTITION BY time ORDER BY octets DESC) <= 10"""
# Flows in two bins or more are cut, each part rounded as flowd-stats does it;
# the bin of the end is that of the last millisecond before it.
SPREAD = """
WITH bins AS (
    SELECT epoch_ms(flow_start) AS s, epoch_ms(flow_end) AS e, octets,
        s // 300000 AS first, greatest(e - 1, s) // 300000 AS last
    FROM {flows}),
parts AS (
    SELECT first AS bin, octets FROM bins WHERE first = last
    UNION ALL
    SELECT bin, octets * (least((bin + 1) * 300000, e) - s) // (e - s) -
        octets * (greatest(bin * 300000, s) - s) // (e - s)
    FROM (SELECT *, unnest(range(first, last + 1)) AS bin FROM bins
          WHERE first < last))
SELECT make_timestamp(bin * 300000000) AS time, sum(octets) AS octets
FROM parts GROUP BY bin"""
FOUR = "src_addr,src_port,dst_addr,dst_port"
BY_END = ["-b", "5m", "--bin-by", "end"]
OCTETS = ["-a", "octets"]

QUESTIONS = [
    Question("top 10 of sources", stats("-g", "src_addr", *OCTETS),
             top("src_addr"), ["-s", "srcip/bytes", "-n", "10"], "list"),
    Question("top 10 of sources, port 443",
             stats("-g", "src_addr", *OCTETS, "-e", "port 443"),
             top("src_addr", PORT),
             ["-s", "srcip/bytes", "-n", "10", "port 443"], "list"),
    Question("series, 5 minutes", stats(*BY_END, *OCTETS), series(),
             ["-A", "proto"]),
    Question("series, 5 minutes, port 443",
             stats(*BY_END, *OCTETS, "-e", "port 443"), series(PORT),
             ["-A", "proto", "port 443"]),
    Question("series, 5 minutes, flows spread", stats("-b", "5m", *OCTETS),
             SPREAD, ["-A", "proto"]),
    Question("top 10 of sources in every 5 minutes",
             stats(*BY_END, "-g", "src_addr", *OCTETS, "-n", "10", "--series",
                   "each"),
             TOP_OF_BINS, ["-A", "proto"], "time"),
    Question("total", stats("-a", "flows,packets,octets"),
             "SELECT count(*) AS flows, sum(packets) AS packets, "
             "sum(octets) AS octets FROM {flows}", ["-A", "proto"]),
    Question("top 10 of address pairs",
             stats("-g", "src_addr,dst_addr", *OCTETS),
             top("src_addr, dst_addr"),
             ["-A", "srcip,dstip", "-s", "record/bytes", "-n", "10"], "list",
             many=True),
    Question("top 10 of addresses and ports", stats("-g", FOUR, *OCTETS),
             top(FOUR),
             ["-A", "srcip,srcport,dstip,dstport", "-s", "record/bytes", "-n",
              "10"], "list", many=True),
]


# What a filter lets pass is counted by flowd-reader, which does nothing else,
# and by flowd-stats: expression, condition of SQL, filter of nfdump.
HOST = ("host {addr}", "src_addr = {number} OR dst_addr = {number}",
        "host {addr}")
FILTERS = (
    ("host, the busiest", *HOST),
    ("host, the hundredth", *HOST),
    ("port 443", "port 443", PORT.removeprefix("WHERE "), "port 443"),
    ("octets > 1M", "octets > 1M", "octets > 1000000", "bytes > 1000000"),
)


def busiest(log):
    """Sources, those with most flows first."""
    out = run(stats("-g", "src_addr", "-a", "flows", "-n", "100") + [log])
    return [row["src_addr"] for row in csv.DictReader(io.StringIO(out))]


def with_host(text, addr):
    number = int.from_bytes(bytes(map(int, addr.split("."))), "big")
    return text.format(addr=addr, number=number)


def scans(hosts):
    """Questions of FILTERS, about the first and the last host."""
    questions = []
    for name, *texts in FILTERS:
        addr = hosts[0 if "busiest" in name else -1]
        ours, sql, theirs = (with_host(text, addr) for text in texts)
        sql = f"SELECT count(*) AS flows FROM {{flows}} WHERE {sql}"
        for by, command in (("reader", [READER, "--count", "-e", ours]),
                            ("stats", stats("-a", "flows", "-e", ours))):
            questions.append(Question(
                f"scan, {name}, by {by}", command, sql,
                ["-A", "proto", theirs], parquet=1, native=0.5))
    return questions


def wanted(name):
    return any(text in name for text in ONLY)


def say(name, *parts):
    print(f"stats {name}: {', '.join(part for part in parts if part)}",
          flush=True)


def run(command):
    return subprocess.run(command, check=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True).stdout


def mb(octets):
    return f"{octets / 1e6:.1f}"


def memory_text(command):
    peak, anonymous = memory(command)
    return f"{mb(peak)} MB ({mb(anonymous)})" if peak else "", peak


def ms(seconds):
    return f"{seconds * 1000:.1f} ms"


def verdict(target, met):
    return f"target {target} {'met' if met else 'NOT MET'}"


def ratio(name, theirs, ours, target=None):
    text = f"{name} {ms(theirs)} = {theirs / ours:.2f} x"
    if target is not None:
        text += f" ({verdict(target, theirs >= target * ours)})"
    return text


def capture_of(tmp, shape, flows):
    """A capture of so many flows, or a few more."""
    capture = os.path.join(tmp, "capture.pcap")
    if shape == "model":
        run([SEND, "-g", str(flows), "--as", "5", "-r", str(RATE), "--start",
             str(START), "-w", capture])
    else:
        random_flows.write_capture(capture, shape, flows, START, RATE)
    return capture


def log_of(capture, log):
    run([READER, "-q", "--to", "v4:zstd", "-o", log, capture])
    return int(run([READER, "--count", log]))


def our_rows(out, names):
    """The values of these columns; the rows of all other groups are not
    answers. What flowd-reader counts is a number alone."""
    if out.strip().isdigit():
        return [(out.strip(),)]
    return [tuple(row[name] for name in names)
            for row in csv.DictReader(io.StringIO(out))
            if row.get("other") != "1"]


def without_last(rows, by_time):
    """Sorted rows, of the last rank of each list only what it measured."""
    least = {}
    for row in rows:
        key = row[0] if by_time else None
        least[key] = min(int(row[-1]), least.get(key, int(row[-1])))
    return sorted(
        row if int(row[-1]) > least[row[0] if by_time else None]
        else (row[0] if by_time else "", row[-1]) for row in rows)


def difference(question, ours, theirs):
    """A text that says what differs; an empty one if nothing does."""
    ours, theirs = sorted(ours), sorted(theirs)
    if ours != theirs and question.ranked:
        ours, theirs = (without_last(rows, question.ranked == "time")
                        for rows in (ours, theirs))
    if ours == theirs:
        return ""
    if len(ours) != len(theirs):
        return f"{len(ours)} rows, not {len(theirs)}"
    mine, other = next(pair for pair in zip(ours, theirs)
                       if pair[0] != pair[1])
    return f"{' '.join(mine)}, not {' '.join(other)}"


def beside_duckdb(question, duckdb, took, command):
    """Texts of the figures and of the comparison, and whether all is equal."""
    texts, equal, out = [], True, run(command)
    for name, table, target in (("Parquet", "parquet", question.parquet),
                                ("native", "flows", question.native)):
        reply = duckdb.ask(question.sql.format(flows=table), RUNS)
        names = reply["names"]
        theirs = [tuple(map(plain, names, row)) for row in reply["rows"]]
        texts.append(ratio(name, statistics.median(reply["seconds"]), took,
                           target))
        differs = difference(question, our_rows(out, names), theirs)
        if differs:
            equal = False
            texts.append(f"ANSWERS DIFFER: {differs}")
    return texts + (["equal"] if equal else []), equal


def ask(name, question, log, nfdump, duckdb):
    """One row; False when answers differ."""
    command = question.ours + [log]
    took = wall(command)
    used, peak = memory_text(command)
    texts, equal = [ms(took), used], True
    if question.many and peak:
        texts.append(verdict(f"{MEMORY_TARGET // 10**6} MB",
                             peak < MEMORY_TARGET))
    if nfdump is not None:
        name_of = "nfdump " + " ".join(question.nfdump[:2])
        texts.append(ratio(name_of, wall(
            ["nfdump", "-q", "-r", nfdump, *question.nfdump]), took))
    if duckdb is not None:
        beside, equal = beside_duckdb(question, duckdb, took, command)
        texts += beside
    say(name, *texts)
    return equal


def octets(shape, log, flows, nfdump, duckdb):
    size = os.path.getsize(log)
    texts = [f"{flows} flows", f"log {mb(size)} MB"]
    if nfdump is not None:
        texts.append(f"nfdump {mb(os.path.getsize(nfdump))} MB")
    if duckdb is not None:
        texts.append(f"native {mb(os.path.getsize(duckdb.database))} MB")
        for name, parquet in duckdb.parquet_sizes():
            texts.append(f"{name} {mb(parquet)} MB, log / Parquet "
                         f"{size / parquet:.2f}")
            if shape == "model":  # random octets do not become fewer
                texts[-1] += " (" + verdict(
                    OCTETS_TARGET, size <= OCTETS_TARGET * parquet) + ")"
    say(f"{shape}: octets", *texts)


def questions_of(shape, hosts):
    """The rows that are wanted: names and questions."""
    questions = QUESTIONS + (scans(hosts) if shape == "model" else [])
    rows = [(f"{shape}: {q.name}", q) for q in questions]
    return [row for row in rows if wanted(row[0])]


def shape_rows(tmp, shape, python):
    """All questions of one shape of traffic; how many answers differ."""
    if not questions_of(shape, ["0.0.0.0"]) and not wanted(f"{shape}: octets"):
        return 0
    log = os.path.join(tmp, "flows.flow")
    capture = capture_of(tmp, shape, FLOWS)
    flows = log_of(capture, log)
    file, n = nfcapd.collect(SEND, capture, os.path.join(tmp, shape), "-y")
    os.unlink(capture)
    if file is not None and n != flows:
        say(shape, f"nfdump has {n} of {flows} flows")
    duckdb = DuckDB(python, THREADS, tmp, READER, log) if python else None
    octets(shape, log, flows, file, duckdb)
    differ = [name for name, question in questions_of(shape, busiest(log))
              if not ask(name, question, log, file, duckdb)]
    if duckdb is not None:
        duckdb.close()
    if file is not None:
        os.unlink(file)
    os.unlink(log)
    return len(differ)


# What grows with flows, and with the columns that are touched.
GROWTH = (
    ("total", ["-a", "flows,packets,octets"]),
    ("1 column", ["-a", "max(octets)"]),
    ("2 columns", ["-a", "max(octets),max(packets)"]),
    ("4 columns", ["-a", "max(octets),max(packets),max(src_as),max(tos)"]),
    ("by protocol", ["-g", "protocol", *OCTETS]),
    ("top 10 of sources", ["-g", "src_addr", *OCTETS]),
    ("port 443", [*OCTETS, "-e", "port 443"]),
    ("series, 1 hour", ["-b", "1h", *OCTETS]),
)


def growth(tmp):
    """The same questions at 1, 4 and 16 million flows."""
    questions = [q for q in GROWTH if wanted(f"growth: {q[0]}")]
    if not questions:
        return
    logs = []
    for flows in (FLOWS // 12, FLOWS // 3, FLOWS * 4 // 3):
        capture = capture_of(tmp, "model", flows)
        log = os.path.join(tmp, f"{flows}.flow")
        logs.append((log, log_of(capture, log)))
        os.unlink(capture)
    for name, options in questions:
        texts, last = [], None
        for log, flows in logs:
            command = stats(*options) + [log]
            took = wall(command)
            texts.append(f"{flows} flows {ms(took)} = "
                         f"{took / flows * 1e9:.2f} ns/flow "
                         f"{memory_text(command)[0]}")
            if last is not None:
                texts[-1] += f", {took / last:.1f} x"
            last = took
        say(f"growth: {name}", *texts)
    for log, _ in logs:
        os.unlink(log)


GROUPS = ("protocol", "dst_port", "dst_addr", "src_addr,dst_addr", FOUR)


def groups(tmp):
    """Memory by the number of groups, of the same flows."""
    keys = [k for k in GROUPS if wanted(f"groups: {k}")]
    if not keys:
        return
    log = os.path.join(tmp, "groups.flow")
    capture = capture_of(tmp, "model", FLOWS)
    log_of(capture, log)
    os.unlink(capture)
    for key in keys:
        command = [STATS, "--threads", str(THREADS), "-g", key, *OCTETS, "-n",
                   "1", log]
        n = int(re.search(r"of (\d+) groups", run(command))[1])
        took = wall(command)
        _, anonymous = memory(command)
        say(f"groups: {key}", f"{n} groups", ms(took),
            memory_text(command)[0],
            f"{anonymous / n:.0f} octets a group" if n > 10**5 else "")
    os.unlink(log)


def main():
    if hasattr(os, "getloadavg"):
        say("machine", f"{os.cpu_count()} processors",
            f"load average {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as tmp:
        try:
            python = duckdb_python(tmp)
        except Missing as why:
            python = None
            say("DuckDB is left out", str(why))
        differ = sum(shape_rows(tmp, shape, python)
                     for shape in ("model", *random_flows.SHAPES))
        growth(tmp)
        groups(tmp)
    if differ:
        raise SystemExit(f"bench_stats: {differ} answers differ")


main()
