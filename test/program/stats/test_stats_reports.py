"""flowd-stats: the overview and the reports by name."""
import json
import os
import tempfile

from columnar import write
from flowdtest import datagrams_pcap, run, v5_datagram
from stats import SEC, columnar, log, objects, record, stats, table, text
from tap import Tap

tap = Tap()
RANGE = "2023-11-14T22:10"  # the bin of 5 minutes that SEC is in


def flows():
    return log(
        "flows",
        record(src="10.0.0.1", octets=5000, packets=5),
        record(src="10.0.0.1", octets=3000, packets=30, at=9, lasts=9),
        record(src="10.0.0.2", octets=2000, packets=2, at=391, dport=53,
               protocol=17))


def overview():
    path = flows()
    found = objects(path)
    total = found[0]
    tap.equal((total["table"], total["flows"], total["octets"],
               total["first"]), ("total", 3, 10000, "2023-11-14T22:13:20Z"),
              "without keys: the total first")
    tables = list(dict.fromkeys(o["table"] for o in found))
    tap.equal(tables, ["total"] + [
        f"{key} by {measure}" for key in (
            "src_port", "dst_port", "protocol", "src_addr", "dst_addr",
            "pair") for measure in ("octets", "packets", "flows")],
        "then lists of six keys by three measures")
    for name, order in (("dst_port by octets", [443, 53]),
                        ("dst_port by packets", [443, 53])):
        tap.equal([o["dst_port"] for o in found if o["table"] == name], order,
                  name)
    by = {n: objects("-g", "src_addr", "-a", "octets,packets,flows", "-s", n,
                     path) for n in ("octets", "packets", "flows")}
    for name, want in by.items():
        got = [{k: v for k, v in o.items() if k != "table"} for o in found
               if o["table"] == f"src_addr by {name}"]
        tap.equal(got, want, f"src_addr by {name} is as -g and -s have it")
    tap.equal(len(objects("-n", "1", path)), 19, "-n is that of the lists")
    lines = stats(path).stdout.decode()
    tap.ok(lines.startswith("total\n") and "\n\nsrc_addr by octets\n" in lines,
           "text has titles", lines)
    rows = [r for r in table(path) if r]
    tap.equal(rows[0][:2], ["table", "flows"], "CSV has the name of the table")


def scanners():
    path = log(
        "scan",
        *(record(src="10.9.9.9", dst=f"10.1.0.{n}", dport=445, packets=1,
                 octets=40) for n in range(30)),
        *(record(src="10.8.8.8", dst="10.1.0.1", dport=n, packets=2,
                 octets=80) for n in range(1, 26)),
        *(record(src="10.7.7.7", dst=f"10.1.0.{n}", dport=443, packets=20)
          for n in range(30)),
        *(record(src="10.1.0.1", dst="10.6.6.6", sport=53, dport=n, packets=1)
          for n in range(2000, 2040)),
        *(record(src="10.5.5.5", dst=f"10.1.0.{n}", dport=22, packets=1)
          for n in range(19)))
    found = objects("--scanners", path)
    tap.equal([(o["table"], o["src_addr"]) for o in found],
              [("many hosts on one port", "10.9.9.9"),
               ("many ports of one host", "10.8.8.8")],
              "--scanners: no clients, no answers, not too few")
    tap.equal((found[0]["dst_port"], found[0]["distinct(dst_addr)"],
               found[0]["flows"], found[1]["dst_addr"],
               found[1]["distinct(dst_port)"]),
              (445, 30, 30, "10.1.0.1", 25), "what they touch")
    tap.equal(objects("--scanners", "-e", "dst_port 22", path), [],
              "--scanners with -e")
    lines = stats("--scanners", path).stdout.decode().splitlines()
    tap.equal([x for x in lines if x.endswith("scanner")], ["1 scanner"] * 2,
              "text says how many there are")
    tap.ok("0 scanners" in stats("--scanners", "-e", "port 1", path)
           .stdout.decode().splitlines(), "also that there are none")


def histogram_limits():
    """Sums that are too large, times that are odd."""
    path = log("limits", *(record(octets=2**63, packets=1) for _ in range(3)))
    r = stats("-o", "json", "--histogram", "octets", path)
    tap.equal((json.loads(r.stdout)["octets"], r.stderr),
              (2**64 - 1, b"flowd-stats: a sum is greater than 2^64 - 1, "
               b"which is used instead\n"), "sums do not wrap")
    r = stats("-o", "json", "--matrix", "src_addr,dst_addr", path)
    tap.equal((json.loads(r.stdout)["octets"], r.stderr.count(b"\n")),
              (2**64 - 1, 1), "nor in a matrix")


def histogram():
    path = log("sizes", *(record(octets=n, packets=1, lasts=n % 3)
                          for n in (0, 1, 2, 3, 4, 1000, 1023, 1024)))
    tap.equal([(o["from"], o["to"], o["flows"], o["octets"])
               for o in objects("--histogram", "octets", path) if o["flows"]],
              [(0, 0, 1, 0), (1, 1, 1, 1), (2, 3, 2, 5), (4, 7, 1, 4),
               (512, 1023, 2, 2023), (1024, 2047, 1, 1024)],
              "--histogram octets")
    tap.equal(objects("--histogram", "packets", path)[0],
              {"from": 1, "to": 1, "flows": 8, "packets": 8, "octets": 3057,
               "cumulative": 100}, "--histogram packets")
    tap.equal([(o["from"], o["to"], o["flows"], o["cumulative"])
               for o in objects("--histogram", "duration", path)
               if o["flows"]],
              [(0, 0.001, 3, 37.5), (1, 2, 4, 87.5), (2, 5, 1, 100)],
              "--histogram duration")
    tap.equal(text("--histogram", "packets", path)[1][:4],
              ["1", "1", "8", "100.0"], "as text")
    tap.equal(objects("--histogram", "octets", "-e", "octets > 5000", path),
              [], "without flows")


def matrix():
    path = log("m", *(record(src=f"10.{a}.0.1", dst=f"10.{b}.0.2",
                             octets=10 * a + b)
                      for a in (1, 2, 3) for b in (4, 5, 6)))
    tap.equal(objects("--matrix", "src_addr/16,dst_addr/16", "-n", "2", path),
              [{"src_addr/16": f"10.{a}.0.0/16",
                "dst_addr/16": f"10.{b}.0.0/16", "octets": 10 * a + b}
               for a in (3, 2) for b in (6, 5)], "--matrix -o json: its cells")
    lines = text("--matrix", "src_addr/16,dst_addr/16", "-n", "2", "-a",
                 "flows", path)
    tap.equal(lines[0][2:], ["10.4.0.0/16", "10.5.0.0/16", "other", "total"],
              "the first columns; where they are equal by the key")
    tap.equal([row[1:] for row in lines[1:]],
              [["1", "1", "1", "3"]] * 2 + [["1", "1", "1", "3"]] +
              [["3", "3", "3", "9"]], "with what is not shown")
    tap.equal([row[0] for row in lines[1:]],
              ["10.1.0.0/16", "10.2.0.0/16", "other", "total"], "and its rows")


def matrix_of_times():
    path = log("mt", record(lasts=1.5), record(lasts=1), record(dst="10.9.0.1"))
    query = ("--matrix", "src_addr,dst_addr", "-a", "sum(duration)", path)
    tap.equal([o["sum(duration)"] for o in objects(*query)], [2.5, 0],
              "--matrix of durations is in seconds")
    tap.equal(text(*query)[1][-2:], ["2.50", "s"], "and in text")


def v5(seq, n, sec=1700000000):
    return v5_datagram([{"sport": i} for i in range(n)], seq=seq, sec=sec)


def loss():
    # Version 5 counts flows: 10 of them are missing before the third.
    path = write("loss.pcap", datagrams_pcap(
        [(n, "192.0.2.1", 1, v5(seq, 5, 1700000000 + n))
         for n, seq in enumerate((0, 5, 20, 25, 30, 35, 40, 45, 50, 55))] +
        [(n + 10, "192.0.2.2", 1, v5(seq, 3, 1700000010 + n))
         for n, seq in enumerate(range(0, 30, 3))]))
    columnar("loss.flow", path)
    for name in path, "loss.flow":
        found = objects("--loss", name)
        tap.equal([(o["agent_addr"], o["netflow_version"], o["datagrams"],
                    o["flows"], o["counted"], o["lost"], o["restarts"])
                   for o in found],
                  [("192.0.2.1", 5, 10, 50, "flows", 10, 0),
                   ("192.0.2.2", 5, 10, 30, "flows", 0, 0)],
                  f"--loss of {name}")
        tap.ok(abs(found[0]["lost_percent"] - 10 * 100 / 60) < 1e-9,
               "in percent", found)
    tap.equal(len(objects("--loss", "-n", "1", path)), 1, "--loss -n")
    tap.equal(text("--loss", "-n", "1", path)[-1],
              f"1 of {len(objects('--loss', path))} streams".split(),
              "text says of how many")
    agents = [f"192.0.2.{n}" for n in range(1, 41)]
    path = write("agents.pcap", datagrams_pcap(
        [(1, agent, 1, v5(0, 1)) for agent in reversed(agents)]))
    tap.equal([f["agent_addr"] for f in objects("--loss", "-n", "0", path)],
              agents, "--loss: exporters that are equal are in their order")


def compare():
    day = 86400
    path = log(
        "days",
        record(src="10.0.0.1", octets=1000, at=0),
        record(src="10.0.0.1", octets=4000, at=day),
        record(src="10.0.0.2", octets=700, at=0),
        record(src="10.0.0.2", octets=600, at=day),
        record(src="10.0.0.3", octets=50, at=day),
        record(src="10.0.0.4", octets=20, at=0),
        record(src="10.0.0.5", octets=9, at=0),
        record(src="10.0.0.5", octets=9, at=day))
    query = ("-U", "--compare", "-1d", "-t", "2023-11-15,+1d", path)
    tap.equal([(o["src_addr"], o["change"], o["octets"], o["octets_before"],
                o["octets_change"], o["percent"])
               for o in objects("-g", "src_addr", *query)],
              [("10.0.0.1", "grew", 4000, 1000, 3000, 300),
               ("10.0.0.2", "fell", 600, 700, -100, o_percent(600, 700)),
               ("10.0.0.3", "new", 50, 0, 50, None),
               ("10.0.0.4", "gone", 0, 20, -20, -100),
               ("10.0.0.5", "same", 9, 9, 0, 0)],
              "--compare: what grew, fell, is new and gone")
    tap.equal(text("-g", "src_addr", "-n", "2", *query)[1:],
              [["10.0.0.1", "grew", "4.00", "kB", "1.00", "kB", "+3.00", "kB",
                "+300.0", "%"],
               ["10.0.0.2", "fell", "600", "B", "700", "B", "-100", "B",
                "-14.3", "%"], [],
               "2 of 5 groups, 2023-11-15T00:00:00 to 2023-11-16T00:00:00 "
               "against 2023-11-14T00:00:00 to "
               "2023-11-15T00:00:00".split()],
              "as text, with signs, and which times they are")
    tap.equal(text(*query)[-1], "2023-11-15T00:00:00 to 2023-11-16T00:00:00 "
              "against 2023-11-14T00:00:00 to 2023-11-15T00:00:00".split(),
              "as text, without keys")
    tap.equal(objects("-a", "flows", *query),
              [{"change": "same", "flows": 4, "flows_before": 4,
                "flows_change": 0, "percent": 0}], "without keys")
    tap.equal([o["avg(octets)_change"] for o in
               objects("-a", "avg(octets)", *query)],
              [4659 / 4 - 1729 / 4], "measures that are no integers")
    r = stats("-a", "first", *query)
    tap.equal(r.stderr.decode(), "flowd-stats: --compare wants a measure that "
              "is a number, not first\n", "and no times")


def o_percent(now, before):
    return now * 100 / before - 100


def compare_exactly():
    day = 86400
    path = log("exact", *(record(src=src, octets=n, at=at) for src, n, at in (
        ("10.0.0.1", 2**53, 0), ("10.0.0.1", 2**53 + 1, day),
        ("10.0.0.2", 2**63, 0), ("10.0.0.2", 2**63 + 2, day),
        ("10.0.0.4", 7, day), ("10.0.0.3", 7, 0), ("10.0.0.5", 7, day))))
    query = ("-U", "--compare", "-1d", "-t", "2023-11-15,+1d", "-g", "src_addr")
    tap.equal([(o["src_addr"][-1], o["change"], o["octets_change"])
               for o in objects(*query, path)],
              [("3", "gone", -7), ("4", "new", 7), ("5", "new", 7),
               ("2", "grew", 2), ("1", "grew", 1)],
              "changes are exact, and ties in the order of keys")
    with open(path, "rb") as f:
        r = run(["flowd-stats", *query, "-"], stdin=f)
    tap.equal((r.returncode, r.stdout, r.stderr.decode()),
              (1, b"", "flowd-stats: --compare reads twice: - is neither a file "
               "nor a directory\n"), "not from standard input")
    r = stats(*query, "nothere")
    tap.equal((r.returncode, r.stderr), (
        1, b"flowd-stats: nothere: No such file or directory\n"),
        "a path that is not there")


def memory():
    """Reports of all groups take no more than they may."""
    path = log("many", *(record(sport=n // 600, dport=n % 600, at=n % 900)
                         for n in range(20000)))
    keys = ("-g", "src_port,dst_port")
    for args in (("--compare", "-1d", "-t", "2023-11-14,+2d", *keys),
                 ("--percentiles", "95", *keys),
                 ("--matrix", "src_port,dst_port"),
                 ("--bill", "95", "-b", "1s", "-t", "2023-11-14,+2d")):
        r = stats("-U", "--memory", "1M", *args, path)
        tap.ok(r.returncode == 1 and r.stdout == b"" and
               r.stderr.count(b"\n") == 1 and b"memory" in r.stderr,
               f"{args[0]} with little memory: one error", r)
        r = stats("-U", "--memory", "64M", "-o", "json", *args, path)
        tap.ok(r.returncode == 0 and r.stdout != b"", "with enough, a result",
               r)


def compare_before_1970():
    path = log("now", record(octets=5))
    for span in "-100000d", "-104000d", "-2400000h":
        tap.equal([(o["change"], o["octets_before"]) for o in objects(
            "--compare", span, "-g", "src_addr", path)], [("new", 0)],
            f"--compare {span}: there were no flows")


def compare_clocks():
    """A day before, by the clock, where it was set forward in between."""
    zone = {"TZ": "CET-1CEST,M3.5.0,M10.5.0/3"}
    # 2024-03-31 has 23 hours there.
    first = 1711843200 - SEC  # 2024-03-31T01:00 CET
    path = log("set", record(octets=1, at=first - 86400 + 60),
               record(octets=2, at=first + 60),
               record(octets=4, at=first + 82800 + 60))
    for when, want in (("2024-04-01T01:00,+1h", (4, 2)),
                       ("2024-03-31T01:00,+1h", (2, 1))):
        o = objects("--compare", "1d", "-t", when, path, **zone)[0]
        tap.equal((o["octets"], o["octets_before"]), want,
                  f"--compare of {when}, where clocks are set forward")


def percentiles():
    # 20 bins of 10 s with 10, 20, ... 190 octets; one has none.
    path = log("rates", *(record(octets=10 * n, at=10 * n, dport=443)
                          for n in range(1, 20)),
               record(octets=1, at=0, dport=53))
    query = ("--percentiles", "50,95,100", "-b", "10s", "-e", "port 443")
    o = objects(*query, "-t", "2023-11-14T22:13:20,+200s", path)[0]
    tap.equal((o["p50"], o["p95"], o["p100"], o["max"]),
              (72, 144, 152, 152), "--percentiles of bits a second")
    tap.ok(abs(o["avg"] - 1900 * 8 / 10 / 20) < 1e-9,
           "a bin without flows is 0", o)
    o = objects(*query, path)[0]
    tap.equal(o["p50"], 80, "without -t: from the first to the last flow")
    o = objects("--percentiles", "95", "-b", "10s", "-g", "dst_port", "-a",
                "flows", "-t", "2023-11-14T22:13:20,+200s", path)
    tap.equal([(x["dst_port"], x["p95"], x["max"]) for x in o],
              [(443, 0.1, 0.1), (53, 0, 0.1)], "of each group")
    tap.equal(text("--percentiles", "95", "-b", "1m", "-g", "dst_port", "-n",
                   "1", "-U", path)[-1],
              "1 of 2 groups, 4 bins of 1 min from 2023-11-14T22:13:00 to "
              "2023-11-14T22:17:00".split(), "and of how many bins, as text")
    tap.equal(text("--percentiles", "95", "-b", "1h", "-U", path)[-1][:5],
              "1 bin of 1 h".split(), "without keys, too")
    tap.equal(objects("--percentiles", "95", path)[0]["max"],
              1450 * 8 / 300, "-b is 5m")
    r = stats("--percentiles", "95", "-a", "bps", path)
    tap.equal(r.stderr.decode(), "flowd-stats: --percentiles wants a measure "
              "that adds up, as octets, not bps\n", "what it is of")


def bill():
    # 20 bins of 5 minutes from 22:10 on; interface 1 in, 2 out.
    def traffic(n):
        return record(octets=75000 * n, at=300 * n - 200, if_in=1, if_out=2)
    path = log("bill", *(traffic(n) for n in range(1, 20)),
               record(octets=7500000, at=100, if_in=3, if_out=4))
    query = ("--bill", "95", "-t", RANGE + ",+100m", path)
    r = stats("-o", "json", *query)
    found = {o["group"]: o for o in map(json.loads, r.stdout.splitlines())}
    # 75000 octets in 300 s are 2000 bits a second.
    want = {"192.0.2.1:1": (36000, 0), "192.0.2.1:2": (0, 36000),
            "192.0.2.1:3": (0, 0), "192.0.2.1:4": (0, 0)}
    tap.equal({k: (o["in"], o["out"]) for k, o in found.items()}, want,
              "--bill 95: each interface")
    tap.equal(r.stderr, b"flowd-stats: 1 of 20 bins have no flow at all: they "
              b"count as 0\n", "missing bins are said")
    tap.equal(found["192.0.2.1:1"]["billed"], 36000, "the greater is billed")
    groups = ("--group", "link=1,2", "--group", "a=192.0.2.1:3")
    for direction, billed in (("in", 36000), ("out", 36000), ("max", 36000),
                              ("sum", 72000)):
        r = stats("-o", "json", "--direction", direction, *groups, *query)
        got = json.loads(r.stdout.splitlines()[0])
        tap.equal((got["group"], got["in"], got["billed"]),
                  ("link", 36000, billed), f"--direction {direction}")
    r = stats("-o", "json", "--group", "both=1,3", "--commit", "30k",
              "--bill", "100", *query[2:])
    got = json.loads(r.stdout)
    tap.equal((got["in"], got["commit"], got["above_commit"]),
              (202000, 30000, 172000),
              "members are summed by bin before; --commit")
    r = stats("-o", "json", "--group", "x=192.0.2.9:1", *query)
    tap.ok(b"flowd-stats: --group x: no flow has one of its interfaces\n"
           in r.stderr, "a group without flows is said", r)
    r = stats("--commit", "50k", "--group", "link=1,2", *query)
    tap.ok(b"-14.0 kb/s" in r.stdout and
           b"\n1 group, percentile 95 of 20 bins of 5 min from "
           b"2023-11-14T22:10:00 to 2023-11-14T23:50:00; billed: max\n" in
           r.stdout, "as text", r)
    many = log("many", *(record(if_in=n, if_out=n + 6) for n in range(6)))
    tap.equal(text("--bill", "95", "-b", "1h", many)[-1][:2],
              ["12", "interfaces,"], "all interfaces are billed")
    tap.equal(text("--bill", "95", "-b", "1h", "-n", "3", many)[-1][:4],
              ["3", "of", "12", "interfaces,"], "with -n so many of them")


def bill_ipv6():
    from flowdtest import reader_json
    path = write("b6.pcap", datagrams_pcap(
        [(1, "2001:db8::1", 1, v5_datagram([{"if_in": 7, "octets": 300}]))]))
    tap.equal(len(reader_json(path)[0]), 1, "a flow of an exporter over IPv6")
    tap.equal(sorted(o["group"] for o in objects("--bill", "95", path)),
              ["[2001:db8::1]:0", "[2001:db8::1]:7"],
              "exporters over IPv6 in brackets")
    tap.equal(objects("--bill", "95", "--group", "a=[2001:db8::1]:7",
                      path)[0]["in"], 8, "also in --group")


WRONG = [
    (("--matrix", "src_addr"),
     "--matrix wants two keys, as src_addr/16,dst_addr/16"),
    (("--matrix", "conversation"),
     "--matrix wants two keys, as src_addr/16,dst_addr/16"),
    (("--matrix", "host,protocol"),
     "--matrix wants two keys, as src_addr/16,dst_addr/16"),
    (("--matrix", "srcaddr,dst_addr"),
     "--matrix: srcaddr: is no key; do you mean src_addr?"),
    (("--matrix", "src_addr,dst_addr", "-a", "bps"),
     "--matrix wants a measure that adds up, as octets, not bps"),
    (("--matrix", "src_addr,dst_addr", "-a", "octets,flows"),
     "-a: --matrix has one measure, not 2"),
    (("--compare", "-1d", "-a", "octets,flows"),
     "-a: --compare has one measure, not 2"),
    (("--percentiles", "95", "-a", "octets,flows"),
     "-a: --percentiles has one measure, not 2"),
    (("--percentiles", "95", "-a", "sum(duration)"),
     "--percentiles wants a measure that adds up, as octets, not "
     "sum(duration)"),
    (("--percentiles", "95,50,95.0"), "--percentiles: 95.0 is there twice"),
    (("--bill", "95", "--group", "a=1", "-n", "1"),
     "-n does not go with --group: all of these are printed"),
    (("--matrix", "src_addr,dst_addr", "-n", "25"),
     "-n: a matrix has 1 to 24 rows and columns"),
    (("--histogram", "size"),
     '--histogram wants octets, packets or duration, not "size"'),
    (("--compare", "yesterday"),
     "--compare: yesterday: is no time span such as 30s, 5m, 1h, 1d or 1w"),
    (("--percentiles", "95,x"),
     '--percentiles wants a percentile such as 95, not "x"'),
    (("--percentiles", ""), "--percentiles wants a list such as 50,95,99"),
    (("--percentiles", "1,2,3,4,5,6,7,8,9"),
     "--percentiles: there are more than 8"),
    (("--bill", "101"), '--bill wants a percentile such as 95, not "101"'),
    (("--bill", "95", "--direction", "up"),
     '--direction wants in, out, max or sum, not "up"'),
    (("--bill", "95", "--group", "uplink"),
     "--group: uplink: is no group such as uplink=3,4 or a=192.0.2.1:7"),
    (("--bill", "95", "--group", "uplink=eth0"),
     "--group: eth0: is no interface such as 3, 192.0.2.1:3 or "
     "[2001:db8::1]:3"),
    (("--bill", "95", "--group", "uplink=7,192.0.2.1:7"),
     "--group: 192.0.2.1:7: is there twice"),
    (("--bill", "95", "--commit", "fast"),
     '--commit wants bits a second such as 100M, not "fast"'),
    (("--commit", "1M"), "--commit goes with --bill"),
    (("--group", "a=1"), "--group goes with --bill"),
    (("--direction", "in"), "--direction goes with --bill"),
    (("--scanners", "-g", "src_addr"), "-g does not go with --scanners"),
    (("--histogram", "octets", "--scale"),
     "--scale does not go with --histogram"),
    (("--loss", "-e", "port 1"), "-e does not go with --loss"),
    (("--bill", "95", "-s", "octets"), "-s does not go with --bill"),
    (("--compare", "-1d", "--having", "flows>1"),
     "--having does not go with --compare"),
    (("--loss", "--scanners"),
     "--loss and --scanners are reports of their own"),
]


def wrong():
    path = flows()
    for args, want in WRONG:
        r = stats(*args, path)
        tap.equal((r.returncode, r.stdout, r.stderr.decode()),
                  (1, b"", f"flowd-stats: {want}\n"),
                  f"refused: {' '.join(args)}")


with tempfile.TemporaryDirectory() as where:
    os.chdir(where)
    for test in (overview, scanners, histogram, histogram_limits, matrix,
                 matrix_of_times, loss, compare, compare_exactly, memory,
                 compare_clocks, compare_before_1970, percentiles, bill,
                 bill_ipv6, wrong):
        test()
    os.chdir("/")
tap.done()
