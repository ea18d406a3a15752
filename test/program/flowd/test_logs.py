"""What lines "logfile" and "logdir" say of files: how large one may get, and
who may read it."""
import grp
import json
import os
import signal
import stat
import subprocess
import sys

from daemon import Flowd, read, size, wait_for
from flowdtest import run, v5_datagram
from logdirs import Dirs, segments
from tap import Tap

tap = Tap()
RECORD = 116  # octets of one flow of version 5, all fields
MAX = 1000000
MOST = MAX // RECORD * RECORD
NOBODY = 65534


def flows(n):
    return v5_datagram([{"octets": i} for i in range(n)])


def told_of(f):
    r = run(["flowctl", "-s", f.path("pid.sock"), "-j", "logs"])
    return json.loads(r.stdout.splitlines()[0])


def send(f, n):
    """n datagrams of 30 flows each, all of which are taken."""
    before = told_of(f)
    for i in range(n):
        f.send(flows(30))
        if i % 200 == 199:
            wait_for(lambda: taken(f, before) >= 30 * (i + 1))
    return wait_for(lambda: taken(f, before) == 30 * n)


def taken(f, before):
    return sum(told_of(f)[k] - before[k] for k in ("written", "waiting",
                                                   "lost"))


class Logged(Flowd):
    """A flowd with this behind the path of its log file."""

    def __init__(self, clauses, more="", start=True):
        super().__init__(start=False)
        self.write_clauses(clauses, more)
        if start:
            self.start()

    def write_clauses(self, clauses, more=""):
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write(f'logfile "{self.log}" {clauses}\npidfile "{self.pid}"\n'
                    f"listen on {self.listen()}\n{more}")


def full():
    """The reader of the log has died, say: it is never moved away. It gets no
    larger than it may, and when it is moved all goes on, without a loss."""
    with Logged("max 1M", "limit mailbox_octets 16Mi\n") as f:
        tap.ok(send(f, 400), "flows come", told_of(f))
        tap.ok(wait_for(lambda: size(f.log) == MOST), "max: it ends with the "
               "last record that fits", size(f.log))
        tap.ok(f.said(f"cannot write to {f.log}: the file has reached "
                      '"max": move it away, then run flowctl rotate; flows '
                      "waiting: "), "it is told of",
               f.messages())
        row = told_of(f)
        tap.equal((row["written"], row["waiting"], row["lost"], row["good"],
                   row["size"], row["state"]),
                  (MOST // RECORD, 12000 - MOST // RECORD, 0, False, MOST,
                   'the file has reached "max": move it away, then run '
                   "flowctl rotate"),
                  "flowctl tells of it, and of what waits")
        os.rename(f.log, f.log + ".000001")
        f.kill(signal.SIGUSR1)
        tap.ok(wait_for(lambda: size(f.log) == 12000 * RECORD - MOST),
               "moved away: it goes on in another file",
               (size(f.log), f.messages()))
        tap.ok(wait_for(lambda: f"writing to {f.log} again; flows lost so "
                        "far: 0" in f.messages()), "and nothing was lost",
               f.messages())
        tap.equal([x["OCTETS"] for x in f.records(f.log + ".000001")] +
                  [x["OCTETS"] for x in f.records()],
                  [i.to_bytes(8, "big") for i in range(30)] * 400,
                  "all of them are there, in their order")
        f.write_clauses("max 2M", "limit mailbox_octets 16Mi\n")
        f.kill(signal.SIGHUP)
        f.said("configuration read")
        tap.ok(send(f, 500) and wait_for(
            lambda: size(f.log) == 2 * MAX // RECORD * RECORD),
            "another max, read while it runs", (size(f.log), told_of(f)))
        tap.equal(f.stop(), 0, "it stops")
        tap.ok("flows could not be written" in f.messages(),
               "what waits then is lost, and told of", f.messages())


def lost():
    """When no more can wait what is lost is counted."""
    with Logged("max 1M", "limit mailbox_octets 16Mi\n") as f:
        tap.ok(send(f, 5500), "flows come, more than can wait", told_of(f))
        row = told_of(f)
        tap.ok(row["lost"] > 0 and row["waiting"] > 0 and
               row["written"] + row["waiting"] + row["lost"] == 165000,
               "all of them are counted", row)
        metrics = run(["flowctl", "-s", f.path("pid.sock"), "metrics"]) \
            .stdout.decode()
        tap.ok(f"flowd_log_good{{" in metrics and f"}} {row['lost']}\n" in
               metrics and f"}} {MOST}\n" in metrics,
               "in the metrics, too", metrics)
        f.stop()


def replayed():
    with Logged("max 1M", start=False) as f:
        run(["flowd-send", "-g", "20000", "--as", "5", "-w", f.path("pcap")])
        r = run(["flowd", "-r", f.path("pcap"), "-f", f.conf])
        tap.equal((r.returncode, size(f.log)), (1, MOST), "flowd -r fails")
        tap.ok(b'the file has reached "max"' in r.stderr, "and says why",
               r.stderr)


def mode_of(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def without_group():
    with Logged("mode 0644", 'logdir "logdir" mode 0640\n', start=False) as f:
        f.start(cwd=f.dir.name)
        folder = f.path("logdir")
        tap.equal([mode_of(p) for p in (f.log, folder, os.path.join(
            folder, segments(folder)[0]))], [0o644, 0o750, 0o640],
            "modes of files, and of the directory")
        f.stop()
    with Logged('group "nosuchgroup"', start=False) as f:
        f.start()
        f.process.wait(60)
        tap.ok(f.process.returncode == 1 and
               f"logfile {f.log}: group nosuchgroup does not exist" in
               f.messages(), "a group that is not there", f.messages())
    with Dirs('logdir "{a}" group "nosuchgroup"\n', start=False) as f:
        f.start()
        f.process.wait(60)
        tap.ok(f.process.returncode == 1 and
               f"logdir {f['a']}: group nosuchgroup does not exist" in
               f.messages(), "of a logdir", f.messages())
        r = run(["flowd", "-n", "-f", f.conf])
        tap.ok(r.returncode == 1 and b"group nosuchgroup does not exist" in
               r.stderr, "flowd -n knows it", r)


def can_read(path, group):
    """Can somebody who is in this group, and nobody else?"""
    return subprocess.run(["head", "-c", "1", path], user=NOBODY,
                          group=NOBODY, extra_groups=group, timeout=60,
                          stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0


def with_group():
    if os.geteuid() != 0 or sys.version_info < (3, 9):
        tap.skip("logs of a group", "not run as root")
        return
    ours = next(g for g in grp.getgrall() if g.gr_gid not in (0, NOBODY))
    with Dirs('logfile "{dir}/log" mode 0640 group "' + ours.gr_name + '"\n'
              'logdir "{a}" flush 20ms group "' + ours.gr_name + '"\n') as f:
        os.chmod(f.dir.name, 0o755)
        f.send(flows(3))
        wait_for(lambda: size(f.log) > 0)
        first = os.path.join(f["a"], segments(f["a"])[0])
        wait_for(lambda: size(first) > 0)
        for path in (f.log, first):
            tap.equal((can_read(path, [ours.gr_gid]), can_read(path, [])),
                      (True, False), "a group may read, and no other",)
        f.kill(signal.SIGUSR1)
        tap.ok(wait_for(lambda: read(first).endswith(b"flowend\n")),
               "it is sealed", f.messages())
        tap.equal((can_read(first, [ours.gr_gid]), can_read(first, [])),
                  (True, False), "and so it is then")
        tap.equal(mode_of(f["a"]), 0o750, "group alone says who reads")
        os.rename(f.log, f.log + ".0")
        f.kill(signal.SIGUSR1)
        wait_for(lambda: size(f.log) >= 0)
        st = os.stat(f.log)
        tap.equal((st.st_gid, stat.S_IMODE(st.st_mode)),
                  (ours.gr_gid, 0o640), "the next log file, too")
        f.text = 'logfile "{dir}/log" mode 0600\nlogdir "{a}" mode 0644\n'
        f.write_dirs()
        f.kill(signal.SIGHUP)
        tap.ok(wait_for(lambda: (mode_of(f.log), mode_of(f["a"])) ==
                        (0o600, 0o755)), "reload: as it is said now",
               (mode_of(f.log), mode_of(f["a"]), f.messages()))
        f.text = f.text.replace("0600", "0640 group nosuchgroup")
        f.write_dirs()
        r = run(["flowctl", "-s", f.path("pid.sock"), "reload"])
        tap.ok(r.returncode == 1 and b"group nosuchgroup does not exist" in
               r.stderr, "reload: a group that is not there", r.stderr)


def main():
    for part in (full, lost, replayed, without_group, with_group):
        part()
    tap.done()


main()
