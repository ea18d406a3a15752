"""flowd-stats: names of interfaces, from captures and from flowd's state."""
import os
import struct
import tempfile

from columnar import ip, write
from daemon import Flowd, size, wait_for
from flowdtest import datagrams_pcap, v3_crc
from stats import columnar, objects, stats, table, text
from tap import Tap

tap = Tap()

SEC = 1700000000
EXPORTERS = ("192.0.2.1", "192.0.2.2", "2001:db8::9")
# (exporter, index): name. Both routers have an interface 1 and an "uplink".
NAMES = {(0, 1): "uplink", (0, 2): "ge-0/0/2", (0, 3): "old", (0, 4): "old",
         (0, 5): "2", (1, 1): "lan", (1, 2): "uplink", (2, 1): "v,6 \"x\""}


def ipfix(domain, *sets):
    body = b"".join(struct.pack("!HH", number, 4 + len(data)) + data
                    for number, data in sets)
    return struct.pack("!HHIII", 10, 16 + len(body), SEC, 0, domain) + body


def names_message(exporter, names=NAMES):
    """Options data: ingressInterface is the scope, interfaceName its name."""
    template = struct.pack("!HHHHHHH", 256, 2, 1, 10, 4, 82, 65535)
    rows = b"".join(
        struct.pack("!IB", index, len(name)) + name.encode()
        for (of, index), name in names.items() if of == exporter)
    return ipfix(1, (3, template), (256, rows))


def item(number, data):
    return struct.pack("!HI", number, len(data)) + data


def state(*exporters):
    """A state file of flowd-state(5) with the names of exporters."""
    items = b""
    for n in exporters:
        address = ip(EXPORTERS[n])
        items += item(1, struct.pack("!BQQQHBI", 1, SEC, SEC, SEC, 10,
                                     4 if len(address) == 4 else 6, 0) +
                      address)
        items += item(2, struct.pack("!HHIBIQI", 10, 4000, 1, 4, 0, 0, 0))
        for (of, index), name in NAMES.items():
            if of == n:
                items += item(9, bytes([0, 1, index]) + name.encode())
    head = struct.pack("!8sHHI", b"FLOWSTAT", 1, 0, len(items)) + items
    return head + struct.pack("!I", v3_crc(head))


def flows_message(*flows):
    """Flows of (input, output, octets)."""
    template = struct.pack("!HHHHHHHH", 257, 3, 10, 4, 14, 4, 1, 8)
    rows = b"".join(struct.pack("!IIQ", *flow) for flow in flows)
    return ipfix(1, (2, template), (257, rows))


FLOWS = {0: ((1, 2, 1000), (3, 4, 200), (4, 3, 30), (5, 2, 4), (9, 1, 100)),
         1: ((1, 2, 5000), (2, 1, 600)), 2: ((1, 1, 70000),)}


def capture(name, messages, port=lambda n: 4000):
    with open(name, "wb") as f:
        f.write(datagrams_pcap([
            (SEC * 10**9 + n, EXPORTERS[exporter], port(n), data)
            for n, (exporter, data) in enumerate(messages)]))
    return name


def both(path, *args):
    return {(o["agent_addr"], o["if_in_name"]): o["octets"] for o in objects(
        *args, "-g", "if_in_name", "-a", "octets", "-n", "0", path)}


WANT = {("192.0.2.1", "uplink"): 1000, ("192.0.2.1", "old (3)"): 200,
        ("192.0.2.1", "old (4)"): 30, ("192.0.2.1", "2 (5)"): 4,
        ("192.0.2.1", "9"): 100, ("192.0.2.2", "lan"): 5000,
        ("192.0.2.2", "uplink"): 600, ("2001:db8::9", 'v,6 "x"'): 70000}
NUMBERS = {("192.0.2.1", "1"): 1000, ("192.0.2.1", "3"): 200,
           ("192.0.2.1", "4"): 30, ("192.0.2.1", "5"): 4,
           ("192.0.2.1", "9"): 100, ("192.0.2.2", "1"): 5000,
           ("192.0.2.2", "2"): 600, ("2001:db8::9", "1"): 70000}


def captures():
    """What options data say, also behind the flows."""
    flows = [(n, flows_message(*FLOWS[n])) for n in FLOWS]
    names = [(n, names_message(n)) for n in FLOWS]
    tap.equal(both(capture("front.pcap", names + flows)), WANT,
              "names of a capture, by exporter")
    tap.equal(both(capture("behind.pcap", flows + names)), WANT,
              "names that come behind the flows")
    rows = objects("-g", "if_out_name,agent_addr/16", "-a", "octets",
                   "-n", "1", "front.pcap")
    tap.equal(rows, [{"agent_addr": "2001:db8::9", "if_out_name": 'v,6 "x"',
                      "agent_addr/16": "2001:db8::9", "octets": 70000}],
              "the exporter is a key of its own")
    tap.equal(list(objects("-g", "agent_addr,if_in_name,if_out_name", "-n",
                           "1", "-a", "flows", "front.pcap")[0]),
              ["agent_addr", "if_in_name", "if_out_name", "flows"],
              "and stands where it is asked for")
    found = {(o["agent_addr"], o["interface_name"]): o["flows"]
             for o in objects("-g", "interface_name", "-a", "flows", "-n", "0",
                              "front.pcap")}
    tap.equal([found[EXPORTERS[0], "uplink"], found[EXPORTERS[0], "old (3)"],
               found[EXPORTERS[1], "uplink"], found[EXPORTERS[2], 'v,6 "x"']],
              [2, 2, 2, 1], "interface_name: a flow counts for both")
    tap.equal(table("-g", "if_in_name", "-a", "octets", "-n", "1",
                    "front.pcap"),
              [["agent_addr", "if_in_name", "octets"],
               ["2001:db8::9", 'v,6 "x"', "70000"]], "CSV quotes names")
    tap.equal(text("-g", "if_in_name", "-a", "octets", "--raw",
                   "front.pcap")[2][:3], ["192.0.2.2", "lan", "5000"], "text")
    tap.equal([(o["time"][:10], o["if_in_name"], o["octets"]) for o in objects(
        "-b", "1d", "-g", "if_in_name", "-a", "octets", "-n", "0", "-U",
        "front.pcap")][:2], [("2023-11-14", 'v,6 "x"', 70000),
                             ("2023-11-14", "lan", 5000)], "a series of them")


def behind_one_address():
    """What several exporters call differently has no name."""
    pieces = [(0, names_message(0)), (0, flows_message(*FLOWS[0])),
              (0, names_message(0, {(0, 1): "uplink", (0, 3): "new"})),
              (0, flows_message(*FLOWS[0]))]
    found = both(capture("two.pcap", pieces, lambda n: 4000 + n // 2))
    tap.equal({name: n for (_, name), n in found.items()},
              {"uplink": 2000, "3": 400, "4": 60, "5": 8, "9": 200},
              "names that differ by port, or that one port has not")


def logs():
    """Logs have no names: they are what flowd keeps."""
    log = columnar("flows.v4", "front.pcap")
    r = stats("-o", "json", "-g", "if_in_name", "-a", "octets", "-n", "0", log)
    tap.equal(r.stderr, b"flowd-stats: no interface has a known name; --names "
              b"reads those that flowd keeps\n", "that no name is known is said")
    tap.equal(r.stdout.count(b'"if_in_name":"9"'), 1, "numbers are shown")
    # As two workers write it, one behind the other.
    write("flowd.state", state(0), state(1, 2))
    tap.equal(both(log, "--names", "flowd.state"), WANT,
              "names that flowd has kept, for a log")
    write("one.state", state(1))
    want = {key: n for key, n in WANT.items() if key[0] == EXPORTERS[1]}
    want.update({key: n for key, n in NUMBERS.items()
                 if key[0] != EXPORTERS[1]})
    tap.equal(both(log, "--names", "one.state"), want,
              "those of one exporter are not another's")
    tap.equal(both("front.pcap", "--names", "one.state"), WANT,
              "beside those of a capture")


def of_flowd():
    """The log and the state file that a flowd has written."""
    with Flowd() as f:
        f.send(names_message(0), flows_message(*FLOWS[0]))
        tap.ok(wait_for(lambda: size(f.log) > 0), "flowd has stored flows")
        f.stop()
        found = both(f.log, "--names", f.path("pid.state"))
    tap.equal(found, {("127.0.0.1", name): n for (exporter, name), n in
                      WANT.items() if exporter == EXPORTERS[0]},
              "the state file that flowd writes")


def wrong():
    for args, want in (
            (("-g", "if_in_name", "--names", "nothere"),
             "nothere: No such file or directory"),
            (("-g", "if_in_name", "--names", "."), ".: not a file"),
            (("-g", "if_in_name", "--names", "front.pcap"),
             "front.pcap: not a state of flowd: it does not begin with "
             "FLOWSTAT"),
            (("-g", "if_in", "--names", "front.pcap"),
             "--names goes with a key such as if_in_name"),
            (("--names", "front.pcap"), "--names does not go with the "
             "overview"),
            (("-g", "if_in_nam"),
             "-g: if_in_nam: is no key; do you mean if_in_name?"),
            (("-g", "if_in_name/24"), "-g: if_in_name/24: is no address, so it "
             "has no networks"),
            (("-g", "if_in_name,agent_addr"), "-g: agent_addr: is there twice"),
            (("--matrix", "if_in_name"), "--matrix: if_in_name is no key "
             "without its exporter")):
        r = stats(*args, "front.pcap")
        tap.equal((r.returncode, r.stdout, r.stderr.decode()),
                  (1, b"", f"flowd-stats: {want}\n"), f"wrong: {args}")


with tempfile.TemporaryDirectory() as where:
    os.chdir(where)
    captures()
    behind_one_address()
    logs()
    of_flowd()
    wrong()
    os.chdir("/")
tap.done()
