"""Sampling rates of a running flowd: where they are from, what is used, and
that the configuration wins; over a reload and a restart, and offline."""
import json
import os
import socket
import struct

from daemon import Flowd, wait_for
from flowdtest import datagrams_pcap, run, v5_datagram
from tap import Tap

tap = Tap()
SYSTEM, TEMPLATE = 1, 5  # scopes of NetFlow 9


def v9(sequence, *sets, domain=0):
    return struct.pack("!HHIIII", 9, 1, 3600000, 1700000000, sequence,
                       domain) + b"".join(sets)


def flowset(number, body):
    return struct.pack("!HH", number, 4 + len(body)) + body


def template(number, *fields):
    return flowset(0, struct.pack("!HH", number, len(fields)) + b"".join(
        struct.pack("!HH", *f) for f in fields))


def options(number, scope, *fields):
    return flowset(1, struct.pack("!HHHHH", number, 4, 4 * len(fields), scope,
                                  4) + b"".join(
        struct.pack("!HH", *f) for f in fields))


# 256 has nothing; 257 an interval in its records; 300 is of the exporter,
# 301 of a template, 302 of what no flow has.
LEARN = v9(1, template(256, (4, 1)), template(257, (4, 1), (34, 4)),
           options(300, SYSTEM, (34, 4), (35, 1)),
           options(301, TEMPLATE, (34, 4)), options(302, 4, (34, 4)))


def rate_of_all(interval):
    return flowset(300, struct.pack("!IIB", 0, interval, 2))


class Exporter:
    """One that sends from a port of its own, always the same."""

    def __init__(self, f, address):
        self.f = f
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))

    def send(self, *datagrams):
        for d in datagrams:
            self.socket.sendto(d, (self.f.host, self.f.port))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def ctl(f, *args):
    return run(["flowctl", "-s", f.path("pid.sock"), *args])


def ask(f, *args):
    rows = [json.loads(line) for line in ctl(f, "-j", *args).stdout.
            splitlines()]
    return [{k: v for k, v in r.items() if k != "report"} for r in rows
            if r["report"] == (args[0] if len(args) == 1 else "rates")]


def rates(f, address="127.0.0.9"):
    return {(r["origin"], r.get("scope"), r["interval"]):
            (r["flows"], r["state"]) for r in ask(f, "rates", address)}


def flows(f):
    text = ctl(f, "-j", "status").stdout.decode()
    return sum(json.loads(line)["decoded"] for line in text.splitlines()
               if '"report":"flows"' in line)


def stored(f):
    r = run(["flowd-reader", "--json", "--fields",
             "agent_addr,protocol,sampling_interval,sampling_algorithm",
             f.path("dir")])
    return [tuple(json.loads(line).get(k) for k in (
        "protocol", "sampling_interval", "sampling_algorithm"))
        for line in r.stdout.splitlines()]


CONF = 'logdir "{0}" flush 10ms\nflow source 127.0.0.0/8\n'
REVERSED = 0xe8030000
MEANT = "not used: its octets are reversed, 1000 is meant"
OTHERS = "not used: the configuration has one"


def origins_and_scopes():
    with Flowd(start=False) as f, Exporter(f, "127.0.0.9") as nine:
        os.mkdir(f.path("dir"))
        conf = CONF.format(f.path("dir"))
        f.write_conf(conf)
        f.start()
        nine.send(LEARN, v9(2, rate_of_all(100), flowset(
            301, struct.pack("!II", 257, 0)), flowset(
            302, struct.pack("!II", 7, 5))), v9(
            3, flowset(256, bytes([1, 2])), flowset(257, struct.pack(
                "!BIBIBI", 3, REVERSED, 4, 8, 5, 0))))
        f.send(v5_datagram([{}, {}], sampling=0x4000 + 50),
               source="127.0.0.10")
        tap.ok(wait_for(lambda: flows(f) == 7), "flows come in")
        tap.equal(rates(f), {
            ("record", None, 8): (1, "good"),
            ("record", None, REVERSED): (0, MEANT),
            ("options data", "exporter", 100): (2, "good"),
            ("options data", "template 257", 0): (0, "off"),
            ("options data", "cache 7", 5): (0, "no flow so far")},
            "every rate")
        tap.equal(rates(f, "127.0.0.10"),
                  {("header", None, 50): (2, "good")}, "that of a header")
        x = {r["exporter"]: r for r in ask(f, "exporters")}
        tap.equal([(x[a]["flows"], x[a]["no_rate"], x[a]["bad_rates"],
                    x[a].get("sampling")) for a in sorted(x)],
                  [(2, 0, 0, 50), (5, 2, 1, None)],
                  "exporters: how many flows have none")
        tap.equal(len(ask(f, "rates")), 6, "the rates of all")
        text = ctl(f, "exporters", "127.0.0.9").stdout.decode()
        tap.ok("\n  without rate" in text and
               any(line.split()[-9:] == MEANT.split() and
                   line.startswith("127.0.0.9") and str(REVERSED) in line
                   for line in text.splitlines()), "a table below", text)
        # The configuration wins, from now on.
        f.write_conf(conf + "exporter 127.0.0.0/8 sampling 3\n"
                     "exporter 127.0.0.9 sampling 7\n"
                     "exporter 127.0.0.0/16 sampling 4\n")
        r = ctl(f, "reload")
        tap.equal((r.returncode, r.stderr), (0, b""), "it is reloaded")
        nine.send(v9(4, flowset(256, b"\6"), flowset(257, struct.pack(
            "!BIBI", 7, REVERSED, 8, 8))))
        f.send(v5_datagram([{}], sampling=0x4000 + 50, seq=2),
               source="127.0.0.10")
        f.send(v5_datagram([{}], sampling=0), source="127.0.0.11")
        tap.ok(wait_for(lambda: flows(f) == 12), "more flows")
        tap.equal(rates(f), {
            ("configuration", None, 7): (3, "good"),
            ("record", None, 8): (1, OTHERS),
            ("record", None, REVERSED): (0, OTHERS),
            ("options data", "exporter", 100): (2, OTHERS),
            ("options data", "template 257", 0): (0, OTHERS),
            ("options data", "cache 7", 5): (0, OTHERS)},
            "the longest prefix wins over all that is said")
        x = {r["exporter"]: r.get("sampling") for r in ask(f, "exporters")}
        tap.equal(x, {"127.0.0.9": 7, "127.0.0.10": 4, "127.0.0.11": 4},
                  "and is shown")
        wait_for(lambda: len(stored(f)) == 12)
        tap.equal(sorted(map(str, stored(f))), sorted(map(str, [
            (1, 100, 2), (2, 100, 2), (3, None, None), (4, 8, None),
            (5, 0, None), (17, 50, 1), (17, 50, 1), (6, 7, None),
            (7, 7, None), (8, 7, None), (17, 4, 1), (17, 4, None)])),
            "what is stored")


def a_restart_keeps_them():
    with Flowd("flow source any\n") as f, Exporter(f, "127.0.0.9") as nine:
        nine.send(LEARN, v9(2, rate_of_all(100), flowset(
            301, struct.pack("!II", 257, 64))), v9(
            3, flowset(256, b"\1")))
        wait_for(lambda: flows(f) == 1)
        before = rates(f)
        f.stop()
        f.start()
        tap.equal(rates(f), {k: (0, "no flow so far") for k in before},
                  "rates are there after a restart, but not their counts")
        nine.send(v9(4, flowset(256, b"\2"),
                     flowset(257, b"\3\0\0\0\0")))
        wait_for(lambda: flows(f) == 2)
        tap.equal(rates(f), {
            ("options data", "exporter", 100): (1, "good"),
            ("options data", "template 257", 64): (1, "good")},
            "and are used")


def offline():
    """flowd -r takes them from the configuration, flowd-reader shows what
    flowctl does."""
    with Flowd(start=False) as f:
        cap, conf = f.path("in.pcap"), f.path("r.conf")
        os.mkdir(f.path("dir"))
        datagrams = [LEARN, v9(2, rate_of_all(100)),
                     v9(3, flowset(256, b"\1"),
                        flowset(257, struct.pack("!BI", 2, REVERSED)))]
        with open(cap, "wb") as out:
            out.write(datagrams_pcap([(1700000000 * 10**9 + i, "192.0.2.1",
                                       9, d) for i, d in
                                      enumerate(datagrams)]))
        with open(conf, "w", encoding="utf-8") as out:
            out.write(f'logdir "{f.path("dir")}"\n'
                      "exporter 192.0.2.0/24 sampling 12\n")
        r = run(["flowd", "-r", cap, "-f", conf])
        tap.equal((r.returncode, stored(f)), (0, [(1, 12, None),
                                                  (2, 12, None)]),
                  "flowd -r: the configuration wins")
        r = run(["flowd-reader", "--exporters", cap])
        got = json.loads(r.stdout)
        tap.equal(got["sampling_interval"], 100,
                  "the interval of an exporter is none that is not used")
        got = got["rates"]
        tap.equal([(x["origin"], x.get("scope"), x["interval"], x["flows"],
                    x["state"]) for x in got],
                  [("record", None, REVERSED, 0, MEANT),
                   ("options data", "exporter", 100, 2, "good")],
                  "flowd-reader --exporters")


def errors():
    with Flowd(start=False) as f:
        for line, error in (
                ("exporter 192.0.2.1 sampling 0", "0 is no sampling rate"),
                ("exporter 192.0.2.1", 'expected "sampling"'),
                ("exporter 192.0.2.1 sampling", "expected a number"),
                ("exporter 192.0.2.1 sampling 4294967296", "4294967295"),
                ("exporter any sampling 5", "any"),
                ("exporter 192.0.2.1/24 sampling 5", "192.0.2.1")):
            f.write_conf(line + "\n")
            r = run(["flowd", "-n", "-f", f.conf])
            tap.ok(r.returncode == 1 and error in r.stderr.decode() and
                   b"^" in r.stderr, f"{line} is refused", r.stderr)


def main():
    for test in (origins_and_scopes, a_restart_keeps_them, offline, errors):
        test()
    tap.done()


main()
