"""Names of interfaces that options data give: each exporter behind one
address has its own, and none has those of another; over a restart, too."""
import json
import os
import socket
import struct
import tempfile

from daemon import Flowd, read, wait_for
from flowdtest import datagrams_pcap, run
from tap import Tap

tap = Tap()
WAN, LAN = 31000, 31001  # the ports of two routers behind one address


def v9(sequence, *sets, domain=0):
    return struct.pack("!HHIIII", 9, 1, 3600000, 1700000000, sequence,
                       domain) + b"".join(sets)


def flowset(number, body):
    return struct.pack("!HH", number, 4 + len(body)) + body


# 256 is of flows; 257 of options data: interface (10), its name (82).
FLOW = flowset(0, struct.pack("!8H", 256, 3, 10, 4, 8, 4, 1, 4)) + \
    flowset(256, struct.pack("!I4sI", 5, bytes([10, 0, 0, 1]), 100))
OPTIONS = flowset(1, struct.pack("!7H", 257, 4, 4, 2, 4, 82, 8))


def named(number, name):
    return OPTIONS + flowset(257, struct.pack("!I8s", number, name.encode()))


def exporters(*datagrams):
    """What flowd-reader says of a capture of (port, payload)."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "in.pcap")
        with open(path, "wb") as f:
            f.write(datagrams_pcap(
                [((1700000000 + i) * 10**9, "192.0.2.1", port, d)
                 for i, (port, d) in enumerate(datagrams)]))
        return json.loads(run(["flowd-reader", "--exporters", path]).stdout)


def of_all(exporter):
    return {(n["kind"], n["key"]): n["name"] for n in exporter["names"]}


def of_ports(exporter):
    return {(n["port"], n.get("domain"), n["key"]): n["name"]
            for n in exporter.get("port_names", ())}


def behind_one_address():
    two = [(WAN, v9(1000, named(5, "wan"), named(6, "mgmt"))),
           (LAN, v9(70000, named(5, "lan"), named(6, "mgmt"))),
           (WAN, v9(1001, FLOW)), (LAN, v9(70001, FLOW))]
    got = exporters(*two)
    tap.equal((got["counters"]["flows"], of_ports(got), of_all(got)),
              (2, {(WAN, None, "05"): "wan", (LAN, None, "05"): "lan"},
               {("interface", "06"): "mgmt"}),
              "two routers behind one address have their own names")
    # One that has announced nothing does not get the names of another.
    got = exporters(two[0], two[2], two[3])
    tap.equal((of_ports(got), of_all(got)),
              ({(WAN, None, "05"): "wan", (WAN, None, "06"): "mgmt"}, {}),
              "names of one router are not those of the other")


def of_one_exporter():
    wan = {("interface", "05"): "wan"}
    for what, *datagrams in (
            ("its own domain", (WAN, v9(1000, named(5, "wan"))),
             (WAN, v9(1001, FLOW))),
            ("another domain", (WAN, v9(1000, named(5, "wan"), domain=6)),
             (WAN, v9(9000, FLOW, domain=256))),
            ("another port", (LAN, v9(70000, named(5, "wan"))),
             (WAN, v9(1001, FLOW))),
            ("another port and domain",
             (LAN, v9(70000, named(5, "wan"), domain=6)),
             (WAN, v9(1001, FLOW, domain=256))),
            ("a port for each datagram", (40000, v9(1000, named(5, "wan"))),
             *((40001 + i, v9(1001 + i, FLOW)) for i in range(9)))):
        got = exporters(*datagrams)
        tap.equal((of_all(got), of_ports(got)), (wan, {}),
                  f"announced in {what}: found")


def items(state):
    """The items of a state with one exporter: (type, octets)."""
    at = 16
    while at < len(state) - 4:
        kind, n = struct.unpack_from("!HI", state, at)
        yield kind, state[at + 6:at + 6 + n]
        at += 6 + n


def kept(path):
    """The names in a state file: by port, domain and key."""
    found, stream = {}, None
    for kind, octets in items(read(path)):
        if kind == 2:
            stream = struct.unpack_from("!HI", octets, 2)
        elif kind == 9:
            n = octets[1]
            found[(*stream, octets[2:2 + n].hex())] = octets[2 + n:].decode()
    return found


def decoded(f):
    text = run(["flowctl", "-s", f.path("pid.sock"), "-j", "status"]).stdout
    return sum(json.loads(line)["decoded"] for line in text.splitlines()
               if b'"report":"flows"' in line)


def a_restart_keeps_them():
    with Flowd("flow source any\n") as f:
        ports = []
        for n, name in enumerate(("wan", "lan")):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.bind(("127.0.0.9", 0))
                ports.append(s.getsockname()[1])
                s.sendto(v9(1000 + 50000 * n, named(5, name), FLOW),
                         (f.host, f.port))
                tap.ok(wait_for(lambda n=n: decoded(f) == n + 1),
                       "a flow comes")
        want = {(ports[0], 0, "05"): "wan", (ports[1], 0, "05"): "lan"}
        f.stop()
        state = f.path("pid.state")
        tap.equal(kept(state), want, "the state has the names of each port")
        os.rename(state, f.path("before"))
        os.link(f.path("before"), state)
        f.start()
        f.stop()
        tap.ok(not os.path.samefile(state, f.path("before")),
               "the state is written again")
        tap.equal(kept(state), want, "and they are there after a restart")


def main():
    behind_one_address()
    of_one_exporter()
    a_restart_keeps_them()
    tap.done()


main()
