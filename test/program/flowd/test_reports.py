"""What flowctl says of logs is what is so: the file in use, what went into it,
and what is wrong; and an order that was carried out in part has failed."""
import json
import os
import re
import shutil
import signal

from daemon import Flowd, read, size, wait_for
from flowdtest import run, v5_datagram
from tap import Tap

tap = Tap()
RECORD = 116  # octets of one flow of version 5, all fields


def ctl(f, *args):
    return run(["flowctl", "-s", f.path("pid.sock"), *args])


def logs(f):
    rows = [json.loads(line)
            for line in ctl(f, "-j", "logs").stdout.splitlines()]
    for row in rows:
        del row["report"]
    return rows


def metrics(f, name):
    """{path: value} of a metric of logs."""
    text = ctl(f, "metrics").stdout.decode()
    return {path: int(n) for path, n in re.findall(
        rf'^{name}{{log="\w+",path="([^"]*)"}} (\d+)$', text, re.M)}


def flows(n):
    return v5_datagram([{"octets": i} for i in range(n)])


def written(f, n, at=0):
    return wait_for(lambda: logs(f)[at].get("written") == n)


def reload_cannot_open():
    with Flowd() as f:
        f.send(flows(10))
        tap.ok(written(f, 10), "flows are stored", logs(f))
        none = f.path("none/log")
        f.write_conf("store ALL\ndiscard dst port 9\n", log=none)
        r = ctl(f, "reload")
        said = r.stderr.decode()
        lines = (f"cannot open logfile {none}: No such file or directory",
                 f"still writing to the old file, {f.log}",
                 "the rest of the configuration is in use")
        tap.ok(r.returncode == 1 and b"is in use" not in r.stdout and
               all(line in said.splitlines() for line in lines),
               "reload: a log that cannot be opened is a failure", r)
        tap.ok("discard dst port 9" in ctl(f, "rules").stdout.decode(),
               "the rest of the configuration is in use")
        f.send(flows(5))
        tap.ok(written(f, 15) and size(f.log) == 15 * RECORD,
               "flows go on to the old file", logs(f))
        rows = logs(f)
        tap.equal([(r["log"], r["path"], r["written"], r["state"], r["good"])
                   for r in rows],
                  [("logfile", f.log, 15, f"cannot open logfile {none}: "
                    "No such file or directory", False)],
                  "logs: one row, of the file in use, and what is wrong")
        tap.equal((metrics(f, "flowd_log_flows_total"),
                   metrics(f, "flowd_log_good")),
                  ({f.log: 15}, {f.log: 0}), "metrics say the same")
        f.kill(signal.SIGUSR1)
        wait_for(lambda: f.messages().count("cannot open logfile") == 2)
        tap.equal(logs(f)[0]["good"], False, "also after a rotation")
        writer = next(p["pid"] for p in map(json.loads, ctl(
            f, "-j", "status").stdout.splitlines())
            if p.get("process") == "writer")
        os.kill(writer, signal.SIGKILL)
        tap.ok(wait_for(lambda: logs(f)[0].get("state", "").startswith(
            "cannot open")), "and by the next writer", logs(f))
        os.mkdir(f.path("none"))
        r = ctl(f, "rotate")
        row = logs(f)[0]
        tap.equal((r.returncode, row["path"], row["state"], row["good"],
                   len(logs(f))), (0, none, "good", True, 1),
                  "once it can be opened, rotate goes over to it")
        f.send(flows(3))
        tap.ok(wait_for(lambda: size(none) == 3 * RECORD), "with the flows")
        f.write_conf("lisen\n")
        tap.equal((ctl(f, "reload").returncode, logs(f)[0]["good"]),
                  (1, True), "a wrong configuration is not the log's fault")


def reload_moves():
    """A log that goes elsewhere has one row all the while."""
    with Flowd() as f:
        f.send(flows(10))
        written(f, 10)
        f.write_conf("store ALL\n", log=f.path("b"))
        tap.equal((ctl(f, "reload").returncode,
                   [(r["path"], r["written"]) for r in logs(f)]),
                  (0, [(f.path("b"), 10)]), "a log that was moved is one row")


def removed_file():
    with Flowd() as f:
        f.send(flows(10))
        written(f, 10)
        os.unlink(f.log)
        row = logs(f)[0]
        tap.equal((row["state"], row["good"], row["removed"]),
                  ("the file was removed", False, 1),
                  "a log file that was removed is told of")
        tap.ok(wait_for(lambda: os.path.exists(f.log)),
               "and made again, also while nothing is written")
        os.unlink(f.log)
        f.send(flows(7))
        tap.ok(wait_for(lambda: size(f.log) == 7 * RECORD),
               "when it is found at the next flow, no flow is lost",
               f.messages())
        row = logs(f)[0]
        tap.equal((row["state"], row["removed"], row["written"],
                   row["lost"]), ("good", 2, 17, 0), "then it is good again")
        tap.equal(metrics(f, "flowd_log_removed_total"), {f.log: 2},
                  "metrics count it")
        tap.ok(f.said("the file was removed; flows waiting: 0, lost: 0") and
               f.said(f"writing to {f.log} again"), "the log tells of it",
               f.messages())


def renamed_file():
    """The classic rotation: until the signal the renamed file gets all."""
    with Flowd() as f:
        f.send(flows(10))
        written(f, 10)
        os.rename(f.log, f.log + ".0")
        f.send(flows(5))
        written(f, 15)
        row = logs(f)[0]
        tap.equal((size(f.log + ".0"), os.path.exists(f.log), row["state"],
                   row["removed"]), (15 * RECORD, False, "good", 0),
                  "a file that was renamed is written to until the signal")
        os.unlink(f.log + ".0")
        f.send(flows(4))
        tap.ok(wait_for(lambda: size(f.log) == 4 * RECORD),
               "and when it is removed before it, there is a new one")


def removed_with_its_folder():
    """The flows wait until the file can be made."""
    with Flowd(start=False) as f:
        folder = f.path("logs")
        log = os.path.join(folder, "log")
        os.mkdir(folder)
        f.write_conf("store ALL\n", log=log)
        f.start()
        f.send(flows(10))
        written(f, 10)
        shutil.rmtree(folder)
        f.send(flows(6))
        tap.ok(wait_for(lambda: logs(f)[0]["state"].startswith(
            f"cannot open logfile {log}: No such file")),
            "a file that cannot be made again is told of", logs(f))
        row = logs(f)[0]
        tap.equal((row["written"], row["waiting"], row["lost"], row["good"]),
                  (10, 6, 0, False), "its flows wait")
        os.mkdir(folder)
        tap.ok(wait_for(lambda: size(log) == 6 * RECORD),
               "until it is there")
        tap.equal(logs(f)[0]["state"], "good", "which is told, too")
        shutil.rmtree(folder)
        f.send(flows(6))
        wait_for(lambda: logs(f)[0]["waiting"] == 6)
        tap.equal(f.stop(), 0, "an end meanwhile")
        tap.ok("6 flows could not be written" in f.messages(),
               "tells how many flows are lost", f.messages())


def removed_segment():
    with Flowd(start=False) as f:
        where = f.path("dir")
        f.write_conf(f'logdir "{where}" flush 1s\n')
        f.start()
        f.send(flows(10))
        written(f, 10, 0)
        os.unlink(os.path.join(where, logs(f)[0]["file"]))
        f.send(flows(5))
        written(f, 15, 0)
        r = run(["flowd-reader", "--count", where])
        tap.equal(r.stdout, b"5\n", "a segment that was removed while it was "
                  "in use: the next flows have another")
        shutil.rmtree(where)
        f.send(flows(3))
        tap.ok(wait_for(lambda: logs(f)[0]["written"] == 18) and
               run(["flowd-reader", "--count", where]).stdout == b"3\n",
               "the same with its directory", logs(f))
        tap.equal(logs(f)[0]["good"], True, "then it is good again")
        os.rename(where, where + ".old")
        with open(where, "wb"):
            pass
        r = ctl(f, "rotate")
        row = logs(f)[0]
        tap.ok(r.returncode == 1 and not row["good"] and
               row["state"].startswith(f"cannot open {where}: Not a directory; "
                                       "still writing to the old ") and
               metrics(f, "flowd_log_good")[where] == 0,
               "a directory whose path leads elsewhere is told of", (r, row))
        os.unlink(where)
        tap.ok(ctl(f, "rotate").returncode == 0 and
               logs(f)[0]["state"] == "good", "until one can", logs(f))


def removed_paths():
    """The socket and the pid file, as a cleaner of /run removes them."""
    with Flowd() as f:
        door = f.path("pid.sock")
        for how in ("HUP", "nobody"):
            os.unlink(door)
            os.unlink(f.pid)
            if how == "HUP":
                f.kill(signal.SIGHUP)
            tap.ok(wait_for(lambda: os.path.exists(door) and size(f.pid) > 0,
                            30) and ctl(f, "status").returncode == 0 and
                   read(f.pid) == b"%d\n" % f.process.pid,
                   f"removed, and {how} asks: socket and pid file are there "
                   "again", f.messages())
        tap.ok(f.said(f"control socket {door} was removed: created it") and
               f.said(f"pidfile {f.pid} was removed: created it again"),
               "which is logged",
               f.messages())
        r = run(["flowd", "-g", "-f", f.conf])
        tap.ok(b"flowd is already running" in r.stderr,
               "the new pid file is locked, too", r.stderr)
        tap.equal(ctl(f, "reload").returncode, 0, "the new socket stays")
        os.unlink(door)
        with open(door, "wb") as other:
            other.write(b"of somebody else")
        f.kill(signal.SIGHUP)
        tap.ok(f.said("the path exists and is not a socket; flowctl cannot "
                      "be used") and f.said("configuration read"),
               "what is not its own is left alone, and told of",
               f.messages())
        f.send(flows(3))
        tap.ok(f.stored(3), "it works on")
        tap.equal((f.stop(), read(door), os.path.exists(f.pid)),
                  (0, b"of somebody else", False), "the end removes its own")
    with Flowd(start=False) as f:
        folder = f.path("run")
        f.write_conf("", pid=os.path.join(folder, "pid"))
        f.pid = os.path.join(folder, "pid")
        os.mkdir(folder)
        f.start()
        shutil.rmtree(folder)
        tap.ok(f.said("No such file or directory"), "a folder that is "
               "gone is told of", f.messages())
        os.mkdir(folder)
        tap.ok(wait_for(lambda: sorted(os.listdir(folder)) ==
                        ["pid", "pid.sock"], 30), "when it is there again "
               "so are they", f.messages())


reload_cannot_open()
reload_moves()
removed_file()
renamed_file()
removed_with_its_folder()
removed_segment()
removed_paths()
tap.done()
