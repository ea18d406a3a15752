"""What ends the children of flowd: system calls that they have no need of,
which test/syscall.c makes them perform for real; and the descriptors that each
of them holds.

Flows that are sent before, meanwhile and afterwards are stored, or counted.
"""
import collections
import os
import socket
import subprocess
import sys

from daemon import Flowd, wait_for
from flowdtest import BUILD, sanitized, v5_datagram
from processes import children
from tap import Tap

tap = Tap()
SYSCALL = os.path.join(BUILD, "test", "syscall")
ONE = v5_datagram([{"octets": 7}])
AT_FDCWD, CREATE, EXEC, ANONYMOUS = -100, 0o101, 5, 0x22
CALLS = (  # what, and arguments; addresses are of nothing
    ("openat", AT_FDCWD, 0, 0),
    ("openat", AT_FDCWD, 0, CREATE),
    ("socket", socket.AF_INET, socket.SOCK_DGRAM, 0),
    ("execve", 0, 0, 0),
    ("ptrace", 0, 0, 0, 0),
    ("clone", 17, 0),  # SIGCHLD: fork
    ("kill", os.getpid(), 0),
    ("unlinkat", AT_FDCWD, 0, 0),
    ("bind", 0, 0, 0),
    ("fcntl", 0, 8, 1),  # F_SETOWN: signals to others
    ("fcntl", 0, 0, 0),  # F_DUPFD
    ("fcntl", 0, 4, 0),  # F_SETFL: to take flags from a file
    ("ioctl", 0, 0x5412, 0),  # TIOCSTI
    ("setsockopt", 3, socket.SOL_SOCKET, socket.SO_SNDBUF, 0, 0),
    ("getsockopt", 3, socket.SOL_SOCKET, socket.SO_TYPE, 0, 0),
    ("prctl", 4, 1, 0, 0, 0),  # PR_SET_DUMPABLE
    ("newfstatat", AT_FDCWD, 0, 0, 0),
    ("mmap", 0, 4096, EXEC, ANONYMOUS, -1, 0),  # memory that is code
)


def why_not():
    if sys.platform != "linux" or not os.path.exists(SYSCALL):
        return "registers of this machine are not known"
    if os.geteuid() != 0:
        return "not run as root"
    if "FLOWD_PORTABLE" in os.environ:
        return "a portable build does not filter system calls"
    if sanitized():
        return "built with sanitizers, which make calls of their own"
    # One that calls now and again.
    with subprocess.Popen(["sh", "-c", "while sleep 0.01; do :; done"]) as p:
        r = perform(p.pid, "getpid")
        p.kill()
    return None if r == f"result {p.pid}" else f"no ptrace: {r}"


def perform(pid, name, *args):
    r = subprocess.run([SYSCALL, str(pid), name,
                        *(str(a % 2**64) for a in args)], timeout=60,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return r.stdout.decode().strip()


class Site:
    """A flowd with all of its children, and where it forwards to."""

    def __enter__(self):
        self.to = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.to.bind(("127.0.0.1", 0))
        host, port = self.to.getsockname()
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            metrics = s.getsockname()[1]
        self.f = Flowd(f"store ALL\nforward to {host}:{port}\n"
                       f"metrics listen on 127.0.0.1:{metrics}\n")
        return self.f

    def __exit__(self, *_):
        self.f.__exit__()
        self.to.close()


def kinds(f):
    return {k: p for k, p in children(f.process.pid).items() if k != "sealer"}


def permitted():
    """What is allowed returns, and the process goes on: else the deaths below
    would show nothing."""
    with Site() as f:
        for kind, pid in kinds(f).items():
            tap.equal(perform(pid, "getpid"), f"result {pid}",
                      f"{kind}: a call that it may make returns")
        f.send(ONE)
        tap.ok(f.stored(1), "and all of them go on", f.messages())
        tap.ok("restarting it" not in f.messages(), "none has died",
               f.messages())


def forbidden(call):
    text = f"{call[0]}({', '.join(map(str, call[1:]))})"
    with Site() as f:
        f.send(ONE)
        f.stored(1)
        sent = 1
        for kind, pid in kinds(f).items():
            tap.equal(perform(pid, *call), "signal 31",
                      f"{kind}: {text} is its end")
            # Its successor finds what came meanwhile.
            f.send(ONE)
            tap.ok(f.said(f"the {kind} died of signal 31; restarting it") and
                   wait_for(lambda: kinds(f).get(kind, pid) != pid),
                   f"{kind}: it comes back", f.messages())
            f.send(ONE)
            sent += 2
        tap.ok(f.stored(sent), f"{text}: what was sent before, meanwhile and "
               "afterwards is stored", f.messages())
        tap.equal((f.stop(), len(f.records())), (0, sent),
                  f"{text}: once each")


def sockets_by_inode(pid):
    """{inode: "udp"} and so on of the network of a process."""
    found = {}
    for kind, place in (("udp", 9), ("udp6", 9), ("raw", 9), ("raw6", 9),
                        ("tcp", 9), ("unix", 6)):
        try:
            with open(f"/proc/{pid}/net/{kind}", encoding="latin-1") as f:
                for line in f.readlines()[1:]:
                    found[line.split()[place]] = kind
        except OSError:
            pass
    return found


def descriptors(f, pid):
    """{"unix": 1} and so on; standard ones are left out."""
    sockets, out = sockets_by_inode(pid), collections.Counter()
    for fd in os.listdir(f"/proc/{pid}/fd"):
        name = os.readlink(f"/proc/{pid}/fd/{fd}")
        if name.startswith("socket:"):
            name = sockets.get(name[8:-1], "a socket of another kind")
        elif name.startswith("pipe:"):
            name = "pipe"
        if name not in ("/dev/null", f.path("err")):
            out[name.replace(f.dir.name + "/", "")] += 1
    return dict(out)


def held():
    """Each has a channel to the parent, and one to control, that answers go
    by. Engines reach the forwarder by a socket, and wake the writer by a pipe.
    Control has a channel, the socket of flowctl, one to each of the parent,
    three children, and metrics."""
    want = {
        "engine": {"udp": 1, "unix": 3, "pipe": 1},
        "writer": {"unix": 2, "pipe": 1, "log": 1},
        "forwarder": {"udp": 1, "unix": 3},
        "control": {"unix": 7},
        "metrics": {"tcp": 1, "unix": 2},
    }
    with Site() as f:
        f.send(ONE)
        f.stored(1)
        tap.equal(sorted(kinds(f)), sorted(want), "the children there are")
        for kind, pid in kinds(f).items():
            tap.equal(descriptors(f, pid), want[kind],
                      f"{kind}: it holds what it needs")


def main():
    why = why_not()
    if why:
        tap.skip("system calls that are not allowed", why)
        tap.done()
    held()
    permitted()
    for call in CALLS:
        forbidden(call)
    tap.done()


main()
