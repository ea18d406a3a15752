"""What it takes flowd to receive, decode and store: CPU seconds (user and
system) for a million v5 flows at 20,000 datagrams a second over loopback; and
what of 100,000 datagrams a second for 4 seconds, and of 60,000 flat out, is
stored. Run as root for the receive buffer that these need.

Beside it run the same flowd without decoding, as no flow source lets the
datagrams in: what it takes only to receive them; and nfdump's collector, which
stores the same flows uncompressed. All processes of each are added up.
"""
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = sys.argv[1]
RECORDS = 30  # flows in a datagram
RUNS = 3
SECONDS_TO_SETTLE = 60


def path(folder, name):
    return os.path.join(BUILD, folder, name)


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def read(name):
    try:
        with open(name, encoding="utf-8") as f:
            return f.read()
    except FileNotFoundError:
        return ""


def capture(tmp, datagrams):
    name = os.path.join(tmp, f"{datagrams}.pcap")
    if not os.path.exists(name):
        subprocess.run([path("send", "flowd-send"), "-q", "--generate",
                        str(datagrams * RECORDS), "--as", "5", "-w", name],
                       check=True)
    return name


def counted(text):
    """Datagrams that the last statistics in a log account for."""
    found = re.findall(r"listener \S+ received:(\d+) \S+ dropped:(\d+)", text)
    return tuple(map(int, found[-1])) if found else (0, 0)


def run(tmp, datagrams, rate, conf=""):
    """(CPU seconds of flowd, datagrams received, dropped)."""
    port, err = free_port(), os.path.join(tmp, "err")
    pid, log = os.path.join(tmp, "pid"), os.path.join(tmp, "log")
    with open(os.path.join(tmp, "conf"), "w", encoding="utf-8") as f:
        f.write(f'logfile "{log}"\npidfile "{pid}"\nstore ALL\n'
                f"listen on 127.0.0.1:{port}\n{conf}")
    source = capture(tmp, datagrams)
    with open(err, "wb") as out:
        flowd = subprocess.Popen(
            [path("flowd", "flowd"), "-g", "-f", os.path.join(tmp, "conf")],
            stdin=subprocess.DEVNULL, stderr=out)
    while read(pid) == "" and flowd.poll() is None:
        time.sleep(0.01)
    subprocess.run([path("send", "flowd-send"), "-q", "--rate", str(rate),
                    f"127.0.0.1:{port}", source], check=True)
    end = time.monotonic() + SECONDS_TO_SETTLE
    while sum(counted(read(err))) < datagrams and time.monotonic() < end:
        time.sleep(0.5)
        flowd.send_signal(signal.SIGUSR2)
        time.sleep(0.1)
    flowd.terminate()
    usage = os.wait4(flowd.pid, 0)[2]
    flowd.returncode = 0
    received, dropped = counted(read(err))
    os.unlink(log)
    return usage.ru_utime + usage.ru_stime, received, dropped


def run_nfcapd(tmp, datagrams, rate, conf=""):
    """The same of nfdump's collector; what it lost is not asked."""
    del conf
    port, folder = free_port(), os.path.join(tmp, "nf")
    os.mkdir(folder)
    source = capture(tmp, datagrams)
    collector = subprocess.Popen(
        ["nfcapd", "-b", "127.0.0.1", "-p", str(port), "-w", folder, "-t",
         "3600", "-B", "67108864"], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(1)
    subprocess.run([path("send", "flowd-send"), "-q", "--rate", str(rate),
                    f"127.0.0.1:{port}", source], check=True)
    time.sleep(1)
    collector.terminate()
    usage = os.wait4(collector.pid, 0)[2]
    collector.returncode = 0
    shutil.rmtree(folder)
    return usage.ru_utime + usage.ru_stime, datagrams, 0


def cpu(tmp, name, conf="", runner=run):
    datagrams = 60000
    taken = [runner(tmp, datagrams, 20000, conf)[0] * 1e6 / datagrams /
             RECORDS for _ in range(RUNS)]
    print(f"receive {name:<26} {min(taken):6.3f} s least, "
          f"{statistics.median(taken):.3f} median, CPU a million v5 flows",
          flush=True)


def loss(tmp, name, datagrams, rate):
    _, received, dropped = run(tmp, datagrams, rate)
    print(f"receive {name:<26} {datagrams} sent, {received} received, "
          f"{dropped} dropped: {100 * (1 - received / datagrams):.1f} % lost",
          flush=True)


def main():
    with tempfile.TemporaryDirectory() as tmp:
        cpu(tmp, "and store, 20,000/s")
        if shutil.which("nfcapd") is None:
            print("receive: nfdump is not installed: nothing beside")
        else:
            cpu(tmp, "nfcapd, 20,000/s", runner=run_nfcapd)
        cpu(tmp, "only, 20,000/s", "flow source 192.0.2.1\n")
        loss(tmp, "100,000/s for 4 s", 400000, 100000)
        loss(tmp, "60,000 flat out", 60000, 0)


main()
