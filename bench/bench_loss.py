"""Nothing is lost without being counted, at full size: sent = stored + counted
for each log, and how many are lost where none may be; for a log file, a
logdir, and both. Then the memory of all processes together.

A row for each log; "missing" is what nobody knows of, and 0. What is to happen
is in test/losses.py, and in small part of "make check". Run as root, for the
receive buffer that this needs.

    bench_loss.py BUILD [WORD...]	only rows that contain a word
"""
import os
import sys
import tempfile
import time

BUILD = os.path.abspath(sys.argv[1])
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
os.environ["FLOWD_BUILD"] = BUILD
sys.path.insert(0, os.path.join(SOURCE, "test"))

import exporters  # noqa: E402 the path comes first
import losses  # noqa: E402
from load import LOGS, Collector, Load, capture  # noqa: E402

CAPTURE = 20000  # datagrams
MEMORY_TARGET = 64 * 10**6
EXPORTERS, TEMPLATES = 1000, 20


def wanted(name):
    return not sys.argv[2:] or any(word in name for word in sys.argv[2:])


def row(logs, name, run, *args, none_lost=True, **kw):
    """Of what may be lost when none_lost is False only the sum has to be
    right."""
    name = f"{logs}, {name}"
    if not wanted(name):
        return
    out, speed = run(*args, **kw)
    for count, which in zip(out, ("", " (logdir)" if logs == "both" else "")):
        good = count.good() and not (none_lost and count.gone())
        target = "none lost" if none_lost else "none missing"
        print(f"loss {name + which:<44} {count}  {speed:.0f}/s  "
              f"target {target}: {'met' if good else 'NOT MET'}"
              f"{'' if count.enough else ' (it did not happen)'}", flush=True)


def with_logs(logs, cap):
    row(logs, "100,000/s for 4 s", losses.steady, logs, cap, 100000, 20)
    row(logs, "60,000 flat out", losses.steady, logs, cap, 0, 3)
    row(logs, "20 rotations and reloads, 20,000/s", losses.reloads, logs, cap,
        20000, 10, 20)
    row(logs, "5 restarts, 20,000/s", losses.restarts, logs, cap, 20000, 5, 5)
    for kind in ("engine", "writer", "forwarder"):
        row(logs, f"kill -9 of the {kind}, 20,000/s", losses.deaths, logs, cap,
            20000, 4, kind, 4, none_lost=kind != "engine")
    for kind in ("engine", "writer"):
        row(logs, f"3 engines, kill -9 of the {kind}, 20,000/s", losses.deaths,
            logs, cap, 20000, 2, kind, 4, 3, none_lost=kind != "engine")
    why = losses.no_namespace()
    if why:
        print(f"loss {logs}, a full disk: no mount namespace: {why}")
        return
    row(logs, "full disk for 30 s, 20,000/s", losses.full_disk, logs, cap,
        20000, 30, "1m", "400m", none_lost=False)


def of_one_kind(cap):
    row("logfile", "stopped FIFO for 30 s, 20,000/s", losses.fifo, cap, 20000,
        30, none_lost=False)
    for logs in ("logdir", "both"):
        row(logs, "100,000/s, a rotation every second", losses.steady, logs,
            cap, 100000, 20, "rotate 1s")
    row("logdir", "kill -9 of the sealer, 20,000/s", losses.dead_sealers, cap,
        20000, 5, 3)


def memory(logs, cap, behind=None):
    """behind: an address that all of them share."""
    if not wanted(f"{logs}, memory"):
        return
    with Collector(logs) as f:
        for n in range(EXPORTERS):
            exporters.Exporter(n, behind).send(
                f, *exporters.all_of(TEMPLATES, n))
        time.sleep(exporters.STATE_SECONDS)
        quiet = exporters.memory(f.process.pid)
        Load(f, cap, 20000, 2).wait()
        busy = exporters.memory(f.process.pid)
    for when, found in (("quiet", quiet), ("after 20,000/s", busy)):
        total = sum(found.values())
        parts = ", ".join(f"{word} {n / 1e6:.1f}"
                          for word, n in found.items())
        where = f" behind {behind}" if behind else ""
        print(f"memory {logs}, {EXPORTERS} exporters{where} x {TEMPLATES} "
              f"templates, {when}: {total / 1e6:.1f} MB (PSS: {parts})  target "
              f"{MEMORY_TARGET // 10**6}: "
              f"{'met' if total < MEMORY_TARGET else 'NOT MET'}", flush=True)


def main():
    with tempfile.TemporaryDirectory() as tmp:
        cap = capture(os.path.join(tmp, "pcap"), CAPTURE)
        for logs in LOGS:
            memory(logs, cap)
            memory(logs, cap, "127.9.9.9")
            with_logs(logs, cap)
        of_one_kind(cap)


main()
