"""kill -9 of the whole daemon at random points, again and again, while flows
come in: every block and record that was on the disk is there afterwards, once
and in its place, and the next start goes on.

FLOWD_CRASHES says how often; "make soak" has it done 1,000 times.
"""
import os
import random
import re
import signal
import socket
import sys
import threading
import time

from daemon import Flowd, wait_for
from flowdtest import run, v5_datagram
from processes import is_gone, started_by
from tap import Tap

tap = Tap()
CRASHES = int(os.environ.get("FLOWD_CRASHES", "12"))
FLOWS = 30
RATE = 300  # datagrams a second
NUMBER = re.compile(rb'"octets":(\d+)')


class Sender(threading.Thread):
    """Flows that are numbered, in their octets, from 1 on."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address, self.sent, self.going = address, 0, True

    def run(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            begin = time.monotonic()
            turns = 0
            while self.going:
                while turns < (time.monotonic() - begin) * RATE:
                    first = self.sent + 1
                    self.sent += FLOWS
                    turns += 1
                    s.sendto(v5_datagram([{"octets": first + i}
                                          for i in range(FLOWS)]),
                             self.address)
                time.sleep(0.002)


def kill_all(f):
    """All of its processes, the parent in between, at once."""
    pids = [pid for _, pid in started_by(f.process.pid)]
    pids.insert(random.randrange(len(pids) + 1), f.process.pid)
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    f.process.wait()
    wait_for(lambda: all(map(is_gone, pids)))


def numbers(where):
    """Of the flows that are there, in their order; and how it went."""
    r = run(["flowd-reader", "--json", "--fields", "octets", where],
            timeout=300)
    return [int(n) for n in NUMBER.findall(r.stdout)], r


def gaps(got):
    """(how often a number is not behind the one before, how often some are
    missing between two)"""
    back = sum(b <= a for a, b in zip(got, got[1:]))
    return back, sum(b > a + 1 for a, b in zip(got, got[1:]))


def crash(f, seen):
    """One life and death. Nothing that was seen before may be gone."""
    f.start()
    time.sleep(random.uniform(0, 0.25))
    kill_all(f)
    for where in seen:
        r = run(["flowd-reader", "-q", "--count", where], timeout=60)
        n = int(r.stdout.split()[0]) if r.stdout.split() else 0
        if n < seen[where] or r.returncode != 0:
            return f"{where}: {n} flows, {seen[where]} before: {r.stderr}"
        seen[where] = n
    return None


def main():
    if sys.platform != "linux":
        tap.skip("crashes", "processes are looked for in /proc")
        tap.done()
    random.seed(5)
    with Flowd(start=False) as f:
        folder = f.path("flow")
        f.write_conf(f'store ALL\nlogdir "{folder}" rotate 1s flush 20ms\n')
        f.start()
        sender = Sender((f.host, f.port))
        sender.start()
        wait_for(lambda: os.listdir(folder))
        kill_all(f)
        seen = {folder: 0, f.log: 0}
        wrong = None
        for n in range(CRASHES):
            wrong = wrong or crash(f, seen)
        tap.ok(wrong is None, f"{CRASHES} crashes: what was on the disk is "
               "there after each", wrong or "")
        f.start()
        end = sender.sent
        tap.ok(wait_for(lambda: numbers(folder)[0][-1:] > [end]),
               "the next start goes on", f.messages()[-2000:])
        sender.going = False
        sender.join()
        time.sleep(0.3)
        tap.equal(f.stop(), 0, "and ends as it should")
        for where, what in ((folder, "logdir"), (f.log, "log file")):
            got, r = numbers(where)
            back, missing = gaps(got)
            tap.equal((back, r.returncode), (0, 0),
                      f"{what}: every flow is there once, in its order")
            tap.ok(missing <= 2 * CRASHES + 2, f"{what}: flows are missing "
                   "only where it was dead", (missing, CRASHES))
            tap.equal(got[-1:], [sender.sent], f"{what}: up to the last one")
        r = run(["flowd-reader", "--check", folder, f.log], timeout=300)
        tap.equal(r.returncode, 0, "nothing of it is damaged")
    tap.done()


main()
