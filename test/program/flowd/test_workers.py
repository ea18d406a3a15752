"""Several engines: each exporter has one of them, and nothing is lost."""
import os
import re
import signal
import socket
import struct
import sys
import time

from daemon import Flowd, size, wait_for
from flowdtest import run, v5_datagram
from processes import engines
from tap import Tap

tap = Tap()
EXPORTERS = 40
FLOWS = 30
SENT = 5      # datagrams of data: what changes its port is known by then
RECORD = 116  # octets of one flow of version 5, all fields

TEMPLATE = struct.pack("!HHHHHHHHHH", 0, 20, 256, 3, 8, 4, 12, 4, 1, 4)
DATA = struct.pack("!HH4s4sI", 256, 16, bytes([10, 0, 0, 1]),
                   bytes([10, 0, 0, 2]), 100)


def can_steer():
    return sys.platform == "linux" and "FLOWD_PORTABLE" not in os.environ


def exporter(n):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((f"127.0.1.{n + 1}", 0))
    return s


def exporters():
    return [exporter(n) for n in range(EXPORTERS)]


def send_set(f, s, one, seq):
    s.sendto(struct.pack("!HHIIII", 9, 1, 1, 1700000000, seq, 7) + one,
             (f.host, f.port))


def send_all(f, sets, first):
    """Every exporter sends each of them, each from another port, in datagrams
    that are numbered from first on."""
    for n in range(EXPORTERS):
        for seq, one in enumerate(sets, first):
            with exporter(n) as s:
                send_set(f, s, one, seq)


def statistics(f):
    """One text for each engine."""
    return f.statistics(len(engines(f.process.pid)))


def total(texts, pattern):
    return sum(int(found) for text in texts
               for found in re.findall(pattern, text))


def shared_out():
    """Templates from one port, data from another: one engine knows both."""
    with Flowd("store ALL\nworkers 3\n") as f:
        tap.equal(len(engines(f.process.pid)), 3, "workers 3: three engines")
        send_all(f, [TEMPLATE, *SENT * [DATA]], 100)
        wait_for(lambda: size(f.log) > 0 and
                 len(f.records()) >= SENT * EXPORTERS)
        tap.equal(len(f.records()), SENT * EXPORTERS,
                  "an exporter's template and data have one engine")
        texts = statistics(f)
        peers = [set(re.findall(r"peer \d+ - ([0-9.]+): packets", t))
                 for t in texts]
        tap.equal(sum(map(len, peers)), EXPORTERS,
                  "every exporter is known to one engine")
        tap.equal(len(set().union(*peers)), EXPORTERS, "and all of them are")
        if can_steer():
            tap.ok(all(peers), "every engine has some", peers)
        else:
            tap.skip("every engine has some", "not on this system")
        tap.equal(total(texts, r"datagrams: received:(\d+)"), (SENT + 1) * EXPORTERS,
                  "every datagram is counted once")
        tap.equal(f.stop(), 0, "exit 0")
        f.start()
        send_all(f, [DATA], 101 + SENT)
        tap.ok(wait_for(lambda: len(f.records()) == (SENT + 1) * EXPORTERS),
               "templates are known after a restart", f.messages())
        f.stop()
        f.write_conf("store ALL\nworkers 2\n")
        f.start()
        send_all(f, [DATA], 102 + SENT)
        tap.ok(wait_for(lambda: len(f.records()) == (SENT + 2) * EXPORTERS),
               "and to other engines, when there are others", f.messages())
        peers = [len(re.findall(r"peer \d+ - [0-9.]+: packets", t))
                 for t in statistics(f)]
        tap.equal(sum(peers), EXPORTERS, f"each has taken its own only: {peers}")


def reloaded():
    with Flowd("store ALL\nworkers 2\n") as f:
        sockets = exporters()
        for s in sockets:
            send_set(f, s, TEMPLATE, 100)
        f.write_conf("store ALL\nworkers 3\naccept tag 5\n")
        f.kill(signal.SIGHUP)
        tap.ok(f.said("configuration read from"), "reload", f.messages())
        tap.ok(f.said("workers 3: takes effect at the next start"),
               "another number of workers is told of", f.messages())
        tap.equal(len(engines(f.process.pid)), 2, "and there are as many")
        for s in sockets:
            send_set(f, s, DATA, 101)
            s.close()
        tap.ok(wait_for(lambda: size(f.log) > 0 and
                        len(f.records()) == EXPORTERS),
               "templates stay", f.messages())
        tap.ok(all(r["TAG"] == b"\0\0\0\5" for r in f.records()),
               "every engine has the new rules")


def unbound():
    """An address that cannot be had is one error, not one of steering."""
    with Flowd("workers 2\nlisten on 192.0.2.77:9\n", start=False) as f:
        r = run(["flowd", "-g", "-f", f.conf])
        tap.equal((r.returncode, r.stderr.decode()),
                  (1, "cannot listen on 192.0.2.77:9: Cannot assign requested "
                   "address\n"), "an address that is not there")


def deaths():
    """Each engine is killed while all exporters send."""
    payload = v5_datagram([{"octets": n} for n in range(FLOWS)])
    with Flowd("store ALL\nworkers 3\n") as f:
        sockets = exporters()
        sent = 0
        for turn in range(6):
            victims = engines(f.process.pid)
            end = time.monotonic() + 0.5
            while time.monotonic() < end:
                for s in sockets:
                    s.sendto(payload, (f.host, f.port))
                    sent += 1
                time.sleep(0.005)
                if victims and time.monotonic() > end - 0.3:
                    os.kill(victims[turn % 3], signal.SIGKILL)
                    victims = None
            wait_for(lambda: len(engines(f.process.pid)) == 3)
        for s in sockets:
            s.close()
        wait_for(lambda: total(statistics(f), r"waiting:(\d+)") == 0)
        texts = statistics(f)
        stored = size(f.log) // RECORD
        buried = total(texts, r"an engine that died:(\d+)")
        dropped = total(texts, r" dropped:(\d+)")
        lost = total(texts, r"stored:\d+ waiting:\d+ lost:(\d+)")
        tap.equal(sent * FLOWS - stored - lost - FLOWS * (buried + dropped),
                  0, f"engines killed: sent = stored + counted ({sent} "
                  f"datagrams, {buried} lost with them)")
        r = run(["flowd-reader", "-q", f.log])
        tap.equal((r.returncode, size(f.log) % RECORD), (0, 0),
                  "no record is torn")
        tap.ok(re.search("the engine [123] died of signal 9", f.messages()),
               "it is said which", f.messages())
        tap.equal(f.stop(), 0, "exit 0")


def main():
    shared_out()
    reloaded()
    unbound()
    deaths()
    tap.done()


main()
