"""flowd.scan(): batches, columns, buffers, rows, errors, threads, warnings."""
import datetime
import json
import os
import pathlib
import random
import tempfile
import threading
import time
import warnings

from flowdtest import reader_json, run
from pyflowd import flowd
from tap import Tap

tap = Tap()
COLUMNS = ("recv_time", "src_addr", "dst_addr", "src_port", "dst_port",
           "protocol", "tcp_flags", "octets", "src_mac", "vlan", "flow_start",
           "sampler_id")
FORMATS = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "time": "q",
           "addr": "I", "mac": "Q"}


def raises(kind, call, *args, **kw):
    """The text of the exception that a call ends with; None: with none."""
    try:
        call(*args, **kw)
    except kind as e:
        return str(e) or repr(e)
    return None


def make_logs(tmp):
    """A capture of IPv4 and IPv6 flows, and logs of it."""
    capture = os.path.join(tmp, "flows.pcap")
    run(["flowd-send", "-q", "--generate", "3000", "--as", "10", "--ipv6",
         "40", "--dump", capture])
    logs = {"pcap": capture}
    for to in ("v3", "v4"):
        logs[to] = os.path.join(tmp, "flows." + to)
        run(["flowd-reader", "-q", "-o", logs[to], "--to", to, capture])
    return logs


def time_ns(text):
    """A time of flowd-reader --json."""
    whole, _, part = text.removesuffix("Z").partition(".")
    at = datetime.datetime.fromisoformat(whole + "+00:00")
    return int(at.timestamp()) * 10**9 + int(part.ljust(9, "0") or 0)


def of_json(name, value):
    """A value of flowd-reader --json as the module has it."""
    if value is not None and flowd.COLUMNS[name].type == "time":
        return time_ns(value)
    return value


# --- Values ---

def test_values(name, path):
    want, _ = reader_json(path, "--fields", ",".join(COLUMNS))
    want = [tuple(of_json(c, f.get(c)) for c in COLUMNS) for f in want]
    with flowd.scan(path, columns=COLUMNS) as scan:
        tap.equal(scan.columns, COLUMNS, f"{name}: columns of the scan")
        batches = list(scan)
        tap.equal(raises(StopIteration, next, scan), "StopIteration()",
                  f"{name}: at its end it stays there")
    rows = [row for b in batches for row in b.rows()]
    tap.ok(rows == want, f"{name}: rows agree with flowd-reader --json",
           f"{rows[:1]}\n{want[:1]}")
    tap.equal({b.columns for b in batches}, {COLUMNS},
              f"{name}: columns of batches")
    for b in batches:
        for i, c in enumerate(COLUMNS):
            column(b[c], [row[i] for row in b.rows()], f"{name}: {c}")


def bit(words, row):
    return words[row // 64] >> row % 64 & 1


def column(c, values, name):
    """A column against its values."""
    view = memoryview(c)
    good = (len(c) == len(values) == len(view) and c.to_list() == values and
            list(c) == values and view.readonly and
            view.format == FORMATS[c.type] and view.ndim == 1 and
            c.null_count == values.count(None))
    good = good and [bit(c.valid, i) for i in range(len(c))] == \
        [value is not None for value in values]
    if c.type == "addr":
        packed = [address16(value) for value in values]
        good = good and c.addr16() == b"".join(packed)
        for i, value in enumerate(values):
            is6 = value is not None and ":" in value
            v6 = c.v6[i, 0].to_bytes(8, "big") + c.v6[i, 1].to_bytes(8, "big")
            good = good and bit(c.is6, i) == is6
            good = good and (v6 == packed[i] if is6 else view[i].to_bytes(
                4, "big") == packed[i][12:])
    elif c.type == "mac":
        good = good and [x.to_bytes(6, "big").hex(":") for x in view] == \
            [value or "00:00:00:00:00:00" for value in values]
    else:
        good = good and list(view) == [value or 0 for value in values]
    if not good:
        tap.ok(False, name, f"{c} {view.format} {values[:5]}")


def address16(text):
    import ipaddress
    if text is None:
        return bytes(16)
    a = ipaddress.ip_address(text)
    return a.packed if a.version == 6 else bytes(10) + b"\xff\xff" + a.packed


def test_memory(path):
    scan = flowd.scan(path, columns="octets,other")
    batch = next(scan)
    view = memoryview(batch["octets"])
    want = list(view)
    scan.close()
    del scan, batch
    # What was freed would be used again.
    for b in flowd.scan(path, columns="octets"):
        pass
    tap.ok(list(view) == want, "a buffer keeps its memory")
    batch = next(flowd.scan(path, columns="octets,other"))
    tap.ok(raises(BufferError, memoryview, batch["other"]),
           "values of any length have no buffer")
    tap.ok(raises(TypeError, view.__setitem__, 0, 1) and
           raises(TypeError, memoryview(batch["octets"]).__setitem__, 0, 1),
           "a buffer cannot be written to")
    tap.ok(raises(KeyError, lambda: batch["dst_port"]) and
           raises(TypeError, lambda: batch[0]) and
           raises(IndexError, lambda: batch["octets"][len(batch)]) and
           raises(AttributeError, lambda: batch["octets"].is6) and
           raises(TypeError, batch["octets"].addr16),
           "what a batch does not have")
    tap.equal(batch["octets"][-1], batch["octets"].to_list()[-1],
              "a column is indexed from its end")


def test_other(tmp):
    """Elements without a column."""
    rows = [([(0, 82, "interfaceName", b"eth0"), (4660, 7, None, b"\x01")],),
            (None,), ([],)]
    batch = flowd.batch_from_rows("other", rows)
    tap.equal(batch.rows(), rows, "elements that have no column")
    path = os.path.join(tmp, "other")
    with flowd.Writer(path) as w:
        w.write(batch)
    tap.equal(list(flowd.scan(path, columns=["other"]).rows())[:1], rows[:1],
              "are written and read")


def test_rows_and_flows(logs):
    for name, path in logs.items():
        scan = flowd.scan(path, columns="octets")
        first = next(scan)
        rest = sum(1 for _ in scan.rows())
        tap.equal((len(first) + rest, scan.count(), scan.count()),
                  (3000, 3000, 3000), f"{name}: rows() goes on, count() tells")
        flows = list(scan.flows())
        tap.equal((len(flows), sum(f.octets for f in flows)),
                  (3000, sum(r[0] for r in flowd.scan(
                      path, columns="octets").rows())),
                  f"{name}: flows() has them all")
        lines = "".join(b.format("json", columns="octets,src_addr")
                        for b in flowd.scan(path))
        want, r = reader_json(path, "--fields", "octets,src_addr")
        tap.ok(lines == r.stdout.decode(), f"{name}: format() as JSON")
        csv = next(flowd.scan(path)).format("csv", columns="octets", head=True)
        tap.equal(csv, "octets\n", f"{name}: the head of CSV")
    tap.equal(sum(1 for _ in flowd.scan(list(logs.values())).rows()), 9000,
              "several paths")
    with open(logs["v4"], "rb") as f:
        tap.equal([flowd.scan([f.fileno()]).count() for _ in range(2)] +
                  [flowd.query(f.fileno()).total[0]], [3000] * 3,
                  "a descriptor")
    path = pathlib.Path(logs["v4"])
    tap.equal(flowd.scan(path).count(), 3000, "a path of pathlib")
    tap.equal(flowd.scan(os.fsencode(path)).count(), 3000, "a path of octets")


# --- What is read ---

def test_options(path):
    want, _ = reader_json(path, "-e", "dst port 53")
    for threads in (0, 1, 2):
        tap.equal(flowd.scan(path, where="dst port 53",
                             threads=threads).count(), len(want),
                  f"where, with {threads} threads")
    tap.equal({r for r in flowd.scan(path, "dst port 53",
                                     "dst_port").rows()}, {(53,)},
              "only flows that pass")
    tap.equal(flowd.scan(path, flows_max=10).count(), 10, "flows_max")
    tap.equal(max(len(b) for b in flowd.scan(path, rows=100)), 100, "rows")
    times = sorted(f["recv_time"] for f in reader_json(path)[0])
    middle = times[len(times) // 2]
    want = sum(t < middle for t in times)
    at = datetime.datetime.fromtimestamp(time_ns(middle) // 10**9,
                                         datetime.timezone.utc)
    at += datetime.timedelta(
        microseconds=time_ns(middle) % 10**9 // 1000)
    for end in (time_ns(middle), at, at.replace(tzinfo=None)):
        tap.ok(abs(flowd.scan(path, end=end, utc=True).count() - want) < 60,
               f"end is {end!r}")
    for start in (0, 1, None, "1970-01-01", datetime.datetime(1970, 1, 1)):
        tap.equal(flowd.scan(path, start=start, utc=True).count(), 3000,
                  f"start is {start!r}")
    for end in (0, -1, "1970-01-01", datetime.datetime(1970, 1, 1)):
        tap.equal(flowd.scan(path, end=end, utc=True).count(), 0,
                  f"end is {end!r}")
    tap.equal(flowd.scan(path, start=time_ns(middle),
                         end=time_ns(middle)+1).count() > 0, True,
              "start and end")


def test_errors(tmp, logs):
    path = logs["v4"]
    for name, kind, args, kw in (
            ("no expression", ValueError, [path, "dst prot 5"], {}),
            ("no column", ValueError, [path, None, "octet"], {}),
            ("no column of them", ValueError, [path, None, []], {}),
            ("no path", ValueError, [[]], {}),
            ("a path that is not there", FileNotFoundError,
             [os.path.join(tmp, "none")], {}),
            ("a path that is none", TypeError, [7.5], {}),
            ("a descriptor that is closed", (OSError, ValueError),
             [10**6], {}),
            ("a path with a 0", ValueError, ["a\0b"], {}),
            ("an expression with a 0", ValueError, [path, "a\0b"], {}),
            ("a form of addresses", ValueError, [path], {"addresses": "x"}),
            ("a time", TypeError, [path], {"start": 1.5}),
            ("a time that is none", ValueError, [path], {"start": "maybe"}),
            ("times of two kinds", TypeError, [path],
             {"start": 1, "end": "2026-01-01"}),
            ("a time past 64 bits", ValueError, [path], {"start": 1 << 64}),
            ("times the wrong way round", ValueError, [path],
             {"start": 5, "end": 4}),
            ("a number of threads", ValueError, [path], {"threads": -1}),
            ("too many rows", ValueError, [path], {"rows": 1 << 30}),
            ("a word that is none", TypeError, [path], {"thread": 1}),
            ("rules that are not there", (OSError, ValueError), [path],
             {"rules": os.path.join(tmp, "none")})):
        tap.ok(raises(kind, lambda: list(flowd.scan(*args, **kw))),
               f"scan(): {name}",
               f"{args} {kw}")
    why = raises(ValueError, flowd.scan, path, "dst prot 5")
    want = run(["flowd-reader", "-e", "dst prot 5", path]).stderr.decode()
    tap.ok(why and why.split(":")[-1].strip() in want,
           "the text is that of the library", f"{why}\n{want}")
    scan = flowd.scan(path)
    next(scan)
    scan.close()
    scan.close()
    tap.ok(scan.closed and all(
        raises(ValueError, call) for call in
        (lambda: next(scan), scan.count, scan.__arrow_c_stream__,
         scan.__arrow_c_schema__, scan.__enter__,
         lambda: list(scan.flows()))), "after close() nothing is read")
    damaged = os.path.join(tmp, "damaged.v3")
    with open(logs["v3"], "rb") as f:
        octets = bytearray(f.read())
    octets[len(octets) // 2] ^= 255
    with open(damaged, "wb") as f:
        f.write(octets)
    scan, n = flowd.scan(damaged, columns="octets"), 0
    whys = []
    for _ in range(3):
        try:
            for batch in scan:
                n += len(batch)
        except ValueError as e:
            whys.append(str(e))
    tap.ok(0 < n < 3000 and len(set(whys)) == 1 and len(whys) == 3,
           "damage is an error behind the flows in front of it", whys)


def test_warnings(tmp, logs):
    damaged = os.path.join(tmp, "damaged.v4")
    with open(logs["v4"], "rb") as f:
        octets = bytearray(f.read())
    octets[len(octets) // 3] ^= 255
    with open(damaged, "wb") as f:
        f.write(octets)
    scan = flowd.scan([damaged, logs["v4"]])
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        n = sum(1 for _ in scan.rows())
    tap.ok(3000 <= n < 6000 and scan.warnings >= 1 and
           {w.category for w in seen} == {flowd.FlowdWarning} and
           "damaged.v4" in str(seen[0].message),
           "damage of version 4 is a FlowdWarning", [n, seen])
    with warnings.catch_warnings():
        warnings.simplefilter("error", flowd.FlowdWarning)
        scan = flowd.scan(damaged)
        tap.ok(raises(flowd.FlowdWarning, lambda: list(scan)),
               "which may be an error")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        flowd.query(damaged, "src_addr,src_port,octets")
    tap.ok(len(seen) == 1, "of a query, too", seen)
    # The values of a column are damaged, which counting does not look at.
    tap.equal(flowd.scan(damaged).count(),
              int(run(["flowd-reader", "--count", damaged]).stdout),
              "count() reads no columns, as flowd-reader --count")


# --- Threads ---

def test_threads(tmp, path):
    """Many at one scan: each batch once, or an error."""
    scan = flowd.scan(path, columns="octets", rows=64)
    n, errors, lock = [0], [], threading.Lock()

    def read():
        while True:
            try:
                batch = next(scan)
            except StopIteration:
                return
            except RuntimeError as e:
                with lock:
                    errors.append(str(e))
                continue
            with lock:
                n[0] += len(batch)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    tap.ok(n[0] == 3000 and set(errors) <= {"another thread is using the "
                                            "scan"},
           "several threads at one scan", [n, set(errors)])
    fifo = os.path.join(tmp, "fifo")
    os.mkfifo(fifo)
    # Opened for both, so that nobody waits for the other end.
    keep = os.open(fifo, os.O_RDWR)
    scan = flowd.scan(fifo)
    done = []
    t = threading.Thread(target=lambda: done.append(
        raises(flowd.Canceled, list, scan.rows())))
    t.start()
    while not raises(RuntimeError, scan.count):
        time.sleep(0.01)
    tap.ok(raises(RuntimeError, next, scan) and raises(RuntimeError,
                                                       scan.close) and
           raises(RuntimeError, scan.__arrow_c_schema__),
           "a scan that a thread waits with is used by no other")
    with open(path.replace(".v4", ".v3"), "rb") as f:
        os.write(keep, f.read(20000))
    scan.cancel()
    os.close(keep)
    t.join(60)
    tap.ok(not t.is_alive() and done[0], "cancel() by another thread", done)
    threads = [threading.Thread(
        target=lambda: done.append(flowd.scan(path).count()))
        for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    tap.equal(done[1:], [3000] * 8, "several threads with a scan each")


def test_half_read(path):
    """Scans that are left at any place."""
    for threads in (1, 2):
        for rows in (64, 0):
            scan = flowd.scan(path, rows=rows, threads=threads)
            batch = next(scan)
            stream = scan.__arrow_c_stream__()
            schema = scan.__arrow_c_schema__()
            flows = batch.flows()
            flow = next(flows)
            del scan, stream, schema, batch
            tap.ok(flow.format() and len(list(flows)) > 0,
                   f"half read, {threads} threads, {rows} rows")


def test_wrong_types(path):
    """Whatever is handed in: an exception, and no crash."""
    rng = random.Random(1)
    things = [None, 0, -1, 1 << 70, 1.5, "", "octets", b"x", [], {}, (),
              object(), int, [None], ["octets"], float("nan"), "\ud800",
              datetime.datetime.max, path]
    names = ("start", "end", "columns", "where", "rules", "threads",
             "flows_max",
             "rows", "addresses", "utc", "legacy", "salvage", "mapped")
    ends = set()
    for _ in range(400):
        kw = {name: rng.choice(things) for name in rng.sample(names, 3)}
        try:
            flowd.scan(rng.choice([path, rng.choice(things)]), **kw).close()
        except Exception as e:
            ends.add(type(e).__name__)
    tap.ok(ends <= {"TypeError", "ValueError", "OSError", "OverflowError",
                    "FileNotFoundError", "UnicodeEncodeError",
                    "IsADirectoryError"}, "wrong types", ends)
    native = flowd._flowd
    bad = []
    for make in (native.Scan, native.query, native.records, flowd.Batch,
                 flowd.Groups, flowd.BatchColumn, flowd.Decoder,
                 flowd.Writer, flowd.Flow, flowd.batch_from_rows):
        for args in ([object()], [object(), object()], [(), 0], [()],
                     [((),) * 12, 0]):
            try:
                make(*args)
                bad.append((make, args))
            except (TypeError, ValueError):
                pass
    tap.equal(bad, [], "the extension takes no wrong types")


def test_columns():
    r = run(["flowd-reader", "--csv", os.devnull])
    tap.equal(",".join(c.name for c in flowd.COLUMNS.values()
                       if not c.record), r.stdout.decode().strip(),
              "COLUMNS are those of flowd-reader --csv")
    tap.equal((flowd.COLUMNS["octets"].type, flowd.COLUMNS["octets"].unit,
               flowd.COLUMNS["octets"].number), ("u64", "octets", 20),
              "what a column is")


def main():
    test_columns()
    with tempfile.TemporaryDirectory() as tmp:
        logs = make_logs(tmp)
        for name, path in logs.items():
            test_values(name, path)
        test_memory(logs["v4"])
        test_other(tmp)
        test_rows_and_flows(logs)
        test_options(logs["v4"])
        test_errors(tmp, logs)
        test_warnings(tmp, logs)
        test_half_read(logs["v4"])
        test_threads(tmp, logs["v4"])
        test_wrong_types(logs["v4"])
        json.dumps(flowd.COLUMNS)
    tap.done()


main()
