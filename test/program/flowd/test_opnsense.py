"""OPNsense: its configuration as it is, and a program that reads the log itself
while flowd writes, renames it and sends USR1, as its aggregator does. What it
sees is every flow once, and no record stays torn.

Where a file system shows a write that is under way (Linux's ext4 does, FreeBSD's
do not) a record may be cut for that moment: it has to be whole the next time.
"""
import os
import re
import signal
import socket
import struct
import sys
import threading
import time

from daemon import Flowd, size, wait_for
from flowdtest import V3_FIELDS, run, v5_datagram
from tap import Tap

tap = Tap()
CONF = """logfile "/var/log/flowd.log"
listen on 127.0.0.1:2056
flow source 0.0.0.0/0
store ALL
"""
FLOWS, DATAGRAMS, ROTATIONS = 10, 3000, 8


class Aggregator:
    """It goes from record to record by their lengths, and takes the fields in
    their order by fixed sizes; versions and checksums it does not look at."""

    def __init__(self, log):
        self.log, self.at, self.cut = log, {}, {}
        self.seen = {}  # of each file

    def read_file(self, path):
        with open(path, "rb") as f:
            inode = os.fstat(f.fileno()).st_ino
            start = self.at.get(inode, 0)
            f.seek(start)
            text = f.read()
        at = 0
        while len(text) - at >= 8:
            _, words, _, mask = struct.unpack_from("!BBHI", text, at)
            if len(text) - at < 8 + words * 4:
                break
            self.seen.setdefault(inode, []).append(
                self.flow(mask, text[at + 8:]))
            at += 8 + words * 4
        self.at[inode] = start + at
        self.cut[inode] = len(text) - at

    @staticmethod
    def flow(mask, body):
        out, at = {}, 0
        for bit, (name, octets) in enumerate(V3_FIELDS):
            if mask >> bit & 1:
                out[name] = body[at:at + octets]
                at += octets
        sec = struct.unpack("!II", out["RECV_TIME"])[0]
        uptime = struct.unpack("!I", out["AGENT_INFO"][:4])[0]
        start, end = struct.unpack("!II", out["FLOW_TIMES"])
        # What it would leave out: an end behind the uptime.
        assert start <= end <= uptime, (start, end, uptime)
        return sec, int.from_bytes(out["OCTETS"], "big")

    def turn(self):
        """The oldest first: the highest number."""
        folder = os.path.dirname(self.log)
        names = [n for n in os.listdir(folder) if n.startswith("flowd.log")]
        tap.other = [n for n in names
                     if not re.fullmatch(r"flowd\.log(\.\d{6})?", n)]
        for name in sorted(names, key=lambda n: n[len("flowd.log"):],
                           reverse=True):
            self.read_file(os.path.join(folder, name))

    def rotate(self, pid):
        """Older ones move up; flowd is told by its pid file."""
        n = 1
        while os.path.exists(f"{self.log}.{n:06}"):
            n += 1
        for i in range(n, 1, -1):
            os.rename(f"{self.log}.{i - 1:06}", f"{self.log}.{i:06}")
        os.rename(self.log, f"{self.log}.000001")
        with open(pid, encoding="ascii") as f:
            text = f.read().strip()
        assert text.isdigit(), text
        os.kill(int(text), signal.SIGUSR1)


def its_configuration():
    with Flowd(start=False) as f:
        with open(f.conf, "w", encoding="utf-8") as out:
            out.write(CONF)
        r = run(["flowd", "-n", "-f", f.conf])
        tap.equal((r.returncode, r.stderr), (0, b""),
                  "the configuration is taken as it is")
        r = run(["flowd", "-nv", "-f", f.conf])
        for line in CONF.splitlines():
            tap.ok(line.encode() in r.stdout, f"it means: {line}", r.stdout)


class Collector(Flowd):
    """With that configuration, but for places."""

    def write_conf(self, conf, log=None, pid=None):
        self.log = self.path("flowd.log")
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write(conf.replace("/var/log/flowd.log", self.log)
                    .replace("127.0.0.1:2056", self.listen()) +
                    f'pidfile "{self.pid}"\n')


def send(f):
    """Every flow has a number of its own: its octets."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect((f.host, f.port))
        for n in range(DATAGRAMS):
            s.send(v5_datagram([{"octets": n * FLOWS + i}
                                for i in range(FLOWS)], seq=n * FLOWS))
            if n % 10 == 0:
                time.sleep(0.003)


def reads_while_it_is_written():
    with Collector(CONF) as f:
        reader, rotations = Aggregator(f.log), 0
        sender = threading.Thread(target=send, args=(f,), daemon=True)
        sender.start()
        while sender.is_alive() or rotations < ROTATIONS:
            reader.turn()
            if rotations < ROTATIONS and size(f.log) > 0:
                reader.rotate(f.pid)
                rotations += 1
                # Until it is obeyed the renamed file is written.
                wait_for(lambda: os.path.exists(f.log))
        f.stop()
        reader.turn()
        tap.equal(set(reader.cut.values()), {0}, "no record stays torn")
        numbers = [octets for flows in reader.seen.values()
                   for _, octets in flows]
        tap.equal(len(numbers), FLOWS * DATAGRAMS, "it sees as many flows as "
                  f"were sent, over {rotations} rotations")
        tap.ok(sorted(numbers) == list(range(FLOWS * DATAGRAMS)),
               "each of them once")
        tap.ok(all(flows == sorted(flows) for flows in reader.seen.values()),
               "in each file in their order, and times do not go back")
        tap.equal(tap.other, [], "no other file begins like the log")
        tap.ok(not os.path.exists(f.pid), "no pid file is left")


def flush():
    """Stop, remove the logs, start."""
    with Collector(CONF) as f:
        f.send(v5_datagram([{}]))
        f.stored(1)
        f.stop()
        os.unlink(f.log)
        f.start()
        tap.equal(size(f.log), 0, "after a flush the log is made anew")
        f.send(v5_datagram([{}]))
        tap.ok(f.stored(1), "and written to", f.messages())


def main():
    its_configuration()
    reads_while_it_is_written()
    flush()
    tap.done()


sys.exit(main())
