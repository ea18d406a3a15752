"""flowd under a service manager: what it tells it, the sockets it is handed.

The manager is played by this test: a notify socket to read from, and a
process that hands over descriptors.
"""
import os
import re
import signal
import socket
import threading
import time

from daemon import Flowd, free_port, read, size, wait_for
from flowdtest import v3_parse, v5_datagram
from tap import Tap

tap = Tap()
ONE = v5_datagram([{"sport": 1000}])


class Manager:
    """A notify socket, and the words that came by it."""

    def __init__(self, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(name)
        self.name = name.replace("\0", "@")
        self.words = []

    def env(self, **more):
        return {"NOTIFY_SOCKET": self.name, **more}

    def heard(self, word, seconds=60):
        """Read on until a message has a word that matches."""
        self.socket.settimeout(0.2)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                text = self.socket.recv(4096).decode()
            except TimeoutError:
                continue
            self.words += text.split("\n")
            if re.search(word, text):
                return True
        return False

    def close(self):
        self.socket.close()


def tells_what_it_does(name, what):
    with Flowd(start=False) as f:
        m = Manager(name or f.path("notify"))
        f.start(env=m.env())
        tap.ok(m.heard("^READY=1"), f"{what}: READY=1", m.words)
        tap.ok("STATUS=receiving; sockets: 1" in m.words,
               f"{what}: STATUS= says what it does", m.words)
        f.send(ONE)
        tap.ok(f.stored(1), f"{what}: ready means that it stores")
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        f.kill(signal.SIGHUP)
        tap.ok(m.heard("^RELOADING=1"), f"{what}: HUP: RELOADING=1", m.words)
        stamp = [int(w[15:]) for w in m.words
                 if w.startswith("MONOTONIC_USEC=")]
        after = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        tap.ok(len(stamp) == 1 and before <= stamp[0] <= after,
               f"{what}: HUP: with the time", (before, stamp, after))
        tap.ok(m.heard("^READY=1"), f"{what}: HUP: READY=1 again", m.words)
        f.write_conf("store ALL\n", log=f.path("none/log"))
        f.kill(signal.SIGHUP)
        tap.ok(m.heard("^STATUS=receiving; cannot open logfile"),
               f"{what}: HUP with a log that cannot be opened: STATUS= says "
               "so", m.words)
        f.write_conf("lisen\n")
        f.kill(signal.SIGHUP)
        tap.ok(m.heard("^STATUS=.*not loaded") and m.heard("^READY=1"),
               f"{what}: HUP with a wrong file: STATUS= says so", m.words)
        tap.ok(not any(w.startswith("WATCHDOG") for w in m.words),
               f"{what}: no life signs when none are wanted", m.words)
        f.kill(signal.SIGTERM)
        tap.ok(m.heard("^STOPPING=1"), f"{what}: TERM: STOPPING=1", m.words)
        tap.equal(f.stop(), 0, f"{what}: exit 0")
        m.close()


def gives_life_signs():
    def signs(m, seconds):
        end = time.monotonic() + seconds
        m.words.clear()
        while time.monotonic() < end:
            m.heard("^never$", 0.1)
        return m.words.count("WATCHDOG=1")

    with Flowd(start=False) as f:
        m = Manager(f.path("notify"))
        f.start(env=m.env(WATCHDOG_USEC="600000"))
        m.heard("^READY=1")
        tap.ok(4 <= signs(m, 2) <= 20, "WATCHDOG=1 while nothing arrives",
               m.words)
        f.kill(signal.SIGSTOP)
        signs(m, 0.3)
        tap.equal(signs(m, 1), 0, "none from a process that hangs")
        f.kill(signal.SIGCONT)
        tap.ok(signs(m, 1) > 0, "and again when it goes on", m.words)
        f.stop()
        m.close()
    with Flowd(start=False) as f:
        m = Manager(f.path("notify"))
        f.start(env=m.env(WATCHDOG_USEC="300000", WATCHDOG_PID="1"))
        m.heard("^READY=1")
        tap.equal(signs(m, 1), 0, "none when another process owes them")
        f.stop()
        m.close()


def starts_without_its_manager():
    with Flowd(start=False) as f:
        for name in (f.path("nobody"), "relative", "/" + "x" * 200):
            f.start(env={"NOTIFY_SOCKET": name})
            f.send(ONE)
            tap.ok(wait_for(lambda: size(f.log) > 0) and
                   f.said("cannot reach the service manager"),
                   f"a notify socket that is none is told of: {name[:9]}",
                   f.messages())
            f.stop()
            os.unlink(f.log)


def bound(host, port, kind=socket.SOCK_DGRAM):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    s = socket.socket(family, kind)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind((host, port))
    return s


def open_sockets(f):
    """Sockets that the process has open, as the system names them."""
    base = f"/proc/{f.process.pid}/fd"
    links = [os.readlink(os.path.join(base, n)) for n in os.listdir(base)]
    return sorted(name for name in links if name.startswith("socket:"))


def takes_what_it_is_handed():
    with Flowd(start=False, args=("-d",)) as f:
        with bound("127.0.0.1", f.port) as s:
            s.sendto(ONE, ("127.0.0.1", f.port))
            f.start_with([s], "flowd.socket")
            tap.ok(f.stored(1), "a datagram from before the start is stored",
                   f.messages())
            tap.ok("using the socket of the service manager" in f.messages(),
                   "the socket is the one that was handed over",
                   f.messages())
            f.send(ONE)
            tap.ok(f.stored(2), "and others by the same socket")
            env = read(f"/proc/{f.process.pid}/environ").decode()
            tap.ok("LISTEN_FDS" in env, "(the test did hand it over)", env)
            f.kill(signal.SIGHUP)
            f.said("configuration read")
            f.send(ONE)
            tap.ok(f.stored(3), "HUP keeps it")
            f.stop()


def a_reload_gives_it_back_and_takes_it_again():
    """The manager keeps an address bound: it cannot be opened anew."""
    with Flowd(start=False) as f:
        other = free_port()
        with bound("127.0.0.1", f.port) as s:
            f.start_with([s])
            here = f.port
            f.port = other
            f.write_conf("store ALL\n")
            f.kill(signal.SIGHUP)
            tap.ok(f.said(f"for 127.0.0.1:{here} is not used: no \"listen on\" "
                          "names its address"),
                   "an inherited socket without use is told of",
                   f.messages())
            f.port = here
            f.write_conf("store ALL\n")
            f.kill(signal.SIGHUP)
            wait_for(lambda: f.messages().count("configuration read") == 2)
            f.send(ONE)
            tap.ok(f.stored(1), "and taken again when it is wanted again",
                   f.messages())
            f.stop()


def sorts_sockets_by_address():
    with Flowd(start=False, args=("-d",)) as f:
        ports = [f.port, free_port(), free_port()]
        f.write_conf("".join(f"listen on 127.0.0.1:{p}\n" for p in ports[1:])
                     + "store ALL\n")
        sockets = [bound("127.0.0.1", p) for p in reversed(ports[:2])]
        stream = bound("127.0.0.1", ports[2], socket.SOCK_STREAM)
        f.start_with(sockets + [stream], "b:a:tcp")
        for port in ports:
            f.port = port
            f.send(ONE)
        tap.ok(f.stored(3), "two inherited sockets and one of its own",
               f.messages())
        tap.ok("socket tcp of the service manager is not used" in
               f.messages(), "one of TCP is not used, and named",
               f.messages())
        f.stop()
        for s in sockets + [stream]:
            s.close()


def sockets_that_are_not_as_they_should_be():
    with Flowd(start=False) as f:
        two = []
        for _ in range(2):
            two.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            two[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            two[-1].bind(("127.0.0.1", f.port))
        f.start_with(two, "one:two")
        tap.ok(f.said("socket two of the service manager for 127.0.0.1:"
                      f"{f.port} is not used: another one"),
               "two for one address: the second is told of", f.messages())
        f.stop()
        for s in two:
            s.close()
    if not socket.has_dualstack_ipv6():
        tap.skip("an IPv6 socket that takes IPv4", "no IPv6 here")
        return
    with Flowd(start=False) as f:
        s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        s.bind(("::", f.port))
        f.host = "::"
        f.write_conf("store ALL\n")
        f.start_with([s])
        tap.ok(f.said("also receives IPv4: set BindIPv6Only=ipv6-only"),
               "an IPv6 socket that takes IPv4 is told of", f.messages())
        f.stop()
        s.close()


def another_process_is_meant():
    """LISTEN_PID names somebody else: nothing is taken, and closed."""
    with Flowd(start=False) as f:
        with bound("127.0.0.1", 0) as s:
            f.start_with([s], pid="1")
            f.send(ONE)
            tap.ok(f.stored(1), "LISTEN_PID of another: it opens its own")
            inode = os.readlink(f"/proc/self/fd/{s.fileno()}")
            tap.ok(inode not in open_sockets(f),
                   "and does not keep what was not for it")
            f.stop()


def a_restart_loses_nothing():
    with Flowd(start=False) as f:
        sent, stop = [0], threading.Event()
        with bound("127.0.0.1", f.port) as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)

            def load():
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as c:
                    c.connect((f.host, f.port))
                    while not stop.is_set():
                        for _ in range(10):
                            c.send(ONE)
                        sent[0] += 10
                        time.sleep(0.01)

            sender = threading.Thread(target=load)
            sender.start()
            status = []
            for _ in range(5):
                f.start_with([s])
                time.sleep(0.5)
                status.append(f.stop())
                time.sleep(0.1)
            stop.set()
            sender.join()
            f.start_with([s])
            f.stored(sent[0])
            status.append(f.stop())
            tap.equal(set(status), {0}, "every restart is clean")
            tap.equal(len(v3_parse(read(f.log))), sent[0],
                      f"five restarts under load lose none of {sent[0]}")


def main():
    tells_what_it_does(None, "a socket that is a file")
    if os.path.exists("/proc/self/fd"):
        tells_what_it_does(f"\0flowd-test-{os.getpid()}", "abstract")
    else:
        tap.skip("an abstract notify socket", "not Linux")
    for test in (gives_life_signs, starts_without_its_manager,
                 takes_what_it_is_handed,
                 a_reload_gives_it_back_and_takes_it_again,
                 sorts_sockets_by_address,
                 sockets_that_are_not_as_they_should_be,
                 another_process_is_meant,
                 a_restart_loses_nothing):
        test()
    tap.done()


main()
