"""flowd as its operator meets it: start, signals, files, failures.

Stands by itself: loopback, free ports, a temporary directory for each test.
"""
import os
import re
import resource
import select
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import time

from daemon import Flowd, free_port, read, size, wait_for
from flowdtest import (datagrams_pcap, pcap, program, run, sanitized, v3_parse,
                       v3_record, v5_datagram)
from processes import engines
from tap import Tap

tap = Tap()
# What only Linux does is tried where it was built in.
LINUX = sys.platform == "linux" and "FLOWD_PORTABLE" not in os.environ


ONE = v5_datagram([{"sport": 1000}])


def starts_and_stops():
    with Flowd() as f:
        tap.equal(read(f.pid), b"%d\n" % f.process.pid,
                  "the pid file holds the number and a newline")
        for path in (f.pid, f.log):
            tap.equal(stat.S_IMODE(os.stat(path).st_mode), 0o600,
                      f"mode of {os.path.basename(path)}")
        f.send(ONE)
        tap.ok(f.stored(1), "a flow is on disk without delay")
        f.send(ONE, ONE, v5_datagram([{}] * 30))
        tap.equal(f.stop(), 0, "TERM: exit 0")
        tap.ok(not os.path.exists(f.pid), "TERM: no pid file is left")
        tap.equal(len(f.records()), 33,
                  "TERM: what was received before is stored")
    with Flowd() as f:
        tap.equal(f.stop(signal.SIGINT), 0, "INT: exit 0")
        tap.ok(not os.path.exists(f.pid), "INT: no pid file is left")


def goes_into_the_background():
    with Flowd(start=False) as f:
        r = run(["flowd", "-f", f.conf])
        tap.equal((r.returncode, r.stderr), (0, b""),
                  "started in the background: exit 0, silent")
        pid = int(read(f.pid))
        tap.ok(pid > 1, "the pid file is there when it returns")
        f.send(ONE)
        tap.ok(f.stored(1), "it stores in the background")
        tap.equal(os.getsid(pid), pid, "it has a session of its own")
        tap.equal(os.readlink(f"/proc/{pid}/cwd") if os.path.exists("/proc")
                  else "/", "/", "it is in the root directory")
        os.kill(pid, signal.SIGTERM)
        tap.ok(wait_for(lambda: not os.path.exists(f.pid)),
               "TERM ends it and removes the pid file")
        f.write_conf("store ALL\n", pid="/nonexistent/pid")
        r = run(["flowd", "-f", f.conf])
        tap.ok(r.returncode == 1 and
               b"cannot write pidfile /nonexistent/pid" in r.stderr,
               "background: a late failure is exit 1 with its reason",
               r.stderr)


def a_relative_path_stays_where_it_was_started():
    with Flowd(start=False) as f:
        f.write_conf("store ALL\n", log="rel.log", pid="rel.pid")
        r = run(["flowd", "-f", "flowd.conf"], cwd=f.dir.name)
        tap.equal(r.returncode, 0, "relative paths: starts")
        pid = int(read(f.path("rel.pid")))
        os.kill(pid, signal.SIGHUP)
        f.send(ONE)
        tap.ok(f.stored(1, f.path("rel.log")),
               "relative paths: HUP finds configuration and log again")
        os.kill(pid, signal.SIGTERM)
        tap.ok(wait_for(lambda: not os.path.exists(f.path("rel.pid"))),
               "relative paths: the pid file is removed")


def configuration_from_a_pipe():
    ours, theirs = os.pipe()
    with Flowd(start=False) as f:
        os.write(theirs, read(f.conf))
        os.close(theirs)
        f.start(args=[program("flowd"), "-g", "-f", f"/dev/fd/{ours}"],
                pass_fds=[ours])
        os.close(ours)
        f.send(ONE)
        tap.ok(wait_for(lambda: size(f.log) > 0),
               "a daemon reads its configuration from a pipe", f.messages())
        tap.equal(f.stop(), 0, "and ends with 0")


def command_line():
    full = open("/dev/full", "wb")
    for args, status, text in (
            (["-q"], 1, "Invalid commandline option."),
            (["-q"], 1, "unknown option -q; --help lists them"),
            (["-gZ"], 1, "unknown option -Z"),
            (["--bogus"], 1, "unknown option --bogus; --help lists them"),
            (["--flie=x"], 1, "did you mean --file?"),
            (["--check=yes"], 1, "--check takes no value"),
            (["-n", "--file"], 1, "--file wants a value: FILE"),
            (["--check", "--file=/nonexistent"], 1,
             "cannot open /nonexistent"),
            (["--define", "x", "--fi", "/dev/null"], 1,
             "macro definition x"),
            (["-X", "foo"], 1, "Invalid debugging option foo"),
            (["-f", "/nonexistent"], 1, "cannot open /nonexistent"),
            (["-n", "-f", "/nonexistent"], 1, "cannot open /nonexistent"),
            (["-D", "x", "-f", "/dev/null"], 1, "macro definition x"),
            (["-n", "my.conf"], 1, '"my.conf" is not an option: use -f'),
            (["-f", "/nonexistent", "my.conf"], 1, '"my.conf" is ignored')):
        r = run(["flowd", *args])
        tap.ok(r.returncode == status and text in r.stderr.decode(),
               f"flowd {' '.join(args)}: exit {status}, says why", r.stderr)
    for args, text in ((["-h"], b"usage: flowd"), (["--help"], b"usage: flowd"),
                       (["-g", "--help", "-q"], b"This is flowd 1."),
                       (["-V"], b"flowd 1."), (["--version"], b"flowd 1.")):
        r = run(["flowd", *args])
        tap.ok((r.returncode, r.stderr) == (0, b"") and text in r.stdout,
               f"flowd {' '.join(args)}: on standard output", r)
        r = run(["flowd", *args], stdout=full)
        tap.equal(r.returncode, 1, f"flowd {args}: a full disk is told")
    full.close()
    with Flowd(args=("--foreground", "-X", "INSECURE")) as f:
        f.send(ONE)
        tap.ok(f.stored(1), "-X INSECURE is accepted")
    with Flowd(start=False) as f:
        before = set(os.listdir(f.dir.name))
        r = run(["flowd", "-n", "-f", f.conf])
        tap.equal((r.returncode, r.stderr), (0, b""),
                  "-n: a right configuration is silent")
        tap.equal(set(os.listdir(f.dir.name)), before, "-n makes no files")


def macros_of_the_command_line():
    with Flowd("flow source $net\nstore ALL\n",
               args=("-g", "-D", "net=127.0.0.1")) as f:
        f.send(ONE, source="127.0.0.2")
        f.send(ONE)
        tap.ok(f.stored(1), "-D NAME=VALUE: the macro is used")
        f.kill(signal.SIGHUP)
        tap.ok(f.said("configuration read"), "-D: kept over HUP",
               f.messages())
        f.send(ONE)
        f.stored(2)
        tap.equal(len(f.records()), 2, "-D: the source it names counts")


def limit_descriptors(now, most):
    resource.setrlimit(resource.RLIMIT_NOFILE, (now, most))


def many_descriptors():
    """More engines and directories than the soft limit has room for."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < 4096:
        tap.skip("more descriptors than the soft limit", f"{most} at most")
        return
    with Flowd("workers 16\n", start=False) as f:
        f.write_conf("workers 16\n" + "".join(
            f'logdir "{f.path(str(n))}"\n' for n in range(16)))
        f.start(preexec_fn=lambda: limit_descriptors(256, most))
        f.send(ONE)
        tap.ok(f.stored(1), "more descriptors than the soft limit: it works",
               f.messages())


def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (40960, 40960))


def failures_at_start():
    """Each is one clear line and exit 1, and leaves no pid file."""
    def check(f, what, text, lines=1, **kw):
        r = run(["flowd", "-g", "-f", f.conf], **kw)
        err = r.stderr.decode()
        tap.ok(r.returncode == 1 and text in err
               and err.count("\n") == lines, f"{what}: one clear line", err)
        tap.ok(not os.path.exists(f.pid), f"{what}: no pid file")

    with Flowd(start=False) as f:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", f.port))
            check(f, "port in use", f"cannot listen on 127.0.0.1:{f.port}: "
                  "Address already in use")
        f.write_conf("", log="/nonexistent/log")
        check(f, "missing directory", "cannot open logfile /nonexistent/log: "
              "No such file or directory")
        f.write_conf("", pid="/nonexistent/pid")
        check(f, "unwritable pid file",
              "cannot write pidfile /nonexistent/pid: No such file")
        f.write_conf("")
        check(f, "few descriptors", "the limit of open files is 60 ",
              preexec_fn=lambda: limit_descriptors(60, 60))
        check(f, "small files only", "File too large",
              preexec_fn=limit_files)
        f.write_conf(f"listen on {f.listen()}\n")
        check(f, "one address twice", "twice", 3)
        f.write_conf("discard tag 1\n")
        check(f, "a wrong rule", "tag not allowed in discard", 3)
        f.write_conf("store vlan\n")
        check(f, "store vlan", '"vlan" can be stored in a logdir, but not', 3)
        f.write_conf("lisen on 1\nstore FOO\n")
        check(f, "several errors", 'did you mean "listen"?', 6)


def mailboxes_that_are_too_large():
    """For the address space that there is."""
    if sanitized():
        tap.skip("little address space", "a sanitizer needs more")
        return
    most = 2 << 30
    with Flowd("limit mailbox_octets 4Gi\n", start=False) as f:
        r = run(["flowd", "-g", "-f", f.conf], preexec_fn=lambda:
                resource.setrlimit(resource.RLIMIT_AS, (most, most)))
        tap.ok(r.returncode == 1 and b"cannot map a ring: " in r.stderr,
               "mailboxes that cannot be mapped: it does not start", r.stderr)


def a_version_2_log_is_refused():
    head = struct.pack("!IIII", 0x012cf047, 2, 1700000000, 0)
    with Flowd(start=False) as f:
        with open(f.log, "wb") as log:
            log.write(head)
        r = run(["flowd", "-g", "-f", f.conf])
        tap.ok(r.returncode == 1 and b"version 2 flow log" in r.stderr,
               "a version 2 log is refused", r.stderr)
        tap.equal(read(f.log), head, "a version 2 log is left alone")
        with open(f.log, "wb") as log:
            log.write(head[:15])
        f.start()
        f.send(ONE)
        tap.ok(wait_for(lambda: size(f.log) == 15 + 116),
               "fewer than 16 octets are not looked at")


def rotation():
    with Flowd() as f:
        f.send(ONE)
        f.stored(1)
        old = f.path("log.000001")
        os.rename(f.log, old)
        f.send(ONE)
        tap.ok(wait_for(lambda: size(old) == 232),
               "renamed: written until it is reopened")
        tap.equal(size(f.log), -1, "renamed: no new file by itself")
        f.kill(signal.SIGUSR1)
        tap.ok(f.reopened(), "USR1: a new file")
        f.send(ONE)
        tap.ok(f.stored(1), "USR1: written to the new file")
        tap.equal(size(old), 232, "USR1: the old file has nothing more")
        tap.equal(sorted(n for n in os.listdir(f.dir.name)
                         if n.startswith("log")), ["log", "log.000001"],
                  "no other file begins like the log")


def rotation_loses_nothing():
    with Flowd() as f:
        sent, parts = 0, []
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect((f.host, f.port))
            for n in range(10):
                for _ in range(200):
                    s.send(ONE)
                    sent += 1
                parts.append(f.path(f"log.{n}"))
                os.rename(f.log, parts[-1])
                f.kill(signal.SIGUSR1)
                wait_for(lambda: os.path.exists(f.log))
        f.stop()
        got = sum(len(f.records(p)) for p in parts + [f.log])
        tap.equal(got, sent, "ten rotations under load lose nothing")


def reopen_fails():
    with Flowd() as f:
        os.mkdir(f.path("sub"))
        f.write_conf("store ALL\n", log=f.path("sub/log"))
        f.kill(signal.SIGHUP)
        f.log = f.path("sub/log")
        f.reopened()
        f.send(ONE)
        f.stored(1)
        os.rename(f.path("sub"), f.path("moved"))
        f.kill(signal.SIGUSR1)
        tap.ok(f.said("cannot open logfile"), "USR1 without directory: told")
        f.send(ONE)
        tap.ok(wait_for(lambda: size(f.path("moved/log")) == 232),
               "USR1 without directory: the old file is written")
        tap.equal(f.process.poll(), None, "USR1 without directory: it runs")


def reconfiguration():
    with Flowd() as f:
        f.send(ONE)
        f.stored(1)
        before = f.conf
        with open(before, "a", encoding="utf-8") as conf:
            conf.write("bogus 1\n")
        f.kill(signal.SIGHUP)
        tap.ok(f.said("keeping the old configuration"),
               "HUP with an invalid file: told", f.messages())
        tap.ok('unknown directive "bogus"' in f.messages(),
               "HUP with an invalid file: why")
        f.send(ONE)
        tap.ok(f.stored(2), "HUP with an invalid file: goes on as before")
        old = f.port
        f.port = free_port()
        new_pid = f.path("pid2")
        f.write_conf(f"listen on 127.0.0.1:{old}\nstore PACKETS\n",
                     pid=new_pid)
        f.kill(signal.SIGHUP)
        tap.ok(f.said("configuration read from"), "HUP: read",
               f.messages())
        f.send(ONE)
        f.port = old
        f.send(ONE)
        tap.ok(wait_for(lambda: size(f.log) == 232 + 2 * 16),
               "HUP: the new address and the old one, the new fields")
        tap.ok(size(new_pid) > 0 and not os.path.exists(f.pid),
               "HUP: the pid file has moved")
        f.write_conf("listen on 192.0.2.1:9\nstore OCTETS\n", pid=f.pid)
        f.kill(signal.SIGHUP)
        tap.ok(f.said("cannot listen on 192.0.2.1:9"),
               "HUP with an address that is not ours: told")
        tap.ok(wait_for(lambda: not os.path.exists(f.pid)) and
               size(new_pid) > 0, "the old pid file stays then")
        f.send(ONE)
        f.stop()
        tap.equal(size(f.log), 232 + 3 * 16, "and the old fields")


def reconfiguration_keeps_datagrams_and_templates():
    template = struct.pack("!HHHHHHHHHH", 0, 20, 256, 3, 8, 4, 12, 4, 1, 4)
    data = struct.pack("!HH4s4sI", 256, 16, b"\n\0\0\1", b"\n\0\0\2", 99)
    head = struct.pack("!HHIIII", 9, 1, 1000, 1700000000, 0, 1)
    with Flowd() as f:
        f.send(head + template)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            s.sendto(head + template, (f.host, f.port))
            for n in range(1, 301):
                s.sendto(head + data, (f.host, f.port))
                if n % 30 == 0:
                    f.kill(signal.SIGHUP)
        f.stop()
        tap.equal(len(f.records()), 300,
                  "HUP under load: no datagram and no template is lost")


def statistics():
    with Flowd() as f:
        f.send(ONE, ONE, b"\0\5\0\1" + ONE[4:-1], b"\0\1")
        f.send(ONE, source="127.0.0.9")
        f.stored(3)
        f.kill(signal.SIGUSR2)
        tap.ok(f.said("flows: stored:3"), "USR2: totals", f.messages())
        m = f.messages()
        for text in ("Peer state: 2 of 4096 in used, 0 forced deletions",
                     "peer 0 - 127.0.0.1: packets:2 flows:2 invalid:2 "
                     "no_template:0",
                     "peer 0 - 127.0.0.1: first seen:20",
                     "peer 0 - 127.0.0.1: last valid:20",
                     "netflow v.5",
                     "peer 1 - 127.0.0.9: packets:1 flows:1 invalid:0",
                     "datagrams: received:5 not permitted:0"):
            tap.ok(text in m, f"USR2: {text}", m)


def send_to_nobody(f, *datagrams):
    """Send while the engine stands still."""
    stopped = engines(f.process.pid)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    f.send(*datagrams)
    for pid in stopped:
        os.kill(pid, signal.SIGCONT)


def drops():
    """What the system drops is counted: sent = received + dropped."""
    if not LINUX:
        tap.skip("drops", "this system does not count them")
        return
    with Flowd(start=False) as f:
        with open(f.conf, encoding="utf-8") as conf:
            text = conf.read().replace(f.listen(),
                                       f.listen() + " bufsize 4k")
        with open(f.conf, "w", encoding="utf-8") as conf:
            conf.write(text)
        f.start()
        f.send(ONE)
        f.stored(1)
        send_to_nobody(f, *[ONE] * 300)
        f.stop()
        got = len(f.records())
        tap.ok(1 < got < 301, "a small buffer does not hold all", got)
        f.start()
        send_to_nobody(f, *[ONE] * 300)
        wait_for(lambda: size(f.log) > got * 116)
        f.kill(signal.SIGUSR2)
        f.said("unstorable:")
        counts = re.search(r"listener 127.0.0.1:\d+: received:(\d+) "
                           r"octets:(\d+) dropped:(\d+)", f.messages())
        received, octets, dropped = map(int, counts.groups() if counts
                                        else (0, 0, 0))
        tap.equal((received + dropped, octets), (300, received * 72),
                  "received + dropped = sent")


def torn_record():
    """What a power failure leaves is cut off, so that the rest is readable."""
    whole = v3_record({"OCTETS": bytes(8)})
    for torn in (whole[:1], whole[:7], whole[:-1]):
        with Flowd("store OCTETS\n", start=False) as f:
            with open(f.log, "wb") as log:
                log.write(whole * 3000 + torn)
            f.start()
            f.send(ONE)
            f.stored(3001)
            tap.equal(len(f.records()), 3001,
                      f"{len(torn)} octets of a record are cut off")
            tap.ok("octets of an incomplete last record" in f.messages(),
                   "and told of", f.messages())
    with Flowd("store OCTETS\n", start=False) as f:
        with open(f.log, "wb") as log:
            log.write(b"some text")
        f.start()
        f.send(ONE)
        wait_for(lambda: size(f.log) > 9)
        tap.equal(read(f.log)[:9], b"some text", "what is no log is kept")


def pidfile_that_is_none():
    """A pid file is not written over something else."""
    with Flowd(start=False) as f:
        f.write_conf("", pid=f.log)
        with open(f.log, "wb") as log:
            log.write(v3_record({"OCTETS": bytes(8)}) * 9)
        before = read(f.log)
        r = run(["flowd", "-g", "-f", f.conf])
        tap.ok(r.returncode == 1 and b"logfile and pidfile have the same path"
               in r.stderr, "a pid file that is the log: refused", r.stderr)
        tap.equal(read(f.log), before, "and the log is as it was")
        f.write_conf("", log=f.path("other"), pid=f.log)
        r = run(["flowd", "-g", "-f", f.conf])
        tap.ok(r.returncode == 1 and b"it is not a pid file" in r.stderr,
               "a pid file that is a log: refused", r.stderr)
        tap.equal(read(f.log), before, "and that log is as it was")
        os.mkfifo(f.pid)
        f.write_conf("")
        r = run(["flowd", "-g", "-f", f.conf])
        tap.ok(r.returncode == 1 and b"it is not a pid file" in r.stderr,
               "a pid file that is a FIFO: refused", r.stderr)


def fifo_reopened():
    """USR1 within a record does not tear the stream of a FIFO."""
    with Flowd(start=False) as f:
        os.mkfifo(f.log)
        fd = os.open(f.log, os.O_RDONLY | os.O_NONBLOCK)
        f.start()
        f.send(*[v5_datagram([{}] * 30)] * 40)
        f.said("its reader is too slow")
        f.kill(signal.SIGUSR1)
        time.sleep(0.3)
        got, end = b"", time.monotonic() + 60
        while len(got) < 1200 * 116 and time.monotonic() < end:
            if select.select([fd], [], [], 1)[0]:
                got += os.read(fd, 65536)
        tap.equal(len(v3_parse(got)), 1200, "a FIFO reopened: every record")
        os.close(fd)


def rules():
    """Rules discard and tag; USR2 logs their counters; HUP takes new ones."""
    with Flowd("discard proto udp dst any port 53\naccept tag 9 proto tcp\n"
               ) as f:
        f.send(v5_datagram([{"protocol": 17, "dport": 53}, {"protocol": 17},
                            {"protocol": 6}]))
        f.stored(2)
        tap.equal([r.get("TAG") for r in f.records()],
                  [None, b"\0\0\0\x09"], "rules discard and tag")
        f.kill(signal.SIGUSR2)
        tap.ok(f.said("discarded:1"), "USR2: flows discarded", f.messages())
        for text in ("discard dst any port 53 proto 17  "
                     "# evaluations 3 matches 1 wins 1",
                     "tag 9 proto 6  # evaluations 3 matches 1 wins 1"):
            tap.ok(text in f.messages(), f"USR2: {text}", f.messages())
        f.write_conf("discard all\n")
        f.kill(signal.SIGHUP)
        f.said("configuration read")
        f.send(ONE)
        f.kill(signal.SIGUSR2)
        tap.ok(f.said("discard  # evaluations 1 matches 1 wins 1"),
               "HUP: new rules, counted anew", f.messages())
        tap.equal(len(f.records()), 2, "HUP: the new rule discards")


def fifo():
    with Flowd(start=False) as f:
        os.mkfifo(f.log)
        f.start()
        fd = os.open(f.log, os.O_RDONLY | os.O_NONBLOCK)
        f.send(ONE)
        select.select([fd], [], [], 10)
        tap.equal(len(v3_parse(os.read(fd, 65536))), 1,
                  "a FIFO gets the flows")
        # Nobody reads: the pipe fills, then the queue; then all is read.
        big = v5_datagram([{}] * 30)
        f.send(*[big] * 60)
        tap.ok(f.said("its reader is too slow"),
               "a slow reader is told of", f.messages())
        f.send(ONE)
        got, want = b"", (60 * 30 + 1) * 116
        end = time.monotonic() + 60
        while len(got) < want and time.monotonic() < end:
            if select.select([fd], [], [], 1)[0]:
                got += os.read(fd, 65536)
        os.close(fd)
        tap.equal(len(v3_parse(got)), 60 * 30 + 1,
                  "and gets every record, whole, when it reads again")
        tap.ok(f.said("writing to"), "which is told, too", f.messages())
        tap.equal(f.stop(), 0, "FIFO: exit 0")


def full_disk():
    with Flowd(log="/dev/full") as f:
        f.send(ONE)
        tap.ok(f.said("cannot write to /dev/full: No space left on device"),
               "/dev/full: told", f.messages())
        f.send(*[ONE] * 50)
        f.kill(signal.SIGUSR2)
        tap.ok(f.said("stored:0 waiting:51 lost:0"),
               "/dev/full: it runs, and what waits is counted",
               f.messages())
        tap.equal(f.messages().count("cannot write to"), 1,
                  "/dev/full: told once")
        f.write_conf("store ALL\n")
        f.kill(signal.SIGHUP)
        tap.ok(f.stored(51), "a disk with room gets what waited",
               f.messages())
        tap.equal(len(f.records()), 51, "all of it")
    with Flowd(log="/dev/full") as f:
        f.send(ONE)
        f.said("cannot write")
        tap.equal(f.stop(), 0, "/dev/full: exit 0")
        tap.ok("1 flows could not be written" in f.messages(),
               "/dev/full: the loss is told at the end", f.messages())


def ipv6():
    try:
        free_port("::1")
    except OSError:
        tap.skip("IPv6 listener", "this system has no IPv6 loopback")
        return
    with Flowd(host="::1") as f:
        f.send(ONE)
        wait_for(lambda: size(f.log) == 128)
        tap.equal(f.records()[0].get("AGENT_ADDR6"), bytes(15) + b"\1",
                  "an IPv6 listener; the exporter is ::1")
    with Flowd(start=False) as f:
        with open(f.conf, "a", encoding="utf-8") as conf:
            conf.write(f"listen on [::]:{f.port}\n"
                       f"listen on 0.0.0.0:{free_port()}\n")
        f.start()
        f.send(ONE)
        tap.ok(f.stored(1), "IPv4 and IPv6 on one port do not collide",
               f.messages())


def v9_of_many_flows(n):
    template = struct.pack("!HHHHHHHHHH", 0, 20, 256, 3, 8, 4, 12, 4, 1, 4)
    rows = b"".join(struct.pack("!4s4sI", b"\n\0\0\1", b"\n\0\0\2", i)
                    for i in range(n))
    return (struct.pack("!HHIIII", 9, n, 1000, 1700000000, 0, 1) + template
            + struct.pack("!HH", 256, 4 + len(rows)) + rows)


def large_datagrams():
    with Flowd("store OCTETS\n") as f:
        f.send(v9_of_many_flows(200))
        tap.ok(wait_for(lambda: size(f.log) == 200 * 16),
               "a datagram of 2,448 octets: all its flows")
        f.send(v9_of_many_flows(5400))
        tap.ok(wait_for(lambda: size(f.log) == 5600 * 16),
               "a datagram of 64,844 octets: all its flows")
        octets = [int.from_bytes(r["OCTETS"], "big") for r in f.records()]
        tap.equal(octets, list(range(200)) + list(range(5400)),
                  "in their order")


def sources():
    for conf, want in (("flow source 10.0.0.0/8\n", 0),
                       ("flow source 127.0.0.0/8\n", 2),
                       ("flow source 127.0.0.2\n", 1),
                       ("flow source 10.0.0.0/8\nflow source 127.0.0.2\n", 1),
                       ("flow source 0.0.0.0/0\n", 2),
                       ("flow source ::/0\n", 0),
                       ("flow source any\n", 2)):
        with Flowd(conf) as f:
            f.send(ONE)
            f.send(ONE, source="127.0.0.2")
            f.stop()
            tap.equal(len(f.records()), want,
                      f"{conf.strip()}: {want} of two exporters")


def stored_fields():
    full = {"RECV_TIME", "PROTO_FLAGS_TOS", "AGENT_ADDR4", "SRC_ADDR4",
            "DST_ADDR4", "GATEWAY_ADDR4", "SRCDST_PORT", "PACKETS", "OCTETS",
            "IF_INDICES", "AGENT_INFO", "FLOW_TIMES", "AS_INFO",
            "FLOW_ENGINE_INFO", "CRC32"}
    for conf, want in (
            ("", full), ("store ALL\n", full),
            ("store SRC_ADDR\nstore packets\n", {"SRC_ADDR4", "PACKETS"}),
            ("store SRC_ADDR6\nstore OCTETS\n", {"OCTETS"}),
            ("store TAG\n", set()), ("store AGENT_ADDR6\n", set()),
            ("store dst_as\nstore CRC32\n", {"AS_INFO", "CRC32"})):
        with Flowd(conf) as f:
            f.send(v5_datagram([{"src": "10.1.2.3", "packets": 7,
                                 "octets": 8, "dst_as": 64512}]))
            f.stop()
            rec = f.records()
            tap.equal([set(r) for r in rec], [want],
                      f"fields with {conf.split() or 'no store'}")
    with Flowd() as f:
        before = time.time()
        f.send(v5_datagram([{"src": "10.1.2.3", "packets": 7, "sport": 258,
                             "protocol": 6, "flags": 0x1b, "tos": 4}],
                           engine=0x0102))
        f.stop()
        r = f.records()[0]
        tap.equal(r["SRC_ADDR4"] + r["PACKETS"] + r["PROTO_FLAGS_TOS"],
                  b"\n\1\2\3" + struct.pack("!Q", 7) + b"\x1b\6\4\0",
                  "octets of address, packets and flags")
        tap.equal(r["FLOW_ENGINE_INFO"][:4], b"\0\1\0\2",
                  "engine type and id in their order")
        sec, usec = struct.unpack("!II", r["RECV_TIME"])
        tap.ok(before - 1 <= sec + usec / 1e6 <= time.time() + 1,
               "the time of reception is now")


def without_time(record):
    return {k: v for k, v in record.items()
            if k not in ("RECV_TIME", "CRC32")}


def replay():
    datagrams = [v5_datagram([{"sport": n}] * 3, seq=3 * n)
                 for n in range(20)] + [v9_of_many_flows(100)]
    second = 1_600_000_000
    with Flowd() as f:
        f.send(*datagrams)
        f.stop()
        live = f.records()
        cap, log = f.path("in.pcap"), f.path("offline")
        with open(cap, "wb") as out:
            out.write(datagrams_pcap(
                [((second + n) * 10**9 + 5000, "127.0.0.1", 9995, d)
                 for n, d in enumerate(datagrams)]))
        conf = f.path("r.conf")
        with open(conf, "w", encoding="utf-8") as out:
            out.write(f'logfile "{log}"\nstore ALL\n')
        r = run(["flowd", "-r", cap, "-f", conf])
        tap.equal((r.returncode, r.stderr), (0, b""),
                  "-r: exit 0; no listen on, no pid file wanted")
        offline = f.records(log)
        tap.equal([without_time(x) for x in offline],
                  [without_time(x) for x in live],
                  "-r: what was received live, but for its time")
        tap.equal([struct.unpack("!II", x["RECV_TIME"]) for x in offline[:4]],
                  [(second, 5)] * 3 + [(second + 1, 5)],
                  "-r: the times of the capture")
        os.unlink(log)
        for args in (["-n", "-r", cap], ["-r", "no such file", "-n"]):
            r = run(["flowd", *args, "-f", conf])
            tap.equal((r.returncode, r.stderr, size(log)), (0, b"", -1),
                      "-n -r: no listen on is wanted, and nothing is stored")
        r = run(["flowd", "-n", "-f", conf])
        tap.ok(r.returncode == 1 and b"no listening addresses" in r.stderr,
               "but by -n alone", r.stderr)
        r = run(["flowd", "-nr", cap, "-f", "/dev/stdin"],
                input=b"listen on 127.0.0.1:1\nlogsock \"/x\"\n")
        tap.ok(r.returncode == 1 and b"no log file or directory" in r.stderr,
               "-n -r: a log is wanted", r.stderr)
        r = run(["flowd", "-d", "-r", cap, "-f", f.conf])
        tap.ok(f"{cap}: packets:{len(datagrams)} datagrams:{len(datagrams)} "
               f"exporters:1 flows:{len(offline)} discarded:0" in
               r.stderr.decode(), "-d: what was in it", r.stderr)
        r = run(["flowd", "-r", "-", "-f", conf], input=read(cap))
        tap.equal((r.returncode, len(f.records(log))), (0, len(offline)),
                  "-r -: a capture on standard input")
        with open(f.path("packed"), "wb") as out:
            out.write(b"\x1f\x8b\x08" + read(cap))
        r = run(["flowd", "-r", f.path("packed"), "-f", conf])
        tap.ok(r.returncode == 1 and b"compressed with gzip: zcat" in
               r.stderr, "-r: what is no capture is named", r.stderr)
        with open(conf, "a", encoding="utf-8") as out:
            out.write("flow source 10.0.0.0/8\n")
        os.unlink(log)
        r = run(["flowd", "-r", cap, "-f", conf])
        tap.equal((r.returncode, size(log)), (0, 0), "-r: flow source counts")


def replay_failures():
    with Flowd(start=False) as f:
        cap, conf = f.path("in.pcap"), f.path("r.conf")
        whole = datagrams_pcap([(10**18, "192.0.2.1", 9, ONE)] * 2)

        def attempt(octets, log, what, text, records=None):
            with open(cap, "wb") as out:
                out.write(octets)
            with open(conf, "w", encoding="utf-8") as out:
                out.write(f'logfile "{log}"\n')
            r = run(["flowd", "-r", cap, "-f", conf])
            tap.ok(r.returncode == 1 and text in r.stderr,
                   f"-r {what}: exit 1, says why", r.stderr)
            if records is not None:
                tap.equal(len(f.records(log)), records,
                          f"-r {what}: what came before is stored")

        attempt(b"no capture at all, whatever it is", f.path("l1"),
                "no capture", b"in.pcap")
        attempt(b"", f.path("l2"), "an empty file", b"in.pcap")
        attempt(whole[:-10], f.path("l3"), "a cut capture", b"in.pcap", 1)
        attempt(whole, "/dev/full", "full disk", b"No space left")
        attempt(whole, "/nonexistent/l", "no directory",
                b"cannot open logfile /nonexistent/l")
        with open(conf, "w", encoding="utf-8") as out:
            out.write(f'logfile "{f.path("l4")}"\n')
        r = run(["flowd", "-r", "/nonexistent.pcap", "-f", conf])
        tap.ok(r.returncode == 1 and b"/nonexistent.pcap" in r.stderr,
               "-r: a missing capture is named", r.stderr)
        with open(cap, "wb") as out:
            out.write(pcap([]))
        r = run(["flowd", "-r", cap, "-f", conf])
        tap.equal((r.returncode, r.stderr.decode()),
                  (0, f"{cap}: no flows: no packets\n"),
                  "-r: a capture without packets is fine, and told of")


def main():
    for test in (starts_and_stops, goes_into_the_background,
                 a_relative_path_stays_where_it_was_started,
                 configuration_from_a_pipe, command_line,
                 macros_of_the_command_line, failures_at_start,
                 many_descriptors, mailboxes_that_are_too_large,
                 a_version_2_log_is_refused, rotation, rotation_loses_nothing,
                 reopen_fails, reconfiguration,
                 reconfiguration_keeps_datagrams_and_templates, statistics,
                 rules, drops, torn_record, pidfile_that_is_none, fifo_reopened,
                 fifo, full_disk, ipv6, large_datagrams, sources,
                 stored_fields, replay, replay_failures):
        test()
    tap.done()


main()
