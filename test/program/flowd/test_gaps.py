"""Captures with datagrams deleted, repeated and out of order: what was done to
them is what flowd-reader counts, for each version and its unit, across the wrap
of the sequence numbers, a restart of the exporter, and changing ports; of many
captures that nobody chose, too, and over the daemon.
"""
import json
import os
import random
import re
import signal
import socket
import struct
import tempfile

from daemon import Flowd, wait_for
from flowdtest import datagrams_pcap, reader_json, run, v5_datagram
from tap import Tap

tap = Tap()
SEC = 1700000000
DATAGRAMS = 400
SEEDS = 24
TEMPLATE = struct.pack("!HHHH", 256, 1, 4, 1)


def v5(n, seq, sec, uptime):
    return v5_datagram([{}] * n, uptime=uptime, sec=sec, seq=seq)


def v9(n, seq, sec, uptime):
    sets = struct.pack("!HH", 0, 12) + TEMPLATE
    sets += struct.pack("!HH", 256, 4 + n) + n * b"\6"
    return struct.pack("!HHIIII", 9, n + 1, uptime, sec, seq, 7) + sets


def ipfix(n, seq, sec, _uptime):
    sets = struct.pack("!HH", 2, 12) + TEMPLATE
    sets += struct.pack("!HH", 256, 4 + n) + n * b"\6"
    return struct.pack("!HHIII", 10, 16 + len(sets), sec, seq, 7) + sets


def own(make):
    """The number is that behind the datagram, as softflowd has it."""
    return lambda n, seq, *args: make(n, (seq + n) & 0xffffffff, *args)


VERSIONS = {  # how to make a datagram, and what one of n flows counts
    "v5": (v5, lambda n: n),
    "v9": (v9, lambda n: 1),
    "ipfix": (ipfix, lambda n: n),
}

UNITS = {  # the same of exporters that count otherwise, and the unit
    "v5 by datagrams": (v5, lambda n: 1, "datagrams"),
    "v9 by flows": (v9, lambda n: n, "flows"),
    "v9 by flows and templates": (v9, lambda n: n + 1,
                                  "records and templates"),
    "v5 by flows, its own too": (own(v5), lambda n: n, "flows, its own too"),
    "ipfix by records, its own too": (own(ipfix), lambda n: n,
                                      "flows, its own too"),
    "ipfix by messages": (ipfix, lambda n: 1, "datagrams"),
    "ipfix with templates": (ipfix, lambda n: n + 1,
                             "records and templates"),
    "ipfix that does not count": (ipfix, lambda n: 0, "none"),
}


def stream(version, rnd, first, sec, datagrams=DATAGRAMS):
    """Datagrams of one run of an exporter: [(units, flows, octets)]."""
    make, units = (VERSIONS | UNITS)[version][:2]
    out, seq = [], first
    for i in range(datagrams):
        n = rnd.randint(1, 30)
        out.append((units(n), n, make(n, seq & 0xffffffff, sec + i // 10,
                                      120000 + 100 * i)))
        seq += units(n)
    return out


def disturb(datagrams, rnd):
    """What arrives of them, and what is to be counted."""
    want = {"lost": 0, "late": 0, "repeated": 0}
    arrive, i = [datagrams[0]], 1
    while i < len(datagrams) - 8:
        what = rnd.randrange(12)
        if what == 0:
            gone = rnd.randint(1, 3)
            want["lost"] += sum(d[0] for d in datagrams[i:i + gone])
            i += gone
            continue
        arrive.append(datagrams[i])
        if what == 1:
            want["repeated"] += 1
            arrive.append(datagrams[i])
        elif what == 2:
            # Two are overtaken by the third.
            arrive[-1:] = [datagrams[i + 2], datagrams[i], datagrams[i + 1]]
            want["late"] += datagrams[i][0] + datagrams[i + 1][0]
            i += 2
        i += 1
    return arrive + datagrams[i:], want


def count(name, arrive, want, port=lambda i: 2055, unit=None):
    path = os.path.join(tap.tmp, "gaps.pcap")
    with open(path, "wb") as f:
        f.write(datagrams_pcap(
            [((SEC + i) * 10**9, "192.0.2.1", port(i), d[2])
             for i, d in enumerate(arrive)]))
    flows, r = reader_json(path)
    tap.ok(r.returncode == 0, f"{name}: it is read", r.stderr)
    tap.equal(len(flows), sum(d[1] for d in arrive), f"{name}: every flow")
    r = run(["flowd-reader", "--exporters", path])
    got = {key: 0 for key in want}
    for line in r.stdout.splitlines():
        counters = json.loads(line)["counters"]
        if unit:
            tap.equal([s["sequence_unit"] for s in
                       json.loads(line)["streams"]], [unit], f"{name}: unit")
        for key in want:
            got[key] += counters.get(key, 0)
    tap.equal(got, want, f"{name}: what was done to them")


def uptime_from_0(version, datagrams):
    """As after a restart; IPFIX does not say."""
    if version == "ipfix":
        return datagrams
    return [(u, n, d[:4] + bytes(4) + d[8:]) for u, n, d in datagrams]


def random_run(rnd, version, n):
    """Disturbed datagrams, of one run or of two, and what is to be counted."""
    first = rnd.choice((rnd.randrange(2**32), 2**32 - rnd.randrange(1, 400)))
    arrive, want = disturb(stream(version, rnd, first, SEC, n), rnd)
    want["restarts"] = 0
    if rnd.randrange(2):
        # From 0 on, and the last number was none that is near.
        arrive, want = disturb(
            stream(version, rnd, 10**6 + first % 10**9, SEC, n), rnd)
        after, more = disturb(stream(version, rnd, 0, SEC + 300, n), rnd)
        arrive += uptime_from_0(version, after)
        want = {k: want[k] + more[k] for k in want}
        want["restarts"] = 1
    return arrive, want


def by_chance():
    for seed in range(SEEDS):
        rnd = random.Random(seed)
        version = rnd.choice(list(VERSIONS))
        arrive, want = random_run(rnd, version, rnd.randrange(20, 90))
        count(f"{version}, seed {seed}", arrive, want)


def other_units(rnd):
    none = {"lost": 0, "late": 0, "repeated": 0, "restarts": 0}
    for name, (_, _, unit) in UNITS.items():
        count(f"{name}, untouched", stream(name, rnd, 1000, SEC, 20), none,
              unit=unit)
        if unit == "none":
            continue
        for first in (0, 2**32 - 100):
            arrive, want = disturb(stream(name, rnd, first, SEC), rnd)
            count(f"{name} from {first}", arrive, dict(want, restarts=0),
                  unit=unit)


def over_the_daemon():
    """An exporter of each version, all at once."""
    rnd = random.Random(7)
    runs = {v: random_run(rnd, v, 60) for v in VERSIONS}
    with Flowd() as f:
        sockets = {}
        for n, version in enumerate(runs):
            sockets[version] = socket.socket(socket.AF_INET,
                                             socket.SOCK_DGRAM)
            sockets[version].bind((f"127.0.3.{n + 1}", 0))
        for i in range(max(len(arrive) for arrive, _ in runs.values())):
            for version, (arrive, _) in runs.items():
                if i < len(arrive):
                    sockets[version].sendto(arrive[i][2], (f.host, f.port))
        for s in sockets.values():
            s.close()
        f.kill(signal.SIGUSR2)
        f.said("datagrams: received:")
        wait_for(lambda: "flows: stored:" in f.messages())
        for n, (version, (_, want)) in enumerate(runs.items()):
            text = " ".join(f"{k}:{want[k]}" for k in (
                "lost", "late", "repeated", "restarts"))
            got = re.findall(rf"127\.0\.3\.{n + 1}: sequence (.*)",
                             f.messages())
            tap.equal(got, [text], f"{version}, over the daemon")


# It is not settled, so the metric has no name.
LOST = 'flowd_exporter_sequence_lost_total{exporter="other"}'


def told_of(f):
    """What flowctl tells of 127.0.3.9, or nothing."""
    rows = [json.loads(line) for line in run(
        ["flowctl", "-s", f.path("pid.sock"), "-j", "exporters",
         "127.0.3.9"]).stdout.splitlines()]
    return next((r for r in rows if r["report"] == "exporters"), {})


def counters_of(f):
    """All metrics that are counters, by name and labels."""
    text = run(["flowctl", "-s", f.path("pid.sock"),
                "metrics"]).stdout.decode()
    return {sample: int(value) for sample, value in re.findall(
        r"^(\w+_total(?:{.*})?) (\d+)$", text, re.M)}


def decreasing(metrics):
    """Those that are less than they were."""
    return sorted({name for before, after in zip(metrics, metrics[1:])
                   for name in before if after.get(name, 0) < before[name]})


def looked_at_meanwhile():
    """Whenever somebody looks, nothing is counted that is not so; and the
    metric does not decrease when something comes late."""
    datagrams = stream("v9 by flows", random.Random(5), 1000, SEC, 30)
    order = [*range(20), 21, 22, 20, *range(23, 27), 28, 29]
    with Flowd() as f, socket.socket(socket.AF_INET,
                                     socket.SOCK_DGRAM) as s:
        s.bind(("127.0.3.9", 0))
        told, metrics = [], []
        for n, i in enumerate(order):
            s.sendto(datagrams[i][2], (f.host, f.port))
            wait_for(lambda n=n: told_of(f).get("datagrams") == n + 1)
            row = told_of(f)
            told.append(row["missing"])
            metrics.append(counters_of(f))
        gap, lost = datagrams[20][0], datagrams[27][0]
        tap.equal(told, 20 * [0] + 2 * [gap] + 5 * [0] + 2 * [lost],
                  "missing, datagram by datagram")
        tap.equal([m[LOST] for m in metrics],
                  20 * [0] + 7 * [gap] + 2 * [max(gap, lost)],
                  "the metric does not decrease")
        tap.equal(decreasing(metrics), [], "no other metric does")
        tap.equal((row["sequence_unit"], row["late"]), ("flows", gap),
                  "the unit is told")


def main():
    rnd = random.Random(4)
    with tempfile.TemporaryDirectory() as tmp:
        tap.tmp = tmp
        for version in VERSIONS:
            whole = stream(version, rnd, 1000, SEC)
            count(f"{version} untouched", whole,
                  {"lost": 0, "late": 0, "repeated": 0, "restarts": 0})
            for first in (0, 5000, 2**32 - 3000, 2**32 - 100):
                arrive, want = disturb(stream(version, rnd, first, SEC), rnd)
                count(f"{version} from {first}", arrive,
                      dict(want, restarts=0))
            before, want = disturb(stream(version, rnd, 70000, SEC), rnd)
            after, more = disturb(stream(version, rnd, 0, SEC + 300), rnd)
            after = uptime_from_0(version, after)
            want = {k: want[k] + more[k] for k in want}
            count(f"{version} with a restart", before + after,
                  dict(want, restarts=1))
            # A process that has another port for each datagram; one that
            # is repeated comes from the same port again. The first four show
            # that it has: they are joined when the fifth comes.
            first = stream(version, rnd, 1000, SEC, DATAGRAMS + 4)
            arrive, want = disturb(first[4:], rnd)
            arrive = first[:4] + arrive
            count(f"{version} from changing ports", arrive,
                  dict(want, restarts=0,
                       moved=len(arrive) - 4 - want["repeated"]),
                  lambda i, a=arrive: 3000 + a.index(a[i]))
        other_units(rnd)
        by_chance()
        over_the_daemon()
        looked_at_meanwhile()
    tap.done()


main()
