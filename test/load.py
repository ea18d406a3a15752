"""Load for a flowd, and what becomes of it: every flow that is sent is in each
log, or counted. Shared by the tests of loss and bench/bench_loss.py.

    with Collector("both") as f:
        load = Load(f, capture(f.path("pcap"), 2000), rate=20000, loop=5)
        load.wait()
        print(settle(f, load.sent))

Datagrams are of version 5 with 30 flows. Logs are read by flowd-reader.
"""
import dataclasses
import os
import re
import signal
import subprocess
import threading
import time

from daemon import Flowd, wait_for
from flowdtest import program
from processes import engines

FLOWS = 30  # in a datagram
RECORD = 116  # octets of a flow in a log file
LOGS = ("logfile", "logdir", "both")
SETTLE_SECONDS = 60


class Collector(Flowd):
    """A flowd with a log file, a logdir, or both."""

    def __init__(self, logs, conf="", dir_conf="compress zstd", **kw):
        self.logs, self.dir_conf = logs, dir_conf
        self.old_logs = []
        self.folder = None  # known when there is a directory
        super().__init__(f"store ALL\n{conf}", **kw)

    def write_conf(self, conf, log=None, pid=None):
        self.folder = self.path("flow")
        text = ""
        if self.logs != "logdir":
            text += f'logfile "{log or self.log}"\n'
        if self.logs != "logfile":
            text += f'logdir "{self.folder}" {self.dir_conf}\n'
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write(f'{text}pidfile "{pid or self.pid}"\n'
                    f"listen on {self.listen()}\n{conf}")

    def names(self):
        """Of its logs, as statistics call them; None is the log file."""
        return {"logfile": [None], "logdir": [self.folder],
                "both": [None, self.folder]}[self.logs]

    def rename_log(self):
        """As who rotates does, before USR1."""
        if self.logs != "logdir":
            self.old_logs.append(f"{self.log}.{len(self.old_logs)}")
            os.rename(self.log, self.old_logs[-1])

    def files(self, name):
        """What flowd-reader is to read of a log."""
        return [name] if name else self.old_logs + [self.log]


def capture(path, datagrams):
    """A capture of so many datagrams of a model, each with FLOWS flows."""
    subprocess.run([program("flowd-send"), "-q", "-g", str(datagrams * FLOWS),
                    "--as", "5", "-n", str(FLOWS), "-w", path], check=True)
    return path, datagrams


class Load(threading.Thread):
    """flowd-send with a capture, over and over: so often, or, when it is to be
    endless, so often and again until somebody waits for it."""

    def __init__(self, f, cap, rate=0, loop=1, source=None, endless=False):
        super().__init__(daemon=True)
        path, self.datagrams = cap
        self.datagrams *= loop
        self.sent, self.good, self.endless = 0, True, endless
        self.command = [program("flowd-send"), "-q", "-r", str(rate), "-l",
                        str(loop), *(["-s", source] if source else []),
                        f.listen(), path]
        self.begin = time.monotonic()
        self.start()

    def run(self):
        while True:
            self.good &= subprocess.run(
                self.command, stdin=subprocess.DEVNULL).returncode == 0
            self.sent += self.datagrams
            if not self.endless or not self.good:
                break
        self.end = time.monotonic()

    def wait(self):
        """Returns datagrams a second."""
        self.endless = False
        self.join()
        if not self.good:
            raise OSError("flowd-send could not send")
        return self.sent / (self.end - self.begin)


@dataclasses.dataclass
class Count:
    """Flows of one log."""
    sent: int
    stored: int = 0  # as flowd says
    waiting: int = 0
    lost: int = 0  # there was no room
    dropped: int = 0  # by the system
    buried: int = 0  # with an engine that died
    in_file: int = -1  # as flowd-reader says
    enough: bool = True  # what was to happen meanwhile has happened

    def good(self):
        """Every flow is in the log, or counted."""
        return self.enough and self.stored == self.in_file and \
            self.missing() == 0

    def missing(self):
        """Those that nobody knows of."""
        return self.sent - self.stored - self.waiting - self.gone()

    def gone(self):
        return self.lost + self.dropped + self.buried

    def __str__(self):
        reasons = " ".join(f"{word}:{n}" for word, n in (
            ("no-room", self.lost), ("dropped", self.dropped),
            ("died", self.buried), ("waiting", self.waiting)) if n)
        return (f"sent {self.sent}, stored {self.in_file}, counted "
                f"{self.gone()}{' (' + reasons + ')' if reasons else ''}, "
                f"missing {self.sent - self.in_file - self.gone()}")


def _number(text, pattern):
    return sum(map(int, re.findall(pattern, text)))


def statistics(f):
    """What USR2 makes all engines say."""
    n = len(engines(f.process.pid))
    last = (f"{f.names()[-1]}: stored:" if f.names()[-1] else
            "flows: stored:")
    seen = len(f.messages())
    f.kill(signal.SIGUSR2)
    wait_for(lambda: f.messages()[seen:].count(last) >= n)
    return f.messages()[seen:]


def counts(f, sent):
    """[Count] of each log; sent is in datagrams."""
    text, out = statistics(f), []
    for name in f.names():
        head = re.escape(f"{name}:" if name else "flows:") + " stored:"
        died = re.escape(f"{name}: datagrams " if name else "datagrams: ")
        out.append(Count(
            sent * FLOWS, _number(text, head + r"(\d+)"),
            _number(text, head + r"\d+ waiting:(\d+)"),
            _number(text, head + r"\d+ waiting:\d+ lost:(\d+)"),
            FLOWS * _number(text, r"listener .* dropped:(\d+)"),
            FLOWS * _number(text, died + r"lost with an engine that "
                            r"died:(\d+)")))
    return out


def count_flows(paths):
    """Flows in logs, and whether all of them are whole. A record that is cut
    at the end of a log file is not an error to flowd-reader."""
    r = subprocess.run([program("flowd-reader"), "--count", *paths],
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE)
    words = r.stdout.split()
    torn = any(os.path.isfile(p) and os.path.getsize(p) % RECORD
               for p in paths)
    return (int(words[0]) if words else -1), r.returncode == 0 and not torn


def settle(f, sent):
    """[Count] of each log when all that was sent is stored or counted, and
    flowd has ended; or what there is of them after some time."""
    end = time.monotonic() + SETTLE_SECONDS
    while True:
        out = counts(f, sent)
        if all(c.missing() <= 0 and c.waiting == 0 for c in out) or \
                time.monotonic() > end:
            break
        time.sleep(0.2)
    f.stop(seconds=SETTLE_SECONDS)
    for c, name in zip(out, f.names()):
        c.in_file, whole = count_flows(f.files(name))
        if not whole:
            c.in_file = -1
    return out
