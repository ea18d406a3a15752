"""What a daemon does whose clock is set wrong, and right again, while it runs
and before it starts. The clock is the test's (test/clock.c)."""
import os
import re
import struct
import subprocess
import sys
import time

from daemon import wait_for
from flowdtest import reader_json, sanitized, v5_datagram
from logdirs import Dirs, put_segments, segments, told_of
from tap import Tap

tap = Tap()
CLOCK = os.path.join(os.environ["FLOWD_BUILD"], "test", "libclock.so")
HOUR, DAY = 3600, 86400
# Those that may open no file ask the system for the time, which is not in
# what they may ask for: only the parent, which has the logs, is fooled.
NAME = "%Y%m%dT%H%M%SZ.flow"


class Clocked(Dirs):
    """A flowd whose clock is so many seconds ahead."""

    def __init__(self, text, ahead=0, start=True):
        super().__init__(text, start=False)
        self.clock = self.path("clock")
        self.set(ahead)
        if start:
            self.start()

    def set(self, ahead):
        # In its place: it is mapped.
        fd = os.open(self.clock, os.O_WRONLY | os.O_CREAT, 0o600)
        os.pwrite(fd, struct.pack("=q", ahead), 0)
        os.close(fd)

    def start(self, env=None, **kw):
        super().start(env={"LD_PRELOAD": CLOCK,
                           "FLOWD_TEST_CLOCK": self.clock, **(env or {})},
                      **kw)


def recent(n):
    then = int(time.time()) // 300 * 300 - n * 300
    return [then + 300 * i for i in range(n)]


def ahead_while_it_runs():
    with Clocked('logdir "{a}" rotate 5m keep 1h\n', start=False) as f:
        names = put_segments(f["a"], recent(6))
        f.start()
        tap.ok(wait_for(lambda: told_of(f)["segments"] == 7), "it begins",
               f.messages())
        f.set(30 * DAY)
        row = told_of(f)
        tap.ok(wait_for(lambda: told_of(f)["held"] >= 6),
               "the clock goes ahead by a month", (row, f.messages()))
        tap.ok("the clock is 30 d ahead of its last value" in f.messages(),
               "it is told of", f.messages())
        tap.equal(segments(f["a"])[:6], names, "nothing is removed")
        f.set(0)
        tap.ok(wait_for(lambda: told_of(f)["retention"] == "good"),
               "it is right again", told_of(f))
        tap.equal((told_of(f)["expired"], segments(f["a"])[:6]), (0, names),
                  "no harm was done")


def ahead_at_the_start():
    with Clocked('logdir "{a}" keep 90d\n', 400 * DAY, start=False) as f:
        names = put_segments(f["a"], recent(6))
        f.start()
        tap.ok(f.said("ahead of the newest segment"), "a start with a clock "
               "that is a year ahead", f.messages())
        f.stop()
        f.start()
        tap.equal((told_of(f)["held"], segments(f["a"])[:6]), (6, names),
                  "and another one")


def back_while_it_runs():
    """Without flows a segment goes, so some come. Who looks at the time finds
    those that are received now."""
    with Clocked('logdir "{a}" flush 20ms rotate 1h\n', 10 * DAY) as f:
        f.send(v5_datagram([{"octets": 1}]))
        tap.ok(wait_for(lambda: len(reader_json(f["a"])[0]) == 1),
               "a clock that is ahead", f.messages())
        before = segments(f["a"])
        f.set(0)
        now = time.time()
        tap.ok(wait_for(lambda: told_of(f) and len(segments(f["a"])) == 2) and
               segments(f["a"])[0] <= time.strftime(
                   NAME, time.gmtime(time.time())) and
               segments(f["a"])[1:] == before,
               "it goes back: another segment is begun", segments(f["a"]))
        tap.ok(f.said("the clock was set back"), "that is told", f.messages())
        f.send(v5_datagram([{"octets": 2}]))
        tap.ok(wait_for(lambda: 2 in [x["octets"] for x in reader_json(
            f["a"], "-t", f"-{int(time.time() - now) + 60}s")[0]]),
            "what comes now is found by its time", segments(f["a"]))


def main():
    if sanitized() or not os.path.exists(CLOCK):
        tap.skip("clocks that go wrong", "nothing can be put in front of the "
                 "system's clock here")
        tap.done()
    for part in (ahead_while_it_runs, ahead_at_the_start, back_while_it_runs):
        part()
    tap.done()


main()
