"""What the old flowd was seen to do (golden/daemon/observations.json), item by
item: kept, or mended where it was a bug. An item without a test is a failure.
"""
import json
import os
import re
import signal
import socket
import stat
import struct
import sys

from daemon import Flowd, free_port, read, size, wait_for
from flowdtest import (reader_json, run, shared, v3_record, v5_datagram)
from processes import children, engines
from tap import Tap

tap = Tap()
ONE = v5_datagram([{"sport": 1000}])
TESTS = {}


def of(*items):
    """The test of these items; it gets what was seen."""
    def add(test):
        for item in items:
            TESTS[item] = test
        return test
    return add


def template(*numbers):
    """A set of templates of three fields."""
    body = b"".join(struct.pack("!8H", n, 3, 8, 4, 12, 4, 1, 4)
                    for n in numbers)
    return struct.pack("!HH", 0, 4 + len(body)) + body


def data(number, n=1):
    rows = struct.pack("!III", 0x0a000001, 0x0a000002, 99) * n
    return struct.pack("!HH", number, 4 + len(rows)) + rows


def v9(*sets, source_id=7):
    return struct.pack("!HHIIII", 9, len(sets), 1000, 1700000000, 0,
                       source_id) + b"".join(sets)


class Port:
    """An exporter with one port."""

    def __init__(self, f):
        self.f = f
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))

    def send(self, *datagrams):
        for d in datagrams:
            self.socket.sendto(d, (self.f.host, self.f.port))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def form(line):
    """A line of statistics without its numbers."""
    return re.sub(r"\d+", "N", line)


@of("basic")
def basic(seen):
    with Flowd("store ALL\n", args=("-d",)) as f:
        f.send(v5_datagram([{}, {}]), ONE)
        f.stored(3)
        tap.equal(int(read(f.pid)) == f.process.pid,
                  seen["pidfile_is_monitor"], "basic: whose pid it is")
        for name, path in (("log_mode", f.log), ("pid_mode", f.pid)):
            tap.equal(oct(stat.S_IMODE(os.stat(path).st_mode)), seen[name],
                      f"basic: {name}")
        tap.equal(os.stat(f.log).st_uid, os.geteuid(), "basic: log_uid")
        old = f.path("log.0")
        os.rename(f.log, old)
        f.send(ONE)
        grown = wait_for(lambda: size(old) == 4 * 116)
        tap.equal({"old_grew": 116 * grown, "new_exists":
                   os.path.exists(f.log)}, seen["after_rename_before_usr1"],
                  "basic: renamed, before USR1")
        f.kill(signal.SIGUSR1)
        tap.equal(f.reopened(),
                  seen["after_usr1_new_exists"], "basic: USR1")
        f.send(ONE)
        f.stored(1)
        tap.equal(size(f.log), seen["new_size"], "basic: the new file")
        f.write_conf("store ALL\ndiscard all\n")
        f.kill(signal.SIGHUP)
        f.said("configuration read from")
        f.send(ONE)
        f.kill(signal.SIGUSR2)
        f.said("datagrams: received:")
        tap.equal((f.process.poll() is None, size(f.log) == 116),
                  (seen["alive_after_hup"], seen["discard_after_hup"]),
                  "basic: HUP")
        said = {form(line) for line in f.messages().splitlines()}
        for line in sorted({form(line) for line in seen["stats"]}):
            tap.ok(line in said, f"basic: {line}", f.messages())
        for line in ("log reopen requested", "reconfiguration requested"):
            tap.ok(line in f.messages(), f"basic: {line}", f.messages())
        if os.geteuid() == 0:
            identity(f)
        else:
            tap.skip("basic: who the child is", "not run as root")
        tap.equal(f.stop(), seen["rc_term"], "basic: rc_term")
        tap.equal(not os.path.exists(f.pid), seen["pidfile_removed"],
                  "basic: pidfile_removed")


def identity(f):
    """As "child" had it: another user, in an empty folder. The log is the
    writer's now, which has no network."""
    for kind in ("engine", "writer"):
        base = f"/proc/{children(f.process.pid)[kind]}"
        with open(f"{base}/status", encoding="latin-1") as status:
            tap.ok("Uid:\t0" not in status.read(), f"basic: {kind}: uid")
        for name in ("root", "cwd"):
            tap.ok(os.readlink(f"{base}/{name}") != "/",
                   f"basic: {kind}: {name}")


@of("hup_invalid")
def hup_invalid(_):
    with Flowd() as f:
        with open(f.conf, "a", encoding="utf-8") as conf:
            conf.write("bogus\n")
        f.kill(signal.SIGHUP)
        tap.ok(f.said(f"{f.conf}:5:"), "hup_invalid: FIX: the line is named",
               f.messages())
        f.send(ONE)
        tap.ok(f.stored(1), "hup_invalid: FIX: it goes on")
        tap.ok(size(f.pid) > 0, "hup_invalid: FIX: the pid file stays")


@of("legacy")
def legacy(seen):
    with Flowd(start=False) as f:
        with open(f.log, "wb") as log:
            log.write(struct.pack("!IIII", 0x012cf047, 2, 1700000000, 0))
        r = run(["flowd", "-g", "-f", f.conf])
        tap.ok(r.returncode == 1 and b"version 2 flow log" in r.stderr,
               "legacy: refused; FIX: exit 1", r.stderr)
        tap.equal(size(f.log), seen["size"], "legacy: left alone")


@of("legacy_15_bytes_only", "append_to_garbage")
def garbage(seen):
    before = seen["size"] - 116
    with Flowd(start=False) as f:
        with open(f.log, "wb") as log:
            log.write(b"some text that is no log, and longer..."[:before])
        f.start()
        f.send(ONE)
        wait_for(lambda: size(f.log) == seen["size"])
        tap.equal((size(f.log), f.process.poll() is None, f.stop()),
                  (seen["size"], seen["alive"], seen["rc"]),
                  f"{before} octets that are no log: appended to")


@of("sigint")
def sigint(seen):
    with Flowd() as f:
        tap.equal((f.stop(signal.SIGINT), os.path.exists(f.pid)),
                  (seen["rc"], seen["pidfile_left"]), "sigint")


class Sink:
    """A logsock's reader."""

    def __init__(self, f):
        self.path = f.path("sock")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(10)

    def close(self):
        self.socket.close()
        os.unlink(self.path)


@of("logsock")
def logsock(seen):
    with Flowd(start=False) as f:
        sink = Sink(f)
        f.write_conf(f'store ALL\nlogsock "{sink.path}"\n')
        f.start()
        f.send(ONE, ONE)
        f.stored(2)
        got = [sink.socket.recv(65536) for _ in range(2)]
        tap.equal([len(d) for d in got], seen["datagram_sizes"],
                  "logsock: datagram_sizes")
        tap.equal(b"".join(got) == read(f.log), seen["concat_equals_logfile"],
                  "logsock: concat_equals_logfile")
        golden = read(shared("compat", "golden", "daemon",
                             "logsock-datagram-0.bin"))
        tap.equal((len(got[0]), got[0][:8]), (len(golden), golden[:8]),
                  "logsock: the head of the golden datagram")
        tap.equal(f.stop(), seen["rc"], "logsock: rc")
        sink.close()


def sock_only(f, path):
    with open(f.conf, "w", encoding="utf-8") as conf:
        conf.write(f'logsock "{path}"\npidfile "{f.pid}"\n'
                   f"listen on {f.listen()}\nstore ALL\n")


@of("logsock_only")
def logsock_only(seen):
    with Flowd(start=False) as f:
        sink = Sink(f)
        sock_only(f, sink.path)
        f.start()
        f.send(ONE)
        tap.equal(len(sink.socket.recv(65536)), seen["size"],
                  "logsock_only: size")
        sink.close()
        f.send(*[ONE] * 40)
        tap.ok(f.said("logsock"), "logsock_only: a reader that is gone is "
               "told of", f.messages())
        tap.equal(f.process.poll() is None, seen["alive_after_receiver_gone"],
                  "logsock_only: alive_after_receiver_gone")
        tap.equal(f.stop(), seen["rc"], "logsock_only: rc")


@of("logsock_no_listener_at_start")
def logsock_no_listener(_):
    with Flowd(start=False) as f:
        f.write_conf(f'store ALL\nlogsock "{f.path("sock")}"\n')
        f.start()
        f.send(ONE)
        tap.ok(f.stored(1), "logsock_no_listener_at_start: FIX: it starts, "
               "and stores", f.messages())
        sink = Sink(f)
        got = wait_for(lambda: f.send(ONE) or readable(sink.socket))
        tap.ok(got, "logsock_no_listener_at_start: FIX: a reader that comes "
               "later has flows", f.messages())
        sink.close()


def readable(s):
    s.settimeout(0.05)
    try:
        return len(s.recv(65536)) > 0
    except TimeoutError:
        return False


@of("logsock_unread_reader")
def logsock_unread(seen):
    with Flowd(start=False) as f:
        sink = Sink(f)
        f.write_conf(f'store ALL\nlogsock "{sink.path}"\n')
        f.start()
        f.send(*[v5_datagram([{}] * 30)] * (seen["flows_sent"] // 30))
        tap.ok(f.stored(seen["flows_sent"]), "logsock_unread_reader: FIX: the "
               "log file has all", f.messages())
        pids = list(children(f.process.pid).values())
        tap.equal(f.stop(), 0, "logsock_unread_reader: FIX: TERM ends it")
        tap.ok(not any(os.path.exists(f"/proc/{pid}") for pid in pids),
               "logsock_unread_reader: FIX: and nobody stays")
        sink.close()


@of("forward")
def forward(seen):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as to:
        to.bind(("127.0.0.1", 0))
        to.settimeout(10)
        conf = f"store ALL\nforward to 127.0.0.1:{to.getsockname()[1]}\n"
        with Flowd(conf) as f:
            odd = b"\0\x63" + bytes(30)
            for name, d in (("verbatim", ONE),
                            ("unsupported_version_forwarded", odd)):
                f.send(d)
                tap.equal(to.recv(65536) == d, seen[name], f"forward: {name}")
            f.send(b"\0\5\0")
            f.kill(signal.SIGHUP)
            f.said("configuration read from")
            f.send(ONE)
            tap.equal(to.recv(65536) == ONE, seen["after_hup"],
                      "forward: after_hup; three octets are not forwarded")
            tap.equal(f.stop(), seen["rc"], "forward: rc")


@of("disk_full")
def disk_full(_):
    if not os.path.exists("/dev/full"):
        tap.skip("disk_full", "no /dev/full")
        return
    with Flowd(log="/dev/full") as f:
        f.send(ONE)
        tap.ok(f.said("No space left on device"), "disk_full: told",
               f.messages())
        tap.ok(f.process.poll() is None, "disk_full: FIX: it runs")
        f.write_conf("store ALL\n")
        f.kill(signal.SIGHUP)
        tap.ok(f.stored(1), "disk_full: FIX: nothing is lost", f.messages())


def fails_at_start(item, f, text):
    r = run(["flowd", "-g", "-f", f.conf])
    tap.ok(r.returncode == 1 and text in r.stderr.decode() and
           r.stderr.count(b"\n") == 1, f"{item}: rc 1, and one line says why",
           r.stderr)
    tap.ok(not os.path.exists(f.pid), f"{item}: no pid file is left")


@of("log_open_fails", "pidfile_fails", "bind_busy")
def start_fails(_):
    with Flowd(start=False) as f:
        f.write_conf("", log="/nonexistent/log")
        fails_at_start("log_open_fails", f, "/nonexistent/log")
        f.write_conf("", pid="/nonexistent/pid")
        fails_at_start("pidfile_fails", f, "/nonexistent/pid")
        f.write_conf("")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind((f.host, f.port))
            fails_at_start("bind_busy", f, f"{f.listen()}: Address already in "
                           "use")


@of("fifo")
def fifo(seen):
    with Flowd(start=False) as f:
        os.mkfifo(f.log)
        f.start()
        fd = os.open(f.log, os.O_RDONLY)
        f.send(ONE)
        tap.equal(len(os.read(fd, 65536)), seen["bytes"], "fifo: bytes")
        tap.equal(f.stop(), seen["rc"], "fifo: rc")
        os.close(fd)


@of("g_mode_stderr")
def g_mode(_):
    with Flowd() as f:
        f.kill(signal.SIGUSR2)
        tap.ok(f.said("datagrams: received:"), "g_mode_stderr: FIX: standard "
               "error has everything, for as long as it runs", f.messages())


@of("insecure")
def insecure(seen):
    with Flowd(args=("-g", "-X", "INSECURE")) as f:
        f.send(ONE)
        tap.ok(f.stored(1), "insecure: it works")
        base = f"/proc/{engines(f.process.pid)[0]}"
        tap.equal(os.readlink(f"{base}/root"), seen["root"], "insecure: root")
        tap.equal(os.stat(base).st_uid, os.geteuid(), "insecure: uid")
        tap.equal(f.stop(), seen["rc"], "insecure: rc")


@of("X_bad", "bad_option", "no_config")
def command_line(_):
    for item, args, text in (
            ("X_bad", ["-X", "foo"], "Invalid debugging option foo"),
            ("bad_option", ["-q"], "Invalid commandline option."),
            ("no_config", ["-f", "/nonexistent"], "/nonexistent")):
        r = run(["flowd", *args])
        tap.ok(r.returncode == 1 and text in r.stderr.decode(),
               f"{item}: rc 1, {text}", r.stderr)


@of("daemonise")
def daemonise(seen):
    with Flowd(start=False) as f:
        r = run(["flowd", "-f", f.conf])
        tap.equal((r.returncode, r.stderr.decode()),
                  (seen["rc"], seen["stderr"]), "daemonise: rc, stderr")
        pid = int(read(f.pid))
        tap.equal(os.readlink(f"/proc/{pid}/cwd"), seen["monitor_cwd"],
                  "daemonise: monitor_cwd")
        os.kill(pid, signal.SIGTERM)
        tap.ok(wait_for(lambda: not os.path.exists(f.pid)),
               "daemonise: the pid file goes")


@of("datagram_over_2048")
def long_datagram(seen):
    with Flowd("store OCTETS\n") as f:
        n = (seen["sent"] - 20 - 28) // 12
        f.send(v9(template(256), data(256, n)))
        tap.ok(wait_for(lambda: size(f.log) == n * 16), "datagram_over_2048: "
               "FIX: all of its flows", f.messages())


@of("hup_join_group_takes_effect_at")
def join_group(_):
    with Flowd(start=False) as f:
        f.host = "0.0.0.0"
        f.write_conf("store ALL\n")
        f.start()
        f.write_conf("store ALL\njoin group 239.9.8.7 on 127.0.0.1\n")
        f.kill(signal.SIGHUP)
        f.said("configuration read from")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                         socket.inet_aton("127.0.0.1"))
            s.sendto(ONE, ("239.9.8.7", f.port))
        tap.ok(f.stored(1), "hup_join_group_takes_effect_at: FIX: the first "
               "HUP", f.messages())


@of("templates_survive_hup")
def templates(seen):
    with Flowd("store OCTETS\n") as f, Port(f) as port:
        port.send(v9(template(256)))
        f.kill(signal.SIGHUP)
        f.said("configuration read from")
        port.send(v9(data(256)))
        tap.equal(wait_for(lambda: size(f.log) == 16), seen,
                  "templates_survive_hup")


@of("usr1_to_net_child_reopens")
def usr1_to_all(_):
    """A child does not open files any more. Who signals all processes, as
    pkill does, reaches the one that does."""
    with Flowd() as f:
        f.send(ONE)
        f.stored(1)
        os.rename(f.log, f.path("log.0"))
        for pid in [*children(f.process.pid).values(), f.process.pid]:
            os.kill(pid, signal.SIGUSR1)
        tap.ok(f.reopened(),
               "usr1_to_net_child_reopens: to all of them: reopened")
        f.send(ONE)
        tap.ok(f.stored(1) and "restarting it" not in f.messages(),
               "usr1_to_net_child_reopens: and none dies of it", f.messages())


@of("template_eviction")
def template_eviction(_):
    with Flowd("store OCTETS\nlimit stream_templates 8\n") as f, \
            Port(f) as port:
        port.send(v9(*(template(256 + n) for n in range(8))),
                  v9(data(256)), v9(template(264)), v9(data(256)))
        tap.ok(wait_for(lambda: size(f.log) == 32), "template_eviction: FIX: "
               "what was just used stays", f.messages())


@of("store_swab_flow_source_id")
def source_id(_):
    with Flowd("store OCTETS\nstore FLOW_ENGINE_INFO\n") as f, \
            Port(f) as port:
        port.send(v9(template(256), data(256), source_id=0x01020304))
        wait_for(lambda: size(f.log) > 0)
        flows, _ = reader_json(f.log)
        tap.equal([x.get("source_id") for x in flows], [0x01020304],
                  "store_swab_flow_source_id: FIX: 32 bits")


@of("store_read_flow_header_only_record", "store_flow_deserialise_short")
def odd_records(_):
    whole = v3_record({"OCTETS": bytes(8)})
    with Flowd(start=False) as f:
        with open(f.log, "wb") as log:
            log.write(whole + v3_record({}, crc=False) + whole)
        r = run(["flowd-reader", "--count", f.log])
        tap.equal((r.returncode, r.stdout), (0, b"3\n"),
                  "store_read_flow_header_only_record: FIX: no end")
        with open(f.log, "wb") as log:
            # 12 octets that say they have fields of 16.
            log.write(whole + b"\x60\4\0\0\0\0\x30\0" + bytes(4))
        r = run(["flowd-reader", "--count", f.log])
        tap.equal(r.stdout, b"1\n",
                  "store_flow_deserialise_short: FIX: not taken")


def main():
    path = shared("compat", "golden", "daemon", "observations.json")
    if path is None or sys.platform != "linux":
        tap.skip("what the old flowd was seen to do", "no shared data here"
                 if path is None else "it is looked at in /proc")
        tap.done()
    with open(path, encoding="utf-8") as f:
        seen = json.load(f)
    tap.equal(sorted(TESTS), sorted(seen), "every observation has its test")
    done = set()
    for item, value in seen.items():
        test = TESTS.get(item)
        # Those that see the same thing in several items run once.
        if test is None or (test in done and not isinstance(value, dict)):
            continue
        if test not in done or test is garbage:
            test(value)
        done.add(test)
    tap.done()


main()
