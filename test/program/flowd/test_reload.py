"""flowd takes new rules and tables while flows come in, and loses none.

Every flow carries a number. One half comes from an address that is in the
table of even generations, the other from one in that of odd generations; what
is in the table is stored with the generation as its tag, the rest is
discarded. So each stored flow tells which rules decided about it, and with
which table.
"""
import os
import re
import signal
import socket
import struct
import sys
import threading
import time

from daemon import Flowd, read, size, wait_for
from flowdtest import reader_json, v3_parse, v5_datagram
from processes import children
from tap import Tap

tap = Tap()
RELOADS = 20
SOURCES = ("10.0.0.1", "10.1.0.1")  # in the table of even, odd generations
FLOWS = 4  # of a datagram
OTHERS = 2000  # prefixes that make the table larger
RECORD = 120  # octets of a flow of version 5 with a tag, all fields


class Stream:
    """Datagrams one after the other, until it is stopped."""

    def __init__(self, address):
        self.address = address
        self.sent = 0  # datagrams
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            while not self.ended.wait(0.0005):
                s.sendto(v5_datagram(
                    [{"src": SOURCES[n % 2], "octets": self.sent * FLOWS + n}
                     for n in range(FLOWS)], seq=self.sent * FLOWS),
                    self.address)
                self.sent += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def write_generation(f, number):
    """A table file and rules; the file is there as a whole at once."""
    with open(f.path("new"), "w", encoding="ascii") as out:
        out.write(f"{SOURCES[number % 2]}\n")
        out.writelines(f"192.{number}.{n >> 8}.{n & 255}\n"
                       for n in range(OTHERS))
    os.rename(f.path("new"), f.path("table"))
    f.write_conf("store ALL\n"
                 f'table <t> file "{f.path("table")}"\n'
                 "table <u> { <t>, 172.16/12 }\n"
                 f"discard all\naccept tag {number} src <u>\n")


def tags(records):
    return [struct.unpack("!I", r["TAG"])[0] for r in records]


def number(record):
    return struct.unpack("!Q", record["OCTETS"])[0]


def last_tag(f):
    """Of the last flow in the log, where records are written as a whole."""
    whole = read(f.log)[-RECORD:] if size(f.log) > 0 else b""
    return tags(v3_parse(whole))[0] if whole else None


def reload_often(f):
    """Returns the datagrams that were sent, and the generations not seen."""
    unseen = []
    with Stream((f.host, f.port)) as stream:
        for generation in range(1, RELOADS + 1):
            write_generation(f, generation)
            f.kill(signal.SIGHUP)
            if not wait_for(lambda: last_tag(f) == generation):
                unseen.append(generation)
    return stream.sent, unseen


def check(f, sent, unseen):
    wait_for(lambda: size(f.log) >= sent * FLOWS // 2 * RECORD)
    f.kill(signal.SIGUSR2)
    f.said("discarded:")
    stored = f.records()
    discarded = sum(map(int, re.findall(r"discarded:(\d+)", f.messages())))
    tap.equal(unseen, [], f"each of {RELOADS} generations of rules decides")
    tap.equal(len(stored) + discarded, sent * FLOWS,
              "stored + discarded = sent")
    tap.equal(len({number(r) for r in stored}), len(stored),
              "no flow is stored twice")
    tap.equal(tags(stored), sorted(tags(stored)),
              "no older rules decide behind newer ones")
    tap.equal([r for r in stored if number(r) % 2 != tags([r])[0] % 2], [],
              "rules and table are of one generation always")


def holds(pid, path):
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            if os.readlink(f"/proc/{pid}/fd/{fd}") == path:
                return True
        except OSError:
            pass
    return False


def two_at_once():
    """
    The engine says that it has taken the second configuration while the parent
    looks through a directory of the third: what it has for a log of the second
    is not to be lost.
    """
    with Flowd(start=False) as f:
        old, new, large = (f.path(n) for n in ("old", "new", "large"))
        os.mkdir(large)
        for n in range(20000):
            name = time.strftime("%Y%m%dT%H%M%SZ.flow",
                                 time.gmtime(1600000000 + n))
            os.close(os.open(os.path.join(large, name), os.O_CREAT))
        with open(f.path("table"), "w", encoding="ascii") as t:
            t.writelines(f"{1 + n // 2**16}.{n // 256 % 256}.{n % 256}.1\n"
                         for n in range(300000))

        def configure(text, nth):
            with open(f.conf, "w", encoding="utf-8") as c:
                c.write(f'pidfile "{f.pid}"\nlisten on {f.listen()}\n{text}')
            if nth > 0:
                f.kill(signal.SIGHUP)
            return lambda: f.messages().count("configuration read") == nth

        first = f'logdir "{old}" flush 1h\n'
        configure(first, 0)
        f.start()
        engine = children(f.process.pid)["engine"]
        os.kill(engine, signal.SIGSTOP)
        wait_for(configure(first, 1))
        third = configure(f'logdir "{new}"\nlogdir "{large}"\ntable <t> '
                          f'file "{f.path("table")}"\ndiscard src <t>\n', 2)
        wait_for(lambda: holds(f.process.pid, large))
        os.kill(engine, signal.SIGCONT)
        f.send(*[v5_datagram([{"octets": n}]) for n in range(10)])
        wait_for(third)
        f.said("configuration read")
        status = f.stop()
        stored = [flow["octets"] for folder in (old, new)
                  for flow in reader_json(folder)[0]]
        tap.equal((status, sorted(stored)), (0, list(range(10))),
                  "two configurations, one behind the other: nothing is lost")


def main():
    if sys.platform == "linux":
        two_at_once()

    with Flowd(start=False) as f:
        write_generation(f, 0)
        f.start()
        sent, unseen = reload_often(f)
        check(f, sent, unseen)
        tap.equal(f.stop(), 0, "it ends as ever")
    tap.done()


main()
