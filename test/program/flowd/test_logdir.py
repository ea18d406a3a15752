"""The daemon's logdirs, from outside: what flowd.conf(5) says of them.

Sizes of waits are bounds: a test goes on as soon as it sees what it waits for.
"""
import os
import re
import signal
import stat
import subprocess
import sys
import time

from daemon import read, wait_for
from flowdtest import (datagrams_pcap, reader_json, run, v3_record,
                       v5_datagram)
from logdirs import NAME, Dirs, put_segments, segments, told_of
from tap import Tap

tap = Tap()
TCP, UDP = 6, 17


def flow(octets, protocol=UDP, **more):
    return v5_datagram([{"octets": octets, "protocol": protocol, **more}])


def is_sealed(path):
    try:
        return read(path).endswith(b"flowend\n")
    except OSError:
        return False


def sealed(folder):
    return [n for n in segments(folder) if is_sealed(os.path.join(folder, n))]


def octets(folder):
    """Those of the flows in a directory, in their order."""
    if not segments(folder):
        return []
    return [f["octets"] for f in reader_json(folder)[0]]


def has(folder, want, seconds=60):
    """As soon as all of these flows are there. In any order: engines are
    several, perhaps."""
    return wait_for(lambda: sorted(octets(folder)) == sorted(want), seconds)


def size(folder):
    return sum(os.path.getsize(os.path.join(folder, n))
               for n in segments(folder))


def storing():
    with Dirs('logdir "{a}" flush 50ms\n') as f:
        f.send(flow(1), flow(2), flow(3))
        tap.ok(has(f["a"], [1, 2, 3]), "flows are in the directory while it "
               "is written", (octets(f["a"]), f.messages()))
        names = segments(f["a"])
        tap.equal(len(names), 1, "they are in one segment")
        tap.equal([stat.S_IMODE(os.stat(p).st_mode) for p in (
            f["a"], os.path.join(f["a"], names[0]))], [0o700, 0o600],
            "nobody else may read them")
        f.kill(signal.SIGUSR1)
        f.send(flow(4))
        tap.ok(wait_for(lambda: len(segments(f["a"])) == 2),
               "USR1 begins another segment", segments(f["a"]))
        tap.ok(wait_for(lambda: sealed(f["a"]) == names),
               "the one that is finished is sealed", f.messages())
        tap.ok(has(f["a"], [1, 2, 3, 4]), "nothing is lost by that",
               octets(f["a"]))
        tap.equal(f.stop(), 0, "it stops")
    with Dirs('logdir "{a}"\nlogfile "{dir}/log"\n') as f:
        f.send(flow(1))
        tap.ok(f.stored(1), "a logfile beside it", f.messages())
        f.stop()
        tap.equal(octets(f["a"]), [1], "what waits is written at the end")


def columns():
    text = ('logdir "{a}" flush 50ms\nlogfile "{dir}/log"\nstore OCTETS\n'
            "store protocol\nstore recv_time\nstore sampling_interval\n")
    with Dirs(text) as f:
        f.send(v5_datagram([{"octets": 5}], sampling=0x4000 + 100))
        if not tap.ok(has(f["a"], [5]), "some columns only", f.messages()):
            return
        got = reader_json(f["a"])[0][0]
        tap.equal(sorted(got), ["octets", "protocol", "recv_time",
                                "sampling_interval"], "they are those chosen")
        tap.equal(got.get("sampling_interval"), 100,
                  "a column that no field holds")


def rotation():
    with Dirs('logdir "{a}" rotate 1s flush 20ms on rotate '
              '"{dir}/hook" "first" "two words"\n', start=False) as f:
        hook, told = f.path("hook"), f.path("told")
        with open(hook, "w", encoding="utf-8") as script:
            script.write('#!/bin/sh\nprintf "%s|" "$@" >> ' + told +
                         f"\necho >> {told}\n")
        os.chmod(hook, 0o755)
        f.start()
        sent = []
        while len(sealed(f["a"])) < 3 and len(sent) < 1500:
            sent.append(len(sent) + 1)
            f.send(flow(sent[-1]))
            time.sleep(0.01)
        tap.ok(len(sealed(f["a"])) >= 3, "segments follow one another, and "
               "are sealed", (os.listdir(f["a"]), f.messages()))
        tap.ok(has(f["a"], sent), "all flows are in them",
               (len(sent), len(octets(f["a"]))))
        tap.ok(wait_for(lambda: read_lines(told) >= 3), "a command is run",
               f.messages())
        lines = read(told).decode().splitlines()
        time_text = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
        tap.ok(all(re.fullmatch(rf"first\|two words\|{re.escape(f['a'])}/"
                                rf"{NAME.pattern}\|{time_text}\|{time_text}\|",
                                line) for line in lines),
               "it gets its arguments, the segment, and its time", lines)
        files = [line.split("|")[2] for line in lines]
        tap.equal(files, [os.path.join(f["a"], n) for n in sealed(f["a"])]
                  [:len(files)], "once for each segment, in their order")
        first = lines[0].split("|")
        tap.equal(re.sub(r"[-:]", "", first[3]) + ".flow",
                  os.path.basename(first[2]), "the start is that of its name")


def read_lines(path):
    try:
        return read(path).count(b"\n")
    except OSError:
        return 0


def commands_that_hang():
    """Those of one directory hold up no other."""
    with Dirs('logdir "{a}" rotate 1s flush 20ms on rotate "/bin/sh" "-c" '
              '"sleep 20"\nlogdir "{b}" rotate 1s flush 20ms on rotate '
              '"/bin/sh" "-c" "echo x >> {dir}/told"\n') as f:
        told = f.path("told")
        end = time.monotonic() + 60
        while time.monotonic() < end and (
                len(sealed(f["a"])) < 8 or read_lines(told) < 8):
            f.send(flow(1))
            time.sleep(0.05)
        tap.ok(len(sealed(f["a"])) >= 8 and read_lines(told) >= 8,
               "commands that hang hold up those of no other directory",
               (len(sealed(f["a"])), read_lines(told), f.messages()))


def commands_that_fail():
    with Dirs('logdir "{a}" rotate 1s flush 20ms on rotate "/bin/sh" "-c" '
              '"exit 3"\nlogdir "{b}" rotate 1s on rotate "/nonexistent"\n'
              ) as f:
        tap.ok("on rotate: cannot execute /nonexistent: No such file" in
               f.messages() and "/bin/sh" not in f.messages(),
               "a command that is not there is told of at the start",
               f.messages())
        end = time.monotonic() + 60
        while time.monotonic() < end and not (
                "exited with 3" in f.messages() and
                "\ncannot execute /nonexistent" in f.messages()):
            f.send(flow(1))
            time.sleep(0.05)
        tap.ok(f.said("/bin/sh exited with 3"), "an exit status is logged",
               f.messages())
        tap.ok(f.said("\ncannot execute /nonexistent: No such file"),
               "so is a command that is not there", f.messages())


def retention():
    with Dirs('logdir "{a}" rotate 1s flush 20ms keep 2s\n'
              'logdir "{b}" rotate 1s flush 20ms\n') as f:
        with open(os.path.join(f["a"], "notes"), "w", encoding="utf-8"):
            pass
        end = time.monotonic() + 30
        while time.monotonic() < end and not (
                segments(f["b"])[:1] and segments(f["a"])[:1] >
                segments(f["b"])[:1]):
            f.send(flow(1))
            time.sleep(0.05)
        tap.ok(segments(f["a"])[:1] > segments(f["b"])[:1],
               "keep: the oldest is removed", (segments(f["a"]), f.messages()))
        tap.ok(len(segments(f["b"])) > 2, "without, nothing is",
               segments(f["b"]))
        tap.ok(os.path.exists(os.path.join(f["a"], "notes")),
               "what is no segment stays")
    with Dirs('logdir "{a}" rotate 1s flush 20ms keep 2s\n') as f:
        f.send(flow(1))
        has(f["a"], [1])
        first = segments(f["a"])[0]
        tap.ok(wait_for(lambda: first not in segments(f["a"])),
               "keep: also when no more flows come", segments(f["a"]))
    with Dirs('logdir "{a}" flush 20ms max 1M\n', start=False) as f:
        os.mkdir(f["a"])
        large, small = ("20231114T221320Z.flow", "20231114T221500Z.flow")
        for name, n in ((large, 60000), (small, 10)):
            run(["flowd-send", "-g", str(n), "--as", "5", "-w",
                 f.path("t.pcap")])
            run(["flowd-reader", "-q", "--to", "v4:none", "-o",
                 os.path.join(f["a"], name), f.path("t.pcap")])
        tap.ok(size(f["a"]) > 1000000, "max: there is more", size(f["a"]))
        f.start()
        f.send(flow(1))
        tap.ok(wait_for(lambda: large not in segments(f["a"])) and
               wait_for(lambda: len(segments(f["a"])) == 2) and
               segments(f["a"])[0] == small,
               "max: the oldest is removed, the others are not",
               segments(f["a"]))


def clock_ahead():
    """The newest segment is long ago: nobody knows whether the clock is
    wrong, or flowd was off."""
    day = 86400
    with Dirs('logdir "{a}" keep 30d\n', start=False) as f:
        then = int(time.time()) // 300 * 300 - 100 * day
        names = put_segments(f["a"], [then + 300 * i for i in range(5)])
        clock = os.path.join(f["a"], ".clock")
        f.start()
        tap.ok(f.said("the clock is 99 d 23 h ahead of the newest segment and "
                      'may be wrong: "keep" ignores this time') and
               f"if it is right, remove {clock}" in f.messages(),
               "a clock that is far ahead is told of", f.messages())
        tap.equal(segments(f["a"])[:5], names, "and nothing is removed")
        row = told_of(f)
        tap.ok(row["held"] == 5 and row["expired"] == 0 and
               "because the clock jumped ahead: 5" in row["retention"] and
               row["retention_good"] is False, "flowctl tells of it", row)
        f.stop()
        f.start()
        tap.equal((told_of(f)["held"], segments(f["a"])[:5]), (5, names),
                  "nor is anything after the next start")
        for n, text in enumerate((b"", b"\0" * 90), 1):
            with open(clock, "wb") as out:
                out.write(text)
            f.kill(signal.SIGHUP)
            tap.equal((wait_for(lambda: f.messages().count(
                           "ignoring .clock: cannot read it") == n),
                       segments(f["a"])[:5]), (True, names),
                      "nor when the file has lost its text")
        os.unlink(clock)
        f.stop()
        f.start()
        wait_for(lambda: os.path.exists(clock))
        tap.equal(segments(f["a"])[:5], names, "without the file it is "
                  "compared again at the start")
        os.unlink(clock)
        f.kill(signal.SIGHUP)
        tap.ok(f.said("5 for \"keep\"") and
               ".clock was removed: trusting the clock" in
               f.messages(), "it is right, says who removes the file",
               f.messages())
        row = told_of(f)
        tap.equal((row["held"], row["expired"], row["retention"],
                   len(segments(f["a"]))), (0, 5, "good", row["segments"]),
                  "then the old ones go")


def clock_back():
    """The clock was ahead, when these segments were made: what comes now is
    found by its time, and max removes the old ones."""
    with Dirs('logdir "{a}" flush 20ms rotate 1h\n', start=False) as f:
        hour = int(time.time()) // 3600 * 3600
        names = put_segments(f["a"], [hour, hour + 400 * 86400])
        if int(time.time()) // 3600 * 3600 != hour:
            tap.skip("a clock that went back", "an hour has just begun")
            return
        f.start()
        f.send(flow(77))
        tap.ok(wait_for(lambda: 77 in octets(f["a"])), "flows come",
               f.messages())
        tap.equal(segments(f["a"]), sorted(
            [*names, names[0].replace(".flow", "-1.flow")]),
            "a segment of the same time goes with the one there was")
        got = reader_json(f["a"], "-t", "-5m")[0]
        tap.ok(77 in [x["octets"] for x in got], "they are found by time",
               got)


def stays_empty():
    """Nothing of no use is left, and nothing is begun that is of none."""
    with Dirs('logdir "{a}" flush 20ms\n') as f:
        first = segments(f["a"])
        r = run(["flowctl", "-s", f.path("pid.sock"), "rotate"])
        tap.equal((r.returncode, segments(f["a"])), (0, first),
                  "rotate at once: the segment without flows stays in use")
        f.send(flow(1))
        has(f["a"], [1])
        tap.equal(segments(f["a"]), first, "and gets them")
        f.kill(signal.SIGUSR1)
        tap.ok(wait_for(lambda: len(segments(f["a"])) == 2), "now there is "
               "another one", f.messages())
        f.stop()
        tap.equal(segments(f["a"]), first, "which is not left at the end")


def by_rule():
    text = ('logdir "{a}" flush 20ms\nlogdir "{b}" name voip flush 20ms\n'
            'logdir "{c}" name both flush 20ms\nlogfile "{dir}/log"\n'
            "accept log voip tcp\naccept log {{ voip, both }} icmp\n"
            "discard proto 47\n")
    with Dirs(text, names="abc") as f:
        f.send(flow(1, UDP), flow(2, TCP), flow(3, 1), flow(4, 47),
               flow(5, UDP))
        tap.ok(has(f["a"], [1, 5]), "those that no rule sends elsewhere",
               (octets(f["a"]), f.messages()))
        tap.ok(has(f["b"], [2, 3]), "those of one log", octets(f["b"]))
        tap.ok(has(f["c"], [3]), "those of two", octets(f["c"]))
        tap.ok(f.stored(4), "the logfile has all that are accepted")
        f.write_dirs(text.replace("log voip tcp", "tcp"))
        f.kill(signal.SIGHUP)
        wait_for(lambda: f.send(flow(9, TCP)) or 9 in octets(f["a"]))
        tap.ok(9 in octets(f["a"]), "HUP: the rules are new", octets(f["a"]))
        f.write_dirs(text.replace('logdir "{a}"', 'logdir "{dir}/new"'))
        f.kill(signal.SIGHUP)
        wait_for(lambda: f.send(flow(10)) or
                 10 in octets(f.path("new")), 15)
        tap.ok(10 in octets(f.path("new")), "HUP: another directory",
               f.messages())
        tap.ok(wait_for(lambda: sealed(f["a"]) == segments(f["a"]) != []),
               "HUP: what is left behind is sealed", f.messages())


def no_rule():
    """A log with a name that no rule mentions is no error, but told of."""
    text = ('logdir "{a}" name voip\nlogdir "{b}" name dns\n'
            "accept log voip udp\naccept log voip tcp\n")
    with Dirs(text) as f:
        told = (f"logdir {f['b']} stays empty: no rule has "
                '"accept log dns"\n')
        tap.ok(told in f.messages() and
               f.messages().count("stays empty") == 1,
               "at the start", f.messages())
        r = run(["flowd", "-n", "-f", f.conf])
        tap.equal((r.returncode, r.stderr), (0, told.encode()), "by flowd -n")
        f.write_dirs(text.replace("log voip tcp", "log {{ voip, dns }} tcp"))
        f.kill(signal.SIGHUP)
        tap.ok(f.said("configuration read") and
               f.messages().count("stays empty") == 1,
               "and not when there is a rule", f.messages())


def family(pid):
    """The process and its children."""
    found = [pid]
    for p in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{p}/stat", encoding="latin-1") as f:
                if int(f.read().rsplit(")", 1)[1].split()[1]) == pid:
                    found.append(int(p))
        except OSError:
            pass
    return found


def kill_all(f):
    """The parent first, so that it starts nothing again."""
    for pid in family(f.process.pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    f.process.wait()


def crash():
    if not os.path.isdir("/proc/self"):
        tap.skip("kill -9", "no /proc")
        return
    with Dirs('logdir "{a}" flush 20ms\n') as f:
        f.send(flow(1), flow(2))
        tap.ok(has(f["a"], [1, 2]), "before kill -9", f.messages())
        kill_all(f)
        left = segments(f["a"])
        with open(os.path.join(f["a"], left[-1]), "ab") as torn:
            torn.write(read(os.path.join(f["a"], left[-1]))[:50])
        os.unlink(f.pid)
        f.start()
        tap.ok(wait_for(lambda: sealed(f["a"])[:1] == left),
               "after kill -9 the segment is sealed", f.messages())
        f.send(flow(3))
        tap.ok(has(f["a"], [1, 2, 3]), "every flow that was written is there, "
               "and it goes on in another segment", octets(f["a"]))
        r = run(["flowd-reader", "--check", f["a"]])
        tap.equal(r.returncode, 0, "what was torn is left out")


def replay():
    with Dirs('logdir "{a}" rotate 5m\n', start=False) as f:
        begin = 1700000000 * 10**9
        with open(f.path("t.pcap"), "wb") as out:
            out.write(datagrams_pcap([
                (begin + n * 100 * 10**9, "192.0.2.1", 999, flow(n + 1))
                for n in range(10)]))
        r = run(["flowd", "-r", f.path("t.pcap"), "-f", f.conf])
        tap.equal(r.returncode, 0, "flowd -r")
        tap.equal(octets(f["a"]), list(range(1, 11)), "-r: flows are stored")
        names = segments(f["a"])
        tap.equal(names[:2], ["20231114T221320Z.flow",
                              "20231114T221500Z.flow"],
                  "-r: segments begin by the times of the capture")
        tap.equal(sealed(f["a"]), names, "-r: all are sealed")


def levels():
    """How well is compressed what comes in, 65,536 flows at a time, and what
    is joined of smaller blocks."""
    text = ('logdir "{a}" rotate 1h name a\n'
            'logdir "{b}" rotate 1h compress zstd level 1 name b\n'
            'logdir "{c}" rotate 1h compress zstd level 15 name c\n'
            "accept log {{ a, b, c }} all\n")
    took = {}
    for flows in (65536, 30000):
        with Dirs(text, names="abc", start=False) as f:
            capture = f.path("t.pcap")
            run(["flowd-send", "-g", str(flows), "--as", "5", "-w", capture,
                 "--start", "1700000000"])
            tap.equal(run(["flowd", "-r", capture, "-f", f.conf]).returncode,
                      0, f"levels of compression: {flows}")
            tap.equal([len(octets(f[n])) for n in "abc"], [flows] * 3,
                      f"all flows are in each: {flows}")
            took[flows] = [size(f[n]) for n in "abc"]
    a, b, c = took[65536]
    tap.ok(c < b < a, "the level decides how small", took)
    a, b, c = took[30000]
    tap.ok(c < b == a, "what is joined has a level", took)


def foreign_files():
    """Files that were there: what is no columnar log is not touched."""
    with Dirs('logdir "{a}" flush 50ms\n', start=False) as f:
        os.mkdir(f["a"])
        there = {"README": b"hello\n",
                 "20261123T100000Z.flow.gz": bytes(100),
                 "20261123T100000Z.flow": v3_record({"OCTETS": bytes(8)}),
                 "20261123T100500Z.flow": bytes(4096)}
        for name, data in there.items():
            with open(os.path.join(f["a"], name), "wb") as out:
                out.write(data)
        f.start()
        for name in ("20261123T100000Z.flow", "20261123T100500Z.flow"):
            tap.ok(wait_for(lambda: f"cannot seal {name}: it is not a "
                            "columnar log" in f.messages()),
                   f"it is told of {name}", f.messages())
        f.stop()
        tap.equal({n: read(os.path.join(f["a"], n)) for n in there}, there,
                  "and all of them are as they were")


def refused():
    with Dirs('logdir "{dir}/no/such"\n', start=False) as f:
        f.start()
        f.process.wait(60)
        tap.ok(f.process.returncode == 1 and "no/such" in f.messages(),
               "a directory that cannot be made", f.messages())


INNER = "FLOWD_LOGDIR_TMPFS"


def disks():
    """File systems of 4 MiB, in a mount namespace of its own."""
    words = ["unshare", "-m", "--propagation", "private"]
    words += [] if os.geteuid() == 0 else ["-r"]
    try:
        able = subprocess.run([*words, "mount", "-t", "tmpfs", "-o",
                               "size=4m", "none", "/mnt"], timeout=60,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        able = False
    if not able:
        tap.skip("disks", "no mount namespaces")
        return
    r = subprocess.run([*words, sys.executable, __file__], timeout=110,
                       env={**os.environ, INNER: "1"},
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    for line in r.stdout.decode().splitlines():
        name = re.match(r"(not )?ok \d+ - (.*)", line)
        if name:
            tap.ok(not name[1], name[2], r.stdout.decode())
    tap.equal(r.returncode, 0, "disks: the test ran")


def mount_tmpfs(path):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", path],
                   check=True)


def fill(path, free=0):
    """A file of somebody else's that takes all but so many octets."""
    with open(path, "wb", buffering=0) as out:
        try:
            while True:
                out.write(bytes(4096))
        except OSError:
            pass
        out.truncate(out.tell() - free)


def disk_of_others():
    """keep free is not for room that others take."""
    with Dirs('logdir "{a}/flow" keep free 30%\n', start=False) as f:
        os.mkdir(f["a"])
        mount_tmpfs(f["a"])
        folder = os.path.join(f["a"], "flow")
        then = int(time.time()) // 300 * 300 - 3600
        put_segments(folder, [then + 300 * i for i in range(5)], 10000)
        share = 4096 * 1024 // 10
        tap.ok(size(folder) > 2 * share, "keep free: the log is large",
               size(folder))
        fill(os.path.join(f["a"], "filler"), 100000)
        f.start()
        tap.ok(f.said('"keep free" cannot free more: other files fill the '
                      "file system"), "keep free: it ends", f.messages())
        row = told_of(f)
        tap.ok(row["retention_good"] is False and row["expired"] > 0 and
               share / 2 < size(folder) <= share,
               "keep free: the log has its share", (row, size(folder)))
        f.stop()
        subprocess.run(["umount", f["a"]], check=True)


def stuck_segment():
    """One that cannot be removed, here as something is mounted on it."""
    with Dirs('logdir "{a}" keep 1h\n', start=False) as f:
        then = int(time.time()) // 300 * 300 - 2 * 3600
        names = put_segments(f["a"], [then + 300 * i for i in range(5)])
        path = os.path.join(f["a"], names[0])
        subprocess.run(["mount", "--bind", path, path], check=True)
        f.start()
        tap.ok(f.said(f"cannot remove segments: 1, first {names[0]}: "
                      "Device or resource busy"), "a segment that cannot be "
               "removed is told of", f.messages())
        tap.ok(wait_for(lambda: segments(f["a"])[0] == names[0] and
                        not set(names[1:]) & set(segments(f["a"]))),
               "the others are removed", segments(f["a"]))
        row = told_of(f)
        tap.equal((row["stuck"], row["expired"], row["retention_good"]),
                  (1, 4, False), "flowctl tells of it")
        f.stop()
        subprocess.run(["umount", path], check=True)
        f.start()
        tap.ok(wait_for(lambda: not set(names) & set(segments(f["a"]))),
               "when it can be it is", f.messages())


def full_disk_of_ours():
    with Dirs('logdir "{a}/flow" rotate 1s flush 20ms compress none\n',
              start=False) as f:
        os.mkdir(f["a"])
        mount_tmpfs(f["a"])
        flow_dir = os.path.join(f["a"], "flow")
        f.start()
        f.send(flow(1))
        has(flow_dir, [1])
        filler = os.path.join(f["a"], "filler")
        fill(filler)
        end = time.monotonic() + 60
        while time.monotonic() < end and "No space" not in f.messages():
            f.send(v5_datagram([{"octets": n, "src": f"10.{n}.7.{n}"}
                                for n in range(30)]))
            time.sleep(0.005)
        tap.ok("No space left" in f.messages(), "a full disk is logged",
               f.messages())
        tap.ok(f.process.poll() is None, "a full disk: it goes on")
        os.unlink(filler)
        tap.ok(wait_for(lambda: f.send(flow(77777)) or
                        77777 in octets(flow_dir), 20),
               "a full disk: with room it stores again", f.messages())
        tap.ok(f.stop() == 0 and run(["flowd-reader", "--check", flow_dir])
               .returncode == 0, "a full disk: nothing is torn", f.messages())
        subprocess.run(["umount", f["a"]], check=True)


def main():
    if INNER in os.environ:
        for part in (full_disk_of_ours, disk_of_others, stuck_segment):
            part()
        tap.done()
    for part in (storing, columns, rotation, commands_that_fail,
                 commands_that_hang, retention, by_rule, no_rule, crash,
                 replay, levels, foreign_files, refused, clock_ahead,
                 clock_back, stays_empty, disks):
        part()
    tap.done()


main()
