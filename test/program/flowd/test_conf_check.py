"""What a configuration wants of this machine: flowd -n, the start and a reload
look at it alike."""
import os
import shutil
import signal
import socket
import subprocess
import sys

from daemon import Flowd, read, size, wait_for
from flowdtest import program, run, v5_datagram
from tap import Tap

tap = Tap()
ONE = v5_datagram([{"sport": 1}])
FOREIGN = "203.0.113.77"  # for documentation: nobody has it
ROOT = os.geteuid() == 0


def check(f, *args):
    r = run(["flowd", "-n", "-f", f.conf, *args])
    return r.returncode, r.stderr.decode()


def refused(f, conf, want, what, **paths):
    """An error of -n, of the start, and of a reload."""
    text = read(f.conf)
    f.write_conf(conf, **paths)
    status, said = check(f)
    tap.ok(status == 1 and want in said, f"{what}: -n", (status, said))
    if f.process.poll() is not None:
        return
    r = run(["flowctl", "-s", f.path("pid.sock"), "reload"])
    tap.ok(r.returncode == 1 and want in r.stderr.decode(),
           f"{what}: reload", r)
    before = f.messages()
    f.kill(signal.SIGHUP)
    tap.ok(wait_for(lambda: want in f.messages()[len(before):] and
                    "not loaded" in f.messages()[len(before):]),
           f"{what}: HUP", f.messages())
    count = size(f.log)
    f.send(ONE)
    tap.ok(wait_for(lambda: size(f.log) > count), f"{what}: the old one works")
    r = run(["flowd", "-g", "-f", f.conf])
    tap.ok(r.returncode == 1 and want in r.stderr.decode(),
           f"{what}: start", r)
    with open(f.conf, "wb") as c:
        c.write(text)


def same_paths():
    with Flowd() as f:
        for name in ("folder", "folder/sub"):
            os.mkdir(f.path(name))
        os.symlink("folder", f.path("link"))
        os.symlink("gone", f.path("dangling"))
        os.symlink(f.path("dangling"), f.path("dangling2"))
        with open(f.path("one"), "wb"):
            pass
        os.link(f.path("one"), f.path("two"))
        a, b = f.path("folder"), f.path("link")
        refused(f, f'logdir "{a}"\nlogdir "{b}"\n',
                f"logdir {a} and logdir {b} are the same, {a}",
                "a logdir by a link")
        refused(f, f'logdir "{a}/sub"\nlogdir "{b}/sub/"\n',
                f"logdir {a}/sub and logdir {b}/sub/ are the same",
                "a logdir in a folder by a link")
        refused(f, f'logdir "{a}/new"\nlogdir "{b}/new"\n',
                f"logdir {a}/new and logdir {b}/new are the same",
                "a logdir that is not there yet")
        refused(f, "", f"logfile and pidfile have the same path, {f.log}",
                "logfile and pidfile", pid=f.log)
        refused(f, f'statefile "{f.log}"\n',
                "logfile and statefile have the same path",
                "logfile and statefile")
        refused(f, f'control socket "{f.log}"\n',
                "logfile and control socket have the same path",
                "logfile and control socket")
        refused(f, f'logsock "{f.pid}"\n',
                "logsock and pidfile have the same path", "logsock, pidfile")
        refused(f, "", "pidfile and statefile have the same path",
                "a state file that nobody has named", log=f.path("x"),
                pid=f.path("y.state") + '"\nstatefile "' + f.path("y.state"))
        refused(f, f'statefile "{f.path("two")}"\n',
                f'logfile {f.path("one")} and statefile {f.path("two")} are '
                "the same", "a hard link", log=f.path("one"))
        refused(f, f'statefile "{f.path("gone")}"\n',
                f'logfile {f.path("dangling2")} and statefile '
                f'{f.path("gone")} are the same',
                "links to what is not there yet", log=f.path("dangling2"))
        refused(f, "", f"logfile {f.path('./flowd.conf')} and configuration "
                f"{f.conf} are the same", "the configuration itself",
                log=f.path("./flowd.conf"))
        f.write_conf('statefile "/dev/null"\n', log="/dev/null")
        tap.equal(check(f)[0], 0, "of /dev/null there are many")


def users_and_groups():
    with Flowd() as f:
        refused(f, f'control socket "{f.path("s")}" group nosuchgroup\n',
                f'control socket {f.path("s")}: group nosuchgroup does not '
                "exist", "a group that is not there")
        for line, what in (
                (f'logfile "{f.log}" group nosuchgroup\n',
                 f"logfile {f.log}"),
                (f'logdir "{f.path("d")}" group nosuchgroup\n',
                 f'logdir {f.path("d")}')):
            refused(f, line, f"{what}: group nosuchgroup does not exist",
                    "a group of a log that is not there")
        if ROOT:
            refused(f, 'user "nosuchuser"\n', "user nosuchuser does not exist",
                    "a user that is not there")
            refused(f, 'user "root"\n', "user root is root", "root itself")
        f.write_conf('user "nosuchuser"\n')
        # Where the build is, another user may not run it.
        copy = shutil.copy(program("flowd"), f.path("flowd"))
        r = subprocess.run(
            [copy, "-n", "-f", f.conf], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
            **stranger(f))
        tap.ok(r.returncode == 0 and b"user nosuchuser does not exist" in
               r.stderr and b"flowd would not start as root\n" in
               r.stderr, "not root: a user that is not there is warned of", r)


def stranger(f):
    """Another user, when this one is root."""
    if not ROOT:
        return {}
    os.chmod(f.dir.name, 0o755)
    os.chmod(f.conf, 0o644)
    return {"user": 65534, "group": 65534, "extra_groups": []}


def warned(f, conf, want, what, **kw):
    f.write_conf(conf, **kw)
    status, said = check(f)
    tap.equal((status, said), (0, f"{want}; flowd would not start now\n"),
              f"{what}: warned of")


def addresses():
    with Flowd() as f, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as u, \
            socket.socket() as t:
        u.bind(("127.0.0.1", 0))
        t.bind(("127.0.0.1", 0))
        t.listen()
        udp, tcp = (s.getsockname()[1] for s in (u, t))
        there = os.path.exists(f.path("pid.sock"))
        tap.equal(check(f), (0, ""), "addresses of a flowd that runs are its")
        f.write_conf(f"listen on {FOREIGN}:2055\n")
        tap.equal(check(f), (0, f"cannot listen on {FOREIGN}:2055: Cannot "
                             "assign requested address; flowd would not "
                             "start now\n"), "a foreign address is warned of")
        f.write_conf(f"metrics listen on {FOREIGN}:9995\n")
        tap.equal(check(f), (0, f"cannot listen on {FOREIGN}:9995 for "
                             "metrics: Cannot assign requested address; "
                             "flowd would not start now\n"),
                  "so is one for metrics")
        r = run(["flowctl", "-s", f.path("pid.sock"), "reload"])
        tap.ok(r.returncode == 1 and b"for metrics: Cannot assign" in
               r.stderr, "a reload of it is refused", r)
        f.write_conf(f"metrics listen on 127.0.0.1:{tcp}\n"
                     f"metrics listen on 127.0.0.1:{tcp}\n")
        status, said = check(f)
        tap.ok(status == 1 and "are already served on this address" in said,
               "an address for metrics stands once", said)
        f.write_conf("")
        f.stop()
        tap.ok(there, "(the daemon had a socket)")
        for conf, what in (
                (f"listen on 127.0.0.1:{udp}\n",
                 f"cannot listen on 127.0.0.1:{udp}: Address already in use"),
                (f"metrics listen on 127.0.0.1:{tcp}\n",
                 f"cannot listen on 127.0.0.1:{tcp} for metrics: Address "
                 "already in use"),
                (f"listen on 0.0.0.0:{f.port}\n",
                 f"cannot listen on 0.0.0.0:{f.port}: Address already in "
                 "use")):
            warned(f, conf, what, conf.strip().replace(str(udp), "PORT")
                   .replace(str(tcp), "PORT"))
        f.write_conf(f"listen on 0.0.0.0:{f.port}\nworkers 2\n")
        tap.equal(check(f), (0, ""), "with workers both can be")
        if sys.platform == "linux":
            f.write_conf('listen on 127.0.0.1:2055 on "no0"\n')
            status, said = check(f)
            tap.ok(status == 0 and "cannot listen on 127.0.0.1:2055" in said
                   and "would not start" in said,
                   "an interface that is not there", said)


def groups():
    """What a start says of groups that cannot be joined, -n does, too."""
    with Flowd(start=False) as f:
        at = f"127.0.0.1:{f.port}"
        for group, want in (
                ("10.0.0.1", f"cannot join group 10.0.0.1 on {at}: not a "
                 "multicast address\n"),
                ("239.1.1.1 on nowhere", "cannot join group 239.1.1.1 on "
                 f"nowhere on {at}: no interface has the name or "
                 'address "nowhere"\n'),
                ("ff05::114", "join group ff05::114: nothing listens on "
                 "IPv6\n"),
                ("239.9.8.7 on 127.0.0.1", "")):
            f.write_conf(f"join group {group}\n")
            tap.equal(check(f), (0, want), f"join group {group}: -n")
            f.start()
            f.said(f"listening on {at}")
            tap.equal("".join(line for line in
                              f.messages().splitlines(True)
                              if "join group" in line), want,
                      f"join group {group}: so says the start")
            tap.equal(check(f), (0, want),
                      f"join group {group}: -n, while it runs")
            f.stop()
            os.unlink(f.path("err"))


def folders():
    with Flowd(start=False) as f:
        none = f.path("none")
        for conf, kw, what in (
                ("", {"log": f"{none}/log"}, f"logfile {none}/log"),
                ("", {"pid": f"{none}/pid"}, f"pidfile {none}/pid"),
                (f'logdir "{none}/dir"\n', {}, f"logdir {none}/dir"),
                (f'control socket "{none}/s"\n', {},
                 f"control socket {none}/s")):
            warned(f, conf, f"{what}: No such file or directory", what, **kw)
        warned(f, "", f"logfile {f.dir.name}: it is a directory",
               "a directory for a log file", log=f.dir.name)
        with open(f.path("file"), "wb"):
            pass
        warned(f, f'logdir "{f.path("file")}"\n',
               f'logdir {f.path("file")}: it is not a directory',
               "a file for a logdir")
        warned(f, f'control socket "{f.path("file")}"\n',
               f'control socket {f.path("file")}: the path exists and is not '
               "a socket", "a file for a socket")
        warned(f, f'logdir "{f.path("file")}/x"\n',
               f'logdir {f.path("file")}/x: Not a directory',
               "a file for a folder")
        before = sorted(os.listdir(f.dir.name))
        f.write_conf(f'logdir "{f.path("dir")}"\n'
                     f'control socket "{f.path("s")}"\n')
        tap.equal((check(f), sorted(os.listdir(f.dir.name))),
                  ((0, ""), before), "nothing is made")


def what_flowd_does_without():
    """It starts, and says what is lacking; -n does so, too."""
    with Flowd(start=False) as f:
        deep = f.path("x" * 120)
        os.mkdir(deep)
        for conf, pid, want in (
                (f'statefile "{f.path("none")}/state"\n', f.pid,
                 f"statefile {f.path('none')}/state: No such file or "
                 "directory; the state of exporters is not saved\n"),
                ("", f"{deep}/pid", f"control socket {deep}/pid.sock: the "
                 "path is too long; flowctl cannot be used\n")):
            f.write_conf(conf, pid=pid)
            tap.equal(check(f), (0, want), "what flowd does without: -n")
            f.pid = pid
            f.start()
            tap.ok(f.said(want) and f.messages().count(want) == 1,
                   "what flowd does without: the start", f.messages())
            tap.equal(f.stop(), 0, "what flowd does without: it runs")


def not_root():
    with Flowd(start=False) as f:
        f.write_conf("listen on 127.0.0.1:9\n"
                     f'logdir "{f.path("dir")}"\n'
                     "metrics listen on 127.0.0.1:79\n"
                     "forward to 127.0.0.1:9999 spoof\n", pid="/run/x.pid")
        # Where the build is, another user may not run it.
        copy = shutil.copy(program("flowd"), f.path("flowd"))
        r = subprocess.run(
            [copy, "-n", "-f", f.conf], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
            **stranger(f))
        said = r.stderr.decode().splitlines()
        want = [f"not root: cannot check whether root can {what}"
                for what in ("use pidfile /run/x.pid",
                             "listen on 127.0.0.1:9",
                             "listen on 127.0.0.1:79 for metrics",
                             "spoof source addresses")]
        tap.ok(r.returncode == 0 and all(w in said for w in want),
               "not root: it says what it cannot check", said)


same_paths()
users_and_groups()
addresses()
groups()
folders()
what_flowd_does_without()
not_root()
tap.done()
