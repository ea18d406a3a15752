"""What a flowd under load is put through, in any size: small in
test/program/flowd/test_loss.py, full in bench/bench_loss.py. Each returns [Count]
of its logs (load.py), and the datagrams a second that were sent.
"""
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time

from daemon import wait_for
from flowdtest import program, run
from load import (FLOWS, RECORD, Collector, Count, Load, count_flows, counts,
                  settle)
from processes import memories, started_by

TOLD = "configuration read from"
# Root may have a larger receive buffer than others.
RCVBUF = 33 if os.geteuid() == 0 else socket.SO_RCVBUF
OWN_MOUNTS = ["unshare", "-m", "--propagation", "private"] + (
    [] if os.geteuid() == 0 else ["-r"])


def enough(out, did):
    """Did what was to happen meanwhile happen? Else it shows nothing."""
    for c in out:
        c.enough = did
    return out


def steady(logs, cap, rate, loop, dir_conf="compress zstd"):
    """Just load; rate 0 is flat out."""
    with Collector(logs, dir_conf=dir_conf) as f:
        load = Load(f, cap, rate, loop)
        speed = load.wait()
        return settle(f, load.sent), speed


def reloads(logs, cap, rate, loop, times):
    """Rotations and reloads, one after the other, while it lasts."""
    with Collector(logs) as f:
        load = Load(f, cap, rate, loop, endless=True)
        for _ in range(times):
            f.rename_log()
            f.kill(signal.SIGUSR1)
            wait_for(lambda: logs == "logdir" or os.path.exists(f.log))
            before = f.messages().count(TOLD)
            f.kill(signal.SIGHUP)
            wait_for(lambda: f.messages().count(TOLD) > before)
        speed = load.wait()
        did = f.messages().count(TOLD)
        return enough(settle(f, load.sent), did == times), speed


def deaths(logs, cap, rate, loop, kind, times, workers=1):
    """kill -9 of a child, again and again. With several engines they have
    an exporter each and die in turn."""
    conf = f"workers {workers}\n" if workers > 1 else ""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink:
        sink.bind(("127.0.0.1", 0))
        if kind == "forwarder":
            conf += f"forward to 127.0.0.1:{sink.getsockname()[1]}\n"
        with Collector(logs, conf) as f:
            loads = [Load(f, cap, rate // workers, loop, f"127.0.2.{n + 1}",
                          True) for n in range(workers)]
            did = [kill_one(f, kind, n) for n in range(times)]
            speed = sum(load.wait() for load in loads)
            sent = sum(load.sent for load in loads)
            return enough(settle(f, sent), all(did)), speed


def asked(f):
    """What flowctl says of its logs, as a Count each; sent is not known."""
    r = run(["flowctl", "-s", f.path("pid.sock"), "-j", "logs"])
    rows = [json.loads(line) for line in r.stdout.splitlines()]
    rows = {None if row["log"] == "logfile" else row["path"]: row
            for row in rows}
    return [Count(0, rows[name]["written"], rows[name]["waiting"],
                  rows[name]["lost"], buried=rows[name]["buried"] * FLOWS)
            for name in f.names()]


def two_answers(logs, cap, rate):
    """After the engine has died: what the statistics say of its logs, and
    what flowctl says."""
    with Collector(logs) as f:
        load = Load(f, cap, rate, endless=True)
        for n in range(2):
            kill_one(f, "engine", n)
        load.wait()
        wait_for(lambda: all(c.missing() == 0 and c.waiting == 0
                             for c in counts(f, load.sent)), 30)
        said = counts(f, load.sent)
        for c in said:
            c.sent = c.dropped = 0
        return said, asked(f)


def kill_one(f, kind, n):
    """The n-th of those in turn. True when another one has its place."""
    def those():
        return [pid for word, pid in started_by(f.process.pid)
                if word == kind]

    time.sleep(0.3)
    before = those()
    victim = before[n % len(before)]
    os.kill(victim, signal.SIGKILL)
    return wait_for(lambda: victim not in those() and
                    len(those()) == len(before), 20)


def death_of_the_parent(logs, cap, rate):
    """Of what was not written then nobody knows; what was is whole, and the
    next flowd goes on behind it. Counts are of the next."""
    with Collector(logs) as f:
        load = Load(f, cap, rate)
        wait_for(lambda: all(count_flows(f.files(name))[0] > 0
                             for name in f.names()))
        pids = [pid for _, pid in started_by(f.process.pid)]
        f.process.kill()
        f.process.wait()
        gone = wait_for(lambda: not any(
            os.path.exists(f"/proc/{pid}") for pid in pids), 30)
        load.join()
        before = [count_flows(f.files(name)) for name in f.names()]
        f.start()
        again = Load(f, cap)
        speed = again.wait()
        out = settle(f, again.sent)
        for c, (flows, whole) in zip(out, before):
            c.in_file -= flows
            c.enough = gone and whole and flows > 0
        return out, speed


def sealers(pid):
    """Quickly, as they live for moments."""
    found = []
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        for child in f.read().split():
            try:
                with open(f"/proc/{child}/cmdline", "rb") as words:
                    if b"sealer" in words.read().split(b"\0"):
                        found.append(int(child))
            except OSError:
                pass
    return found


def dead_sealers(cap, rate, loop, times):
    """kill -9 of the process that seals, which lives for moments."""
    with Collector("logdir", dir_conf="rotate 1s flush 100ms") as f:
        def killed():
            for pid in sealers(f.process.pid):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            return f.messages().count("the sealer died of signal 9") >= times

        load = Load(f, cap, rate, loop, endless=True)
        did = wait_for(killed)
        speed = load.wait()
        return enough(settle(f, load.sent), did), speed


def drops(s):
    """Of a socket, since it was made."""
    words = s.getsockopt(socket.SOL_SOCKET, 55, 36)  # SO_MEMINFO
    return int.from_bytes(words[32:36], sys.byteorder)


def restarts(logs, cap, rate, loop, times):
    """Restarts under a service manager, which holds the socket. One run does
    not know what another one counted: here the files say what is stored."""
    with Collector(logs, start=False) as f, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, RCVBUF, 1 << 25)
        s.bind((f.host, f.port))
        f.start_with([s])
        load, status = Load(f, cap, rate, loop, endless=True), []
        for _ in range(times):
            time.sleep(0.3)
            status.append(f.stop())
            f.start_with([s])
        speed = load.wait()
        wait_for(lambda: counts(f, 0)[0].waiting == 0, 30)
        status.append(f.stop())
        out = []
        for name in f.names():
            in_file, whole = count_flows(f.files(name))
            out.append(Count(load.sent * FLOWS, in_file, in_file=in_file,
                             dropped=drops(s) * FLOWS,
                             enough=whole and status == [0] * (times + 1)))
        return out, speed


def fifo(cap, rate, loop):
    """A log whose reader does not read before all has been sent."""
    with Collector("logfile", start=False) as f:
        os.mkfifo(f.log)
        f.start()
        load = Load(f, cap, rate, loop)
        speed = load.wait()
        wait_for(lambda: counts(f, load.sent)[0].missing() == 0)
        stopped = counts(f, load.sent)[0]
        with open(f.log, "rb") as pipe:
            reader = subprocess.Popen(
                [program("flowd-reader"), "--count", "-"], stdin=pipe,
                stdout=subprocess.PIPE)
        wait_for(lambda: counts(f, load.sent)[0].waiting == 0)
        again = Load(f, cap)
        again.wait()
        sent = load.sent + again.sent
        wait_for(lambda: all(c.missing() == 0 and c.waiting == 0
                             for c in counts(f, sent)))
        out = counts(f, sent)
        f.stop()
        out[0].in_file = int(reader.communicate()[0])
        out[0].enough = stopped.waiting > 0 and out[0].waiting == 0 and \
            out[0].lost == stopped.lost
        return out, speed


def no_namespace():
    """Why there can be no file system of our own, or None."""
    try:
        r = subprocess.run([*OWN_MOUNTS, "true"], timeout=30,
                           stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    except OSError as error:
        return str(error)
    return r.stderr.decode().strip() if r.returncode else None


class Small(Collector):
    """One whose logs are in a file system of their own, which only it sees;
    from outside it is below its root in /proc."""

    def __init__(self, logs, size, conf="", **kw):
        super().__init__(logs, start=False, **kw)
        self.disk = self.path("disk")
        os.mkdir(self.disk)
        self.log = os.path.join(self.disk, "log")
        self.write_conf(f"store ALL\n{conf}")
        self.start(args=[*OWN_MOUNTS, "/bin/sh", "-c",
                         'mount -t tmpfs -o "$1" none "$2" && shift 2 && '
                         'exec "$@"', "sh", f"size={size}", self.disk,
                         *self.command()])

    def path(self, name):
        # The directory of segments is in it, too.
        return super().path("disk/flow" if name == "flow" else name)

    def files(self, name):
        return [f"/proc/{self.process.pid}/root{path}"
                for path in super().files(name)]

    def resize(self, size):
        subprocess.run(["nsenter", "-m", "-t", str(self.process.pid), "mount",
                        "-o", f"remount,size={size}", self.disk], check=True)


def full_disk(logs, cap, rate, loop, size, room, conf="", source=None):
    """A file system that is soon full, and gets room when all is sent."""
    with Small(logs, size, conf) as f:
        load = Load(f, cap, rate, loop, source)
        speed = load.wait()
        wait_for(lambda: all(c.missing() == 0
                             for c in counts(f, load.sent)), 30)
        stopped = counts(f, load.sent)
        f.resize(room)
        wait_for(lambda: all(c.waiting == 0
                             for c in counts(f, load.sent)), 30)
        again = Load(f, cap, source=source)
        again.wait()
        sent = load.sent + again.sent
        wait_for(lambda: all(c.missing() == 0 and c.waiting == 0
                             for c in counts(f, sent)), 30)
        out = counts(f, sent)
        for c, before, name in zip(out, stopped, f.names()):
            c.in_file, whole = count_flows(f.files(name))
            # Something waited, and since there is room nothing was lost, and
            # nothing waits.
            c.enough = whole and before.waiting > 0 and \
                c.lost == before.lost and c.waiting == 0
        return out, speed


def write_a_part(f, path, octets, slot=0):
    """Of what waits for a log from the first engine, as a writer that dies in
    the middle of a write: it has noted what it is about to do, for its
    successor only (write_intent.h). The slot is that of the log file, or of another
    log when there is one engine. Returns what was written; octets may be a
    function of what waits."""
    BASE, RING, NOTE, TAKEN, START = 72, 65536, 56 * 64, 8, 16
    mailbox = memories(f.process.pid, "flowd-ring")[slot]
    note, = memories(f.process.pid, "flowd-intents")
    base, = struct.unpack_from("=Q", mailbox, BASE)
    taken, = struct.unpack_from("=Q", note, slot * NOTE + TAKEN)
    waiting = mailbox[RING + taken - base:]
    st = os.stat(path)
    if callable(octets):
        octets = octets(waiting)
    struct.pack_into("=5Q", note, slot * NOTE + START, taken, 10 * octets,
                     st.st_dev, st.st_ino, st.st_size)
    with open(path, "ab") as log:
        log.write(waiting[:octets])
    return waiting[:octets]


def death_after_full_disk(cap, sources):
    """Two engines, of an exporter each. The file system is full when flows of
    one exporter are written; then the other one sends. There is room again,
    and the writer dies in the middle of a write of the first engine's."""
    with Small("logfile", "1m", "workers 2\n") as f:
        def put():
            return wait_for(lambda: counts(f, sent)[0].missing() == 0)

        (path,), sent, speed = f.files(None), 0, 0
        for source in sources:
            load = Load(f, cap, 0, 3, source)
            speed += load.wait()
            sent += load.sent
            full = put() and f.said("No space left")
            time.sleep(0.5)  # it is tried again and again
        os.kill(f.process.pid, signal.SIGSTOP)
        os.kill(dict(started_by(f.process.pid))["writer"], signal.SIGKILL)
        f.resize("200m")
        write_a_part(f, path, 10 * RECORD + 50)
        os.kill(f.process.pid, signal.SIGCONT)
        wait_for(lambda: counts(f, sent)[0].waiting == 0)
        out = counts(f, sent)
        out[0].in_file, whole = count_flows(f.files(None))
        return enough(out, full and whole), speed
