"""How a flowd comes, goes, and stays: the pid file that is its own, what it
says without root, how it starts again what dies, and that it leaves nobody
behind.
"""
import os
import signal
import socket
import sys
import tempfile
import time

from daemon import Flowd, free_port, read, size, wait_for
from flowdtest import run, sanitized, v5_datagram
from load import Collector
from losses import sealers
from processes import children, engines, is_gone, started_by
from tap import Tap

tap = Tap()
ONE = v5_datagram([{"octets": 7}])
NOBODY = 65534
PORTABLE = "FLOWD_PORTABLE" in os.environ


def another(f):
    """A configuration with the pid file of f, and nothing else of it."""
    log = f.path("log2")
    f.write_conf("store ALL\n", log=log)
    with open(f.conf, encoding="utf-8") as conf:
        text = conf.read().replace(f":{f.port}\n", f":{free_port()}\n")
    other = f.path("other.conf")
    with open(other, "w", encoding="utf-8") as conf:
        conf.write(text)
    return other, log


def runs_once():
    with Flowd() as f:
        other, log = another(f)
        says = (f"flowd is already running: process {f.process.pid} holds "
                f"{f.pid}")
        for args in (["-g"], []):
            r = run(["flowd", *args, "-f", other])
            tap.ok(r.returncode == 1 and says in r.stderr.decode() and
                   r.stderr.count(b"\n") == 1,
                   f"a second one {args}: exit 1, and a line that says why",
                   r.stderr)
        tap.ok(not os.path.exists(log), "it has made no log")
        tap.equal(read(f.pid), b"%d\n" % f.process.pid,
                  "the pid file is the first one's")
        f.send(ONE)
        tap.ok(f.stored(1), "which goes on", f.messages())
        tap.equal(f.stop(), 0, "exit 0")
        tap.ok(not os.path.exists(f.pid), "and takes it away at its end")


def does_not_go_over_to_a_pid_file_in_use():
    with Flowd() as one, Flowd() as two:
        two.write_conf("discard all\n", pid=one.pid)
        two.kill(signal.SIGHUP)
        tap.ok(two.said("flowd is already running") and
               two.said("keeping the old configuration"),
               "HUP with a pid file in use: refused", two.messages())
        tap.equal((read(one.pid), read(two.pid)),
                  (b"%d\n" % one.process.pid, b"%d\n" % two.process.pid),
                  "both keep theirs")
        two.send(ONE)
        tap.ok(two.stored(1), "and the old rules", two.messages())


def takes_what_was_left_behind():
    with Flowd(start=False) as f:
        # The number is somebody's by now: ours.
        with open(f.pid, "w", encoding="ascii") as pid:
            pid.write(f"{os.getpid()}\n")
        f.start()
        tap.equal(read(f.pid), b"%d\n" % f.process.pid,
                  "a pid file that was left behind is nobody's")
        f.process.kill()
        f.process.wait()
        tap.ok(os.path.exists(f.pid), "kill -9 leaves it behind")
        f.start()
        f.send(ONE)
        tap.ok(f.stored(1), "and the next one starts all the same",
               f.messages())


def without_root():
    """As another user, with what that one may do; one line says so."""
    if os.geteuid() != 0:
        user = {}
    else:
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    with Flowd(start=False) as f:
        if user:
            os.chown(f.dir.name, NOBODY, NOBODY)
        try:
            f.start(**user)
        except PermissionError:
            tap.skip("without root", "that user may not execute flowd here")
            return
        f.send(ONE)
        tap.ok(f.stored(1), "without root: it works", f.messages())
        lines = [line for line in f.messages().splitlines()
                 if "not started as root" in line]
        tap.equal(len(lines), 1, "without root: one line says so")
        tap.ok(lines and "no change of user, no chroot; system" in lines[0],
               "without root: and what that means", lines)
        for word, pid in [] if PORTABLE else started_by(f.process.pid):
            with open(f"/proc/{pid}/status", encoding="latin-1") as status:
                tap.ok("NoNewPrivs:\t1" in status.read(),
                       f"without root, {word}: no new privileges")
        tap.equal(f.stop(), 0, "without root: exit 0")
        tap.equal(sorted(os.listdir(f.dir.name)),
                  ["err", "flowd.conf", "log", "pid.state"],
                  "without root: no pid file is left")


def starts_again_later_and_later():
    """Each delay is at least twice the last; there is no upper bound here.
    What is sent meanwhile waits in the socket. It is stored before the next
    engine dies: one that is killed takes with it what it has received, and
    that is counted (test_loss.py)."""
    with Flowd() as f:
        took, stored = [], []
        for n in range(4):
            pid = children(f.process.pid)["engine"]
            begin = time.monotonic()
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda: is_gone(pid))
            f.send(ONE)
            wait_for(lambda: children(f.process.pid).get("engine", pid) != pid)
            took.append(time.monotonic() - begin)
            stored.append(f.stored(n + 1))
        tap.ok(all(t >= 0.09 * 2**n for n, t in enumerate(took)),
               "an engine that dies again and again comes later and later",
               took)
        tap.ok(all(stored), "what came before it did is stored",
               (stored, f.messages()))


def leaves_nobody():
    """The parent is killed: all its children end by themselves."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as to, \
            tempfile.TemporaryDirectory() as tmp:
        to.bind(("127.0.0.1", 0))
        conf = (f"store ALL\nworkers 3\nlogdir \"{tmp}/flow\" rotate 1s\n"
                f"forward to 127.0.0.1:{to.getsockname()[1]}\n")
        with Flowd(conf) as f:
            f.send(ONE)
            f.stored(1)
            pids = [pid for _, pid in started_by(f.process.pid)]
            tap.ok(len(pids) >= 5, "three engines, writer, forwarder", pids)
            f.process.kill()
            f.process.wait()
            tap.ok(wait_for(lambda: not any(
                os.path.exists(f"/proc/{pid}") for pid in pids)),
                "kill -9 of the parent: nobody stays", pids)
            f.start()
            f.send(ONE)
            tap.ok(f.stored(2), "and another one begins", f.messages())


def filtered(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="latin-1") as status:
            return "Seccomp:\t2" in status.read()
    except OSError:
        return False


def leaves_no_sealer():
    """One that is just at it, and stands still, does not stay either."""
    with Collector("logdir", dir_conf="flush 20ms") as f:
        found = []

        def stopped():
            f.send(ONE)
            f.kill(signal.SIGUSR1)
            end = time.monotonic() + 0.2
            while not found and time.monotonic() < end:
                for pid in sealers(f.process.pid):
                    # When it is set up, its system calls are filtered.
                    if filtered(pid):
                        os.kill(pid, signal.SIGSTOP)
                        found.append(pid)
            return found

        if sanitized() or PORTABLE or not wait_for(stopped, 20):
            tap.skip("a sealer whose parent is killed", "none was seen at "
                     "work, or its system calls are not filtered")
            return
        f.process.kill()
        f.process.wait()
        tap.ok(wait_for(lambda: not os.path.exists(f"/proc/{found[0]}")),
               "kill -9 of the parent: a sealer that works does not stay")


def goes_when_a_child_dies_meanwhile():
    for kind in ("writer", "engine"):
        with Flowd("store ALL\nworkers 2\n") as f:
            f.send(ONE)
            f.stored(1)
            pids = [pid for _, pid in started_by(f.process.pid)]
            victim = children(f.process.pid)[kind]
            os.kill(victim, signal.SIGSTOP)
            f.kill(signal.SIGTERM)
            time.sleep(0.05)
            os.kill(victim, signal.SIGKILL)
            tap.equal(f.stop(), 0, f"the {kind} dies while all end: exit 0")
            tap.ok(wait_for(lambda: not any(
                os.path.exists(f"/proc/{pid}") for pid in pids)),
                f"the {kind} dies while all end: nobody stays", pids)
            tap.ok(not os.path.exists(f.pid),
                   f"the {kind} dies while all end: no pid file")
            tap.equal(size(f.log), 116, f"the {kind} dies while all end: "
                      "what was stored is")


def ends_by_any_signal_with_many():
    with Flowd("store ALL\nworkers 4\n") as f:
        tap.equal(len(engines(f.process.pid)), 4, "four engines")
        f.kill(signal.SIGHUP)
        f.kill(signal.SIGUSR1)
        f.kill(signal.SIGUSR2)
        tap.equal(f.stop(signal.SIGINT), 0,
                  "INT right behind HUP, USR1 and USR2: exit 0")


def main():
    if sys.platform != "linux":
        tap.skip("how flowd comes and goes", "it is looked at in /proc")
        tap.done()
    for test in (runs_once, does_not_go_over_to_a_pid_file_in_use,
                 takes_what_was_left_behind, without_root,
                 starts_again_later_and_later, leaves_nobody,
                 leaves_no_sealer,
                 goes_when_a_child_dies_meanwhile,
                 ends_by_any_signal_with_many):
        test()
    tap.done()


main()
