"""Exporters that are many, and some that are made up: a daemon under a flood of
templates and of senders stays within its limits, and an exporter that behaves
keeps its templates, its place and its flows.

Every address of 127/8 is an exporter here (exporters.py). Limits are small, so
that a small flood is one; how the pools do it is tested by
test/unit/decode/test_flood.c.
"""
import os
import re
import signal
import sys
import time

import exporters
from daemon import size, wait_for
from flowdtest import sanitized
from load import Collector
from tap import Tap

tap = Tap()
LIMIT = 100  # exporters
TEMPLATES = 20
CONF = f"""limit exporters {LIMIT}
limit streams {2 * LIMIT}
limit stream_templates {TEMPLATES}
limit template_octets 1Mi
limit early_octets 64Ki
limit settle_messages 1
limit settle_ms 100
"""
ROOM = 30 * 10**6  # octets that a flood of this size may add; it has more


def statistics(f):
    seen = len(f.messages())
    f.kill(signal.SIGUSR2)
    wait_for(lambda: "datagrams: received:" in f.messages()[seen:])
    return f.messages()[seen:]


class Good(exporters.Exporter):
    """It has sent its templates once, and goes on with data."""

    def __init__(self, f):
        super().__init__(65000)
        self.f, self.flows = f, 0
        self.send(f, *exporters.all_of(TEMPLATES, 1))
        self.flows += TEMPLATES * exporters.FLOWS

    def go_on(self):
        self.send(self.f, *(exporters.data(256 + k, 2)
                            for k in range(TEMPLATES)))
        self.flows += TEMPLATES * exporters.FLOWS

    def known(self):
        """(datagrams with flows, flows, without template) as flowd has it."""
        found = re.search(re.escape(self.address) + r": packets:(\d+) "
                          r"flows:(\d+) invalid:0 no_template:(\d+)",
                          statistics(self.f))
        return found and tuple(map(int, found.groups()))


def settle(f, good):
    """Until it has been there for long enough to be worth more than others."""
    good.go_on()
    wait_for(lambda: (good.known() or (0, 0))[1] == good.flows)
    time.sleep(0.3)
    good.go_on()


def pss(f):
    return sum(exporters.memory(f.process.pid).values())


def bounded(octets, most, name):
    if sanitized():
        tap.skip(name, "built with sanitizers, which have memory of their own")
    else:
        tap.ok(octets < most, name, octets)


def flooded():
    with Collector("logfile", CONF) as f:
        good = Good(f)
        settle(f, good)
        before = pss(f)
        # Senders that nobody has heard of, each with templates, flows, and
        # data that has no template.
        for n in range(20 * LIMIT):
            exporters.Exporter(n).send(
                f, exporters.templates(256, 10), exporters.data(256, n),
                exporters.data(999, n))
            if n % (2 * LIMIT) == 0:
                good.go_on()
        good.go_on()
        # One that says more and more.
        loud = exporters.Exporter(64000)
        for n in range(300):
            loud.send(f, exporters.templates(256 + 10 * n, 10))
        good.go_on()
        wait_for(lambda: (good.known() or (0, 0))[1] == good.flows)
        tap.equal(good.known(), (good.flows // exporters.FLOWS, good.flows, 0),
                  "an exporter that behaves keeps its templates: no flow of "
                  "it is lost in the flood")
        text = statistics(f)
        used, evicted = map(int, re.search(
            r"Peer state: (\d+) of \d+ in used, (\d+) forced", text).groups())
        tap.ok(used <= LIMIT, "exporters stay within their limit", used)
        tap.ok(evicted >= 19 * LIMIT, "those that gave way are counted",
               evicted)
        bounded(pss(f) - before, ROOM, "memory stays within its limits")
        received = int(re.search(r"datagrams: received:(\d+)", text)[1])
        dropped = int(re.search(r"dropped:(\d+)", text)[1])
        tap.equal(received + dropped, good.seq + 3 * 20 * LIMIT + 300,
                  "every datagram is counted")
        tap.equal(f.stop(), 0, "exit 0")
        tap.ok(size(f.log) > 0 and "restarting it" not in f.messages(),
               "no process has died", f.messages()[-2000:])


def many():
    """1,000 exporters with 20 templates each, as operators have them; all of
    them are listed, and known to the next engine."""
    with Collector("both", start=True) as f:
        for n in range(1000):
            exporters.Exporter(n).send(f, *exporters.all_of(TEMPLATES, n))
        want = 1000 * TEMPLATES * exporters.FLOWS
        wait_for(lambda: f"stored:{want} " in statistics(f))
        text = statistics(f)
        tap.ok(f"flows: stored:{want} " in text, "1,000 exporters: every flow",
               text[-400:])
        tap.equal(len(re.findall(r"peer \d+ - \S+: packets:", text)), 1000,
                  "1,000 exporters: USR2 lists them")
        bounded(pss(f), 64 * 10**6, "1,000 exporters with 20 templates: less "
                "than 64 MB in all processes")


def behind_one_address():
    """The same behind one address, each with a port of its own."""
    with Collector("both", start=True) as f:
        for n in range(1000):
            exporters.Exporter(n, "127.9.9.9").send(
                f, *exporters.all_of(TEMPLATES, n))
        want = 1000 * TEMPLATES * exporters.FLOWS
        wait_for(lambda: f"stored:{want} " in statistics(f))
        text = statistics(f)
        tap.ok(f"flows: stored:{want} " in text, "1,000 exporters behind one "
               "address: every flow", text[-400:])
        tap.ok("limit " not in text, "1,000 exporters behind one address: no "
               "limit is reached", text[-400:])
        bounded(pss(f), 64 * 10**6, "1,000 exporters behind one address with "
                "20 templates: less than 64 MB in all processes")


def main():
    if sys.platform != "linux" or not os.path.exists("/proc/self/smaps_rollup"):
        tap.skip("floods", "memory is looked at in /proc")
        tap.done()
    if "FLOWD_PORTABLE" in os.environ:
        tap.skip("floods", "a portable build does not count drops")
        tap.done()
    if os.geteuid() != 0:
        tap.skip("floods", "not run as root: a small receive buffer, and "
                 "memory that is not ours to see")
        tap.done()
    flooded()
    many()
    behind_one_address()
    tap.done()


main()
