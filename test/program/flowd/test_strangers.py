"""Folders that another user may write to: nothing that he puts there holds
flowd up, or gives him what it writes."""
import os
import re
import shutil
import stat
import subprocess
import sys

from daemon import Flowd, read, size, wait_for
from flowdtest import reader_json, run, v5_datagram
from tap import Tap

tap = Tap()
NOBODY = 65534
NAME = re.compile(r"\d{8}T\d{6}Z(-\d+)?\.flow")


def as_nobody(*words):
    subprocess.run(words, check=True, timeout=60, user=NOBODY, group=NOBODY,
                   extra_groups=[], umask=0)


def flow(octets):
    return v5_datagram([{"octets": octets}])


def segments(folder):
    return sorted(n for n in os.listdir(folder) if NAME.fullmatch(n))


def octets(folder):
    return [f["octets"] for f in reader_json(folder)[0]]


def is_sealed(path):
    return read(path).endswith(b"flowend\n")


class Shared(Flowd):
    """A flowd whose files are in a folder of nobody's."""

    def __init__(self, text, start=True):
        super().__init__(start=False)
        os.chmod(self.dir.name, 0o755)
        self.folder = self.path("shared")
        os.mkdir(self.folder)
        os.chown(self.folder, NOBODY, NOBODY)
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write(f'pidfile "{self.pid}"\nlisten on {self.listen()}\n' +
                    text.format(self.folder))
        if start:
            self.start()


def rotated(what, stranger):
    """A stranger prepares something beside the segment that is rotated."""
    with Shared('logdir "{}" rotate 1h flush 20ms\n') as f:
        f.send(flow(1), flow(2))
        wait_for(lambda: segments(f.folder) and octets(f.folder) == [1, 2])
        name = segments(f.folder)[0]
        stranger(f.folder, name)
        r = run(["flowctl", "-s", f.path("pid.sock"), "rotate"])
        tap.equal((r.returncode, r.stderr), (0, b""), f"{what}: it rotates")
        path = os.path.join(f.folder, name)
        tap.ok(wait_for(lambda: is_sealed(path)), f"{what}: it is sealed",
               (os.listdir(f.folder), f.messages()))
        st = os.stat(path)
        tap.equal((st.st_uid, stat.S_IMODE(st.st_mode)), (0, 0o600),
                  f"{what}: it is root's only")
        tap.equal(octets(path), [1, 2], f"{what}: its flows are in it")
        tap.equal(f.stop(), 0, f"{what}: it ends when it is told to")
        f.start()
        tap.ok(wait_for(f.is_up), f"{what}: it starts again", f.messages())
        f.stop()


def beside_a_segment():
    def fifo(folder, name):
        as_nobody("mkfifo", f"{folder}/.{name}.tmp")

    def file(folder, name):
        as_nobody("touch", f"{folder}/.{name}.tmp")

    def link(folder, name):
        as_nobody("ln", "-s", "/nonexistent/x", f"{folder}/.{name}.tmp")

    for what, stranger in (("a FIFO", fifo), ("a file", file),
                           ("a link", link)):
        rotated(what, stranger)


def instead_of_a_segment():
    """What is found as a segment when flowd starts."""
    with Shared('logdir "{}" flush 20ms\n', start=False) as f:
        as_nobody("mkfifo", f"{f.folder}/20261123T100000Z.flow")
        as_nobody("ln", "-s", "/etc/passwd",
                  f"{f.folder}/20261123T100500Z.flow")
        as_nobody("mkdir", f"{f.folder}/20261123T101000Z.flow")
        as_nobody("mkfifo", f"{f.folder}/.20261123T101500Z.flow.tmp")
        before = read("/etc/passwd")
        f.start()
        f.send(flow(3))
        tap.ok(wait_for(lambda: any(size(f"{f.folder}/{n}") > 0
                                    for n in segments(f.folder)
                                    if not n.startswith("20261123"))),
               "FIFOs, links and folders as segments: it stores",
               f.messages())
        tap.ok(not os.path.lexists(f"{f.folder}/.20261123T101500Z.flow.tmp"),
               "what is left beside segments is removed, a FIFO, too")
        tap.equal(f.stop(), 0, "it ends")
        tap.ok(read("/etc/passwd") == before, "what a link led to is "
               "as it was")


def instead_of_the_directory():
    """A link to where root may write."""
    with Shared('logdir "{}/flow" mode 0644\n', start=False) as f:
        target = f.path("target")
        os.mkdir(target, 0o700)
        as_nobody("ln", "-s", target, f"{f.folder}/flow")
        f.start()
        f.process.wait(60)
        tap.equal((f.process.returncode, os.listdir(target),
                   stat.S_IMODE(os.stat(target).st_mode)), (1, [], 0o700),
                  "a link of a stranger's is no logdir")
        tap.ok(f"logdir {f.folder}/flow: Operation not permitted" in
               f.messages(), "that is told", f.messages())


def other_files():
    """The log file, the pid file and the state file in such a folder."""
    with Shared('logfile "{}/log"\n', start=False) as f:
        secret = f.path("secret")
        with open(secret, "w", encoding="utf-8"):
            pass
        as_nobody("ln", "-s", secret, f"{f.folder}/log")
        f.start()
        f.process.wait(60)
        tap.ok(f.process.returncode == 1 and size(secret) == 0 and
               f"cannot open logfile {f.folder}/log" in f.messages(),
               "logfile: a link of a stranger's is not followed",
               f.messages())
        os.unlink(f"{f.folder}/log")
        os.symlink(secret, f"{f.folder}/log")
        f.start()
        f.send(flow(1))
        tap.ok(f.stored(1, secret), "logfile: one of root's is", f.messages())
        f.stop()
        os.unlink(f"{f.folder}/log")
        as_nobody("touch", f"{f.folder}/log")
        f.start()
        tap.ok(f.said(f"logfile {f.folder}/log belongs to user {NOBODY}, who "
                      "can read and change it"),
               "logfile: the file of somebody else is told of", f.messages())
        f.stop()
    with Shared('logfile "{0}/log"\npidfile "{0}/pid"\n', start=False) as f:
        target = f.path("target")
        as_nobody("ln", "-s", target, f"{f.folder}/pid")
        f.start()
        f.process.wait(60)
        tap.ok(f.process.returncode == 1 and not os.path.lexists(target),
               "pidfile: a link is not followed", f.messages())
    with Shared('logfile "{0}/log"\nstatefile "{0}/state"\n',
                start=False) as f:
        target = f.path("target")
        as_nobody("mkfifo", f"{f.folder}/state")
        as_nobody("ln", "-s", target, f"{f.folder}/state.new")
        f.start()
        f.send(flow(1))
        tap.ok(f.stored(1, f"{f.folder}/log"), "statefile: a FIFO holds "
               "nobody up", f.messages())
        tap.equal(f.stop(), 0, "statefile: it ends")
        st = os.lstat(f"{f.folder}/state")
        tap.ok(not os.path.lexists(target) and stat.S_ISREG(st.st_mode) and
               (st.st_uid, stat.S_IMODE(st.st_mode)) == (0, 0o600),
               "statefile: it is written beside, and is root's only", st)


def main():
    if os.geteuid() != 0 or not shutil.which("mkfifo"):
        tap.skip("folders of another user", "not run as root")
        tap.done()
    if not (sys.version_info >= (3, 9)):
        tap.skip("folders of another user", "python is older than 3.9")
        tap.done()
    for part in (beside_a_segment, instead_of_a_segment,
                 instead_of_the_directory, other_files):
        part()
    tap.done()


main()
