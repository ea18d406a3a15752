"""Nothing is lost without being counted: bursts, rotations and reloads, stopped
and full disks, deaths, restarts; for log files, logdirs, and both at once.

The same as bench/bench_loss.py measures, in small (losses.py): as root all that
is sent fits into a receive buffer, so that no machine is too slow for it.
"""
import os
import sys
import tempfile

import losses
from load import LOGS, capture
from tap import Tap

tap = Tap()
ROOT = os.geteuid() == 0


def judge(name, result, none_lost=False):
    """Of every log; none_lost where nothing gives a reason."""
    for count, log in zip(result[0], ("first log", "second log")):
        tap.ok(count.good(), f"{name}, {log}: sent = stored + counted "
               f"({count.sent} flows)", repr(count))
        if none_lost and ROOT:
            tap.equal(count.gone(), 0, f"{name}, {log}: none is lost")
        elif none_lost:
            tap.skip(f"{name}: none is lost",
                     "a small receive buffer: not run as root")


def with_any_log(small):
    for logs in LOGS:
        judge(f"{logs}: a burst", losses.steady(logs, small, 0, 8), True)
        judge(f"{logs}: rotations and reloads",
              losses.reloads(logs, small, 4000, 1, 6), True)
        judge(f"{logs}: restarts under a service manager",
              losses.restarts(logs, small, 4000, 1, 2), True)


def with_deaths(small):
    for kind in ("engine", "writer", "forwarder"):
        # A forwarder or writer has nothing that is lost with it.
        judge(f"kill -9 of the {kind}",
              losses.deaths("both", small, 3000, 1, kind, 2),
              kind != "engine")
    for kind in ("engine", "writer"):
        judge(f"kill -9 of the {kind}, with three engines",
              losses.deaths("both", small, 3000, 1, kind, 3, 3))
    tap.equal(*losses.two_answers("both", small, 3000),
              "kill -9 of the engine: flowctl says what statistics say")
    judge("kill -9 of the parent",
          losses.death_of_the_parent("both", small, 500), True)
    judge("kill -9 of the sealer", losses.dead_sealers(small, 3000, 1, 1),
          True)


def with_rotation(small):
    judge("logdir: a rotation every second",
          losses.steady("logdir", small, 4000, 8, "rotate 1s flush 100ms"),
          True)


def with_a_disk_that_stops(small):
    judge("a FIFO that is not read", losses.fifo(small, 0, 25))
    why = losses.no_namespace()
    if why:
        tap.skip("a full disk", f"no mount namespace: {why}")
        return
    for logs in ("logfile", "both"):
        judge(f"{logs}: a full disk",
              losses.full_disk(logs, small, 0, 25, "256k", "200m"))
    # Of one exporter, and so of one engine, whichever it is.
    for source in ("127.0.2.1", "127.0.2.2"):
        judge(f"a full disk, two engines, flows of {source}",
              losses.full_disk("logfile", small, 0, 10, "256k", "200m",
                               "workers 2\n", source))
    for sources in (("127.0.2.1", "127.0.2.2"), ("127.0.2.2", "127.0.2.1")):
        judge(f"a full disk, then kill -9 of the writer, {sources[0]} first",
              losses.death_after_full_disk(small, sources), True)


def main():
    if sys.platform != "linux":
        tap.skip("losses", "processes are looked at in /proc")
        tap.done()
    if "FLOWD_PORTABLE" in os.environ:
        tap.skip("losses", "a portable build does not count drops")
        tap.done()
    with tempfile.TemporaryDirectory() as tmp:
        small = capture(os.path.join(tmp, "pcap"), 1000)
        with_any_log(small)
        with_deaths(small)
        with_rotation(small)
        with_a_disk_that_stops(small)
    tap.done()


main()
