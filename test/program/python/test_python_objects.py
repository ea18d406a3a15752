"""flowd.query(), Decoder, Writer and Filter of the Python module."""
import csv
import datetime
import io
import json
import os
import signal
import tempfile
import threading
import time
import warnings

from flowdtest import run, v5_datagram
from pyflowd import flowd
from tap import Tap

tap = Tap()


def raises(kind, call, *args, **kw):
    """The text of the exception that a call ends with; None: with none."""
    try:
        call(*args, **kw)
    except kind as e:
        return str(e) or repr(e)
    return None


def stats(log, *args):
    text = run(["flowd-stats", "-U", "-o", "csv", *args, log]).stdout.decode()
    return list(csv.reader(io.StringIO(text)))


def text(value):
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else str(value)


# --- Queries ---

def test_query(log):
    for keys, measures, limit in (
            ("src_addr/24", "octets,flows", 10), ("dst_port", "packets", 5),
            ("src_addr,dst_addr", "octets", 0), (None, None, 0),
            ("protocol", "flows,octets,packets", 3)):
        groups = flowd.query(log, keys, measures, limit=limit, utc=True)
        args = ["-n", str(limit), "-a", measures or "flows,packets,octets"]
        rows = stats(log, *args, *(["-g", keys] if keys else []))
        want = [r for r in rows[1:] if r[0] not in ("other", "total")]
        tap.ok([[text(v) for v in g] for g in groups][:len(groups)] ==
               want[:len(groups)], f"{keys}: {measures}",
               f"{list(groups)[:2]}\n{want[:2]}")
        tap.equal((groups.columns, groups.nkeys),
                  (tuple(rows[0]), len(keys.split(",")) if keys else 0),
                  f"{keys}: columns")
    total = flowd.query(log).total
    groups = flowd.query(log, ["dst_port"], ["octets"], limit=2)
    tap.equal(groups.total, (None, total[2]), "the total")
    tap.equal(groups.other[1], total[2] - sum(g[1] for g in groups),
              "and what other groups have")
    tap.equal((groups.notes["flows"], groups.notes["groups"] > 2,
               groups.is_other(0), groups.is_estimate(0)),
              (total[0], True, False, False), "notes")
    groups = flowd.query(log, "protocol", "flows", where="proto tcp",
                         order="key")
    tap.equal([g[0] for g in groups], [6], "where")
    bins = flowd.query(log, measures="octets", utc=True,
                       bin=datetime.timedelta(seconds=1))
    tap.ok(bins.columns[0] == "bin" and len(bins) > 1 and
           all(g[0] % 10**9 == 0 for g in bins) and
           sum(g[1] for g in bins) == total[2], "bins of time", bins)
    tap.equal(list(flowd.query(log, "protocol", "flows", ascending=True)),
              list(reversed(list(flowd.query(log, "protocol", "flows")))),
              "ascending")
    tap.equal(flowd.query([log, log]).total[0], 2 * total[0], "two paths")
    for name, kind, args, kw in (
            ("no key", ValueError, [log, "source"], {}),
            ("no measure", ValueError, [log, None, "octet"], {}),
            ("no order", ValueError, [log], {"order": "packet"}),
            ("no expression", ValueError, [log], {"where": "dst prot"}),
            ("no path", FileNotFoundError, [log + "none"], {}),
            ("no series", ValueError, [log], {"series": "min"}),
            ("too little memory", MemoryError, [log, "src_addr,dst_addr,"
             "src_port,dst_port"], {"memory": 1000}),
            ("no such word", TypeError, [log], {"key": "x"})):
        tap.ok(raises(kind, flowd.query, *args, **kw), f"query(): {name}")
    tap.ok(raises(IndexError, lambda: bins[len(bins)]) and
           raises(IndexError, bins.is_other, -1), "past the groups")
    done = []
    threads = [threading.Thread(target=lambda: done.append(
        list(flowd.query(log, "src_addr", "octets")))) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    tap.ok(len(done) == 4 and done[0] == done[1] == done[2] == done[3],
           "several threads with a query each")


def test_filter(log):
    dns = flowd.Filter("dst port 53")
    n = flowd.scan(log, dns).count()
    tap.ok(0 < n == dns.count(log) and n + (~dns).count(log) ==
           flowd.scan(log).count() and (dns & "proto udp").count(log) <= n and
           (dns | flowd.Filter("src port 53")).count(log) > n,
           "filters are combined")
    tap.ok(raises(ValueError, flowd.Filter, "dst prot 53"),
           "a filter is checked when it is made")


# --- Datagrams ---

def test_decoder():
    d = flowd.Decoder("src_port,agent_addr,recv_time", rows=10)
    payload = v5_datagram([{"sport": n} for n in range(25)])
    full = d.feed(payload, "192.0.2.7", 2055, 10**18)
    rest = d.take()
    rows = [r for b in [*full, rest] for r in b.rows()]
    tap.equal(([len(b) for b in full], rows),
              ([10, 10], [(n, "192.0.2.7", 10**18) for n in range(25)]),
              "a datagram gives full batches, and a rest")
    tap.equal(d.take(), None, "which is taken once")
    tap.equal(d.feed(b"\0\5\0\1", "192.0.2.7"), [],
              "what is no datagram is no error")
    totals = json.loads(d.report())
    tap.ok("malformed" in json.dumps(totals), "but counted", totals)
    tap.ok(json.loads(d.report("exporters").splitlines()[0]),
           "exporters are told")
    other = flowd.Decoder()
    other.load(d.save())
    tap.ok(raises(ValueError, other.load, b"no state"), "a state that is none")
    for args in ((payload, "nowhere"), (payload, None),
                 (payload, "192.0.2.7", 65536)):
        tap.ok(raises(ValueError, d.feed, *args), f"feed{args[1:]}")
    for args in (("text", "192.0.2.7"), (5, "192.0.2.7")):
        tap.ok(raises(TypeError, d.feed, *args), f"feed({args[0]!r})")
    tap.ok(raises(ValueError, flowd.Decoder, "octet") or
           raises(ValueError, flowd.Decoder("octet").feed, payload,
                  "192.0.2.7"), "a column that is none")
    tap.ok(raises(ValueError, flowd.Decoder, None, 0), "no rows")


# --- Classic logs ---

def test_goes_on(tmp):
    """Who goes on behind a bad record gets no flow a second time, also where
    that begins what is read at once."""
    flow = flowd.Flow()
    flow.tag, flow.fields = 1, flowd.FIELD_TAG
    good = flow.serialise()
    path = os.path.join(tmp, "goes-on")
    for before in (0, 1, (1 << 16) // len(good), (1 << 18) // len(good)):
        with open(path, "wb") as f:
            f.write(good * before + b"\xff" * 32 + good * 3)
        flows = 0
        with flowd.FlowLog(path) as log:
            for _ in range(before + 10):
                try:
                    flows += log.read_flow() is not None
                except ValueError:
                    pass
        tap.ok(flows <= before, f"damage behind {before} flows", flows)


# --- Values out of range, and code that runs while an object is used ---

def test_ranges(log):
    for name in ("limit", "memory"):
        for value in (-1, 2**64):
            tap.ok(raises(OverflowError, flowd.query, log, "src_addr",
                          **{name: value}), f"query({name}={value})")
    payload = v5_datagram([{"octets": 1}])
    tap.ok(raises((OverflowError, ValueError), flowd.Decoder().feed, payload,
                  "192.0.2.7", 2**32 + 80), "a port past all ports")
    for fd in (-1, 2**32 + 1):
        tap.ok(raises(ValueError, flowd.Writer, fd), f"Writer({fd})")
    flow = flowd.Flow()
    flow.tag, flow.fields = 1, flowd.FIELD_TAG
    tap.equal(flow.format(mask=0xffffffff), "FLOW tag 1 ",
              "a mask may have bits that no field has")
    for value in (1.5, 1, 0, b"10.0.0.1"):
        tap.ok(raises(TypeError, setattr, flow, "src_addr", value),
               f"an address {value!r}")
    tap.ok(raises(TypeError, setattr, flow, "data", flow),
           "data is a dict, and no chain of flows")


def test_closed_by_a_warning(tmp, log):
    """What tells of damage may close the scan: the batch stays."""
    with open(log, "rb") as f:
        octets = bytearray(f.read())
    bad = os.path.join(tmp, "bad")
    octets[5000] ^= 0xff
    with open(bad, "wb") as f:
        f.write(octets + open(log, "rb").read())
    for threads in (0, 1, 2):
        scan = flowd.scan(bad, threads=threads)
        seen = []

        def tell(*args):
            seen.append(args)
            scan.close()

        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = tell
            try:
                rows = sum(len(b.rows()) for b in scan)
            except ValueError as e:
                rows = str(e)
        tap.ok(seen and rows, f"{threads} threads: a warning closes the scan",
               (seen, rows))


def in_child(do):
    """The exit status of a child that does it; None: it hangs."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = do()
        finally:
            os._exit(status)
    for _ in range(6000):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def test_fork(tmp, log):
    """A child has neither the threads of a scan nor the rows of a writer."""
    for threads in (0, 1, 2):
        scan = [flowd.scan(log, rows=10, threads=threads)]
        next(iter(scan[0]))

        def use():
            told = raises(RuntimeError, next, iter(scan[0]))
            scan.clear()
            return 0 if told and "another process" in told else 2

        tap.equal(in_child(use), 0, f"{threads} threads: a scan after fork()")
        scan[0].close()
    path = os.path.join(tmp, "forked")
    batch = next(iter(flowd.scan(log)))
    writer = [flowd.Writer(path)]
    writer[0].write(batch, 0, 20)

    def leave():
        told = raises(RuntimeError, writer[0].write, batch)
        writer.clear()
        return 0 if told else 2

    tap.equal(in_child(leave), 0, "a writer after fork()")
    writer[0].write(batch, 0, 10)
    writer[0].close()
    tap.equal(flowd.scan(path).count(), 30, "writes its rows once")


# --- Writers ---

def test_writer(tmp, log):
    want = list(flowd.scan(log).rows())
    for version in (3, 4):
        for compression in ("zstd", "lz4", "none"):
            path = os.path.join(tmp, f"{version}.{compression}")
            with flowd.Writer(path, version=version,
                              compression=compression) as w:
                taken = sum(w.write(b) for b in flowd.scan(log))
                left_out = w.left_out
            tap.equal((taken, left_out), (len(want), 0),
                      f"version {version}, {compression}")
            if version == 4:
                tap.ok(list(flowd.scan(path).rows()) == want,
                       f"{compression}: is read as it was written")
            if version == 3:
                break
    path = os.path.join(tmp, "flows")
    with open(path, "wb") as f:
        w = flowd.Writer(f.fileno(), version=3, fields=flowd.FIELD_OCTETS)
        for flow in flowd.scan(log).flows():
            w.write_flow(flow)
        w.close()
    tap.equal({(f.octets is not None, f.src_addr)
               for f in flowd.FlowLog(path)}, {(True, None)},
              "write_flow() to a descriptor, with a mask of fields")
    tap.equal(len(list(flowd.FlowLog(path))), len(want), "all of them")
    one = flowd.batch_from_rows("src_addr,octets", [("192.0.2.1", 5)])
    with flowd.Writer(path, version=3) as w:
        tap.equal((w.write(one), w.left_out), (0, 1),
                  "version 3 leaves out what it cannot hold")
        tap.equal(w.write(one, 1), 0, "rows past the last")
        w.flush()
    w.close()
    tap.ok(raises(ValueError, w.write, one) and
           raises(ValueError, w.flush) and
           raises(ValueError, w.__enter__), "after close()")
    for name, kind, args, kw in (
            ("a folder that is not there", FileNotFoundError,
             [os.path.join(tmp, "none", "x")], {}),
            ("a version", ValueError, [path], {"version": 2}),
            ("a compression", ValueError, [path], {"compression": "zip"}),
            ("a level", ValueError, [path], {"level": 20}),
            ("no path", TypeError, [None], {}),
            ("a descriptor that is closed", OSError, [10**5], {})):
        def write():
            w = flowd.Writer(*args, **kw)
            w.write(one)
            w.close()
        tap.ok(raises(kind, write), f"Writer: {name}")
    if os.path.exists("/dev/full"):
        w = flowd.Writer("/dev/full", version=3)

        def fill():
            for b in flowd.scan(log):
                w.write(b)
            w.close()
        tap.ok(raises(OSError, fill), "a disk that is full is an OSError")
    for rows in ([(1,)], [("192.0.2.1", -1)], [("x", 1)], [(None, "1")],
                 [("192.0.2.1", 1 << 64)], 5):
        tap.ok(raises((ValueError, TypeError, OverflowError),
                      flowd.batch_from_rows, "src_addr,octets", rows),
               f"batch_from_rows(): {rows}")


def main():
    with tempfile.TemporaryDirectory() as tmp:
        log = os.path.join(tmp, "log")
        capture = log + ".pcap"
        run(["flowd-send", "-q", "--generate", "5000", "--rate", "50",
             "--dump", capture])
        run(["flowd-reader", "-q", "-o", log, "--to", "v4", capture])
        test_query(log)
        test_filter(log)
        test_decoder()
        test_goes_on(tmp)
        test_ranges(log)
        test_closed_by_a_warning(tmp, log)
        test_fork(tmp, log)
        test_writer(tmp, log)
    tap.done()


main()
