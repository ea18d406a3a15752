"""Damaged logs, records and states, in the Python module: exceptions and
warnings, and no crash; and no memory that is kept.

PYTHON_DAMAGE=N: so many files instead of 150.
"""
import gc
import os
import random
import resource
import tempfile
import warnings

from flowdtest import run, sanitized
from pyflowd import flowd
from tap import Tap

tap = Tap()
FILES = int(os.environ.get("PYTHON_DAMAGE", 150))
ROUNDS = 20 if sanitized() else 300


def make_logs(tmp):
    capture = os.path.join(tmp, "flows.pcap")
    run(["flowd-send", "-q", "--generate", "400", "--as", "10", "--ipv6",
         "40", "--dump", capture])
    logs = [capture]
    for to in ("v3", "v4:none", "v4:zstd"):
        logs.append(os.path.join(tmp, to.replace(":", ".")))
        run(["flowd-reader", "-q", "-o", logs[-1], "--to", to, capture])
    return logs


def damage(rng, octets):
    out = bytearray(octets)
    for _ in range(rng.choice((1, 1, 3, 20))):
        at = rng.randrange(len(out))
        kind = rng.randrange(4)
        if kind == 0:
            out[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            out[at:at + rng.randrange(1, 9)] = rng.randbytes(4)
        elif kind == 2:
            del out[at:at + rng.randrange(1, 200)]
        else:
            out[at:at] = out[:rng.randrange(1, 100)]
        if not out:
            return b"\0"
    return bytes(out)


def use(path, octets):
    """All ways of reading it."""
    for options in ({}, {"salvage": True}, {"mapped": True},
                    {"where": "src 10.0.0.0/8"}, {"threads": 2}):
        yield lambda: list(flowd.scan(path, **options).rows())
    yield lambda: [f.format() for f in flowd.scan(path).flows()]
    yield lambda: flowd.scan(path).count()
    yield lambda: list(flowd.query(path, "src_addr,dst_port", "octets"))
    yield lambda: [f.serialise() for f in flowd.FlowLog(path)]
    yield lambda: flowd.Flow(octets[:500])
    yield lambda: flowd.Decoder().load(octets)
    yield lambda: flowd.Decoder().feed(octets[24:1500], "192.0.2.1")
    yield lambda: [memoryview(b[c]).tolist() for b in flowd.scan(path)
                   for c in b.columns if c != "other"]
    yield lambda: [b.__arrow_c_array__() for b in flowd.scan(path)]


def test_damage(tmp, logs):
    rng = random.Random(7)
    path = os.path.join(tmp, "damaged")
    ends = {}
    for n in range(FILES):
        with open(logs[n % len(logs)], "rb") as f:
            octets = damage(rng, f.read())
        with open(path, "wb") as f:
            f.write(octets)
        for call in use(path, octets):
            try:
                call()
                end = "good"
            except Exception as e:
                end = type(e).__name__
            ends[end] = ends.get(end, 0) + 1
    tap.ok(set(ends) <= {"good", "ValueError"} and len(ends) == 2,
           f"{FILES} damaged files", ends)


def memory_kib():
    """What this process has in memory."""
    gc.collect()
    with open("/proc/self/statm", encoding="ascii") as f:
        return int(f.read().split()[1]) * resource.getpagesize() // 1024


def keep(name, call, rounds):
    """Memory does not grow with rounds."""
    for _ in range(max(rounds // 10, 3)):
        call()
    before = memory_kib()
    for _ in range(rounds):
        call()
    grown = memory_kib() - before
    tap.ok(grown < 3000, f"{name}: memory stays",
           f"{grown} KiB in {rounds} rounds")


def failing(call):
    def run_it():
        try:
            call()
        except (ValueError, OSError, TypeError):
            return
        raise AssertionError("no exception")
    return run_it


def flows_of(path):
    def run_it():
        for f in flowd.scan(path, rows=64).flows():
            f.data["x"] = f
            f.src_addr, f.octets = f.dst_addr, None
            f.format()
            flowd.Flow(f.serialise())
    return run_it


def write(path, batch):
    def run_it():
        with flowd.Writer(path) as w:
            w.write(batch)
            for f in batch.flows():
                w.write_flow(f)
    return run_it


def test_leaks(tmp, logs):
    if not os.path.exists("/proc/self/statm"):
        tap.skip("memory", "no /proc/self/statm")
        return
    v3, v4 = logs[1], logs[3]
    batch = next(flowd.scan(v4))
    record = next(batch.flows()).serialise()
    flow = flowd.Flow(record)
    decoder = flowd.Decoder()
    with open(logs[0], "rb") as f:
        payload = f.read()[40 + 28:1400]

    def half_read():
        scan = flowd.scan(v4, rows=64)
        next(scan)
        scan.__arrow_c_stream__()

    def feed():
        decoder.feed(payload, "192.0.2.1")
        decoder.take()
        decoder.report()
        decoder.save()

    for name, call, rounds in (
            ("rows", lambda: list(flowd.scan(v4).rows()), ROUNDS),
            ("columns", lambda: [memoryview(batch[c]).nbytes
                                 for c in batch.columns if c != "other"],
             ROUNDS * 10),
            ("half read", half_read, ROUNDS),
            ("Arrow", lambda: (batch.__arrow_c_array__(),
                               batch.__arrow_c_schema__()), ROUNDS * 10),
            ("flows", flows_of(v3), ROUNDS),
            ("FlowLog", lambda: list(flowd.FlowLog(v3)), ROUNDS),
            ("Flow", lambda: [flowd.Flow(record) for _ in range(100)],
             ROUNDS * 30),
            ("attributes", lambda: [getattr(flow, n) for n in dir(flow)
                                    if n[0] != "_"], ROUNDS * 10),
            ("queries", lambda: list(flowd.query(v4, "src_addr")), ROUNDS),
            ("a writer", write(os.path.join(tmp, "w"), batch), ROUNDS),
            ("a decoder", feed, ROUNDS),
            ("rows that are none", failing(lambda: flowd.batch_from_rows(
                "src_addr,octets", [("192.0.2.1", 1), ("x", 2)])),
             ROUNDS * 10),
            ("a record that is none", failing(
                lambda: flowd.Flow(record[:-1])), ROUNDS * 30),
            ("an expression that is none", failing(
                lambda: flowd.scan(v4, "nothing")), ROUNDS),
            ("a file that is none", failing(
                lambda: list(flowd.scan(__file__))), ROUNDS)):
        if sanitized():
            call()
            continue
        keep(name, call, rounds)
    if sanitized():
        tap.skip("memory that stays", "a sanitizer keeps what was freed")


def main():
    warnings.simplefilter("ignore", flowd.FlowdWarning)
    with tempfile.TemporaryDirectory() as tmp:
        logs = make_logs(tmp)
        test_damage(tmp, logs)
        test_leaks(tmp, logs)
    tap.done()


main()
