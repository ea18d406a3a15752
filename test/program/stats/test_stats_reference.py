"""flowd-stats against SQLite: random queries over the same flows.

The flows are what flowd-reader --json prints of a log. SQLite groups, filters
groups and orders them; keys, shares of bins and measures are worked out in
Python's integers (stats_reference.py). Results are equal to the last digit
where they are exact, and within the stated error where they are marked as
estimates: over logs of version 3, of version 4 in many small blocks, and
sealed, by 1, 2 and 4 threads.

STATS_SEED is the seed of the queries, which is printed when one fails, and
STATS_QUERIES how many there are.
"""
import ipaddress
import json
import os
import random
import struct
import tempfile
import time

import capture_expect
from columnar import unseal
from flowdtest import datagrams_pcap, run, shared, v3_record
from stats_reference import (BERLIN, MEASURES, SECOND, TABLES, TIME_COLUMNS,
                             U64, Reference, flows_of, keys, ns_of, ns_of_seconds,
                             unwhole)
from tap import Tap

SEED = int(os.environ.get("STATS_SEED", "20231114"))
QUERIES = int(os.environ.get("STATS_QUERIES", "300"))
START = 1698537600  # 2023-10-29 00:00 UTC, an hour before clocks are set

tap = Tap()


# --- Flows ---

ELEMENTS = [  # IPFIX element, octets, value
    (1, 8, lambda r: r.choice((0, 1, 40, 1500, r.randrange(10**6),
                               2**63 + r.randrange(10**6), U64))),
    (2, 8, lambda r: r.choice((0, 1, 2, 1000, 2**62, r.randrange(5000)))),
    (4, 1, lambda r: r.choice((0, 1, 6, 17, 47, 58))),
    (5, 1, lambda r: r.choice((0, 16, 184))),
    (6, 2, lambda r: r.randrange(64)),
    (7, 2, lambda r: r.choice((0, 22, 53, 443, 49151, 49152, 65535))),
    (11, 2, lambda r: r.choice((0, 22, 53, 443, 2048, 49151, 60000))),
    (10, 4, lambda r: r.randrange(3)),
    (14, 4, lambda r: r.randrange(3)),
    (16, 4, lambda r: r.choice((0, 64512, 4200000000))),
    (17, 4, lambda r: r.choice((0, 64512))),
    (34, 4, lambda r: r.choice((0, 1, 100, 1000))),
    (56, 6, lambda r: 0x001b21000000 + r.randrange(3)),
    (80, 6, lambda r: 0x001b21000000 + r.randrange(3)),
    (58, 2, lambda r: r.choice((0, 10, 4094))),
    (61, 1, lambda r: r.randrange(2))]
HOSTS4 = [0x0a000001 + 77 * n for n in range(9)] + [0, 2**32 - 1]
HOSTS6 = [0x20010db8 << 96 | n // 3 << 64 | n % 3 for n in range(7)] + [0]
FAMILIES = {4: (8, 12, 4, HOSTS4), 6: (27, 28, 16, HOSTS6)}


def times(r):
    """Begin and end in ms: short, long, at full minutes, out of order."""
    end = (START + r.randrange(9000)) * 1000 + r.randrange(1000)
    begin = end - r.choice((0, 1, 999, r.randrange(10**5), r.randrange(10**7)))
    kind = r.randrange(12)
    if kind == 0:
        begin, end = begin // 60000 * 60000, end // 60000 * 60000
    if kind == 1:
        begin, end = end, begin
    if kind == 2 and r.randrange(8) == 0:
        begin = 0
    return begin, end


def message(r, template, n):
    """An IPFIX message of flows that have some of the elements."""
    fields = [e for e in ELEMENTS if r.randrange(4)]
    src, dst, size, hosts = FAMILIES[r.choice((4, 6))]
    for ie in (src, dst):
        fields += [(ie, size, lambda r: r.choice(hosts))] * (r.random() < .9)
    ends = [ie for ie in (152, 153) if r.randrange(6)]
    head = struct.pack("!HH", template, len(fields) + len(ends)) + b"".join(
        struct.pack("!HH", ie, size) for ie, size, _ in
        fields + [(ie, 8, None) for ie in ends])
    rows = b""
    for _ in range(n):
        both = dict(zip((152, 153), times(r)))
        rows += b"".join(value(r).to_bytes(size, "big")
                         for _, size, value in fields)
        rows += b"".join(both[ie].to_bytes(8, "big") for ie in ends)
    sets = struct.pack("!HH", 2, 4 + len(head)) + head + \
        struct.pack("!HH", template, 4 + len(rows)) + rows
    sec = START + r.randrange(9000)
    return sec, struct.pack("!HHIII", 10, 16 + len(sets), sec, 0, 1) + sets


def odd_capture(path, r, n):
    with open(path, "wb") as f:
        packets = [message(r, 256 + k, 20) for k in range(n)]
        f.write(datagrams_pcap([
            (sec * SECOND + r.randrange(SECOND), f"192.0.2.{k % 3 + 1}", 4000,
             data) for k, (sec, data) in enumerate(packets)]))


def odd_records(path, r, n):
    """Records of version 3 of which many have no time at all."""
    with open(path, "wb") as f:
        for _ in range(n):
            f.write(v3_record({name: value for name, value in {
                "TAG": struct.pack("!I", r.randrange(3)),
                "RECV_TIME": struct.pack("!II", START + r.randrange(9000),
                                         r.randrange(10**6)),
                "PROTO_FLAGS_TOS": bytes([2, r.choice((6, 17)), 0, 0]),
                "SRC_ADDR4": r.choice(HOSTS4).to_bytes(4, "big"),
                "DST_ADDR4": r.choice(HOSTS4).to_bytes(4, "big"),
                "SRCDST_PORT": struct.pack("!HH", 443, r.randrange(5)),
                "PACKETS": struct.pack("!Q", r.randrange(9)),
                "OCTETS": struct.pack("!Q", r.choice((0, 7, 2**63))),
                "IF_INDICES": struct.pack("!II", 1, r.randrange(3)),
            }.items() if r.randrange(3)}))


def reader(*args):
    r = run(["flowd-reader", "-q", *args])
    assert r.returncode == 0, r.stderr
    return r.stdout


def make_logs():
    """{kind: path}: sealed, in many blocks, and of version 3."""
    r = random.Random(1)
    pieces = []
    for k in range(12):
        pieces.append(f"{k}.pcap")
        run(["flowd-send", "-g", "80", "--as", "10", "--ipv6", "30", "--seed",
             str(k + 1), "--start", str(START + 600 * k), "-w", pieces[-1]])
    for k in range(10):
        pieces.append(f"odd{k}.pcap")
        odd_capture(pieces[-1], r, 3)
    for k in range(2):
        pieces.append(f"odd{k}.v3")
        odd_records(pieces[-1], r, 40)
    with open("blocks", "wb") as f:
        for k, piece in enumerate(pieces):
            to = ("v4:none", "v4:lz4", "v4:zstd")[k % 3]
            f.write(unseal(reader("--to", to, "-o", "-", piece)))
    reader("--to", "v4", "-o", "sealed", "blocks")
    # What version 3 cannot hold is left out, and said.
    run(["flowd-reader", "-q", "--to", "v3", "-o", "v3", "sealed"])
    return {"sealed": "sealed", "blocks": "blocks", "v3": "v3"}


# --- Filters: what is written, and the same in Python ---

def inside(f, key, text):
    return key in f and f[key].version == 4 and \
        f[key] in ipaddress.ip_network(text)


FILTERS = [
    ("proto tcp", lambda f: f.get("protocol") == 6),
    ("octets > 1000", lambda f: f.get("octets", 0) > 1000),
    ("octets < 1M and packets >= 2", lambda f: f.get("octets", 0) < 10**6 and
     f.get("packets", 0) >= 2),
    ("src 10.0.0.0/8", lambda f: inside(f, "src_addr", "10.0.0.0/8")),
    ("not dst 10.0.0.0/8", lambda f: not inside(f, "dst_addr", "10.0.0.0/8")),
    ("dst port 443", lambda f: f.get("dst_port", 0) == 443),
    ("port 53 or proto udp", lambda f: f.get("protocol") == 17 or
     53 in (f.get("src_port", 0), f.get("dst_port", 0))),
    ("vlan 10", lambda f: f.get("vlan", 0) == 10),
    ("octets > 99999999999999999", lambda f: f.get("octets", 0) > 10**17 - 1),
    ("tag 77", lambda f: f.get("tag", 0) == 77)]


def stamp(sec):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(sec))


class Query:
    """A random one: the options, and what they mean."""

    def __init__(self, r):
        self.berlin = r.randrange(4) == 0
        self.args = [] if self.berlin else ["-U"]
        self.keys, self.either = [], False
        self.pick_keys(r)
        self.pick_bins(r)
        self.pick_measures(r)
        self.pick_order(r)
        self.pick_having(r)
        self.pick_filter(r)
        self.settle()

    def settle(self):
        """The columns of a result: how they are read, and shown here."""
        kinds = {m: MEASURES[m][1] for m in self.measures}
        self.names = (["time"] if self.width else []) + [
            k[0] for k in self.keys] + self.measures
        self.show = ([unwhole] if self.width else []) + [
            k[2] for k in self.keys] + [
            unwhole for m in self.measures]
        self.reads = {name: ns_of for name in self.names
                      if name in TIME_COLUMNS or name == "time"}
        for m, kind in kinds.items():
            if kind != "number":
                self.reads[m] = {"time": ns_of, "span": ns_of_seconds,
                                 "real": float}[kind]

    def pick_keys(self, r):
        all_keys = keys(self.berlin)
        chosen, names = [], set()
        for text in r.sample(sorted(all_keys), r.choice((0, 1, 1, 2, 2, 3))):
            parts, either = all_keys[text]
            taken = {p[0] for p in parts}
            if taken & names or (either or self.either) and (
                    "conversation" in text or
                    any("conversation" in c for c in chosen)):
                continue
            names |= taken
            chosen.append(text)
            self.keys += parts
            self.either |= either
        if chosen:
            self.args += ["-g", ",".join(chosen)]
        if any("customers" in text for text in chosen):
            self.args += ["-f", "tables.conf"]

    def named(self):
        return {k[0] for k in self.keys}

    def pick_bins(self, r):
        self.width = r.choice((0, 0, 0, 60, 300, 3600, 90, 21600, 86400,
                               7 * 86400)) * SECOND
        self.by_end = self.width > 0 and r.randrange(3) == 0
        if self.width:
            self.args += ["-b", f"{self.width // SECOND}s"]
        if self.by_end:
            self.args += ["--bin-by", "end"]

    def pick_measures(self, r):
        # A result has each name once.
        self.measures = r.sample(sorted(set(MEASURES) - self.named()),
                                 r.randrange(1, 5))
        self.args += ["-a", ",".join(self.measures)]

    def pick_order(self, r):
        self.order, self.asc, self.limit = None, False, None
        if not self.keys and self.width:
            return
        self.order = self.measures[0]
        if r.randrange(2):
            self.order = r.choice(self.measures + sorted(
                {"octets", "flows"} - self.named()))
            if self.order not in self.measures:
                self.measures.append(self.order)
            self.asc = r.randrange(2) == 0
            self.args += ["-s", self.order + (":asc" if self.asc else "")]
        if self.keys:
            self.limit = r.choice((None, 0, 0, 1, 3, 50))
            if self.limit is not None:
                self.args += ["-n", str(self.limit)]
            else:
                self.limit = 10
            if self.width and self.limit:
                self.args += ["--series", "each"]

    def pick_having(self, r):
        self.having = []
        if r.randrange(3) or not (self.keys or self.width):
            return
        measure = r.choice(self.measures + ["flows"])
        kind = MEASURES[measure][1]
        if kind == "time" or measure.startswith(("p", "distinct")):
            return
        test = r.choice(("<", "<=", "=", "!=", ">=", ">"))
        if kind == "span":
            text, n = r.choice((("0", 0), ("0.5s", SECOND // 2),
                                ("2s", 2 * SECOND), ("1h", 3600 * SECOND)))
        else:
            n = r.choice((1, 2, 10, 1000, 1500, 250000))
            text = str(n)
        self.having = [(measure, test, float(n) if kind == "real" else n)]
        self.args += ["--having", f"{measure}{test}{text}"]

    def pick_filter(self, r):
        self.keep = lambda f: True
        if r.randrange(3) == 0:
            text, self.keep = r.choice(FILTERS)
            self.args += ["-e", text]
        self.range = None
        if r.randrange(4) == 0:
            a = START + r.randrange(9000)
            b = a + r.choice((60, 600, 5000))
            self.range = (a * SECOND, b * SECOND)
            self.args += ["-t", f"{stamp(a)},{stamp(b)}"]

    def passes(self, f):
        if self.range and (f["time"] is None or not
                           self.range[0] <= f["time"] < self.range[1]):
            return False
        return self.keep(f)


# --- Comparing ---

def is_estimate(v):
    return isinstance(v, str) and v.startswith("~")


def near(name, got, want):
    error = .0325 if name.startswith("distinct") else 1 / 256
    n = int(want[1:])
    return abs(int(got) - n) <= n * error


def row_problem(q, got, want):
    """What is wrong, or None; got is an object, want a row of SQLite."""
    estimates = got.pop("estimates", [])
    values = want[1 + len(q.keys):]
    estimated = [m for m, v in zip(q.measures, values) if is_estimate(v)]
    if estimates != estimated:
        return f"estimates are {estimates}, not {estimated}"
    if list(got) != q.names:
        return f"columns {list(got)}, not {q.names}"
    shown = [show(v) if v is not None else None
             for show, v in zip(q.show, want[0 if q.width else 1:])]
    for name, a, b in zip(q.names, got.values(), shown):
        if name in q.reads and a is not None:
            a = q.reads[name](a)
        if a != b and not (is_estimate(b) and near(name, a, b)):
            return f"{name}: {a!r}, not {b!r}"
    return None


def shown_of(q, rows):
    """Those that a limit leaves; with bins it is of each."""
    if not q.limit:
        return rows
    if not q.width:
        return rows[:q.limit]
    return [row for of_bin in by_bins(rows, lambda row: row[0]).values()
            for row in of_bin[:q.limit]]


def by_bins(rows, bin_of):
    bins = {}
    for row in rows:
        bins.setdefault(bin_of(row), []).append(row)
    return bins


def without_others(q, got, want):
    """Leave out the rows of what groups of a bin have that are not shown: the
    last one of a bin, without keys, that is more than there are groups."""
    if not (q.width and q.keys):
        return got
    count = {at: len(rows) for at, rows in
             by_bins(want, lambda row: row[0]).items()}
    found = []
    for at, rows in by_bins(got, lambda row: ns_of(row["time"])).items():
        if len(rows) == count.get(at, 0) + 1 and \
                all(rows[-1][k[0]] is None for k in q.keys):
            rows.pop()
        found += rows
    return found


def ordered_by_estimate(q, want):
    """Is the order by numbers of which some are estimates?"""
    if q.order is None:
        return False
    at = 1 + len(q.keys) + q.measures.index(q.order)
    return any(is_estimate(row[at]) for row in want)


def compare(q, rows, path, threads):
    """What is wrong, or None."""
    r = run(["flowd-stats", "-o", "json", "--threads", str(threads), *q.args,
             path], TZ=BERLIN if q.berlin else "UTC")
    if r.returncode != 0:
        return r.stderr.decode()
    if ordered_by_estimate(q, rows):
        return None
    got = [json.loads(line, parse_float=str)
           for line in r.stdout.splitlines()]
    want = shown_of(q, rows)
    got = without_others(q, got, want)
    if len(got) != len(want):
        return f"{len(got)} groups, not {len(want)}"
    for n, (a, b) in enumerate(zip(got, want)):
        problem = row_problem(q, a, b)
        if problem:
            return f"group {n}: {problem}\n{a}\n{b}"
    return None


def queries(logs, references):
    r = random.Random(SEED)
    problems, groups, used = [], 0, {"sealed": 0, "blocks": 0, "v3": 0}
    for n in range(QUERIES):
        q = Query(r)
        want = {}
        for kind, path in logs.items():
            every = n % 25 == 0
            if not every and n % {"sealed": 2, "blocks": 2, "v3": 4}[kind] != \
                    {"sealed": 0, "blocks": 1, "v3": 2}[kind]:
                continue
            source = "v3" if kind == "v3" else "v4"
            if source not in want:
                want[source] = references[source].rows(q)
                groups += len(want[source])
            for threads in (1, 2, 4) if every else ((1, 2, 4)[n % 3],):
                used[kind] += 1
                problem = compare(q, want[source], path, threads)
                if problem:
                    problems.append(
                        f"seed {SEED}, query {n}, {kind}, {threads} threads: "
                        f"flowd-stats {' '.join(map(repr, q.args))}\n"
                        f"{problem}")
    tap.ok(not problems, f"{QUERIES} queries have the results of SQLite",
           f"{len(problems)} of them\n" + "\n".join(problems[:10]))
    tap.ok(groups > 20 * QUERIES and min(used.values()) > QUERIES // 5,
           "there were many groups", f"{groups} {used}")


# --- Captures ---

def sums(flows, column):
    return sum(f.get(column, 0) for f in flows)


def captures():
    """The totals of captures are the sums of the flows that they hold."""
    if shared("captures") is None:
        tap.skip("captures", "no shared data in this clone")
        return
    for name, case in capture_expect.cases():
        with open("capture.pcap", "wb") as f:
            f.write(datagrams_pcap(capture_expect.payloads(name, case)))
        r = run(["flowd-stats", "-o", "json", "-a", "flows,octets,packets",
                 "capture.pcap"])
        got = json.loads(r.stdout) if r.stdout.count(b"\n") == 1 else r
        certain = case["expect"]
        least = {"flows": len(certain), "octets": sums(certain, "octets"),
                 "packets": sums(certain, "packets")}
        maybe = case.get("optional", [])
        if maybe and isinstance(got, dict):
            good = all(least[k] <= got[k] for k in least) and \
                got["flows"] <= least["flows"] + len(maybe)
            tap.ok(good, f"{name}: totals are those of its flows",
                   f"{got} {least}")
        else:
            tap.equal(got, least, f"{name}: totals are those of its flows")


def main():
    os.environ["TZ"] = BERLIN
    time.tzset()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        logs = make_logs()
        with open("tables.conf", "w") as f:
            f.write(TABLES)
        references = {"v4": Reference("sealed"), "v3": Reference("v3")}
        tap.equal(flows_of("blocks") == references["v4"].flows, True,
                  "logs of many blocks and sealed ones have the same flows")
        tap.ok(len(references["v4"].flows) > 1500 and
               len(references["v3"].flows) > 1000, "there are many flows",
               f"{len(references['v4'].flows)} {len(references['v3'].flows)}")
        queries(logs, references)
        captures()
        os.chdir("/")


main()
tap.done()
