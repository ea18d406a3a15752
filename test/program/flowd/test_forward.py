"""Forwarding: copies to other collectors, plain and with the exporter's
address, through networks of our own; see netns.py.

    exporters  10.0.1.2, 10.0.1.3, fd00:1::2
        |
    flowd      10.0.1.1, 10.0.2.1, fd00:1::1, fd00:2::1
        |
    collector  10.0.2.2, fd00:2::2
"""
import os
import re
import signal
import socket
import subprocess
import tempfile
import time

import netns
from daemon import read_or_empty, wait_for
from flowdtest import program, run, v3_parse, v5_datagram
from tap import Tap

tap = Tap()
netns.need(tap)
PORT = 2055
MTU = 1500
# None of these is decoded, but for the last: copies are made before that.
PAYLOADS = [b"four", b"\0" * 5, os.urandom(1464), os.urandom(1472),
            os.urandom(1473), os.urandom(4001), os.urandom(65507),
            v5_datagram([{"octets": 7}] * 30)]


class Relay:
    """A flowd between the networks."""

    def __init__(self, net, conf):
        self.dir = tempfile.TemporaryDirectory()
        self.write_conf(conf)
        with net, open(self.path("err"), "wb") as err:
            self.process = subprocess.Popen(
                [program("flowd"), "-d", "-f", self.path("conf")],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=err)
        wait_for(lambda: read_or_empty(self.path("pid")) != b""
                 or self.process.poll() is not None)

    def path(self, name):
        return os.path.join(self.dir.name, name)

    def write_conf(self, conf):
        with open(self.path("conf"), "w", encoding="utf-8") as f:
            f.write(f'logfile "{self.path("log")}"\n'
                    f'pidfile "{self.path("pid")}"\n'
                    f"listen on 0.0.0.0:{PORT}\nlisten on [::]:{PORT}\n"
                    f"{conf}")

    def messages(self):
        return read_or_empty(self.path("err")).decode()

    def reload(self, conf):
        self.write_conf(conf)
        before = self.messages().count("configuration read")
        self.process.send_signal(signal.SIGHUP)
        wait_for(lambda: self.messages().count("configuration read") > before)

    def counters(self):
        """Of each collector: sent, failed, dropped."""
        def told(word):
            return self.messages().count(word)

        # Engine and forwarder tell of themselves, in any order.
        engine, forwarder = told("unstorable:"), told(" failed:")
        self.process.send_signal(signal.SIGUSR2)
        wait_for(lambda: told("unstorable:") > engine and
                 told(" failed:") > forwarder)
        time.sleep(0.2)
        return {to: (int(sent), int(failed), int(dropped))
                for to, sent, failed, dropped in re.findall(
                    r"forward (.*): sent:(\d+) failed:(\d+) dropped:(\d+)",
                    self.messages())}

    def flows(self):
        return len(v3_parse(read_or_empty(self.path("log"))))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.dir.cleanup()


class Site:
    def __init__(self):
        self.exporters, self.flowd = netns.Net(), netns.Net()
        self.collector = netns.Net()
        netns.wire(self.exporters, "10.0.1.2/24 10.0.1.3/24 fd00:1::2/64",
                   self.flowd, "10.0.1.1/24 fd00:1::1/64", MTU)
        netns.wire(self.flowd, "10.0.2.1/24 fd00:2::1/64",
                   self.collector, "10.0.2.2/24 fd00:2::2/64", MTU)
        # The way back, by which a source is found to be plausible.
        self.collector.ip("route add default via 10.0.2.1")
        self.collector.ip("-6 route add default via fd00:2::1")

    def socket(self, net, host, port=0):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with net:
            s = socket.socket(family, socket.SOCK_DGRAM)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            s.bind((host, port))
        s.settimeout(5)
        return s

    def send(self, payloads, source, port=0):
        """Returns the address they were sent from."""
        to = "fd00:1::1" if ":" in source else "10.0.1.1"
        with self.socket(self.exporters, source, port) as s:
            for payload in payloads:
                s.sendto(payload, (to, PORT))
            return s.getsockname()[:2]


def receive(s, n):
    """(source, payload) of n datagrams, and no more that are there."""
    got = []
    try:
        while len(got) < n:
            payload, source = s.recvfrom(65536)
            got.append((source[:2], payload))
        s.settimeout(0.1)
        while True:
            payload, source = s.recvfrom(65536)
            got.append((source[:2], payload))
    except TimeoutError:
        pass
    s.settimeout(5)
    return got


def plain(site):
    conf = ("forward to 10.0.2.2:1111\nforward to [fd00:2::2]:2222\n"
            "flow source 10.0.1.2\nflow source fd00:1::/64\n"
            "discard all\n")
    with site.socket(site.collector, "10.0.2.2", 1111) as four, \
            site.socket(site.collector, "fd00:2::2", 2222) as six, \
            Relay(site.flowd, conf) as f:
        site.send([b"no"], "10.0.1.2")
        site.send(PAYLOADS, "10.0.1.3")
        site.send(PAYLOADS, "10.0.1.2")
        site.send(PAYLOADS, "fd00:1::2")
        want = PAYLOADS * 2
        for name, s, own in (("IPv4", four, "10.0.2.1"),
                             ("IPv6", six, "fd00:2::1")):
            got = receive(s, len(want))
            tap.ok([p for _, p in got] == want,
                   f"plain, {name}: copies, in their order; of flow sources "
                   "only", [len(p) for _, p in got])
            tap.equal({source[0] for source, _ in got}, {own},
                      f"plain, {name}: from flowd's own address")
        tap.equal(f.counters(), {"10.0.2.2:1111": (16, 0, 0),
                                 "[fd00:2::2]:2222": (16, 0, 0)},
                  "plain: counted")
        tap.equal(f.flows(), 0, "before rules: what they discard, too")


def spoofed(site):
    conf = ("forward to 10.0.2.2:1111 spoof\n"
            "forward to [fd00:2::2]:2222 spoof\nforward to 10.0.2.2:3333\n")
    with site.socket(site.collector, "10.0.2.2", 1111) as four, \
            site.socket(site.collector, "fd00:2::2", 2222) as six, \
            site.socket(site.collector, "10.0.2.2", 3333) as both, \
            Relay(site.flowd, conf) as f:
        if "cannot send packets with another source" in f.messages():
            tap.skip("spoofed forwarding", "not on this system")
            return
        sources = [site.send(PAYLOADS, "10.0.1.2"),
                   site.send(PAYLOADS, "10.0.1.3", 9995),
                   site.send(PAYLOADS, "fd00:1::2", 9996)]
        want = [(source, p) for source in sources for p in PAYLOADS]
        for name, s, part in (("IPv4", four, want[:2 * len(PAYLOADS)]),
                              ("IPv6", six, want[2 * len(PAYLOADS):])):
            got = receive(s, len(part))
            tap.ok(got == part, f"spoofed, {name}: octets, addresses and "
                   "ports of the exporters, also in fragments",
                   [(source, len(p)) for source, p in got])
        tap.equal(len(receive(both, len(want))), len(want),
                  "and plain copies of all beside")
        tap.equal(f.counters(), {"10.0.2.2:1111 spoof": (16, 8, 0),
                                 "[fd00:2::2]:2222 spoof": (8, 16, 0),
                                 "10.0.2.2:3333": (24, 0, 0)},
                  "spoofed: another family cannot be kept, which is counted")
        tap.ok("cannot forward to 10.0.2.2:1111: cannot keep the address of an "
               "exporter: it is of another family" in f.messages(),
               "and told", f.messages())


def narrow(site):
    """The way becomes narrow while flowd runs: it finds out."""
    with site.socket(site.collector, "10.0.2.2", 1111) as four, \
            site.socket(site.collector, "fd00:2::2", 2222) as six, \
            Relay(site.flowd, "forward to 10.0.2.2:1111 spoof\n"
                  "forward to [fd00:2::2]:2222 spoof\n") as f:
        if "cannot send packets with another source" in f.messages():
            return
        for mtu in (MTU, 1300, 1280, MTU):
            site.flowd.ip(f"link set eth1 mtu {mtu}")
            site.collector.ip(f"link set eth0 mtu {mtu}")
            payloads = [os.urandom(n) for n in (1200, 1464, 1465, 3000)]
            for s, source in ((four, "10.0.1.2"), (six, "fd00:1::2")):
                site.send(payloads, source)
                got = [p for _, p in receive(s, len(payloads))]
                tap.ok(got == payloads, f"{source}: spoofed by way of MTU "
                       f"{mtu}", ([len(p) for p in got], f.messages()))


def trouble(site):
    """Collectors that do not listen, are not there, or have no way to."""
    ones = [v5_datagram([{}])] * 50
    with Relay(site.flowd, "forward to 10.0.2.2:4444\n"
               "forward to 192.0.2.1:5555\nforward to 10.0.2.77:6666\n") as f:
        tap.ok("cannot forward to 192.0.2.1:5555: Network is unreachable"
               in f.messages() and f.process.poll() is None,
               "a collector without a way to it: told, and flowd runs",
               f.messages())
        for n, one in enumerate(ones):
            site.send([one], "10.0.1.2")
            # The refusal of the first has time to come back.
            if n < 2:
                wait_for(lambda: f.flows() == n + 1)
                time.sleep(0.1)
        tap.ok(wait_for(lambda: f.flows() == 50), "flows are stored",
               f.messages())
        counts = f.counters()
        tap.equal(counts.get("10.0.2.2:4444"), (50, 0, 0),
                  "nobody listens: all were sent")
        tap.equal(counts.get("192.0.2.1:5555"), (0, 50, 0),
                  "no way: all failed")
        tap.ok("cannot forward to 10.0.2.2:4444: Connection refused"
               in f.messages(), "a refusal is told", f.messages())
        tap.ok(f.messages().count("cannot forward to") <= 3,
               "everything is told once", f.messages())
        site.flowd.ip("route add 192.0.2.0/24 via 10.0.2.2")
        site.collector.ip("addr add 192.0.2.1/24 dev eth0")
        with site.socket(site.collector, "192.0.2.1", 5555) as s:
            site.send(ones[:1], "10.0.1.2")
            tap.equal(len(receive(s, 1)), 1, "a way that is there later")
            f.reload("forward to 192.0.2.1:5555\n")
            site.send(ones[:1], "10.0.1.2")
            tap.equal(len(receive(s, 1)), 1, "HUP: it is kept")
            tap.equal(f.counters().get("192.0.2.1:5555"), (2, 50, 0),
                      "with its counters")
            f.reload("")
            site.send(ones[:1], "10.0.1.2")
            wait_for(lambda: f.flows() == 53)
            s.settimeout(0.2)
            tap.equal(receive(s, 1), [], "HUP: it is gone")


def wrong(site):
    def errors(conf):
        with tempfile.TemporaryDirectory() as tmp:
            path = os.path.join(tmp, "c")
            with open(path, "w", encoding="utf-8") as out:
                out.write('logfile "/x"\n' + conf)
            return run(["flowd", "-n", "-f", path]).stderr.decode()

    for listen, to, good in (
            ("127.0.0.1:9", "127.0.0.1:9", False),
            ("0.0.0.0:9", "127.0.0.1:9", False),
            ("[::]:9", "[::1]:9", False),
            ("127.0.0.1:9", "127.0.0.1:10", True),
            ("0.0.0.0:9", "192.0.2.1:9", True),
            ("[::]:9", "127.0.0.1:9", True)):
        err = errors(f"forward to {to}\nlisten on {listen}\n")
        tap.ok((err == "") == good and
               (good or "forwarding loop: flowd listens on this" in err),
               f"listen on {listen}, forward to {to}", err)


def main():
    site = Site()
    plain(site)
    spoofed(site)
    narrow(site)
    trouble(site)
    wrong(site)
    tap.done()


main()
