"""Ctrl-C ends whatever the Python module waits for; flowd.follow()."""
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

from flowdtest import run
from pyflowd import environment, flowd
from tap import Tap

tap = Tap()

CHILD = """
import sys, flowd
path = sys.argv[1]
print("ready", flush=True)
try:
    %s
    print("ended", flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
WAITS = {
    "a scan that follows": "for b in flowd.follow(path): print(len(b), "
    "flush=True)",
    "a scan of a pipe": "list(flowd.scan(path + '.fifo'))",
    "a count of a pipe": "flowd.scan(path + '.fifo').count()",
    "a query of a pipe": "flowd.query(path + '.fifo')",
    "many scans": "while True: flowd.scan(path).count()",
    "a long scan": "list(flowd.scan([path] * 100000, 'octets = 1'))",
    "a long query": "flowd.query([path] * 100000, 'src_addr')",
}


def interrupted(name, code, path):
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD % code, path], env=environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    child.stdout.readline()
    time.sleep(0.3)
    child.send_signal(signal.SIGINT)
    try:
        out, err = child.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        child.kill()
        out, err = child.communicate()
        err += "killed"
    tap.ok(out.endswith("interrupted\n") and child.returncode == 0,
           f"Ctrl-C ends {name}", f"{child.returncode} {out} {err}")


def test_follow(tmp, path):
    """What is appended to a log comes."""
    with open(path, "rb") as f:
        octets = f.read()
    log = os.path.join(tmp, "grows")
    open(log, "wb").close()
    scan = flowd.follow(log, columns="octets")
    n, enough = [0], threading.Event()

    def read():
        for batch in scan:
            n[0] += len(batch)
            if n[0] == 1000:
                enough.set()

    t = threading.Thread(target=read)
    t.start()
    half = len(octets) // 2
    for part in (octets[:half], octets[half:]):
        with open(log, "ab") as f:
            f.write(part)
        time.sleep(0.1)
    tap.ok(enough.wait(60), "follow() gives what is appended", n)
    scan.cancel()
    t.join(60)
    tap.ok(not t.is_alive() and n[0] == 1000, "and cancel() ends it", n)


def main():
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "log")
        capture = path + ".pcap"
        run(["flowd-send", "-q", "--generate", "1000", "--dump", capture])
        run(["flowd-reader", "-q", "-o", path, "--to", "v3", capture])
        os.mkfifo(path + ".fifo")
        keep = os.open(path + ".fifo", os.O_RDWR)
        for name, code in WAITS.items():
            interrupted(name, code, path)
        os.close(keep)
        test_follow(tmp, path)
    tap.done()


main()
