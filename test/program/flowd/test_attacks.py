"""What somebody can do who may ask, or who has taken over a process of flowd:
clients that do not read, and processes that say what is not for them to say.
"""
import ctypes
import http.client
import json
import os
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

from daemon import Flowd, wait_for
from flowdtest import program, run, sanitized, v5_datagram
from processes import children
from tap import Tap

tap = Tap()
FLOWS = v5_datagram([{"octets": n + 1} for n in range(30)])
MAGIC, VERSION, ORDER = 0xf10d, 1, 1 << 30
ASK, METRICS, RELOAD, ROTATE, TAIL, TAIL_END, REPORT, TEXT, FLOW, END = \
    range(1, 11)
GOOD = b"\0"
PLACES = 16  # of those who scrape
RULES = 30000  # their counters make an answer that no socket takes


def frame(kind, body=b"", serial=1):
    return struct.pack("!HBBII", MAGIC, VERSION, kind, serial,
                       len(body)) + body


def rules(n=RULES):
    return "".join(f"accept tag 1 src 10.{i >> 8}.{i & 255}.7\n"
                   for i in range(n))


def tcp_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ctl(f, *args, **kw):
    return run(["flowctl", "-s", f.path("pid.sock"), *args], **kw)


def answers(f):
    return ctl(f, "status").returncode == 0


def connect(f, say=b""):
    """A client of control that has said something, and does not read."""
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.settimeout(20)
    s.connect(f.path("pid.sock"))
    s.send(say)
    return s


def scraper(port):
    """One that has asked, and whose system takes little before it reads."""
    s = socket.socket()
    s.settimeout(20)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    s.connect(("127.0.0.1", port))
    s.send(b"GET /metrics HTTP/1.0\r\n\r\n")
    return s


def scrape(port):
    """Status and text; 0 when there is no answer in time."""
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        c.request("GET", "/metrics")
        r = c.getresponse()
        return r.status, r.read()
    except OSError as e:
        return 0, str(e)
    finally:
        c.close()


def memory(pid):
    """KiB."""
    with open(f"/proc/{pid}/status", encoding="latin-1") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])


def is_closed(s):
    """The other end has closed it, or does so soon."""
    s.settimeout(10)
    try:
        return s.recv(1 << 16) == b""
    except ConnectionError:
        return True
    except OSError:
        return False


# Those who do not read.

class SlowScraper(threading.Thread):
    """Reads its answer bit by bit, without a pause that is long."""

    def __init__(self, port):
        super().__init__()
        self.socket, self.got = scraper(port), b""
        self.start()

    def run(self):
        try:
            while more := self.socket.recv(1 << 14):
                self.got += more
                time.sleep(0.01)
        except OSError:
            pass
        self.socket.close()

    def is_whole(self):
        self.join()
        head, _, body = self.got.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        return length and int(length[1]) == len(body) > 3 << 20


def scrapers():
    port = tcp_port()
    with Flowd(f"metrics listen on 127.0.0.1:{port}\n{rules()}") as f:
        status, text = scrape(port)
        tap.ok(status == 200 and len(text) > 3 << 20, "an answer that no "
               "socket takes at once", (status, len(text)))
        before = memory(children(f.process.pid)["metrics"])
        slow = SlowScraper(port)
        stuck = [scraper(port) for _ in range(2 * PLACES)]
        for n in range(3):
            tap.equal(scrape(port)[0], 200, f"{2 * PLACES} scrapers that do "
                      f"not read: another one is served ({n + 1})")
        after = memory(children(f.process.pid)["metrics"])
        if sanitized():
            tap.skip("memory for those who scrape",
                     "a sanitizer keeps what was freed for a while")
        else:
            tap.ok(after - before < PLACES // 2 * len(text) >> 10,
                   "the text is there once, not for each of them",
                   (before, after, len(text)))
        tap.ok(slow.is_whole(), "one that reads slowly gets all of it",
               len(slow.got))
        tap.ok(f.said("HTTP clients: too slow"),
               "that some were dropped is told", f.messages())
        for s in stuck:
            s.close()


def askers():
    port = tcp_port()
    with Flowd(f"metrics listen on 127.0.0.1:{port}\n{rules()}") as f:
        stuck = [connect(f, frame(METRICS)) for _ in range(32)]
        tap.ok(wait_for(lambda: scrape(port)[0] == 200),
               "32 clients of control that do not read: metrics are served",
               f.messages())
        tap.ok(wait_for(lambda: answers(f)), "flowctl is answered, too",
               f.messages())
        tap.ok(f.said("more than 32 are connected") or
               f.said("clients that did not read their answer"),
               "that there are too many is told", f.messages())
        for s in stuck:
            s.close()


def watchers():
    with Flowd() as f:
        stuck = [connect(f, frame(TAIL)) for _ in range(8)]
        wait_for(lambda: answers(f))
        for _ in range(10):
            f.send(FLOWS)
            time.sleep(0.05)
        wait_for(lambda: f.stored(300))

        def shown():
            """Whether another one may watch, and sees flows."""
            with subprocess.Popen(
                    [program("flowctl"), "-s", f.path("pid.sock"), "tail"],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE) as p:
                for _ in range(20):
                    f.send(FLOWS)
                    if select.select([p.stdout], [], [], 0.25)[0] or \
                            p.poll() is not None:
                        break
                some = bool(select.select([p.stdout], [], [], 0)[0]) and \
                    p.stdout.read(10) != b""
                p.kill()
            return some

        tap.ok(wait_for(shown), "eight who watch and do not read: another "
               "one may watch", f.messages())
        for s in stuck:
            s.close()


# Processes that somebody has taken over.

LIBC = ctypes.CDLL(None, use_errno=True)
PIDFD_OPEN, PIDFD_GETFD = 434, 438


def streams(pid):
    """The ends of pairs with control that a process holds, as ours: those of
    its sockets that are local and streams, and do not listen."""
    found = []
    pidfd = LIBC.syscall(PIDFD_OPEN, pid, 0)
    if pidfd < 0:
        return found
    for fd in map(int, os.listdir(f"/proc/{pid}/fd")):
        if not os.readlink(f"/proc/{pid}/fd/{fd}").startswith("socket:"):
            continue
        ours = LIBC.syscall(PIDFD_GETFD, pidfd, fd, 0)
        if ours < 0:
            continue
        s = socket.socket(fileno=ours)
        if s.family == socket.AF_UNIX and s.type == socket.SOCK_STREAM and \
                not s.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            found.append(s)
        else:
            s.close()
    os.close(pidfd)
    return found


def pair_with_control(f, name):
    found = streams(children(f.process.pid)[name])
    return found[0] if len(found) == 1 else None


def not_asked(f, name):
    return f.said(f"disconnected the {name}: it sent a frame that is invalid "
                  "or not allowed")


def outcome(name):
    """The end of an order that only the parent knows."""
    with Flowd(start=False) as f:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink:
            sink.bind(("127.0.0.1", 0))
            f.write_conf("forward to 127.0.0.1:%d\n" % sink.getsockname()[1])
            f.start()
            s = pair_with_control(f, name)
            if not tap.ok(s is not None, f"{name}: its pair with control"):
                return
            f.write_conf("nonsense\n")
            os.kill(f.process.pid, signal.SIGSTOP)
            with subprocess.Popen(
                    [program("flowctl"), "-s", f.path("pid.sock"), "reload"],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE) as order:
                time.sleep(0.5)
                for n in range(8):
                    try:
                        s.send(frame(END, GOOD, ORDER | n))
                    except OSError:
                        break  # control has closed it
                tap.ok(not_asked(f, name), f"{name}: it says how an order "
                       "ended, and is not heard", f.messages())
                tap.ok(order.poll() is None, f"{name}: who gave the order "
                       "waits for the parent")
                os.kill(f.process.pid, signal.SIGCONT)
                out, err = order.communicate(timeout=60)
                tap.ok(order.returncode == 1 and b" failed\n" in err,
                       f"{name}: and gets to know the truth", (out, err))
            s.close()


def others_words():
    """Flows, texts and reports that are another one's to tell."""
    for name, said in (("writer", frame(FLOW, bytes(12), 0)),
                       ("writer", frame(TEXT, b"x")),
                       ("engine", frame(RELOAD)),
                       ("engine", frame(REPORT, b"no report"))):
        with Flowd() as f:
            s = pair_with_control(f, name)
            if not tap.ok(s is not None, f"{name}: its pair with control"):
                continue
            s.send(said)
            tap.ok(not_asked(f, name), f"{name}: what is not its own to say "
                   f"is not heard ({said[3]})", f.messages())
            r = ctl(f, "-j", "status")
            tap.ok(any(json.loads(line).get("process") == name
                       for line in r.stdout.splitlines()),
                   f"{name}: the others answer", r)
            s.close()


def metrics_process():
    """It is reached by HTTP. By its connection one gets metrics, and neither
    flows nor orders."""
    port = tcp_port()
    for name, said in (("reload", frame(RELOAD)), ("rotate", frame(ROTATE)),
                       ("tail", frame(TAIL)),
                       ("status", frame(ASK, struct.pack("!IB", 1, 0)))):
        with Flowd(f"metrics listen on 127.0.0.1:{port}\n") as f:
            s = pair_with_control(f, "metrics")
            if not tap.ok(s is not None, "metrics: its pair with control"):
                continue
            s.send(said)
            closed = is_closed(s)
            s.close()
            tap.ok(closed and "configuration read" not in f.messages(),
                   f"metrics: {name} is not for it to ask", f.messages())
            tap.ok(answers(f), "and others are answered", f.messages())
            port = tcp_port()


# What makes it hard to take one over.

def hardened():
    """What the linker says of the program, as far as it is asked for on every
    machine."""
    if shutil.which("readelf") is None or sys.platform != "linux":
        tap.skip("how the program is hardened", "no readelf(1)")
        return
    flowd = program("flowd")

    def says(*args):
        return subprocess.run(["readelf", "-W", *args, flowd], check=True,
                              stdout=subprocess.PIPE).stdout.decode()

    head, parts, dynamic = says("-h"), says("-l"), says("-d")
    tap.ok(re.search(r"Type:\s+DYN", head), "it may be loaded anywhere", head)
    tap.ok(re.search(r"GNU_STACK .* RW +0x", parts), "its stack is no code",
           parts)
    if sanitized():
        tap.skip("checks in functions of the C library",
                 "a sanitizer checks them itself")
        return
    tap.ok("GNU_RELRO" in parts and re.search(r"NOW", dynamic),
           "what is linked is fixed at the start", dynamic)
    tap.ok(re.search(r"__\w+_chk\b", says("--dyn-syms")),
           "functions of the C library know the size of what they write to")
    if "X86-64" in head and shutil.which("objdump"):
        code = subprocess.run(["objdump", "-d", "-j", ".text", flowd],
                              check=True, stdout=subprocess.PIPE).stdout
        tap.ok(code.count(b"endbr64") > 500, "jumps go to where they may",
               code.count(b"endbr64"))


def main():
    hardened()
    scrapers()
    askers()
    watchers()
    if sys.platform != "linux" or os.geteuid() != 0 or \
            LIBC.syscall(PIDFD_OPEN, os.getpid(), 0) < 0:
        tap.skip("processes that were taken over",
                 "not root, or a system without pidfd_open(2)")
        tap.done()
    outcome("engine")
    outcome("writer")
    outcome("forwarder")
    others_words()
    metrics_process()
    tap.done()


main()
