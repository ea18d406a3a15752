"""Limits, seen from outside: many exporters behind one address, data of one of
them before its template, and senders that are made up; what works goes on, and
what a limit did is told by flowctl, the metrics and the log.

How it is decided who gives way is tested by test/unit/decode/test_stream.c and
test_lockout.c.
"""
import json
import socket
import struct
import sys
import time

from daemon import Flowd, wait_for
from flowdtest import run, v5_datagram
from tap import Tap

tap = Tap()
NAT = "127.0.0.77"
LAYOUTS = ((8, 12, 2, 1), (2, 1, 8, 12))  # of fields, as long in both
FLOW = {8: socket.inet_aton("192.0.2.1"), 12: socket.inet_aton("198.51.100.7"),
        2: struct.pack("!I", 5), 1: struct.pack("!I", 1000)}
STORED = {"src_addr": "192.0.2.1", "dst_addr": "198.51.100.7", "packets": 5,
          "octets": 1000}


def template(n):
    fields = LAYOUTS[n % 2]
    return struct.pack("!HHHH", 0, 24, 256, 4) + b"".join(
        struct.pack("!HH", field, 4) for field in fields)


def data(n):
    return struct.pack("!HH", 256, 20) + b"".join(
        FLOW[field] for field in LAYOUTS[n % 2])


class Exporter:
    """One of version 9, with a port of its own; every second one has its
    fields in another order."""

    def __init__(self, f, n, address=NAT, seq=0):
        self.f, self.n, self.seq = f, n, seq
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))

    def send(self, *sets):
        self.socket.sendto(struct.pack("!HHIIII", 9, len(sets), 1, 1700000000,
                                       self.seq, 0) + b"".join(sets),
                           (self.f.host, self.f.port))
        self.seq += 1

    def template(self):
        self.send(template(self.n))

    def data(self):
        self.send(data(self.n))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def ctl(f, *words):
    return run(["flowctl", "-s", f.path("pid.sock"), *words]).stdout.decode()


def ask(f, *words):
    """{kind: rows} of an answer."""
    rows = {}
    for line in ctl(f, "-j", *words).splitlines():
        row = json.loads(line)
        rows.setdefault(row.pop("report"), []).append(row)
    return rows


def received(f, n):
    return wait_for(lambda: ask(f, "status")["datagrams"][0]["received"] >= n
                    and ask(f, "status")["flows"][0]["waiting"] == 0, 30)


def stored(f):
    """(how many flows are as they were sent, how many are not)"""
    r = run(["flowd-reader", "--json", f.log])
    flows = [json.loads(line) for line in r.stdout.splitlines()]
    good = sum(all(flow.get(k) == v for k, v in STORED.items())
               for flow in flows)
    return good, len(flows) - good


def behind_one_address(n, most):
    """n exporters, and most that there may be, or None for the default."""
    conf = "store ALL\n" + (f"limit exporter_streams {most}\n" if most else "")
    places = min(n, most or n)
    with Flowd(conf) as f:
        all_of_them = [Exporter(f, k) for k in range(n)]
        for turn in range(4):
            for x in all_of_them:
                if turn == 0:
                    x.template()
                else:
                    x.data()
            received(f, (turn + 1) * n)
        name = f"{n} exporters behind one address" + (
            f", {most} allowed" if most else "")
        tap.equal(stored(f), (3 * places, 0),
                  f"{name}: every flow of those that have a place is right")
        rows = ask(f, "exporters", NAT)
        x = rows["exporters"][0]
        tap.equal((x["streams"], x["refused"], x["no_template"]),
                  (places, 3 * (n - places), 0), f"{name}: what is not there "
                  "is counted")
        tap.equal(len(rows["streams"]), places, f"{name}: a row for each port")
        tap.equal({row["state"] for row in rows["streams"]}, {"works"},
                  f"{name}: they work")
        told(f, name, n > places)
        for one in all_of_them:
            one.socket.close()


def told(f, name, reached):
    word = "exporter_streams"
    tap.equal([row["limit"] for row in ask(f, "status")["limits"]
               if row["hits"]], [word] if reached else [],
              f"{name}: limits that were reached")
    tap.equal((word in ctl(f, "status"), word in ctl(f, "exporters"),
               f'limit="{word}"}} 0\n' not in ctl(f, "metrics"),
               f"see \"limit {word}\"" in f.messages()), (reached,) * 4,
              f"{name}: status, exporters, metrics and log tell it")
    tap.ok(f.messages().count(f"limit {word} is") <= 1,
           f"{name}: the log once in a while", f.messages())


def early():
    """Data of the second one comes before its template."""
    with Flowd() as f, Exporter(f, 0) as a, Exporter(f, 1, seq=700) as b:
        a.template()
        a.data()
        b.data()
        received(f, 3)
        tap.equal(stored(f), (1, 0), "data without template is not decoded "
                  "with another port's")
        rows = {row["port"]: row["state"]
                for row in ask(f, "exporters", NAT)["streams"]}
        tap.equal([rows[x.socket.getsockname()[1]] for x in (a, b)],
                  ["works", "waits for template"], "it waits for its own")
        b.template()
        received(f, 4)
        tap.ok(wait_for(lambda: stored(f) == (2, 0)),
               "and is decoded when that comes", stored(f))


def hopping():
    """One that sends each datagram from another port."""
    with Flowd() as f:
        for seq in range(100, 150):
            with Exporter(f, 0, seq=seq) as x:
                x.send(template(0) if seq == 100 else data(0))
        received(f, 50)
        tap.equal(stored(f), (49, 0), "an exporter that changes its port has "
                  "its templates")
        rows = ask(f, "exporters", NAT)
        tap.equal([(row["state"], row["datagrams"], row["missing"])
                   for row in rows["streams"]], [("changes ports", 50, 0)],
                  "it is one")


def made_up(f, n, seq=0):
    """A flow of version 5 of one that nobody has heard of."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((f"127.{8 + (n >> 16)}.{n >> 8 & 255}.{n & 255}", 2055))
        s.sendto(v5_datagram([{}], seq=seq), (f.host, f.port))


def locked_out():
    """All places are taken by made-up senders that settled; then one comes,
    and strangers all the while. And one that settled before them."""
    LIMIT = 512
    with Flowd(f"store ALL\nlimit exporters {LIMIT}\nlimit settle_messages 1\n"
               "limit settle_ms 100\n") as f, \
            Exporter(f, 0, "127.1.0.1", 1000) as old, \
            Exporter(f, 1, "127.1.0.2", 2000) as new:
        old.template()
        for _ in range(3):
            old.data()
            received(f, old.seq - 1000)
            time.sleep(0.11)
        for seq in range(3):
            for n in range(LIMIT - 1):
                made_up(f, n, seq)
            received(f, 4 + (seq + 1) * (LIMIT - 1))
            time.sleep(0.11)
        old.data()
        time.sleep(3.5)  # three turns of a second and they are silent
        new.template()
        for n in range(20):
            new.data()
            for k in range(5):
                made_up(f, 1 << 16 | 5 * n + k)
        old.data()
        received(f, 4 + 3 * (LIMIT - 1) + 123)
        rows = {row["exporter"]: row for row in ask(f, "exporters")
                ["exporters"]}
        tap.equal([(rows.get(a) or {}).get("flows")
                   for a in ("127.1.0.1", "127.1.0.2")], [5, 20],
                  "made-up senders lock out no new exporter, nor an old one")
        tap.ok(len(rows) <= LIMIT, "exporters stay within their limit",
               len(rows))
        evicted = ask(f, "status")["status"][0]["exporters_evicted"]
        tap.ok(evicted >= 101, "those that gave way are counted", evicted)
        tap.ok(f.said(f"limit exporters is {LIMIT} and was reached"),
               "and told in the log", f.messages())


def main():
    if sys.platform != "linux":
        tap.skip("limits", "every address of 127/8 is an exporter")
        tap.done()
    behind_one_address(24, None)
    behind_one_address(25, 24)
    behind_one_address(40, 24)
    behind_one_address(300, None)
    early()
    hopping()
    locked_out()
    tap.done()


main()
