"""flowd-reader on a million flows of a version 3 log, and beside it nfdump on
the same flows: wall seconds, the least and the median of some runs.

The flows are those of the model of flowd-send. nfdump gets them by its own
collector over loopback; without nfdump its rows are left out, and it is said.

Rules on the log stand beside cat(1) of the same file to /dev/null, and beside
the first flowd-reader: that took a second for a million flows without a filter
(12 s for 12 million, measured once, not in this run).
"""
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

FLOWS = 1000000
RUNS = 5
TARGET = 0.40
OLD_READER = 1.0  # seconds
OLD_TARGET = 20  # times as fast
TIMES = 4  # the log, one copy behind the other
BUILD = sys.argv[1]


def path(folder, name):
    return os.path.join(BUILD, folder, name)


def run(*args):
    subprocess.run(args, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def seconds(*args):
    """Wall seconds of RUNS runs after one that is not counted."""
    run(*args)
    taken = []
    for _ in range(RUNS):
        begin = time.monotonic()
        run(*args)
        taken.append(time.monotonic() - begin)
    return taken


def row(name, taken, target=None, beside=None):
    least, median = min(taken), statistics.median(taken)
    print(f"read {name:<22} {least:6.2f} s least, {median:.2f} median"
          + (f"  target {target:.2f}" if target else "")
          + (f"  {statistics.median(beside) / median:5.1f} x" if beside
             else ""))


def cpu_seconds(*args):
    """The least CPU time of some runs: others may run beside."""
    taken = []
    for _ in range(RUNS + 1):
        before = os.times()
        run(*args)
        after = os.times()
        taken.append(after.children_user - before.children_user +
                     after.children_system - before.children_system)
    return min(taken)


def bench_rules(tmp, reader, log):
    """How far from reading the file alone, and from the old reader."""
    many = os.path.join(tmp, "many.flowd")
    with open(many, "wb") as f:
        subprocess.run(["cat"] + [log] * TIMES, check=True, stdout=f)
    plain = cpu_seconds("cat", many)
    print(f"read {'cat':<22} {plain:6.2f} s CPU for {TIMES} million flows")
    for name, text in (("one rule", "dst port 443 src 10.0.0.0/8"),
                       ("a sum", "octets > 1M or duration > 10s"),
                       ("a list", "port { 22, 53, 80, 8000-8999 } tcp")):
        taken = cpu_seconds(reader, "-q", "--count", "-e", text, many)
        print(f"read -e, {name:<18} {taken:6.2f} s CPU  "
              f"{TIMES * FLOWS / taken / 1e6:5.1f} M flows/s  cat x "
              f"{taken / plain:4.1f}  old reader "
              f"{TIMES * OLD_READER / taken:5.1f} x  target {OLD_TARGET} x")


def make_log(tmp):
    """A version 3 log of FLOWS flows, and the capture it was made from."""
    capture, log = os.path.join(tmp, "g.pcap"), os.path.join(tmp, "g.flowd")
    conf = os.path.join(tmp, "flowd.conf")
    run(path("send", "flowd-send"), "-g", str(FLOWS), "--as", "5",
        "-w", capture)
    with open(conf, "w", encoding="utf-8") as f:
        f.write(f'logfile "{log}"\nstore ALL\n')
    run(path("flowd", "flowd"), "-r", capture, "-f", conf)
    return capture, log


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def make_nfdump(tmp, capture):
    """The same flows as nfdump stores them, or None."""
    folder, port = os.path.join(tmp, "nf"), str(free_port())
    if shutil.which("nfcapd") is None:
        return None
    os.mkdir(folder)
    collector = subprocess.Popen(
        ["nfcapd", "-b", "127.0.0.1", "-p", port, "-w", folder, "-t", "3600",
         "-B", "8388608"], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(1)
    run(path("send", "flowd-send"), "--rate", "10000", "127.0.0.1:" + port,
        capture)
    time.sleep(0.5)
    collector.send_signal(signal.SIGTERM)
    collector.wait(timeout=30)
    return folder


def main():
    with tempfile.TemporaryDirectory() as tmp:
        capture, log = make_log(tmp)
        reader = path("reader", "flowd-reader")
        nf = make_nfdump(tmp, capture)
        text = csv = None
        if nf is not None:
            text = seconds("nfdump", "-q", "-N", "-R", nf, "-o", "long")
            csv = seconds("nfdump", "-q", "-N", "-R", nf, "-o", "csv")
            row("nfdump long", text)
            row("nfdump csv", csv)
        else:
            print("read: nfdump is not installed: nothing beside")
        row("text, brief", seconds(reader, log), TARGET, text)
        row("text, all fields", seconds(reader, "-v", log), TARGET, text)
        row("JSON", seconds(reader, "--json", log), TARGET)
        row("CSV", seconds(reader, "--csv", log), None, csv)
        row("count only", seconds(reader, "--count", log))
        bench_rules(tmp, reader, log)


main()
