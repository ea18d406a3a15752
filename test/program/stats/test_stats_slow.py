"""flowd-stats: reports and series of random flows against a slow computation,
and days and hours where clocks are set."""
import calendar
import datetime
import math
import os
import random
import tempfile
import time

from stats import SEC, columnar, log, objects, record, stats
from tap import Tap

tap = Tap()
WIDTH = 300
DAY = 86400


def flows(r, n, start=0, span=3600):
    return [{"src": f"10.0.0.{r.randrange(6)}",
             "dst": f"10.1.0.{r.randrange(4)}",
             "octets": r.choice((0, 1, 7, 1000, 10**6)),
             "packets": r.randrange(1, 5), "at": start + r.randrange(span),
             "lasts": r.choice((0, 0.5, 1, 30, 299, 600)),
             "if_in": r.randrange(4), "if_out": r.randrange(4),
             "agent": f"192.0.2.{r.randrange(2) + 1}"} for _ in range(n)]


def log_of(name, found):
    """The flows as logs of both kinds."""
    path = log(name, *(record(**f) for f in found))
    return path, columnar(name + ".flow", path)


def parts(f):
    """{bin: octets}: each part is the difference of two rounded values."""
    end = (SEC + f["at"]) * 10**9
    begin, width = end - int(f["lasts"] * 10**9), WIDTH * 10**9
    if begin == end:
        return {end // width: f["octets"]}
    edge = lambda ns: f["octets"] * (min(max(ns, begin), end) - begin) // (
        end - begin)
    return {b: edge((b + 1) * width) - edge(b * width)
            for b in range(begin // width, (end - 1) // width + 1)}


def add(sums, key, n):
    sums[key] = sums.get(key, 0) + n


def bins_of(found):
    """{source: {bin: octets}}, first and last bin."""
    by = {}
    for f in found:
        for b, octets in parts(f).items():
            add(by.setdefault(f["src"], {}), b, octets)
    every = [b for bins in by.values() for b in bins]
    return by, min(every), max(every)


def percentile(rates, percent):
    """Nearest rank."""
    return sorted(rates)[max(0, math.ceil(len(rates) * percent / 100 - 1e-9)
                             - 1)]


def rates(sums, first, last):
    return [sums.get(b, 0) * 8 / WIDTH for b in range(first, last + 1)]


def percentiles(found, path):
    by, first, last = bins_of(found)
    want = {src: [percentile(rates(bins, first, last), p)
                  for p in (50, 95, 100)] for src, bins in by.items()}
    got = {o["src_addr"]: [o["p50"], o["p95"], o["max"]] for o in
           objects("--percentiles", "50,95", "-g", "src_addr", path)}
    tap.equal(got, want, f"{path}: --percentiles")


GROUPS = {"a": lambda agent, n: n in (1, 2),
          "b": lambda agent, n: n == 2 or (agent, n) == ("192.0.2.1", 3)}


def bill(found, path):
    """Groups that overlap, in each direction."""
    _, first, last = bins_of(found)
    for direction in "in", "out", "sum", "max":
        got = {o["group"]: o for o in objects(
            "--bill", "95", "--group", "a=1,2", "--group", "b=2,192.0.2.1:3",
            "--direction", direction, path)}
        for name, has in GROUPS.items():
            sums = {"in": {}, "out": {}, "sum": {}}
            for f in found:
                for b, octets in parts(f).items():
                    for way in "in", "out":
                        if has(f["agent"], f["if_" + way]):
                            add(sums[way], b, octets)
                            add(sums["sum"], b, octets)
            want = {way: percentile(rates(s, first, last), 95)
                    for way, s in sums.items()}
            want["max"] = max(want["in"], want["out"])
            tap.ok(all(math.isclose(got[name][key], n, abs_tol=1e-9)
                       for key, n in (("in", want["in"]),
                                      ("out", want["out"]),
                                      ("billed", want[direction]))),
                   f"{path}: --bill, {name}, {direction}", (got, want))


def matrix(found, path):
    want = {}
    for f in found:
        add(want, (f["src"], f["dst"]), f["octets"])
    got = {(o["src_addr"], o["dst_addr"]): o["octets"] for o in
           objects("--matrix", "src_addr,dst_addr", path)}
    tap.equal({k: n for k, n in got.items() if n or k in want}, want,
              f"{path}: --matrix")


def histogram(found, path):
    want = {}
    for f in found:
        at = want.setdefault(f["octets"].bit_length(), [0, 0, 0])
        for i, n in enumerate((1, f["packets"], f["octets"])):
            at[i] += n
    got = {o["from"].bit_length(): [o["flows"], o["packets"], o["octets"]]
           for o in objects("--histogram", "octets", path) if o["flows"]}
    tap.equal(got, want, f"{path}: --histogram")


def ns_bin(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")) // WIDTH


def series(found, path):
    by, _, last = bins_of(found)
    ranks = {"average": lambda bins: sum(bins.values()),
             "max": lambda bins: max(bins.values()),
             "last": lambda bins: bins.get(last, 0)}
    for how, rank in ranks.items():
        for sign, order in ((-1, "octets"), (1, "octets:asc")):
            best = sorted(by, key=lambda src: (sign * rank(by[src]), src))[:2]
            want = {}
            for src, bins in by.items():
                for b, octets in bins.items():
                    add(want, (b, src if src in best else None), octets)
            got = {(ns_bin(o["time"]), o["src_addr"]): o["octets"] for o in
                   objects("-b", f"{WIDTH}s", "-g", "src_addr", "-s", order,
                           "-n", "2", "--series", how, path)}
            tap.equal(got, want, f"{path}: --series {how} -s {order}")


def compare(r, trial):
    before, now = flows(r, 60, 0, DAY), flows(r, 60, DAY, DAY)
    begin = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(SEC + DAY))
    sums = {}, {}
    for s, found in zip(sums, (before, now)):
        for f in found:
            add(s, (f["src"], f["dst"]), f["octets"])
    old, new = sums
    want = [(k, "new" if k not in old else "gone" if k not in new else
             "grew" if new[k] > old[k] else "fell" if new[k] < old[k] else
             "same", new.get(k, 0) - old.get(k, 0))
            for k in sorted(set(old) | set(new))]
    want.sort(key=lambda row: -abs(row[2]))
    for path in log_of(f"compare{trial}", before + now):
        got = [((o["src_addr"], o["dst_addr"]), o["change"],
                o["octets_change"]) for o in objects(
                    "--compare", "1d", "-t", begin + ",+1d", "-g",
                    "src_addr,dst_addr", "-n", "0", path)]
        tap.equal(got, want, f"{path}: --compare")


# Zones by their rules, as a machine may have no table of them; when a clock is
# set there. In Havana that is at midnight; Lord Howe sets it by half an hour.
ZONES = (("CET-1CEST,M3.5.0,M10.5.0/3", (1698541200, 1711846800)),
         ("CST5CDT,M3.2.0/0,M11.1.0/1", (1710046800, 1699160400)),
         ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", (1696087800, 1712415600)),
         ("UTC0", (1700000000,)))


def clocks(zone, change):
    """A day of 23, 24 or 25 hours and its neighbours."""
    found = [{"at": change - SEC + 1700 * n, "octets": n + 500}
             for n in range(-150, 150)]
    days, hours = {}, {}
    os.environ["TZ"] = zone
    time.tzset()
    for f in found:
        t = time.localtime(SEC + f["at"])
        add(days, datetime.date(*t[:3]).isoformat(), f["octets"])
        add(hours, ((t.tm_wday + 1) % 7, t.tm_hour), f["octets"])
    for path in log_of("clocks", found):
        got = {}
        for o in objects("-b", "1d", "-a", "octets", path, TZ=zone):
            t = time.localtime(ns_bin(o["time"]) * WIDTH)
            add(got, datetime.date(*t[:3]).isoformat(), o["octets"])
        tap.equal(got, days, f"-b 1d in {zone} at {change}, {path}")
        tap.equal({o["day"]: o["octets"] for o in objects(
            "-g", "day", "-a", "octets", "-n", "0", path, TZ=zone)}, days,
            "-g day")
        tap.equal({(o["weekday"], o["hour"]): o["octets"] for o in objects(
            "-g", "weekday,hour", "-a", "octets", "-n", "0", path, TZ=zone)},
            hours, "-g weekday,hour")
    os.environ["TZ"] = "UTC"
    time.tzset()


EVERY = (("-a", "flows"), ("-g", "src_addr"), (), ("--scanners",),
         ("--histogram", "octets"), ("--matrix", "src_addr,dst_addr"),
         ("--loss",), ("--compare", "-1d"), ("--bill", "95"),
         ("--percentiles", "95"), ("-b", "5m"),
         ("-b", "5m", "-g", "src_addr", "--chart"),
         ("-b", "5m", "-g", "src_addr", "--svg", "chart.svg"),
         ("-g", "src_addr", "--svg", "chart.svg"))


def nothing():
    """A log without flows, and what is odd in all reports."""
    with open("empty", "wb"):
        pass
    odd = log("odd", record(lasts=-3), record(octets=2**64 - 1),
              record(src="::ffff:10.0.0.1", dst="2001:db8::1", at=-SEC))
    for args in EVERY:
        r = stats(*args, "empty")
        tap.ok(r.returncode == 0 and r.stderr == b"",
               f"no flows: {' '.join(args)}", r)
        tap.equal(stats(*args, "-U", odd).returncode, 0,
                  f"odd flows: {' '.join(args)}")


with tempfile.TemporaryDirectory() as where:
    os.chdir(where)
    for n in range(3):
        rng = random.Random(n)
        chosen = flows(rng, 300)
        for log_path in log_of(f"flows{n}", chosen):
            for test in (percentiles, bill, matrix, histogram, series):
                test(chosen, log_path)
        compare(rng, n)
    for name, times in ZONES:
        for at in times:
            clocks(name, at)
    nothing()
    os.chdir("/")
tap.done()
