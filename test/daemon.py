"""A flowd that runs for a test: started, sent to, signalled, stopped.

Loopback, free ports, a temporary directory for each.
"""
import os
import signal
import socket
import subprocess
import tempfile
import time

from flowdtest import program, v3_parse
from processes import children


def free_port(host="127.0.0.1"):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.bind((host, 0))
        return s.getsockname()[1]


# Nothing takes so long, however busy the machine is: who waits goes on as soon
# as what it waits for is there.
PATIENCE = 60


def wait_for(condition, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


def size(path):
    try:
        return os.path.getsize(path)
    except OSError:
        return -1


def read(path):
    with open(path, "rb") as f:
        return f.read()


def read_or_empty(path):
    """The octets of a file; none when it is not there yet."""
    try:
        return read(path)
    except FileNotFoundError:
        return b""


class Flowd:
    """A flowd in the foreground with a directory of its own."""

    def __init__(self, conf="store ALL\n", log=None, host="127.0.0.1",
                 args=("-g",), start=True):
        self.dir = tempfile.TemporaryDirectory()
        self.host = host
        self.port = free_port(host)
        self.log = self.path("log")
        self.pid = self.path("pid")
        self.conf = self.path("flowd.conf")
        self.args = args
        self.write_conf(conf, log)
        self.process = None
        if start:
            self.start()

    def path(self, name):
        return os.path.join(self.dir.name, name)

    def listen(self):
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def write_conf(self, conf, log=None, pid=None):
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write(f'logfile "{log or self.log}"\n'
                    f'pidfile "{pid or self.pid}"\n'
                    f"listen on {self.listen()}\n{conf}")

    def command(self):
        return [program("flowd"), *self.args, "-f", self.conf]

    def start(self, env=None, **kw):
        """Keywords are those of Popen; env is added to the environment."""
        kw.setdefault("args", self.command())
        self.err = open(self.path("err"), "a+b")
        self.process = subprocess.Popen(
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=self.err, env={**os.environ, "TZ": "UTC", **(env or {})},
            **kw)
        self.err.close()
        wait_for(lambda: self.is_up() or self.process.poll() is not None)

    def is_up(self):
        """The pid file is there, and not that of another one."""
        return size(self.pid) > 0 and \
            read(self.pid) == b"%d\n" % self.process.pid

    def start_with(self, sockets, names=None, pid="$$"):
        """Start it as a service manager does, with these sockets as
        descriptors 3 and on."""
        copies = [os.dup(s.fileno()) for s in sockets]

        def place():
            for i, fd in enumerate(copies):
                os.dup2(fd, 100 + i)
            for i in range(len(copies)):
                os.dup2(100 + i, 3 + i)

        env = {"LISTEN_FDS": str(len(sockets))}
        if names:
            env["LISTEN_FDNAMES"] = names
        self.start(args=["/bin/sh", "-c",
                         f'LISTEN_PID={pid} exec "$0" "$@"',
                         *self.command()],
                   env=env, preexec_fn=place, close_fds=False)
        for fd in copies:
            os.close(fd)

    def send(self, *datagrams, source=None):
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            if source:
                s.bind((source, 0))
            for d in datagrams:
                s.sendto(d, (self.host, self.port))

    def kill(self, number):
        self.process.send_signal(number)

    def messages(self):
        return read(self.path("err")).decode()

    def reopened(self):
        """After USR1: there is a new log, and the writer has gone over to it.
        Until it has, the old one may get more."""
        def writer_has_it():
            try:
                writer = f"/proc/{children(self.process.pid)['writer']}/fd"
                return self.log in [os.readlink(f"{writer}/{fd}")
                                    for fd in os.listdir(writer)]
            except (PermissionError, KeyError):
                time.sleep(0.3)  # not ours to see
                return True
            except OSError:
                return False

        return wait_for(lambda: size(self.log) == 0) and \
            wait_for(writer_has_it)

    def said(self, text, seconds=PATIENCE):
        return wait_for(lambda: text in self.messages(), seconds)

    def statistics(self, engines=1):
        """What so many engines say at USR2, a text for each. Each is whole, as
        another round is behind it."""
        def told():
            return self.messages().count("flows: stored:")

        for _ in range(2):
            before = told()
            self.kill(signal.SIGUSR2)
            # One that is just being started again is not asked.
            while not wait_for(lambda: told() >= before + engines, 5) and \
                    self.process.poll() is None:
                self.kill(signal.SIGUSR2)
        return self.messages().split("listener ")[-2 * engines:-engines]

    def records(self, log=None):
        return v3_parse(read(log or self.log))

    def stored(self, n, log=None):
        """True as soon as the log has n records of one v5 flow."""
        return wait_for(lambda: size(log or self.log) >= n * 116)

    def stop(self, number=signal.SIGTERM, seconds=PATIENCE):
        if self.process.poll() is None:
            self.kill(number)
        try:
            status = self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        return status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process is not None:
            self.stop()
        self.dir.cleanup()
