"""flowctl and what stands behind it: the control process, the live tail of
flows, metrics over HTTP."""
import grp
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading
import time

from daemon import Flowd, free_port, read, size, wait_for
from flowdtest import SOURCE, program, run, v5_datagram
from processes import children
from tap import Tap

sys.path.insert(0, os.path.join(SOURCE, "man"))
import reports  # noqa: E402

tap = Tap()
KEYS = {word: [name for name, _, _ in fields] for word, _, fields in
        reports.reports(os.path.join(SOURCE, "lib/report/reports.def"))}
FLOWS = 30
RECORD = 116  # octets of one flow of version 5, all fields
TAGGED = RECORD + 4

V9_TEMPLATE = bytes.fromhex(
    "0009000100000001650000000000000000000007"
    "0000001401000003000800040 00c000400010004".replace(" ", ""))
V9_DATA = bytes.fromhex(
    "000900010000000265000001000000010000000701000010"
    "0a0000010a00000200000064")


def tcp_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def door(f):
    return f.path("pid.sock")


def ctl(f, *args, **kw):
    return run(["flowctl", "-s", kw.pop("door", door(f)), *args], **kw)


def ask(f, word, *args):
    """The objects that a word gives as JSON, by the kind of report."""
    r = ctl(f, "-j", word, *args)
    assert r.returncode == 0, (word, r.returncode, r.stderr)
    found = {}
    for line in r.stdout.splitlines():
        row = json.loads(line)
        found.setdefault(row.pop("report"), []).append(row)
    return found


def one(f, word, kind=None):
    return ask(f, word)[kind or word][0]


def balance(f):
    """What was received is stored or counted."""
    got = ask(f, "status")
    d, c = got["datagrams"][0], got["flows"][0]
    return c["decoded"] - c["stored"] - c["waiting"] - c["lost"] - \
        c["discarded"] - c["unstorable"], d, c


def pids(f):
    return {p["process"]: p.get("pid", 0)
            for p in ask(f, "status")["processes"]}


def flows(n, seq=0, sampling=0, **kw):
    return v5_datagram([dict({"octets": 1000 + i}, **kw) for i in range(n)],
                       seq=seq, sampling=sampling)


def settled(f, decoded):
    return wait_for(lambda: one(f, "status", "flows")["decoded"] >= decoded
                    and one(f, "status", "flows")["waiting"] == 0)


# What can be asked.

def words():
    collector = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    collector.bind(("127.0.0.1", 0))
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    with Flowd(start=False) as f:
        sock.bind(f.path("reader"))
        f.write_conf(
            "flow source 127.0.0.0/8\nflow source ::1\n"
            f"forward to 127.0.0.1:{collector.getsockname()[1]}\n"
            f'logsock "{f.path("reader")}"\nlimit exporter_streams 1\n'
            "discard quick dst port 53\naccept tag 7 proto udp\n")
        f.start()
        tap.ok(os.path.exists(door(f)), "there is a socket", f.messages())
        f.send(flows(10, seq=100), flows(5, dport=53, seq=110),
               flows(5, seq=120, sampling=0x4000 + 10), source="127.0.0.9")
        f.send(V9_DATA, V9_TEMPLATE, b"\0\4\0\0", b"\0\5\0",
               source="127.0.0.10")
        settled(f, 21)
        # From another port, without a template: there is no place for it.
        f.send(V9_DATA, source="127.0.0.10")
        wait_for(lambda: one(f, "status", "datagrams")["refused"] == 1)
        everything = [ask(f, *words) for words in
                      (["status"], ["exporters", "127.0.0.10"], ["exporters"],
                       ["counters"], ["rates"], ["templates"], ["rules"],
                       ["listeners"], ["logs"], ["collectors"])]
        rows = {kind: r for one_of in everything for kind, r in one_of.items()}
        tap.equal(sorted(rows), sorted(KEYS), "there is a word for each kind")
        for kind, keys in KEYS.items():
            tap.ok(all(list(row) == [k for k in keys if k in row]
                       for row in rows.get(kind, [])),
                   f"{kind}: keys are those of the table, in order", rows)
        missing = {kind: sorted(set(keys) - set().union(*rows[kind]))
                   for kind, keys in KEYS.items()}
        tap.equal({k: v for k, v in missing.items() if v},
                  {"status": ["refused"], "exporters": ["no_flows"],
                   "rates": ["last_seen", "scope"],
                   "logs": sorted(OF_LOGDIRS)},
                  "all that there is to say is said")
        status_and_flows(f, rows)
        of_exporters(f, rows)
        of_limits(f, rows)
        of_the_rest(f, rows, collector.getsockname()[1])
    collector.close()
    sock.close()


def status_and_flows(f, rows):
    s = rows["status"][0]
    tap.ok(s["configuration"] == f.conf and s["configuration_good"] is True
           and s["exporters"] == 2 and s["templates"] == 1,
           "status: the configuration, exporters and templates", s)
    d, c = rows["datagrams"][0], rows["flows"][0]
    tap.ok((d["received"], d["waiting"], d["malformed"], d["buried"],
            d["dropped"]) == (8, 0, 2, 0, 0), "datagrams are counted", d)
    tap.equal((c["decoded"], c["discarded"], c["stored"], c["lost"],
               c["missing"], c["no_template"], c["early_lost"]),
              (21, 5, 16, 0, 5, 1, 0), "flows are counted")
    tap.equal(balance(f)[0], 0, "all flows are stored or counted")
    p = {row["process"]: row for row in rows["processes"]}
    tap.equal(sorted(p), ["control", "engine", "forwarder", "parent",
                          "writer"], "the processes")
    tap.ok(p["parent"]["pid"] == f.process.pid and all(
        row["state"] == "running" and row["up"] and row["restarts"] == 0 and
        os.path.exists(f"/proc/{row['pid']}") for row in p.values())
        or sys.platform != "linux", "they run", p)


def of_exporters(f, rows):
    x = {row["exporter"]: row for row in rows["exporters"]}
    tap.equal(list(x), ["127.0.0.9", "127.0.0.10"],
              "exporters in order of address")
    a, b = x["127.0.0.9"], x["127.0.0.10"]
    tap.equal((a["version"], a["datagrams"], a["flows"], a["missing"],
               a["malformed"], b["version"], b["datagrams"], b["flows"],
               b["no_template"], b["malformed"], b["templates"]),
              (5, 3, 20, 5, 0, 9, 5, 1, 1, 2, 1), "exporters are told apart")
    tap.ok(a["first_seen"] <= a["last_flow"] <= a["last_seen"] and
           a["clock_offset"] < -10**6, "times and the clock", a)
    tap.equal([(m["exporter"], m["reason"], m["count"])
               for m in rows["malformed"]],
              [("127.0.0.10", "short-datagram", 1),
               ("127.0.0.10", "version", 1)], "malformations by reason")
    only = ask(f, "exporters", "127.0.0.9")
    tap.equal(([e["exporter"] for e in only["exporters"]],
               "malformed" in only), (["127.0.0.9"], False),
              "one exporter alone")
    tap.equal(ask(f, "ex", "192.0.2.1"), {}, "one that is not known")
    t = rows["templates"][0]
    tap.equal((t["exporter"], t["version"], t["domain"], t["template"],
               t["options"], t["records"], t["length"], t["nfields"],
               t["fields"]),
              ("127.0.0.10", 9, 7, 256, False, 1, 12, 3,
               "sourceIPv4Address:4 destinationIPv4Address:4 "
               "octetDeltaCount:4"), "a template")
    tap.equal(ask(f, "templates", "127.0.0.9"), {},
              "one that has no templates")


def defined(table, word):
    """The names in a table of the library."""
    path = os.path.join(SOURCE, "lib/decode/tables", table)
    with open(path, encoding="utf-8") as text:
        return re.findall(rf"^{word}\((\w+),", text.read(), re.M)


def of_limits(f, rows):
    """Nothing is counted that is not shown, and each limit is."""
    tap.equal([r["counter"] for r in rows["counters"]],
              sorted(defined("counters.def", "COUNTER")),
              "every counter is shown")
    lines = run(["flowctl", "-s", door(f), "counters"]).stdout.decode(
        ).splitlines()
    tap.ok(max(map(len, lines)) <= 80, "in lines that fit a terminal", lines)
    tap.equal([r["limit"] for r in rows["limits"]],
              sorted(defined("limits.def", "LIMIT")), "every limit is shown")
    text = ctl(f, "metrics").stdout.decode()
    for table, word, metric, label in (
            ("counters.def", "COUNTER", "flowd_counted_total", "counter"),
            ("limits.def", "LIMIT", "flowd_limit_hits_total", "limit")):
        missing = [name for name in defined(table, word)
                   if f'\n{metric}{{{label}="{name}"}} ' not in text]
        tap.equal(missing, [], f"{metric} has all of them")
    tap.equal([(r["limit"], r["value"], r["hits"], r["last"])
               for r in rows["limits"] if r["hits"]],
              [("exporter_streams", 1, 1, "127.0.0.10")],
              "the limit that was reached, and by whom")
    tap.equal([(r["exporter"], r["limit"], r["hits"])
               for r in rows["limited"]],
              [("127.0.0.10", "exporter_streams", 1)],
              "the exporter that reached it")
    x = {row["exporter"]: row for row in rows["exporters"]}["127.0.0.10"]
    tap.equal((x["refused"], x["limited"], x["streams"]), (1, 1, 1),
              "and what became of its datagram")
    tap.ok('flowd_exporter_limit_hits_total{exporter="other",'
           'limit="exporter_streams"} 1\n' in text, "it is in the metrics")
    for words in (["status"], ["exporters"], ["exporters", "127.0.0.10"]):
        said = ctl(f, *words).stdout.decode()
        tap.ok(re.search(r"^\S* *exporter_streams +1", said, re.M),
               f"{' '.join(words)} names it", said)
        tap.ok("stream_samplers" not in said,
               f"{' '.join(words)} names no other", said)
    tap.ok(f.said("limit exporter_streams is 1 and was reached 1 times, last "
                  'by 127.0.0.10; see "limit exporter_streams" in '
                  "flowd.conf(5)"), "it is in the log", f.messages())
    tap.equal([(r["version"], r["domain"], r["state"], r["datagrams"],
                r["flows"], r["templates"]) for r in rows["streams"]],
              [(9, 7, "works", 2, 1, 1)], "the port that it sends from")


def of_the_rest(f, rows, port):
    tap.equal([(r["rule"], r["evaluations"], r["matches"], r["wins"],
                r["text"]) for r in rows["rules"]],
              [(1, 21, 5, 5, "discard quick dst port 53"),
               (2, 16, 15, 15, "accept tag 7 proto 17")], "rules")
    tap.equal([(r["listener"], r["datagrams"], r["dropped"], r["sockets"])
               for r in rows["listeners"]], [(f.listen(), 8, 0, 1)],
              "listeners")
    # Nobody reads the socket: the system takes some, and others wait.
    tap.equal([(r["log"], r["path"], r["written"] + r["waiting"], r["lost"],
                r["state"], r["good"]) for r in rows["logs"]],
              [("logfile", f.log, 16, 0, "good", True),
               ("logsock", f.path("reader"), 16, 0, "good", True)],
              "logs")
    tap.equal([(r["collector"], r["sent"] + r["failed"] + r["dropped"],
                r["spoof"]) for r in rows["collectors"]],
              [(f"127.0.0.1:{port}", 7, False)], "collectors")


def tables():
    """For people: aligned, without what is 0 everywhere, and words."""
    with Flowd("accept tag 7 proto udp\n") as f:
        r = ctl(f, "collectors")
        tap.equal((r.returncode, r.stdout), (0, b"no collectors\n"),
                  "nothing is told so")
        f.send(flows(10), source="127.0.0.9")
        settled(f, 10)
        lines = ctl(f, "exporters").stdout.decode().splitlines()
        tap.ok(len(lines) == 2 and
               re.match(r"exporter +ver +datagrams +flows +missing +unit +"
                        r"clock +seen$", lines[0]) and
               re.match(r"127\.0\.0\.9 +5 +1 +10 +0 +flows +-\d+ d \d+ h +"
                        r"(now|\d s ago)$", lines[1]), "a table", lines)
        text = ctl(f, "status").stdout.decode()
        tap.ok("\n  configuration  " + f.conf + "\n" in text and
               re.search(r"\n  stored +10\n", text) and
               re.search(r"^engine +\d+ +running +0 +", text, re.M),
               "status is lists and a table", text)
        tap.ok(max(map(len, text.splitlines())) <= 100 or len(f.conf) > 60,
               "it fits", text)
        text = ctl(f, "exporters", "127.0.0.9").stdout.decode()
        tap.ok(re.match(r"exporters\n  exporter +127\.0\.0\.9\n", text) and
               re.search(r"\n  first seen +\d{4}-\d\d-\d\d ", text),
               "one exporter is a list", text)


def usage():
    with Flowd(start=False) as f:
        for args, want in (
                ([], "no command; --help lists them"),
                (["r"], '"r" is ambiguous: rates, rules, reload, rotate'),
                (["stauts"],
                 'unknown command "stauts"; did you mean "status"?'),
                (["zz"], 'unknown command "zz"; --help lists them'),
                (["status", "1.2.3.4"], "status takes no argument"),
                (["exporters", "x"], '"x" is not an address'),
                (["exporters", "::1", "::1"], "exporters takes one address"),
                (["-e", "tcp", "status"], "-e is for tail only"),
                (["status", "-s"], "-s wants a value: PATH"),
                (["-Z"], "unknown option -Z; --help lists them"),
                (["--bogus"], "unknown option --bogus; --help lists them"),
                (["logs", "--jsno"], "unknown option --jsno; did you mean "
                 "--json?")):
            r = run(["flowctl", *args])
            tap.equal((r.returncode, r.stdout, r.stderr.decode()),
                      (1, b"", f"flowctl: {want}\n"), f"flowctl {args}")
        r = run(["flowctl", "--help"])
        tap.ok(r.returncode == 0 and r.stderr == b"" and
               len(r.stdout.splitlines()) < 24, "--help fits a screen",
               r.stdout)
        r = run(["flowctl", "-V"])
        tap.ok(r.returncode == 0 and r.stdout.startswith(b"flowctl "), "-V")
        r = ctl(f, "st")
        tap.equal((r.returncode, r.stderr.decode()),
                  (1, "flowctl: flowd is not running: nothing listens at "
                   f"{door(f)}\n"), "without flowd it says so in one line")


# What can be ordered.

def orders():
    with Flowd("accept tag 1\n") as f:
        r = ctl(f, "reload")
        tap.equal((r.returncode, r.stdout, r.stderr),
                  (0, b"the configuration was read and is in use\n", b""),
                  "reload")
        before = one(f, "status")
        f.write_conf("accept tag\nlisen on x\n")
        r = ctl(f, "reload")
        tap.ok(r.returncode == 1 and r.stdout == b"" and
               f"{f.conf}:4:11: ".encode() in r.stderr and
               b'did you mean "listen"?' in r.stderr and
               r.stderr.endswith(b"flowctl: reload failed\n"),
               "a file with errors: they are printed", r.stderr)
        s = one(f, "status")
        tap.ok(s["configuration_good"] is False and "refused" in s and
               s["configured"] == before["configured"],
               "status tells that it was refused", s)
        tap.equal(ask(f, "rules")["rules"][0]["text"], "accept tag 1",
                  "the old rules stay")
        f.write_conf("accept tag 2\nlisten on 192.0.2.77:9\n")
        r = ctl(f, "reload")
        tap.ok(r.returncode == 1 and b"192.0.2.77:9" in r.stderr,
               "an address that is not there", r.stderr)
        f.write_conf("accept tag 2\nworkers 3\nlimit exporters 7\n")
        r = ctl(f, "reload")
        tap.equal((r.returncode, r.stdout, r.stderr),
                  (0, b"the configuration was read and is in use\n",
                   b"workers 3: takes effect at the next start\n"
                   b"limit: takes effect at the next start\n"),
                  "what a reload does not change is told")
        f.write_conf("accept tag 2\n")
        ctl(f, "reload")
        for conf, want in (
                ("limit exporters 7\n", "limit"), ("", None),
                ("limit exporters 7\n", "limit"),
                ("limit exporters 7\nflow source 10.0.0.0/8\n", "limit"),
                ("user bin\n", "user"), ("user bin\n", "user"),
                ("", None)):
            f.write_conf("accept tag 2\n" + conf)
            if want == "user" and os.geteuid() != 0:
                want = None
            tap.equal(ctl(f, "reload").stderr.decode(), "" if want is None
                      else f"{want}: takes effect at the next start\n",
                      "what is not as at the start is told each time")
        f.write_conf("accept tag 2\nlimit mailbox_octets 16Mi\n")
        tap.equal(ctl(f, "reload").stderr,
                  b"limit: takes effect at the next start\n",
                  "so is the memory of logs")
        f.write_conf("accept tag 2\n")
        ctl(f, "reload")
        results = []
        threads = [threading.Thread(target=lambda: results.append(
            ctl(f, "reload").returncode)) for _ in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        tap.equal(results, [0] * 8, "many order it at once")
        first, second = (ask(f, "status")["processes"] for _ in range(2))
        tap.equal(second, first, "processes have been started once")
        s = one(f, "status")
        tap.ok(s["configuration_good"] is True and "refused" not in s and
               s["configured"] > before["configured"], "it is good again", s)
        tap.equal(ask(f, "rules")["rules"][0]["text"], "accept tag 2",
                  "the new rules are in use")
        rotations(f)


def rotations(f):
    f.send(flows(3))
    settled(f, 3)
    os.rename(f.log, f.log + ".0")
    r = ctl(f, "rotate")
    tap.equal((r.returncode, r.stdout), (0, b"logs are opened again\n"),
              "rotate")
    tap.equal(size(f.log), 0, "there is a new log")
    f.send(flows(3))
    tap.ok(f.stored(3), "flows go there")
    os.rename(f.log, f.log + ".1")
    os.mkdir(f.log)
    r = ctl(f, "rotate")
    tap.ok(r.returncode == 1 and f.log.encode() in r.stderr,
           "a log that cannot be opened", r.stderr)
    f.send(flows(3))
    tap.ok(wait_for(lambda: size(f.log + ".1") == 6 * TAGGED),
           "the old one is still written to")


def put_without_writer(f, datagrams):
    """Stop the writer and have so many datagrams wait for it."""
    writer = pids(f)["writer"]
    os.kill(writer, signal.SIGSTOP)
    for n in range(datagrams):
        f.send(flows(FLOWS))
        if n % 50 == 49:
            time.sleep(0.005)
    # The writer does not answer: what the others say is enough.
    wait_for(lambda: b'"waiting":%d,' % (datagrams * FLOWS) in
             ctl(f, "-j", "logs").stdout.replace(b" ", b""))
    return writer


def order(f, word):
    return subprocess.Popen(
        [program("flowctl"), "-s", door(f), word], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def rotation_is_over():
    """Behind "flowctl rotate" the old files are complete."""
    with Flowd() as f:
        for n in range(3):
            old = f.path(f"log.{n}")
            writer = put_without_writer(f, 1500)
            os.rename(f.log, old)
            rotate = order(f, "rotate")
            wait_for(lambda: os.path.exists(f.log))
            os.kill(writer, signal.SIGCONT)
            out, _ = rotate.communicate(timeout=60)
            tap.equal((rotate.returncode, out, size(old)),
                      (0, b"logs are opened again\n", 1500 * FLOWS * RECORD),
                      f"rotate: the old file is complete ({n + 1})")
        f.send(flows(1))
        tap.ok(f.stored(1), "and the new one is used")
        os.kill(put_without_writer(f, 10), signal.SIGKILL)
        os.rename(f.log, f.path("log.3"))
        r = ctl(f, "rotate")
        old = size(f.path("log.3"))
        tap.equal((r.returncode, r.stderr), (0, b""),
                  "rotate: the writer dies: it waits for the next one")
        tap.ok(f.stored(10 * FLOWS + 1 - old // RECORD) and
               size(f.path("log.3")) == old, "the old file gets no more")


def reload_is_over():
    """So they are behind "flowctl reload", which opens the log file anew."""
    with Flowd() as f:
        old = f.path("log.0")
        writer = put_without_writer(f, 1500)
        os.rename(f.log, old)
        f.write_conf("accept tag 9\nworkers 3\n")
        reload = order(f, "reload")
        f.said("configuration read from")
        ctl(f, "status")  # the parent goes on
        early = reload.poll()
        os.kill(writer, signal.SIGCONT)
        out, err = reload.communicate(timeout=60)
        tap.equal((early, reload.returncode, out, err, size(old)),
                  (None, 0, b"the configuration was read and is in use\n",
                   b"workers 3: takes effect at the next start\n",
                   1500 * FLOWS * RECORD),
                  "reload: the old file is complete")


def segments_that_cannot_begin():
    """As often as it is ordered: also when the log has enough of it."""
    with Flowd(start=False) as f:
        folder = f.path("flow")
        f.write_conf(f'store ALL\nlogdir "{folder}"\n')
        f.start()
        tap.equal(ctl(f, "rotate").returncode, 0, "rotate, with a logdir")
        # The one before is empty, and flowd is about to remove it.
        wait_for(lambda: len(os.listdir(folder)) == 1)
        shutil.rmtree(folder)
        with open(folder, "w", encoding="ascii"):
            pass
        answers = [ctl(f, "rotate") for _ in range(8)]
        tap.ok(all(r.returncode == 1 and r.stdout == b"" and
                   f"logdir {folder}: cannot create ".encode() in r.stderr
                   for r in answers),
               "rotate: a segment that cannot be begun, eight times",
               answers)
        tap.ok(f.messages().count("cannot create") < 8,
               "rotate: the log has some of them", f.messages())
        os.remove(folder)
        tap.equal(ctl(f, "rotate").returncode, 0, "rotate: it can be again")


def rotation_without_writer():
    """It stands still as with a disk: nobody waits for ever."""
    with Flowd(start=False) as f:
        f.write_conf(f'store ALL\nlogdir "{f.path("flow")}" flush 20ms\n')
        f.start()
        f.send(flows(3))
        settled(f, 3)
        # One without flows stays in use.
        wait_for(lambda: all(r["written"] == 3
                             for r in ask(f, "logs")["logs"]))
        writer = pids(f)["writer"]
        os.kill(writer, signal.SIGSTOP)
        os.rename(f.log, f.log + ".0")
        waiting = [order(f, "rotate") for _ in range(2)]
        wait_for(lambda: os.path.exists(f.log))
        rows = ctl(f, "-j", "status").stdout
        tap.ok(b'"report":"processes"' in rows.replace(b" ", b""),
               "a writer that is stopped: others answer", rows)
        for p in waiting:
            out, err = p.communicate(timeout=60)
            tap.equal((p.returncode, out, err.decode().splitlines()),
                      (1, b"", [
                          f"{path}: the writer did not switch to the new "
                          "file within 5 s and may still write to the old one"
                          for path in (f.log, f.path("flow"))] +
                       ["flowctl: rotate failed"]),
                      "rotate: it tells of a writer that is stopped")
        os.kill(writer, signal.SIGCONT)
        r = ctl(f, "rotate")
        tap.equal((r.returncode, r.stderr), (0, b""),
                  "rotate: when it goes on all is well")
        tap.equal(pids(f)["writer"], writer, "the writer is the same")


def stopped(pid):
    try:
        os.kill(pid, signal.SIGSTOP)
        return True
    except ProcessLookupError:
        return False


def stopped_loader(f):
    """Order to reload; returns who does, and the process that reads the
    configuration, which lives for moments, and which stands still now. One
    that was not seen gets another one."""
    parent = f.process.pid
    others = children(parent).values()
    for _ in range(20):
        reload = order(f, "reload")
        while reload.poll() is None:
            with open(f"/proc/{parent}/task/{parent}/children",
                      encoding="ascii") as found:
                for pid in map(int, found.read().split()):
                    if pid not in others and stopped(pid):
                        return reload, pid
        reload.communicate()
    raise OSError("nobody reads the configuration")


def orders_of_a_dead_control():
    """What waits when control dies is answered to nobody: the next one counts
    its orders from the first on, too."""
    if sys.platform != "linux":
        tap.skip("orders of a control that died", "looked at in /proc")
        return
    with Flowd() as f:
        with open(f.path("nets"), "w", encoding="ascii") as out:
            out.writelines(f"{10 + (n >> 16)}.{n >> 8 & 255}.{n & 255}.0/24\n"
                           for n in range(200000))
        writer = put_without_writer(f, 10)
        os.rename(f.log, f.log + ".0")
        first = order(f, "rotate")
        wait_for(lambda: os.path.exists(f.log))
        control = children(f.process.pid)["control"]
        os.kill(control, signal.SIGKILL)
        tap.ok(wait_for(lambda: children(f.process.pid).get(
            "control", control) != control, 20),
            "control dies while an order waits", f.messages())
        tap.equal(first.communicate()[0], b"", "who gave it is told nothing")
        f.write_conf(f'table <t> file "{f.path("nets")}"\n'
                     "accept tag 7 src <t>\n")
        reload, reads = stopped_loader(f)
        os.kill(writer, signal.SIGCONT)
        wait_for(lambda: size(f.log + ".0") == 10 * FLOWS * RECORD)
        ctl(f, "status")
        early = reload.poll()
        os.kill(reads, signal.SIGCONT)
        out, err = reload.communicate(timeout=60)
        tap.equal((early, reload.returncode, out, err),
                  (None, 0, b"the configuration was read and is in use\n",
                   b""), "the next order has an answer of its own")


# The tail.

class Watch:
    """flowctl tail that runs."""

    def __init__(self, f, *args):
        self.f = f
        self.out = open(f.path("tail"), "w+b")
        self.err = open(f.path("tail.err"), "w+b")
        self.p = subprocess.Popen(
            [program("flowctl"), "-U", "-s", door(f), "tail", *args],
            stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.err)

    def wait_on(self):
        """Until the engines know of it: a flow that is sent is shown."""
        for _ in range(200):
            self.f.send(flows(1, dport=9999))
            if wait_for(lambda: self.text(), 0.3):
                break
        # What was sent meanwhile comes before this one.
        self.f.send(v5_datagram([{"octets": 987654321, "dport": 9999}]))
        wait_for(lambda: b"987654321" in self.text() and
                 self.text().endswith(b"\n"))
        self.skip = len(self.text())

    def text(self):
        return read(self.f.path("tail"))

    def lines(self):
        return self.text()[self.skip:].splitlines()

    def end(self, number=signal.SIGINT):
        if self.p.poll() is None:
            self.p.send_signal(number)
        try:
            return self.p.wait(timeout=60)
        finally:
            self.p.kill()
            self.out.close()
            self.err.close()


def tails():
    with Flowd("discard dst port 53\n") as f:
        w = Watch(f)
        w.wait_on()
        f.send(flows(20), flows(10, dport=53), flows(5, dport=80))
        tap.ok(wait_for(lambda: len(w.lines()) == 25), "the tail of flows",
               w.text())
        wait_for(lambda: one(f, "status", "flows")["waiting"] == 0)
        log = run(["flowd-reader", "-U", f.log]).stdout.splitlines()
        log = [line for line in log if line.startswith(b"FLOW")]
        # The log has recv_time to the second, as it always was.
        short = re.compile(rb"(recv_time \S+?)(\.\d+)? ")
        tap.equal([short.sub(rb"\1 ", line) for line in w.lines()],
                  [short.sub(rb"\1 ", line) for line in log[-25:]],
                  "it is what flowd-reader prints of the log")
        tap.equal(w.end(), 0, "it ends by SIGINT, with 0")
        w = Watch(f, "-j", "-e", "dst port 80 or dst port 9999")
        w.wait_on()
        f.send(flows(5, dport=80), flows(20))
        f.send(flows(5, dport=80))
        tap.ok(wait_for(lambda: len(w.lines()) == 10) and all(
            json.loads(line)["dst_port"] == 80 for line in w.lines()),
            "with an expression, as JSON", w.text())
        tap.equal(w.end(signal.SIGTERM), 0, "it ends by SIGTERM, with 0")
        r = ctl(f, "tail", "-e", "dst prt 80")
        tap.ok(r.returncode == 1 and b"-e:1:5: " in r.stderr,
               "an expression with an error", r.stderr)
        p = subprocess.Popen([program("flowctl"), "-s", door(f), "tail"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        p.stdout.close()
        tap.equal(p.wait(timeout=60), 0, "it ends when nobody reads")
        p.stderr.close()
        many(f)
        w = Watch(f)
        w.wait_on()
        f.stop()
        tap.ok(w.p.wait(timeout=60) == 1 and
               read(f.path("tail.err")).endswith(
                   b"flowctl: flowd closed the connection\n"),
               "it ends when flowd ends, and says so",
               read(f.path("tail.err")))
        w.end()


def many(f):
    """Eight may watch at a time."""
    watching = [subprocess.Popen(
        [program("flowctl"), "-s", door(f), "tail"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(9)]
    tap.ok(wait_for(lambda: any(p.poll() is not None for p in watching)) and
           sorted(str(p.poll()) for p in watching) == ["1"] + ["None"] * 8,
           "so many may watch")
    for p in watching:
        said = b""
        if p.poll() is None:
            p.send_signal(signal.SIGINT)
        else:
            said = p.stderr.read()
        p.wait(timeout=60)
        p.stderr.close()
        tap.ok(p.returncode == 0 or
               said == b"flowctl: too many clients tail already\n",
               "one of them",
               said)


def slow_tail():
    """One that is stopped misses flows and is told how many; flowd and others
    do not wait for it."""
    with Flowd() as f:
        w = Watch(f)
        w.wait_on()
        first = one(f, "status", "flows")["decoded"]
        w.p.send_signal(signal.SIGSTOP)
        sent = 400000
        run(["flowd-send", "-q", "-g", str(sent), "-a", "5", "-r", "8000",
             f.listen()])
        tap.ok(settled(f, first + sent), "all is decoded and stored",
               balance(f))
        tap.equal(balance(f)[0], 0, "nothing is lost by who does not read")
        w.p.send_signal(signal.SIGCONT)

        def left_out():
            return sum(map(int, re.findall(rb"dropped (\d+) flows: ",
                                           read(f.path("tail.err")))))

        def seen():
            # What is left out is told with the next flows.
            f.send(flows(1))
            nonlocal sent
            sent += 1
            return len(w.lines()) + left_out()

        # The last ones are still on their way: look until they stand still.
        tap.ok(wait_for(lambda: seen() > 0 and left_out() > 0),
               "it is told how many it missed", read(f.path("tail.err")))
        tap.ok(wait_for(lambda: len(w.lines()) + left_out() == sent),
               "those shown and those left out are all",
               (len(w.lines()), left_out(), sent))
        w.end()


# The socket.

def doors():
    group = grp.getgrgid(os.getegid()).gr_name
    with Flowd(start=False) as f:
        path = f.path("door")
        f.write_conf(f'control socket "{path}" group "{group}"\n')
        f.start()
        s = os.stat(path)
        tap.ok(stat.S_ISSOCK(s.st_mode) and
               stat.S_IMODE(s.st_mode) == 0o660 and
               s.st_gid == os.getegid(), "its mode and group", s)
        tap.ok(not os.path.exists(door(f)), "no other one is made")
        tap.equal(ctl(f, "st", door=path).returncode, 0, "it is used")
        not_allowed(f, path)
        f.write_conf(f'control socket "{f.path("other")}"\n')
        tap.equal(ctl(f, "reload", door=path).returncode, 0,
                  "another path: the answer still comes")
        tap.ok(wait_for(lambda: not os.path.exists(path)) and
               ctl(f, "st", door=f.path("other")).returncode == 0,
               "then the new one is there, and the old one gone")
        f.write_conf("control socket none\n")
        ctl(f, "reload", door=f.path("other"))
        tap.ok(wait_for(lambda: not os.path.exists(f.path("other"))),
               "none is wanted any more")
        tap.ok(f.said("configuration read"), "flowd goes on", f.messages())
        f.send(flows(2))
        tap.ok(f.stored(2), "and stores", f.messages())
        f.write_conf("")
        f.kill(signal.SIGHUP)
        tap.ok(wait_for(lambda: os.path.exists(door(f)) and
                        ctl(f, "st").returncode == 0),
               "one is wanted again", f.messages())
        f.process.kill()
        f.process.wait()
        tap.ok(os.path.exists(door(f)), "one that was killed leaves it")
        wait_for(lambda: ctl(f, "st").returncode == 1)
        f.start()
        tap.ok(wait_for(lambda: ctl(f, "st").returncode == 0),
               "the next one takes its place", f.messages())
        taken(f)
        f.stop()
        tap.ok(not os.path.exists(door(f)), "at the end it is gone")


def not_allowed(f, path):
    if os.geteuid() != 0:
        tap.skip("who may not connect", "not run as root")
        return
    os.chmod(f.dir.name, 0o755)
    copy = f.path("flowctl")
    with open(copy, "wb") as out:
        out.write(read(program("flowctl")))
    os.chmod(copy, 0o755)
    r = subprocess.run([copy, "-s", path, "status"], user=65534, group=65534,
                       extra_groups=[], capture_output=True, timeout=60)
    tap.equal((r.returncode, r.stderr.decode()),
              (1, f"flowctl: no permission to connect to {path}: it is for "
               "root and the group of the socket\n"),
              "who may not connect is told so")


def taken(f):
    """Another flowd with the same path."""
    with Flowd(start=False) as g:
        g.write_conf(f'control socket "{door(f)}"\n')
        r = subprocess.run(g.command(), capture_output=True, timeout=60)
        tap.ok(r.returncode == 1 and b"in use, perhaps" in r.stderr,
               "one that is in use is an error when it was said", r.stderr)
        # Both "pid" and "pid.pid" have "pid.sock" beside them.
        g.write_conf("", pid=f.pid + ".pid")
        g.pid = g.path("mine")
        with open(g.conf, "a", encoding="utf-8") as out:
            out.write(f'statefile "{g.path("state")}"\n')
        p = subprocess.Popen(g.command(), stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE)
        line = p.stderr.readline() + p.stderr.readline()
        tap.ok(b"in use, perhaps" in line and b"flowctl cannot be used" in line,
               "and else a warning", line)
        p.terminate()
        p.wait(timeout=60)
        p.stderr.close()
        tap.equal(ctl(f, "st").returncode, 0, "the first one is untouched")


# Metrics.

def get(port, path="/metrics"):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        c.request("GET", path)
        r = c.getresponse()
        return r.status, r.read().decode()
    except OSError as e:
        return 0, str(e)
    finally:
        c.close()


def samples(text):
    return dict(re.findall(r"^([a-z_]+(?:\{.*\})?) (\S+)$", text, re.M))


def metrics():
    port, second = tcp_port(), tcp_port()
    with Flowd(f"metrics listen on 127.0.0.1:{port}\naccept tag 1\n") as f:
        f.send(flows(10, seq=0), flows(10, seq=15), source="127.0.0.9")
        f.send(b"\0\4\0\0", source="127.0.0.9")
        settled(f, 20)
        status, text = get(port)
        tap.equal(status, 200, "metrics over HTTP")
        typed = re.findall(r"^# TYPE (\S+) (counter|gauge)$", text, re.M)
        tap.equal(sorted(m for m, _ in typed), sorted(
            metric for _, _, fields in
            reports.reports(os.path.join(SOURCE, "lib/report/reports.def"))
            for _, metric, _ in fields if metric), "every metric is there")
        got = samples(text)
        for name, want in (
                ("flowd_flows_total", "20"),
                ("flowd_flows_stored_total", "20"),
                ('flowd_exporter_flows_total{exporter="other"}', "20"),
                ('flowd_exporter_sequence_lost_total{exporter="other"}',
                 "5"),
                ('flowd_exporter_malformed_total{exporter="other",'
                 'reason="version"}', "1"),
                ('flowd_rule_wins_total{rule="1"}', "20"),
                ('flowd_process_up{process="metrics"}', "1"),
                (f'flowd_log_good{{log="logfile",path="{f.log}"}}', "1")):
            tap.equal(got.get(name), want, name)
        lines = [line for line in text.splitlines() if line[0] != "#"]
        families = [re.match(r"[a-z_]+", line)[0] for line in lines]
        runs = [m for i, m in enumerate(families)
                if i == 0 or families[i - 1] != m]
        tap.equal(len(runs), len(set(runs)), "a metric's samples are together")
        tap.equal(sorted(samples(ctl(f, "metrics").stdout.decode())),
                  sorted(got), "flowctl metrics has the same")
        tap.equal(get(port, "/else")[0], 404, "there is nothing else")
        flood_of_metrics(f, port)
        f.write_conf(f"metrics listen on 127.0.0.1:{second}\n")
        tap.equal(ctl(f, "reload").returncode, 0, "another port")
        tap.ok(wait_for(lambda: get(second)[0] == 200) and get(port)[0] == 0,
               "it is served there, and not where it was")
        os.kill(pids(f)["metrics"], signal.SIGKILL)
        tap.ok(wait_for(lambda: get(second)[0] == 200),
               "metrics comes back", f.messages())
        control = children(f.process.pid)["control"]
        os.kill(control, signal.SIGSTOP)
        time.sleep(1.1)  # a text is good for a second
        tap.equal(get(second)[0], 503, "without control there is no text now")
        os.kill(control, signal.SIGKILL)
        tap.ok(wait_for(lambda: get(second)[0] == 200),
               "with the next one there is", f.messages())
        f.write_conf("")
        ctl(f, "reload")
        tap.ok(wait_for(lambda: "metrics" not in pids(f)) and
               get(second)[0] == 0, "none are wanted any more", pids(f))


def listed(f, metric="flows"):
    """{exporter: value} of those that metrics name."""
    return {name: int(value) for name, value in re.findall(
        rf'^flowd_exporter_{metric}_total\{{exporter="(.*?)"\}} (\d+)$',
        ctl(f, "metrics").stdout.decode(), re.M)}


def sockets_of_a_refused_reload():
    """Those that are asked stay when what the new one listens on is not to be
    had."""
    port = tcp_port()
    with Flowd(f"metrics listen on 127.0.0.1:{port}\n") as f:
        other = f.path("other.sock")
        f.write_conf(f"metrics listen on 127.0.0.1:{tcp_port()}\n"
                     f"control socket \"{other}\"\n"
                     "listen on 192.0.2.1:9\n")
        for _ in range(2):
            tap.equal((ctl(f, "reload").returncode, os.path.exists(other)),
                      (1, False), "a reload that is refused")
            tap.equal(get(port)[0], 200, "leaves metrics where they were")
        f.write_conf(f"control socket \"{other}\"\n")
        tap.equal((ctl(f, "reload").returncode,
                   run(["flowctl", "-s", other, "status"]).returncode,
                   os.path.exists(f.path("pid.sock"))), (0, 0, False),
                  "one that is not moves the socket")


def exporters_in_metrics():
    """Those that are settled have a name, so many of them; the others are one,
    and what is counted of that one does not fall."""
    with Flowd("limit settle_ms 1ms\nlimit settle_messages 2\n"
               "limit metrics_exporters 2\naccept tag 1\n") as f:
        seq, sent, others = 0, 0, []

        def step(n):
            """A second more of these exporters, and of strangers."""
            nonlocal seq
            for i in range(n):
                f.send(v5_datagram([{}], seq=seq, sec=1700000000 + seq),
                       source=f"127.0.0.{i + 1}")
            f.send(flows(1), flows(1), source=f"127.1.0.{seq + 1}")
            nonlocal sent
            sent += n + 2
            seq += 1
            wait_for(lambda: one(f, "status", "datagrams")["received"] ==
                     sent)
            time.sleep(1.05)

        step(2)
        got = listed(f)
        tap.equal(list(got), ["other"], "at first no exporter has a name")
        others.append(got["other"])
        for _ in range(3):
            step(2)
            others.append(listed(f)["other"])
        got = listed(f)
        tap.equal(sorted(got), ["127.0.0.1", "127.0.0.2", "other"],
                  "those that went on have names")
        tap.equal((got["127.0.0.1"], got["127.0.0.2"]), (4, 4),
                  "with all that they sent")
        for _ in range(4):
            step(4)
            others.append(listed(f)["other"])
        got = listed(f)
        tap.equal(sorted(got), ["127.0.0.1", "127.0.0.2", "other"],
                  "there are no more names than the limit says, and they stay")
        tap.ok(others == sorted(others), "the sum of the others does not fall",
               others)
        total = one(f, "status", "flows")["decoded"]
        tap.ok(got["other"] >= total - 16 and sum(got.values()) >= total,
               "no flow is in none of them", (got, total))
        rows = ask(f, "exporters")["exporters"]
        tap.ok([r["exporter"] for r in rows if r["settled"]] ==
               [f"127.0.0.{n}" for n in range(1, 5)] and len(rows) > 8,
               "flowctl exporters has all of them, and who is settled", rows)
        f.write_conf("limit settle_ms 1ms\nlimit settle_messages 2\n"
                     "limit metrics_exporters 3\naccept tag 1\n")
        tap.equal(ctl(f, "reload").returncode, 0, "another limit")
        tap.ok(wait_for(lambda: len(listed(f)) == 4) and
               set(got) < set(listed(f)) and
               listed(f)["other"] >= others[-1],
               "holds at once", (listed(f), others))


def flood_of_metrics(f, port):
    idle = []
    for _ in range(100):
        s = socket.create_connection(("127.0.0.1", port))
        s.send(b"GET /met")
        idle.append(s)
    tap.equal(get(port)[0], 200, "who says half of it keeps nobody out")
    for s in idle:
        s.close()
    tap.equal(ctl(f, "st").returncode, 0, "and flowctl works")


# Those who do not behave.

def connect(f):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.connect(door(f))
    s.settimeout(20)
    return s


def frame(kind, body=b""):
    return struct.pack("!HBBII", 0xf10d, 1, kind, 1, len(body)) + body


def sanitized():
    return b"__asan_init" in read(program("flowd"))


def rss(pid):
    """KiB, or 0 where there is no /proc."""
    try:
        with open(f"/proc/{pid}/status", encoding="latin-1") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])
    except OSError:
        return 0


def floods():
    with Flowd() as f:
        # Enough exporters that an answer does not fit into a socket.
        source = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        source.connect((f.host, f.port))
        source.close()
        for n in range(3000):
            f.send(V9_TEMPLATE, source=f"127.1.{n // 250}.{n % 250 + 1}")
        tap.ok(wait_for(lambda: one(f, "status")["templates"] >= 3000),
               "many exporters", one(f, "status"))
        control = children(f.process.pid)["control"]
        silent = [connect(f) for _ in range(200)]
        tap.equal(ctl(f, "st").returncode, 0, "200 who say nothing")
        for s in silent:
            s.close()
        half = [connect(f) for _ in range(100)]
        for s in half:
            try:
                s.send(frame(1, bytes(5))[:random.randrange(1, 16)])
            except OSError:
                pass  # its place was given to another
        tap.equal(ctl(f, "st").returncode, 0, "100 who say half of it")
        for s in half:
            s.close()
        for n in range(300):
            s = connect(f)
            try:
                s.send(random.Random(n).randbytes(n))
            except OSError:
                pass
            s.close()
        tap.equal(ctl(f, "st").returncode, 0, "300 who say anything")
        slow = [connect(f) for _ in range(20)]
        for s in slow:
            s.send(frame(1, struct.pack("!IB", 1 << 4 | 1 << 6, 0)))
        began = time.monotonic()
        for _ in range(10):
            assert ctl(f, "st").returncode == 0
        tap.ok(time.monotonic() - began < 20, "20 who do not read",
               time.monotonic() - began)
        # A sanitizer keeps what was freed for a while.
        most = (1024 if sanitized() else 128) * 1024
        tap.ok(rss(control) < most, "control does not grow", rss(control))
        greedy = connect(f)
        greedy.setblocking(False)
        try:
            while True:
                greedy.send(frame(1, struct.pack("!IB", 1, 0)) * 100)
        except OSError:
            pass
        tap.equal(ctl(f, "st").returncode, 0, "one who asks without an end")
        greedy.close()
        for s in slow:
            s.close()
        tap.equal((pids(f)["control"], one(f, "status", "flows")["decoded"]),
                  (control, 0), "control was not harmed")
        r = ask(f, "templates")["templates"]
        tap.equal(len(r), 3000, "an answer of many rows")


# What becomes of it when somebody dies.

class Sender(threading.Thread):
    """Datagrams of 30 flows at a rate, from several exporters, until it is
    told to stop."""

    def __init__(self, f, rate, exporters=1):
        super().__init__()
        self.f, self.rate, self.sent, self.going = f, rate, 0, True
        self.payload = flows(FLOWS)
        self.sockets = []
        for n in range(exporters):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind((f"127.2.0.{n + 1}", 0))
            s.connect((f.host, f.port))
            self.sockets.append(s)

    def run(self):
        begin = time.monotonic()
        while self.going:
            due = int((time.monotonic() - begin) * self.rate)
            while self.sent < due and self.going:
                self.sockets[self.sent % len(self.sockets)].send(self.payload)
                self.sent += 1
            time.sleep(0.002)

    def stop(self):
        self.going = False
        self.join()
        for s in self.sockets:
            s.close()


def killed(f, name):
    """Kill one; True when another one has taken its place."""
    pid = pids(f)[name]
    os.kill(pid, signal.SIGKILL)

    def is_back():
        r = ctl(f, "-j", "status")
        return r.returncode == 0 and any(
            p["process"] == name and p.get("pid", pid) != pid and
            p["state"] == "running" for p in map(json.loads,
                                                 r.stdout.splitlines())
            if p["report"] == "processes")

    return wait_for(is_back)


def deaths():
    with Flowd() as f:
        sender = Sender(f, 2000)
        sender.start()
        for n in range(4):
            tap.ok(killed(f, "control"), f"control comes back ({n + 1})",
                   f.messages())
        time.sleep(0.2)
        sender.stop()
        tap.ok(settled(f, sender.sent * FLOWS), "all was received",
               (sender.sent, balance(f)))
        lost, d, c = balance(f)
        tap.equal((lost, d["received"], c["stored"]),
                  (0, sender.sent, sender.sent * FLOWS),
                  "kill -9 of control under load: nothing is lost")
        tap.equal(one_process(f, "control")["restarts"], 4,
                  "its restarts are counted")
        for name in ("engine", "writer"):
            tap.ok(killed(f, name), f"the {name} is connected again",
                   f.messages())
        f.send(flows(3))
        tap.ok(wait_for(lambda: one(f, "status", "flows")["decoded"] ==
                        sender.sent * FLOWS + 3),
               "the engine's successor goes on counting", balance(f))
        wait_for(lambda: balance(f)[2]["waiting"] == 0)
        tap.equal(balance(f)[0], 0, "and all is stored or counted")


def one_process(f, name):
    return next(p for p in ask(f, "status")["processes"]
                if p["process"] == name)


# What no other log has.
OF_LOGDIRS = ["commands_failed", "commands_left_out", "expired",
              "expired_octets", "file", "held", "oldest", "retention",
              "retention_good", "seal_failures", "segments", "stuck",
              "unsealed"]


def directories():
    """Several columnar logs, and the segment that is written to."""
    with Flowd(start=False) as f:
        a, b = f.path("a"), f.path("b")
        f.write_conf(f'logdir "{a}" flush 1s\nlogdir "{b}" name voip\n'
                     "accept log voip dst port 5060\n")
        f.start()
        f.send(flows(10), flows(4, dport=5060))
        tap.ok(settled(f, 14) and wait_for(lambda: sum(
            r["written"] for r in ask(f, "logs")["logs"]) == 28), "flows",
            ask(f, "logs"))
        rows = ask(f, "logs")["logs"]
        tap.equal([(r["log"], r["path"], r["written"], r["good"])
                   for r in rows],
                  [("logdir", a, 10, True), ("logdir", b, 4, True),
                   ("logfile", f.log, 14, True)], "each log for itself")
        tap.ok([os.path.exists(os.path.join(r["path"], r["file"]))
                for r in rows[:2]] == [True, True] and "file" not in rows[2],
               "the segments that are written to", rows)
        tap.ok(set(OF_LOGDIRS) <= set(rows[0]),
               "all that there is to say of a logdir is said", rows[0])
        tap.equal([(r["segments"], r["expired"], r["retention"], r["stuck"])
                   for r in rows[:2]], [(1, 0, "good", 0)] * 2,
                  "what is in them, and what was removed")
        before = [r["file"] for r in rows[:2]]
        time.sleep(1.1)  # segments are named by the second
        tap.equal(ctl(f, "rotate").returncode, 0, "rotate")
        after = [r["file"] for r in ask(f, "logs")["logs"][:2]]
        tap.ok(all(x != y for x, y in zip(before, after)),
               "then there are others", (before, after))


def stalled():
    """A process that does not answer is left out, and that is told."""
    with Flowd() as f:
        writer = pids(f)["writer"]
        os.kill(writer, signal.SIGSTOP)
        f.send(flows(4))
        got = []

        def waits():
            r = ctl(f, "-j", "logs")
            got[:] = [r, json.loads(r.stdout.splitlines()[0])]
            return got[1]["waiting"] == 4

        tap.ok(wait_for(waits) and got[0].returncode == 1 and
               b"the answer is incomplete" in got[0].stderr and
               "state" not in got[1],
               "a writer that stands still: what waits is told", got)
        os.kill(writer, signal.SIGCONT)
        tap.equal(ctl(f, "logs").returncode, 0, "then it is there again")


def engines():
    """Several engines are one to who asks."""
    with Flowd("workers 3\naccept tag 1\ndiscard dst port 53\n") as f:
        names = [n for n in pids(f) if n.startswith("engine")]
        if not tap.ok(names == ["engine 1", "engine 2", "engine 3"],
                      "three engines", (names, f.messages())):
            return
        w = Watch(f)
        w.wait_on()
        first = one(f, "status", "flows")["decoded"]
        sender = Sender(f, 500, exporters=40)
        sender.start()
        time.sleep(0.5)
        sender.stop()
        want = first + sender.sent * FLOWS
        tap.ok(settled(f, want), "all flows", (want, balance(f)))
        tap.equal(balance(f)[0], 0, "stored or counted")
        x = ask(f, "exporters")["exporters"]
        tap.equal([e["exporter"] for e in x if
                   e["exporter"].startswith("127.2.")],
                  [f"127.2.0.{n + 1}" for n in range(40)],
                  "exporters of all engines, in order")
        tap.equal(sum(e["flows"] for e in x), want, "their flows")
        tap.equal([(r["rule"], r["evaluations"])
                   for r in ask(f, "rules")["rules"]],
                  [(1, want), (2, want)], "rules are added up")
        tap.equal([r["listener"] for r in ask(f, "listeners")["listeners"]],
                  [f.listen()], "an address is one listener")
        tap.ok(wait_for(lambda: len(w.lines()) >= sender.sent * FLOWS),
               "the tail has the flows of all",
               (len(w.lines()), sender.sent * FLOWS))
        w.end()


def rights():
    if os.geteuid() != 0 or sys.platform != "linux" or \
            os.environ.get("FLOWD_PORTABLE"):
        tap.skip("the rights of control and metrics",
                 "not root, or not what only Linux has")
        return
    with Flowd(f"metrics listen on 127.0.0.1:{tcp_port()}\n") as f:
        for name in ("control", "metrics"):
            pid = pids(f)[name]
            with open(f"/proc/{pid}/status", encoding="latin-1") as status:
                s = dict(line.rstrip("\n").split(":\t", 1)
                         for line in status if ":\t" in line)
            tap.ok("0" not in s["Uid"].split() + s["Gid"].split() and
                   int(s["CapEff"], 16) == 0 and s["NoNewPrivs"] == "1" and
                   (s["Seccomp"] == "2" or sanitized()) and
                   os.readlink(f"/proc/{pid}/root") != "/",
                   f"{name} has no rights", s)
            fds = [os.readlink(f"/proc/{pid}/fd/{fd}")
                   for fd in os.listdir(f"/proc/{pid}/fd")]
            tap.equal([d for d in fds if d.startswith("/") and
                       d != "/dev/null" and not d.endswith("/err")], [],
                      f"{name} holds no file")


def main():
    usage()
    words()
    tables()
    orders()
    rotation_is_over()
    reload_is_over()
    segments_that_cannot_begin()
    rotation_without_writer()
    orders_of_a_dead_control()
    tails()
    slow_tail()
    doors()
    metrics()
    sockets_of_a_refused_reload()
    exporters_in_metrics()
    floods()
    deaths()
    stalled()
    directories()
    engines()
    rights()
    tap.done()


main()
