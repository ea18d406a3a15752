"""logsock: flows as datagrams to a program that comes, goes and stalls."""
import os
import select
import signal
import socket
import time

from daemon import Flowd, size, wait_for
from flowdtest import run, shared, v3_parse, v5_datagram
from processes import children
from tap import Tap

tap = Tap()
ONE = v5_datagram([{"sport": 1000}])
FULL = v5_datagram([{}] * 30)


class Reader:
    """A program that has bound the path."""

    def __init__(self, path):
        if os.path.exists(path):
            os.unlink(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)

    def get(self, n, seconds=60):
        """Up to n datagrams."""
        out, end = [], time.monotonic() + seconds
        while len(out) < n and time.monotonic() < end:
            if select.select([self.socket], [], [], 0.2)[0]:
                out.append(self.socket.recv(65536))
        return out

    def close(self):
        self.socket.close()


def logged(f, conf='logsock "{}"\nstore ALL\n', logfile=True):
    """Write a configuration with a log socket; returns the socket's path."""
    path = f.path("sock")
    f.write_conf(conf.format(path))
    if not logfile:
        with open(f.conf, encoding="utf-8") as conf_file:
            lines = conf_file.read().split("\n", 1)
        with open(f.conf, "w", encoding="utf-8") as conf_file:
            conf_file.write(lines[1])
    return path


def same_records_as_the_file():
    with Flowd(start=False) as f:
        r = Reader(logged(f))
        f.start()
        f.send(ONE, v5_datagram([{"sport": n} for n in range(5)]))
        f.stored(6)
        got = r.get(6)
        with open(f.log, "rb") as log:
            tap.equal(b"".join(got), log.read(),
                      "the datagrams are the records of the file")
        tap.equal([len(v3_parse(d)) for d in got], [1] * 6,
                  "one record each")
        tap.equal(f.stop(), 0, "exit 0")
        r.close()


def without_a_logfile():
    with Flowd(start=False) as f:
        r = Reader(logged(f, logfile=False))
        f.start()
        f.send(ONE)
        tap.equal(len(r.get(1)), 1, "without a logfile: the socket has it")
        tap.equal(size(f.log), -1, "and no file is made")
        f.write_conf("store ALL\n")
        f.kill(signal.SIGHUP)
        f.said("configuration read")
        f.send(ONE)
        tap.ok(f.stored(1), "HUP: from a socket to a file", f.messages())
        tap.equal(r.get(1, 0.3), [], "HUP: the socket has nothing more")
        logged(f, logfile=False)
        f.kill(signal.SIGHUP)
        wait_for(lambda: f.messages().count("configuration read") == 2)
        f.send(ONE)
        tap.equal((len(r.get(1)), size(f.log)), (1, 116),
                  "HUP: and back to the socket")
        tap.equal(f.stop(), 0, "without a logfile: exit 0")
        r.close()


def comes_and_goes():
    with Flowd(start=False) as f:
        path = logged(f)
        f.start()
        tap.ok(f.said(f"logsock {path}: No such file or directory"),
               "no reader at the start is told of, and it starts",
               f.messages())
        f.send(ONE)
        tap.ok(f.stored(1), "the file has the flow")
        r = Reader(path)
        got = []

        def reached():
            f.send(ONE)
            got.extend(r.get(1, 0.05))
            return got

        tap.ok(wait_for(reached), "a reader that appears is found",
               f.messages())
        tap.ok(f.said("its reader reads again"), "which is told", f.messages())
        r.close()
        f.send(ONE)
        time.sleep(0.2)
        r = Reader(path)
        got = []
        tap.ok(wait_for(reached), "and after it was away, too", f.messages())
        f.kill(signal.SIGUSR2)
        tap.ok(f.said("logsock: sent:"), "USR2: what became of flows",
               f.messages())
        tap.ok(f.messages().count("logsock /") <= 4,
               "and all that in a few lines", f.messages())
        r.close()
        tap.equal(f.stop(), 0, "no reader at the end: exit 0")


def counted(f):
    """(sent, waiting, lost) of its flows."""
    line, = [m for m in f.statistics()[0].splitlines()
             if m.startswith("logsock: sent:")]
    return tuple(int(w.split(":")[-1]) for w in line.split()[1:])


def writer_dies():
    """What it had taken and not sent is counted by the next one."""
    if not os.path.isdir("/proc/self"):
        tap.skip("kill -9 of the writer", "no /proc")
        return
    with Flowd(start=False) as f:
        r = Reader(logged(f))
        f.start()
        f.send(*[FULL] * 60)
        f.stored(1800)
        wait_for(lambda: sum(counted(f)) == 1800)
        sent, waiting, _ = counted(f)
        writer = children(f.process.pid)["writer"]
        os.kill(writer, signal.SIGKILL)
        wait_for(lambda: children(f.process.pid).get("writer", writer) !=
                 writer)
        wait_for(lambda: counted(f)[1] == 0)
        tap.equal(counted(f), (sent, 0, waiting), "kill -9 of the writer: "
                  "what waited for a reader is lost and counted")
        tap.ok(waiting > 0, "something waited", (sent, waiting))
        r.close()


def stalls():
    """A reader that never reads stops neither the file nor the end."""
    with Flowd(start=False) as f:
        r = Reader(logged(f))
        f.start()
        for _ in range(40):
            f.send(*[FULL] * 50)
            time.sleep(0.03)
        tap.ok(f.stored(60000), "a stalled reader: the file has all flows",
               size(f.log))
        tap.ok(f.said("its reader is too slow"), "it is told of",
               f.messages())
        wait_for(lambda: sum(counted(f)) == 60000)
        sent, waiting, lost = counted(f)
        tap.equal(sent + waiting + lost, 60000,
                  "sent + waiting + lost is what was stored")
        tap.ok(lost > 0 and waiting < 60000, "the queue is bounded",
               (sent, waiting, lost))
        got = r.get(sent + waiting)
        tap.equal(len(got), sent + waiting,
                  "when it reads again, it gets what waited")
        r.close()
    with Flowd(start=False) as f:
        r = Reader(logged(f))
        f.start()
        f.send(*[FULL] * 60)
        f.stored(1800)
        tap.equal(f.stop(), 0, "TERM with a stalled reader: exit 0")
        tap.ok("flows could not be sent" in f.messages(),
               "and says what it had to leave", f.messages())
        r.close()


def reopened():
    with Flowd(start=False) as f:
        path = logged(f)
        old = Reader(path)
        f.start()
        new = Reader(path)
        f.send(ONE)
        tap.equal(len(old.get(1)), 1,
                  "a new reader on the path: the old one is still meant")
        f.kill(signal.SIGUSR1)
        got = []

        def reached():
            f.send(ONE)
            got.extend(new.get(1, 0.05))
            return got

        tap.ok(wait_for(reached), "USR1: now the new one", f.messages())
        old.close()
        new.close()


def configuration():
    with Flowd(start=False) as f:
        for text, words in ((f'logsock "/{"x" * 200}"\n', "at most"),
                            ('logsock ""\n', "the path is empty"),
                            ('logsock "/s" bufsize x\n', "not a number")):
            f.write_conf(text)
            r = run(["flowd", "-n", "-f", f.conf])
            tap.ok(r.returncode == 1 and words in r.stderr.decode(),
                   f"{text.split()[1][:6]}: {words}", r.stderr)
        path = logged(f, 'logsock "{}" bufsize 8192\nlogsock "{}"\n'
                      .replace("{}", f.path("sock")))
        r = Reader(path)
        f.start()
        f.send(FULL)
        tap.equal(len(r.get(30)), 30, "a bufsize, kept by a later line")
        f.stop()
        r.close()
        logged(f, logfile=False)
        r = run(["flowd", "-r", "/dev/null", "-f", f.conf])
        tap.ok(r.returncode == 1 and
               b"no log file or directory specified" in r.stderr,
               "-r wants a log file or directory", r.stderr)
    with Flowd(start=False) as f:
        f.write_conf('logsock "sock"\n')
        r = Reader(f.path("sock"))
        f.start(cwd=f.dir.name)
        f.send(ONE)
        tap.equal(len(r.get(1)), 1, "a relative path")
        f.stop()
        r.close()


def golden():
    path = shared("compat", "golden", "daemon", "logsock-datagram-0.bin")
    if path is None:
        tap.skip("the datagram of the first flowd",
                 "no shared data in this clone")
        return
    with open(path, "rb") as f:
        theirs = v3_parse(f.read())
    with Flowd(start=False) as f:
        r = Reader(logged(f))
        f.start()
        f.send(ONE)
        ours = v3_parse(r.get(1)[0])
        tap.equal([set(x) for x in ours], [set(x) for x in theirs],
                  "a datagram of the first flowd has the same fields")
        r.close()


def main():
    for test in (same_records_as_the_file, without_a_logfile, comes_and_goes,
                 writer_dies, stalls, reopened, configuration, golden):
        test()
    tap.done()


main()
