"""flowd between networks: multicast, interfaces, several exporters.

Every network here is a namespace of its own; see netns.py.
"""
import json
import os
import signal
import socket
import struct
import subprocess
import tempfile
import time

import netns
from daemon import read_or_empty, wait_for
from flowdtest import program, v3_parse, v5_datagram
from tap import Tap

tap = Tap()
netns.need(tap)
PORT = 2055  # nobody else is in these networks


class Flowd:
    """A flowd in a network, with a directory of its own."""

    def __init__(self, net, conf):
        self.net = net
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
                    f'pidfile "{self.path("pid")}"\nstore ALL\n{conf}')

    def reload(self, conf):
        before = self.messages().count("configuration read")
        self.write_conf(conf)
        self.process.send_signal(signal.SIGHUP)
        return wait_for(lambda: self.messages().count("configuration read")
                        > before)

    def messages(self):
        return read_or_empty(self.path("err")).decode()

    def statistics(self):
        self.process.send_signal(signal.SIGUSR2)
        wait_for(lambda: "unstorable:" in self.messages())
        return self.messages()

    def octets(self):
        """Of the flows stored: which number stands for a datagram."""
        return sorted(int.from_bytes(r["OCTETS"], "big")
                      for r in v3_parse(read_or_empty(self.path("log"))))

    def stored(self, want):
        return wait_for(lambda: self.octets() == sorted(want))

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.dir.cleanup()


def flow(number):
    """A datagram with one flow that can be told by its octets."""
    return v5_datagram([{"octets": number}])


def send(net, to, number, source=None, iface=None):
    """A datagram from a network; a group goes out by the interface given."""
    family = socket.AF_INET6 if ":" in to else socket.AF_INET
    with net, socket.socket(family, socket.SOCK_DGRAM) as s:
        if source:
            s.bind((source, 0))
        if iface and family == socket.AF_INET:
            s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                         struct.pack("4s4si", b"", b"",
                                     socket.if_nametoindex(iface)))
        elif iface:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF,
                         socket.if_nametoindex(iface))
        s.sendto(flow(number), (to, PORT))


class Site:
    """A collector with two cables, each to a network of exporters."""

    def __init__(self):
        self.collector = netns.Net()
        self.a, self.b = netns.Net(), netns.Net()
        netns.wire(self.collector, "10.0.1.1/24 fd00:1::1/64",
                   self.a, "10.0.1.2/24 10.0.1.3/24 fd00:1::2/64")
        netns.wire(self.collector, "10.0.2.1/24 fd00:2::1/64",
                   self.b, "10.0.2.2/24 fd00:2::2/64")

    def send(self, who, to, number, source=None):
        send(who, to, number, source, "eth0")


def exporters(site):
    with Flowd(site.collector, f"listen on 0.0.0.0:{PORT}\n"
               f"listen on [::]:{PORT}\n") as f:
        sent = ((site.a, "10.0.1.1", "10.0.1.2"),
                (site.a, "10.0.1.1", "10.0.1.3"),
                (site.b, "10.0.2.1", "10.0.2.2"),
                (site.a, "fd00:1::1", "fd00:1::2"),
                (site.b, "fd00:2::1", "fd00:2::2"))
        for number, (net, to, source) in enumerate(sent):
            for _ in range(number + 1):
                site.send(net, to, 1000 + number, source)
        tap.ok(f.stored([1000 + n for n in range(5) for _ in range(n + 1)]),
               "five exporters of two families: every flow", f.octets())
        messages = f.statistics()
        for number, (_, _, source) in enumerate(sent):
            text = f"{source}: packets:{number + 1} flows:{number + 1} "
            tap.ok(text in messages, f"statistics: {text}", messages)


def groups(site, family, group, other, local):
    """Membership by interface, by its address, and as it always was."""
    any_address = "0.0.0.0" if family == "IPv4" else "[::]"
    listen = f"listen on {any_address}:{PORT}\n"

    def heard(f, want, what):
        """Which of the two networks reach flowd by which group."""
        base = int(time.monotonic() * 1000) % 2**30
        before = f.octets()
        for n, (net, to) in enumerate(((site.a, group), (site.b, group),
                                       (site.a, other))):
            site.send(net, to, base + n)
        # Sent last and not by a group: when it is there all others are.
        to = "10.0.2.1" if family == "IPv4" else "fd00:2::1"
        time.sleep(0.1)
        site.send(site.b, to, base + 9)
        tap.ok(f.stored(before + [base + n for n in want + [9]]),
               f"{family}, {what}", (f.octets(), base, f.messages()))

    with Flowd(site.collector, listen) as f:
        heard(f, [], "no group: nothing")
        f.reload(f"{listen}join group {group} on eth0\n")
        heard(f, [0], "on an interface: by that one")
        f.reload(f"{listen}join group {group} on {local}\n")
        heard(f, [1], "HUP: on the interface of an address, the other left")
        f.reload(f"{listen}join group {group} on eth0\n"
                 f"join group {group} on eth1\njoin group {other} on eth0\n")
        heard(f, [0, 1, 2], "several groups and interfaces")
        f.reload(listen)
        heard(f, [], "HUP: all left")
    with Flowd(site.collector, f"{listen}join group {group} on nowhere\n"
               f"join group {group} on 192.0.2.99\njoin group 10.0.0.1\n"
               f"join group {group} on eth1\n") as f:
        messages = f.messages()
        tap.ok(f"cannot join group {group} on nowhere on "
               f"{any_address}:{PORT}: no interface has the name or "
               'address "nowhere"' in messages
               and '"192.0.2.99"' in messages,
               f"{family}: a group that cannot be joined is told of",
               messages)
        tap.ok(("not a multicast address" if family == "IPv4" else
                "nothing listens on IPv4") in messages,
               f"{family}: what is wrong with 10.0.0.1", messages)
        heard(f, [1], "and the others are joined")


def flowctl(f, *words):
    with f.net:
        r = subprocess.run([program("flowctl"), "-s", f.path("pid.sock"),
                            "-j", *words], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, timeout=60)
    return [json.loads(line) for line in r.stdout.splitlines()]


def link_local():
    """Two exporters of one address, each on a cable of its own, are two."""
    collector, a, b = netns.Net(), netns.Net(), netns.Net()
    for net in (a, b):
        netns.wire(collector, "fe80::c/64", net, "fe80::1/64")
    with Flowd(collector, f"listen on [::]:{PORT}\n"
               "flow source fe80::/10\n") as f:
        for net, n in ((a, 1), (b, 2), (b, 3)):
            with net:
                to = f"fe80::c%{socket.if_nametoindex('eth0')}"
            send(net, to, n)
        tap.ok(f.stored([1, 2, 3]), "link-local exporters: their flows",
               f.messages())
        with collector:
            names = [f"fe80::1%{socket.if_nametoindex(end)}"
                     for end in ("eth0", "eth1")]
        rows = flowctl(f, "exporters")
        tap.equal([(r["exporter"], r["flows"]) for r in rows],
                  list(zip(names, (1, 2))), "each is told of")
        for asked, want in (("fe80::1", names), ("fe80::1%eth0", names[:1]),
                            (names[1], names[1:]), ("fe80::2", [])):
            rows = flowctl(f, "exporters", asked)
            got = [sorted({r["exporter"] for r in rows
                           if r["report"] == kind})
                   for kind in ("exporters", "streams")]
            tap.equal(got, [want, want], f"those that {asked} means")
        counted = [[r["count"] for r in flowctl(f, "counters", asked)
                    if r["counter"] == "datagrams"]
                   for asked in ("fe80::1", *names, "fe80::2")]
        tap.equal(counted, [[3], [1], [2], []], "and what is counted of them")
        text = f.statistics()
        tap.ok(all(f" - {name}: packets:" in text for name in names),
               "statistics tell them apart", text)


def classic_groups(site):
    """The old words: the default interface, and the scope of an address."""
    site.collector.ip("route add 239.0.0.0/8 dev eth1")
    with Flowd(site.collector, f"listen on 0.0.0.0:{PORT}\n"
               f"listen on [::]:{PORT}\njoin group 239.7.7.7\n"
               "join group ff05::777%eth0\n"
               "join group [ff05::778%eth1]\n") as f:
        for n, (net, to) in enumerate((
                (site.a, "239.7.7.7"), (site.b, "239.7.7.7"),
                (site.a, "ff05::777"), (site.b, "ff05::777"),
                (site.a, "ff05::778"), (site.b, "ff05::778"))):
            site.send(net, to, 10 + n)
        tap.ok(f.stored([11, 12, 15]),
               "without \"on\": by the route, or by the scope",
               (f.octets(), f.messages()))
    site.collector.ip("route del 239.0.0.0/8 dev eth1")


def bound(site):
    """Listeners of one address, each of its interface."""
    for any_address, one, two in (("0.0.0.0", "10.0.1.1", "10.0.2.1"),
                                  ("[::]", "fd00:1::1", "fd00:2::1")):
        with Flowd(site.collector,
                   f"listen on {any_address}:{PORT} on eth0\n") as f:
            if "this system cannot bind" in f.messages():
                tap.skip("listeners on interfaces", "not on this system")
                return
            site.send(site.b, two, 2)
            site.send(site.a, one, 1)
            tap.ok(f.stored([1]), f"{any_address} on eth0: nothing of eth1",
                   (f.octets(), f.messages()))
            tap.ok(f"listening on {any_address}:{PORT} on eth0: "
                   in f.messages(), "and it says so", f.messages())
            f.reload(f"listen on {any_address}:{PORT} on eth1\n"
                     f"listen on {any_address}:{PORT} on eth0\n")
            site.send(site.b, two, 3)
            site.send(site.a, one, 4)
            tap.ok(f.stored([1, 3, 4]), f"{any_address}: HUP, both",
                   (f.octets(), f.messages()))
    with Flowd(site.collector, f"listen on 0.0.0.0:{PORT} on eth0\n"
               f"listen on 0.0.0.0:{PORT} on eth1\n"
               "join group 239.9.9.9\n") as f:
        site.send(site.a, "239.9.9.9", 5)
        site.send(site.b, "239.9.9.9", 6)
        tap.ok(f.stored([5, 6]),
               "a group without \"on\" is joined where the listener is",
               (f.octets(), f.messages()))
    with Flowd(site.collector, f"listen on 0.0.0.0:{PORT} on eth9\n") as f:
        tap.equal(f.stop(), 1, "an interface that is not there: exit 1")
        tap.ok(f"cannot listen on 0.0.0.0:{PORT} on eth9: No such device"
               in f.messages(), "and why", f.messages())


def main():
    site = Site()
    exporters(site)
    groups(site, "IPv4", "239.1.2.3", "239.1.2.4", "10.0.2.1")
    groups(site, "IPv6", "ff05::1:3", "ff05::1:4", "fd00:2::1")
    classic_groups(site)
    link_local()
    bound(site)
    tap.done()


main()
