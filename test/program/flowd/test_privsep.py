"""The processes of the daemon: what each may, and what becomes of the flows
when one of them dies."""
import fcntl
import mmap
import os
import re
import signal
import socket
import struct
import sys
import threading
import time

from daemon import Flowd, read, size, wait_for
from flowdtest import run, sanitized, v5_datagram
from losses import write_a_part
from processes import children, memories
from tap import Tap

tap = Tap()
F_GET_SEALS = 1034  # of Linux; Python 3.11 does not name it everywhere
ONE = v5_datagram([{"octets": 7}])
FLOWS = 30
RECORD = 116  # octets of one flow of version 5, all fields


def child(f, name):
    return children(f.process.pid).get(name, 0)


def status(pid):
    with open(f"/proc/{pid}/status", encoding="latin-1") as f:
        return dict(line.rstrip("\n").split(":\t", 1)
                    for line in f if ":\t" in line)


def descriptors(pid):
    out = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            out.append(os.readlink(f"/proc/{pid}/fd/{fd}"))
        except OSError:
            pass
    return out


def rights():
    if os.geteuid() != 0:
        tap.skip("the rights of the processes", "not run as root")
        return
    with Flowd() as f:
        f.send(ONE)
        f.stored(1)
        for name in ("engine", "writer"):
            pid = child(f, name)
            if not tap.ok(pid, f"there is an {name}"):
                continue
            s = status(pid)
            tap.ok(all(uid != "0" for uid in s["Uid"].split()),
                   f"{name}: not root", s["Uid"])
            tap.ok(all(gid != "0" for gid in s["Gid"].split() +
                       s.get("Groups", "").split()),
                   f"{name}: no group of root", (s["Gid"], s["Groups"]))
            tap.ok(os.readlink(f"/proc/{pid}/root") != "/",
                   f"{name}: its root is not /")
            tap.equal(s["NoNewPrivs"], "1", f"{name}: no new privileges")
            for caps in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
                tap.equal(int(s[caps], 16), 0, f"{name}: {caps} is empty")
            if sanitized():
                tap.skip(f"{name}: a filter of system calls",
                         "built with sanitizers, which make calls of their own")
            else:
                tap.equal(s["Seccomp"], "2", f"{name}: system calls filtered")
            with open(f"/proc/{pid}/limits", encoding="latin-1") as limits:
                core = re.search(r"core file size\s+(\S+)", limits.read())
            tap.equal(core[1], "0", f"{name}: no core dumps")
        fds = descriptors(child(f, "engine"))
        files = [d for d in fds if d.startswith("/") and d != "/dev/null"
                 and not d.endswith("/err") and "memfd:" not in d]
        tap.ok(not files and len(fds) <= 12,
               "engine: it holds sockets and memory, and no file", fds)
        fds = descriptors(child(f, "writer"))
        files = [d for d in fds if d.startswith("/") and d != "/dev/null"
                 and not d.endswith("/err") and "memfd:" not in d]
        tap.equal(files, [f.log], "writer: it holds the log, no other file")


def environment():
    """Children have nothing of it but the time zone; a sanitizer has words of
    its own."""
    if os.geteuid() != 0:
        tap.skip("the environment of the processes", "not run as root")
        return
    with Flowd(start=False) as f:
        f.start(env={"TZ": "Europe/Berlin", "TOKEN": "secret", "TZX": "x",
                     "LD_LIBRARY_PATH": "/nowhere"})
        f.send(ONE)
        f.stored(1)
        for name in ("engine", "writer", "control"):
            env = [v for v in read(f"/proc/{child(f, name)}/environ")
                   .split(b"\0") if v and not v.split(b"=")[0].endswith(
                       b"SAN_OPTIONS")]
            tap.equal(env, [b"TZ=Europe/Berlin"], f"{name}: its environment")
        tap.ok(b"TOKEN=secret" in read(f"/proc/{f.process.pid}/environ"),
               "that of the parent is there")


def journal():
    """Where a service manager keeps lines with their levels, those of the
    processes have them, too."""
    with Flowd(start=False) as f:
        with open(f.path("err"), "ab") as err:
            st = os.fstat(err.fileno())
        f.start(env={"JOURNAL_STREAM": f"{st.st_dev}:{st.st_ino}"})
        f.kill(signal.SIGUSR2)
        tap.ok(f.said("flows: stored:") and all(
            re.match("<[3-7]>", line) for line in f.messages().splitlines()),
            "the journal: each line has its level", f.messages())


def insecure():
    with Flowd(args=("-g", "-X", "INSECURE")) as f:
        f.send(ONE)
        tap.ok(f.stored(1), "-X INSECURE: it works", f.messages())
        tap.ok(f.said("the processes keep all privileges"),
               "-X INSECURE: it says so")
        tap.equal(status(child(f, "engine"))["NoNewPrivs"], "0",
                  "-X INSECURE: nothing is given up")


class Sender(threading.Thread):
    """Datagrams of 30 flows at a rate, until it is told to stop."""

    def __init__(self, f, rate):
        super().__init__()
        self.f, self.rate, self.sent, self.going = f, rate, 0, True
        self.payload = v5_datagram([{"octets": n} for n in range(FLOWS)])

    def run(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect((self.f.host, self.f.port))
            begin = time.monotonic()
            while self.going:
                due = int((time.monotonic() - begin) * self.rate)
                while self.sent < due and self.going:
                    s.send(self.payload)
                    self.sent += 1
                time.sleep(0.002)

    def stop(self):
        self.going = False
        self.join()


def counted(f):
    """What the statistics say, as numbers."""
    last = f.statistics()[0]

    def number(pattern):
        found = re.search(pattern, last)
        return int(found[1]) if found else 0

    return {"dropped": number(r" dropped:(\d+)"),
            "buried": number(r"an engine that died:(\d+)"),
            "lost": number(r"stored:\d+ waiting:\d+ lost:(\d+)"),
            "waiting": number(r"waiting:(\d+)"),
            "stored": number(r"stored:(\d+)")}


def balance(f, sender, what):
    """Every flow that was sent is in the log, or counted."""
    wait_for(lambda: counted(f)["waiting"] == 0)
    c = counted(f)
    stored = size(f.log) // RECORD
    whole = run(["flowd-reader", "-q", f.log])
    missing = sender.sent * FLOWS - stored - c["lost"] - \
        FLOWS * (c["dropped"] + c["buried"])
    tap.equal((missing, size(f.log) % RECORD), (0, 0),
              f"{what}: sent = stored + counted ({sender.sent} datagrams)")
    tap.equal(whole.returncode, 0, f"{what}: no record is torn")
    tap.equal(c["stored"], stored, f"{what}: what is stored is counted")
    return c


def deaths():
    """kill -9 of each child under load."""
    for name in ("writer", "engine"):
        with Flowd() as f:
            sender = Sender(f, 2000)
            sender.start()
            for n in range(5):
                time.sleep(0.3)
                pid = child(f, name)
                os.kill(pid, signal.SIGKILL)
                tap.ok(wait_for(lambda: child(f, name) not in (0, pid)),
                       f"the {name} comes back ({n + 1})", f.messages())
            time.sleep(0.3)
            sender.stop()
            balance(f, sender, f"the {name} was killed five times")
            tap.ok(f"the {name} died of signal 9; restarting it"
                   in f.messages(), f"the death of the {name} is told")
            tap.equal(f.stop(), 0, f"the {name} was killed: exit 0")


def forbidden():
    """A system call that is not allowed: SIGSYS, as the filter sends it."""
    with Flowd() as f:
        f.send(ONE)
        f.stored(1)
        os.kill(child(f, "engine"), signal.SIGSYS)
        tap.ok(f.said("the engine died of signal 31; restarting it"),
               "the engine is killed and comes back", f.messages())
        f.send(ONE)
        tap.ok(f.stored(2), "flows before and after it are stored",
               f.messages())


def orphans():
    with Flowd() as f:
        pids = list(children(f.process.pid).values())
        f.process.kill()
        f.process.wait()
        tap.ok(pids and wait_for(lambda: not any(
            os.path.exists(f"/proc/{pid}") for pid in pids)),
            "when the parent is killed, nobody stays", pids)


def templates():
    """What was learned of an exporter survives engine and daemon."""
    template = bytes.fromhex("0009 0001 00000001 65000000 00000000 00000007"
                             "0000 0014 0100 0003 0008 0004 000c 0004"
                             "0001 0004".replace(" ", ""))
    data = bytes.fromhex("0009 0001 00000002 65000001 0000000%d 00000007"
                         "0100 0010 0a000001 0a000002 00000064"
                         .replace(" ", "") % 1)
    with Flowd() as f:
        port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        port.bind(("127.0.0.1", 0))
        port.connect((f.host, f.port))
        port.send(template)
        port.send(data)
        wait_for(lambda: size(f.log) > 0)
        one = size(f.log)
        tap.ok(one > 0, "a flow of a template is stored", f.messages())
        tap.equal(f.stop(), 0, "stop")
        tap.ok(size(f.path("pid.state")) > 0 or size(f.path("pid") + ".state")
               > 0, "there is a state file", os.listdir(f.dir.name))
        f.start()
        port.send(data)
        tap.ok(wait_for(lambda: size(f.log) == 2 * one),
               "after a restart the template is known", f.messages())
        time.sleep(5.5)  # the engine keeps its state every five seconds
        os.kill(child(f, "engine"), signal.SIGKILL)
        f.said("restarting it")
        port.send(data)
        tap.ok(wait_for(lambda: size(f.log) == 3 * one),
               "after the engine died the template is known", f.messages())
        f.stop()
        with open(f.path("pid") + ".state", "wb") as state:
            state.write(b"FLOWSTAT" + b"\xff" * 100)
        f.start()
        port.send(template)
        port.send(data)
        tap.ok(wait_for(lambda: size(f.log) == 4 * one) and
               "cannot load the state of exporters" in f.messages(),
               "a state file that is garbage is told of, and no more",
               f.messages())
        port.close()


def reloads():
    """20 rotations and 20 reloads with tables, under load: none lost."""
    with Flowd(start=False) as f:
        nets = f.path("nets.txt")

        def tables(n):
            with open(nets + ".new", "w", encoding="ascii") as out:
                for i in range(20000):
                    out.write(f"{11 + n % 5}.{i >> 8 & 255}.{i & 255}.0/24\n")
            os.rename(nets + ".new", nets)
            return (f'table <t> file "{nets}"\ntable <u> {{ <t>, 10/8 }}\n'
                    "accept tag 5 src <u>\ndiscard dst <t>\n")

        f.write_conf(tables(0))
        f.start()
        sender = Sender(f, 5000)
        sender.start()
        logs = [f.log]
        for n in range(20):
            time.sleep(0.05)
            logs.append(f"{f.log}.{n}")
            os.rename(f.log, logs[-1])
            f.kill(signal.SIGUSR1)
            wait_for(lambda: size(f.log) >= 0)
            f.write_conf(tables(n + 1))
            done = f.messages().count("configuration read from")
            f.kill(signal.SIGHUP)
            tap.ok(wait_for(lambda: f.messages().count(
                "configuration read from") > done), f"reload {n + 1}",
                f.messages()[-2000:])
        sender.stop()
        wait_for(lambda: counted(f)["waiting"] == 0)
        c = counted(f)
        # A tag takes four octets more.
        stored = sum(size(log) for log in logs) // (RECORD + 4)
        tap.equal(stored, sender.sent * FLOWS,
                  f"20 rotations and reloads: none of {sender.sent * FLOWS} "
                  f"flows is lost ({c})")


def numbered(first, n):
    """Datagrams with n flows, whose octets are numbers from the first on."""
    return [v5_datagram([{"octets": first + k + i} for i in range(FLOWS)])
            for k in range(0, n, FLOWS)]


def put_all(f, datagrams):
    """Until the engine has put all of their flows, which nobody takes."""
    for n, datagram in enumerate(datagrams):
        f.send(datagram)
        if n % 50 == 49:
            time.sleep(0.005)
    return wait_for(lambda: counted(f)["waiting"] == len(datagrams) * FLOWS)


def dies_at_rotation(f, old):
    """The writer, while it writes what waits to the file that was renamed, and
    the next one is open. True when it was so."""
    writer, before = child(f, "writer"), size(f.log)
    os.rename(f.log, old)
    f.kill(signal.SIGUSR1)
    wait_for(lambda: os.path.exists(f.log))
    os.kill(writer, signal.SIGCONT)
    end = time.monotonic() + 60
    while size(old) == before and time.monotonic() < end:
        pass
    os.kill(writer, signal.SIGKILL)
    return before < size(old) and wait_for(
        lambda: child(f, "writer") not in (0, writer), 20)


def death_at_rotation():
    """What a writer left in the file before is not written to the next one."""
    count, times = 72000, 4
    with Flowd() as f:
        logs, first = [], 1
        for n in range(times):
            os.kill(child(f, "writer"), signal.SIGSTOP)
            put = put_all(f, numbered(first, count))
            first += count
            logs.append(f.path(f"log.{n}"))
            tap.ok(put and dies_at_rotation(f, logs[-1]), "the writer dies "
                   f"while it writes to the file before ({n + 1})",
                   f.messages())
            wait_for(lambda: counted(f)["waiting"] == 0)
        tap.equal(f.stop(), 0, "the writer died at rotations: exit 0")
        tap.equal([size(log) % RECORD for log in logs], [0] * times,
                  "no file before has a torn record")
        r = run(["flowd-reader", "--json", "--fields", "octets", *logs,
                 f.log])
        got = [int(n) for n in re.findall(rb'"octets":(\d+)', r.stdout)]
        tap.equal((len(got), got == list(range(1, first))),
                  (first - 1, True), "every flow is in one of the files, once")


def death_when_a_log_ends():
    """What waits for a log file that the next configuration does not have."""
    with Flowd() as f:
        writer = child(f, "writer")
        os.kill(writer, signal.SIGSTOP)
        put = put_all(f, numbered(1, 3000))
        with open(f.conf, "w", encoding="utf-8") as conf:
            conf.write(f'pidfile "{f.pid}"\nlisten on {f.listen()}\n'
                       f'logdir "{f.path("flow")}"\n')
        f.kill(signal.SIGHUP)
        told = f.said("configuration read")
        os.kill(writer, signal.SIGKILL)
        tap.ok(put and told and f.stored(3000), "the writer dies when a log "
               "file ends: the next one completes it", f.messages())
        tap.ok(wait_for(lambda: f.log not in descriptors(f.process.pid)),
               "and the parent holds it no more")
        tap.equal((f.stop(), size(f.log)), (0, 3000 * RECORD),
                  "all of it is there once")


def death_before_the_end():
    """A writer that died, and flowd is told to end before the next one is
    started: what waits is written all the same."""
    with Flowd() as f:
        writer = child(f, "writer")
        os.kill(writer, signal.SIGSTOP)
        put = put_all(f, numbered(1, 3000))
        f.kill(signal.SIGSTOP)
        os.kill(writer, signal.SIGKILL)
        f.kill(signal.SIGTERM)
        f.kill(signal.SIGCONT)
        tap.equal((put, f.process.wait(60), size(f.log)),
                  (True, 0, 3000 * RECORD),
                  "the writer dies when flowd ends: what waits is written")


def death_at_the_end():
    """A child that dies when it was told to end: what it had not done another
    one does, or it is counted."""
    for name in ("engine", "writer"):
        with Flowd() as f:
            writer, victim = child(f, "writer"), child(f, name)
            os.kill(writer, signal.SIGSTOP)
            put = put_all(f, numbered(1, 3000))
            os.kill(victim, signal.SIGSTOP)
            # Nobody has received these.
            f.send(*(numbered(3001, 300) if name == "engine" else ()))
            f.kill(signal.SIGTERM)
            # The writer is told when the engines are gone.
            wait_for(lambda: name == "engine" or not child(f, "engine"))
            os.kill(victim, signal.SIGKILL)
            if victim != writer:
                os.kill(writer, signal.SIGCONT)
            tap.equal((put, f.process.wait(60), size(f.log)),
                      (True, 0, (3300 if name == "engine" else 3000) *
                       RECORD), f"the {name} dies when it was to end: "
                      "nothing is lost")
            tap.ok(f"the {name} died of signal 9" in f.messages(),
                   "and that is told", f.messages())
    with Flowd() as f:
        writer = child(f, "writer")
        os.kill(writer, signal.SIGSTOP)
        put = put_all(f, numbered(1, 3000))
        tap.equal((put, f.stop(), size(f.log)), (True, 0, 0),
                  "a writer that does not end")
        tap.ok(f"{f.log}: flows lost while waiting to be written: 3000" in
               f.messages(), "what waits in it is counted", f.messages())


def rotations_without_a_writer():
    """It stands still: what it may still have to be given has an end."""
    with Flowd() as f:
        writer = child(f, "writer")
        os.kill(writer, signal.SIGSTOP)
        for n in range(9):
            os.rename(f.log, f.path(f"log.{n}"))
            f.kill(signal.SIGUSR1)
            if not wait_for(lambda: os.path.exists(f.log) or
                            "cannot open logfile" in f.messages()):
                break
        tap.ok(n == 8 and f.said("the writer still uses too many old ones") and
               f.said("still writing to the old"),
               "nine rotations while the writer is stopped: one is refused",
               f.messages())
        os.kill(writer, signal.SIGCONT)
        tap.ok(wait_for(lambda: f.kill(signal.SIGUSR1) or time.sleep(0.1) or
                        os.path.exists(f.log)),
               "when it goes on there is another", f.messages())
        f.send(ONE)
        tap.ok(f.stored(1), "and it is written to", f.messages())
        tap.equal(child(f, "writer"), writer, "by the same writer")


def stopped_disk():
    """A log that takes nothing for a while: all waits, nothing is lost."""
    with Flowd(start=False) as f:
        os.mkfifo(f.log)
        f.start()
        sender = Sender(f, 2000)
        sender.start()
        time.sleep(3)
        sender.stop()
        c = counted(f)
        tap.ok(c["waiting"] > 0, "a FIFO without a reader: flows wait", c)
        got = []
        fd = os.open(f.log, os.O_RDONLY | os.O_NONBLOCK)
        want = sender.sent * FLOWS * RECORD

        def drained():
            try:
                got.append(len(os.read(fd, 1 << 20)))
            except BlockingIOError:
                pass
            return sum(got) >= want

        tap.ok(wait_for(drained), "its reader gets all of them",
               f"{sum(got)} of {want} octets")
        os.close(fd)
        c = counted(f)
        tap.equal((c["lost"], c["dropped"]), (0, 0), "nothing was lost")


def room(limit):
    """With a log that takes nothing, what waits and what is lost of 8,000 *
    30 flows, 28 MB."""
    with Flowd(start=False) as f:
        os.mkfifo(f.log)
        f.write_conf(f"store ALL\nlimit mailbox_octets {limit}\n")
        f.start()
        for n in range(8000):
            f.send(numbered(1, FLOWS)[0])
            if n % 50 == 49:
                time.sleep(0.005)
        wait_for(lambda: sum(counted(f).values()) >= 8000 * FLOWS)
        return counted(f)


def mailbox_limit():
    """What may wait for a log is what the configuration says."""
    limit = 16 << 20
    small, large = room("16Mi"), room("48Mi")
    tap.ok(0 <= limit - small["waiting"] * RECORD < 2 * RECORD and
           small["lost"] > 0, "a small mailbox is full, the rest is lost",
           small)
    tap.ok(large["waiting"] * RECORD > limit and large["lost"] == 0,
           "a large one has room for all", large)


def taken_over():
    """An engine that somebody else has taken over puts what is no record."""
    PUT, NEXT, TAKEN, RING = 0, 32, 88, 65536
    with Flowd(start=False) as f:
        f.write_conf(f'logsock "{f.path("sock")}"\n')
        f.start()
        f.send(ONE)
        f.stored(1)
        writer, engine = child(f, "writer"), child(f, "engine")
        os.kill(engine, signal.SIGSTOP)
        for m in memories(f.process.pid, "flowd-ring"):
            taken, = struct.unpack_from("<Q", m, TAKEN)
            m[RING:RING + 65536] = b"\xff" * 65536
            m[NEXT:NEXT + 8] = bytes(8)
            m[PUT:PUT + 8] = struct.pack("<Q", taken + 1100)
        tap.ok(f.said("invalid data in the ring"),
               "an engine that puts nonsense: the writer says so",
               f.messages())
        os.kill(engine, signal.SIGKILL)
        before = size(f.log)
        tap.ok(wait_for(lambda: f.send(ONE) or time.sleep(0.1) or
                        size(f.log) >= before + RECORD),
               "an engine that puts nonsense: with the next one it goes on",
               f.messages())
        tap.equal(child(f, "writer"), writer,
                  "an engine that puts nonsense: the writer stays")
        tap.equal(f.stop(), 0, "an engine that puts nonsense: it ends")


def forge(f, flows):
    """In the mailbox of the log file, as an engine that somebody else has taken
    over: the last flows of the file are taken back, and a writer that died had
    been writing them, when they were something else."""
    TAKEN, BEHIND, RING = 88, 144, 65536
    m = memories(f.process.pid, "flowd-ring")[0]
    taken, = struct.unpack_from("=Q", m, TAKEN)
    st, octets = os.stat(f.log), flows * RECORD
    struct.pack_into("=Q", m, TAKEN, taken - octets)
    struct.pack_into("=5Q", m, BEHIND, taken - octets, octets, st.st_dev,
                     st.st_ino, st.st_size - octets)
    m[RING:RING + taken] = b"\xff" * taken


def forgery():
    """What an engine says of it a writer that comes anew does not believe."""
    count = 3000
    for flows in (1, 1000):
        what = f"an engine that forges what {flows} flows were"
        with Flowd() as f:
            for datagram in numbered(1, count):
                f.send(datagram)
            f.stored(count)
            f.send(ONE)
            f.stored(count + 1)
            before = read(f.log)
            writer, engine = child(f, "writer"), child(f, "engine")
            os.kill(engine, signal.SIGSTOP)
            forge(f, flows)
            os.kill(writer, signal.SIGKILL)
            tap.ok(wait_for(lambda: child(f, "writer") not in (0, writer)),
                   f"{what}: the writer comes back", f.messages())
            os.kill(engine, signal.SIGKILL)
            tap.ok(wait_for(lambda: f.send(ONE) or time.sleep(0.1) or
                            size(f.log) > len(before)),
                   f"{what}: it goes on with the next one", f.messages())
            after = read(f.log)
            tap.ok(after.startswith(before), f"{what}: nothing is cut",
                   (len(before), len(after)))
            tap.equal((f.stop(), size(f.log) % RECORD), (0, 0),
                      f"{what}: it ends well")


def changed_afterwards():
    """A writer dies in the middle of a write, and then the engine changes what
    that was of: of the file only what was begun is cut."""
    RING, TORN = 65536, 50
    with Flowd() as f:
        writer, engine = child(f, "writer"), child(f, "engine")
        os.kill(writer, signal.SIGSTOP)
        put = put_all(f, numbered(1, 3000))
        os.kill(engine, signal.SIGSTOP)
        os.kill(f.process.pid, signal.SIGSTOP)
        os.kill(writer, signal.SIGKILL)
        write_a_part(f, f.log, 10 * RECORD + TORN)
        m = memories(f.process.pid, "flowd-ring")[0]
        m[RING:RING + 3000 * RECORD] = b"\xff" * 3000 * RECORD
        before = read(f.log)[:-TORN]
        os.kill(f.process.pid, signal.SIGCONT)
        tap.ok(put and wait_for(lambda: child(f, "writer") not in (0, writer)
                                and size(f.log) > len(before) + TORN),
               "the engine changes what was being written: the writer comes "
               "back", f.messages())
        after = read(f.log)
        tap.equal((after[:len(before)] == before,
                   after[len(before):][:TORN] == b"\xff" * TORN),
                  (True, True), "the engine changes what was being written: "
                  "what was begun is cut, and nothing else")
        os.kill(engine, signal.SIGKILL)


def death_within_a_block():
    """The same for a segment: what is whole of it is not written again."""
    LOGDIR, TORN, FLOWS_PUT = 2, 50, 8

    def one_and_a_part(waiting):
        return sum(struct.unpack_from("<II", waiting, 12)) + TORN

    with Flowd(start=False) as f:
        folder = f.path("flow")
        f.write_conf(f'logdir "{folder}" flush 100ms\nstore ALL\n')
        f.start()
        writer = child(f, "writer")
        os.kill(writer, signal.SIGSTOP)
        mailbox = memories(f.process.pid, "flowd-ring")[LOGDIR]
        for n, datagram in enumerate(numbered(1, 300), 1):
            f.send(datagram)
            # A block each.
            wait_for(lambda: struct.unpack_from("=Q", mailbox, FLOWS_PUT)
                     == (n * FLOWS,))
        os.kill(f.process.pid, signal.SIGSTOP)
        os.kill(writer, signal.SIGKILL)
        segment, = [name for name in os.listdir(folder)
                    if not name.startswith(".")]
        segment = os.path.join(folder, segment)
        part = write_a_part(f, segment, one_and_a_part, LOGDIR)
        os.kill(f.process.pid, signal.SIGCONT)
        tap.ok(wait_for(lambda: child(f, "writer") not in (0, writer) and
                        f.stored(300)), "the writer dies within a block: the "
               "next one comes", f.messages())
        tap.equal(f.stop(), 0, "the writer dies within a block: exit 0")
        r = run(["flowd-reader", "--json", "--fields", "octets", segment])
        got = [int(n) for n in re.findall(rb'"octets":(\d+)', r.stdout)]
        tap.equal((len(part) > TORN, r.returncode, got),
                  (True, 0, list(range(1, 301))),
                  "the writer dies within a block: every flow is there once")


def memory_names(pid):
    """(descriptor's path, name) of the memory that a process holds."""
    found = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        path = f"/proc/{pid}/fd/{fd}"
        try:
            name = os.readlink(path)
        except OSError:
            continue  # closed meanwhile
        if name.startswith("/memfd:"):
            found.append((path, name[7:].split()[0]))
    return found


def seals(pid):
    """{"flowd-conf": seals, ...}; of several of a name those of all."""
    found = {}
    for path, name in memory_names(pid):
        memory = os.open(path, os.O_RDWR)
        found[name] = fcntl.fcntl(memory, F_GET_SEALS) & found.get(name, 15)
        os.close(memory)
    return found


def can_be_changed(pid, name):
    """By who holds a descriptor that the process holds, too."""
    path = dict((n, p) for p, n in memory_names(pid))[name]
    memory = os.open(path, os.O_RDWR)
    try:
        mmap.mmap(memory, 0)
        return True
    except PermissionError:
        return False
    finally:
        os.close(memory)


def sealed():
    """What a process shares with others that it must not change. All of it
    stays as large as it was made, and who does not write does not get to."""
    if "FLOWD_PORTABLE" in os.environ or os.geteuid() != 0:
        tap.skip("seals of shared memory", "not root, or not what only Linux "
                 "has")
        return
    with Flowd() as f:
        for when in ("at the start", "after a reload"):
            held = seals(f.process.pid)
            # SEAL 1, SHRINK 2, GROW 4, WRITE 8
            tap.equal(held, {"flowd-conf": 15, "flowd-counters": 7,
                             "flowd-snapshot": 7, "flowd-ring": 7,
                             "flowd-intents": 7}, f"{when}: memory is sealed")
            tap.equal((can_be_changed(f.process.pid, "flowd-conf"),
                       can_be_changed(f.process.pid, "flowd-counters")),
                      (False, True),
                      f"{when}: the configuration cannot be changed")
            done = f.messages().count("configuration read from")
            f.kill(signal.SIGHUP)
            wait_for(lambda: f.messages().count("configuration read from") >
                     done)
        os.kill(child(f, "engine"), signal.SIGKILL)
        tap.ok(wait_for(lambda: f.send(ONE) or time.sleep(0.1) or
                        size(f.log) > 0),
               "the next engine reads what is sealed", f.messages())


def secrets():
    """What only the parent and the writer may hold."""
    with Flowd(start=False) as f:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink:
            sink.bind(("127.0.0.1", 0))
            f.write_conf("store ALL\nforward to 127.0.0.1:%d\n" %
                         sink.getsockname()[1])
            f.start()
            holders = [name for name, pid in children(f.process.pid).items()
                       if any("flowd-intents" in d for d in descriptors(pid))
                       or b"flowd-intents" in read(f"/proc/{pid}/maps")]
        tap.equal((holders, len(children(f.process.pid)) > 2),
                  (["writer"], True), "the writer's notes: no other child "
                  "holds them")


def main():
    if sys.platform != "linux":
        tap.skip("the processes of the daemon", "they are looked at in /proc")
        tap.done()
    rights()
    environment()
    journal()
    insecure()
    forbidden()
    orphans()
    templates()
    deaths()
    reloads()
    death_at_rotation()
    death_when_a_log_ends()
    death_before_the_end()
    death_at_the_end()
    rotations_without_a_writer()
    stopped_disk()
    mailbox_limit()
    taken_over()
    forgery()
    changed_afterwards()
    death_within_a_block()
    sealed()
    secrets()
    tap.done()


main()
