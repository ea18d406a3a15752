"""What it takes to receive, decode and store: CPU seconds, user and system, of
all processes for a million flows, at 20,000 datagrams a second over loopback.
Run as root for the receive buffer that this needs.

The flows are those of the model of flowd-send(1), none repeated, 30 to a
datagram. What is stored in a directory is sealed before the time is taken: the
process that does it is one of them, and what it took is told, too.

Beside flowd, in turn, run nfdump's collector, and the bare loop (bare.c), which
receives datagrams and drops them. Rows are ratios to what ran in the same
round: machines have faster and slower minutes.
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

BUILD = sys.argv[1]
RECORDS = 30  # flows in a datagram
DATAGRAMS = 60000
RATE = 20000
MILLION = 1e6 / DATAGRAMS / RECORDS  # flows of what is sent
INDEX_END = b"flowend\n"  # flowd-log(5)
ROUNDS = int(os.environ.get("BENCH_ROUNDS", 5))


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


def capture(tmp, version):
    name = os.path.join(tmp, f"v{version}.pcap")
    if not os.path.exists(name):
        subprocess.run([path("send", "flowd-send"), "-q", "--generate",
                        str(DATAGRAMS * RECORDS), "--as", str(version), "-w",
                        name], check=True)
    return name


def feed(tmp, version, port):
    subprocess.run([path("send", "flowd-send"), "-q", "--rate", str(RATE),
                    f"127.0.0.1:{port}", capture(tmp, version)], check=True)
    time.sleep(1.2)  # the last flows are on the disk then


def cpu_of_ended(pid):
    """CPU seconds of the processes that this one has started and that have
    ended."""
    fields = read(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def is_sealed(segment):
    """A sealed one ends with an index."""
    with open(segment, "rb") as f:
        f.seek(max(0, os.path.getsize(segment) - len(INDEX_END)))
        return f.read() == INDEX_END


def seal(process, store):
    """Have the segments of a directory sealed; CPU seconds that it took."""
    before = cpu_of_ended(process.pid)
    folder = os.path.join(store, "flow")
    segments = [os.path.join(folder, name) for name in os.listdir(folder)]
    process.send_signal(signal.SIGUSR1)
    give_up = time.monotonic() + 60
    while not all(map(is_sealed, segments)):
        if time.monotonic() > give_up:
            sys.exit("receive: the segments are not sealed")
        time.sleep(0.05)
    time.sleep(0.3)  # the process has ended, and was waited for
    return cpu_of_ended(process.pid) - before


def end(process):
    """End it; CPU seconds of it and of all that it has started."""
    process.send_signal(signal.SIGTERM)
    usage = os.wait4(process.pid, 0)[2]
    process.returncode = 0
    return usage.ru_utime + usage.ru_stime


SEALING = {"v5 logdir": [], "v9 logdir": []}  # CPU seconds of it


def flowd(tmp, version, conf):
    port, pid, name = free_port(), os.path.join(tmp, "pid"), \
        os.path.join(tmp, "conf")
    store = os.path.join(tmp, "store")
    os.mkdir(store)
    with open(name, "w", encoding="utf-8") as f:
        f.write(f'pidfile "{pid}"\nlisten on 127.0.0.1:{port}\n' +
                conf.format(store=store))
    process = subprocess.Popen([path("flowd", "flowd"), "-g", "-f", name],
                               stdin=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    while read(pid) == "" and process.poll() is None:
        time.sleep(0.01)
    feed(tmp, version, port)
    if "logdir" in conf:
        SEALING[f"v{version} logdir"].append(seal(process, store))
    used = end(process)
    shutil.rmtree(store)
    return used


def nfcapd(tmp, version, *options):
    port, store = free_port(), os.path.join(tmp, "nf")
    os.mkdir(store)
    process = subprocess.Popen(
        ["nfcapd", "-b", "127.0.0.1", "-p", str(port), "-w", store, "-t",
         "3600", "-B", "67108864", *options], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(1)
    feed(tmp, version, port)
    used = end(process)
    shutil.rmtree(store)
    return used


def bare(tmp, version):
    port = free_port()
    process = subprocess.Popen([path("bench", "bare"), str(port)],
                               stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL)
    time.sleep(0.2)
    feed(tmp, version, port)
    return end(process)


LOGFILE = 'logfile "{store}/log"\nstore ALL\n'
ZSTD = 'logdir "{store}/flow" compress zstd\nstore ALL\n'

LOADS = {  # what runs in a round
    "v5 logfile": lambda tmp: flowd(tmp, 5, LOGFILE),
    "v5 logdir": lambda tmp: flowd(tmp, 5, ZSTD),
    "v5 bare loop": lambda tmp: bare(tmp, 5),
    "v5 nfcapd": lambda tmp: nfcapd(tmp, 5),
    "v5 nfcapd lz4": lambda tmp: nfcapd(tmp, 5, "-y"),
    "v9 logdir": lambda tmp: flowd(tmp, 9, ZSTD),
    "v9 nfcapd lz4": lambda tmp: nfcapd(tmp, 9, "-y"),
}
RATIOS = (  # one to another, at most
    ("v5 logfile", "v5 nfcapd", 1.0),
    ("v5 logdir", "v5 nfcapd lz4", 0.5),
    ("v5 logdir", "v5 bare loop", 2.0),
    ("v9 logdir", "v9 nfcapd lz4", 0.5),
)


def main():
    loads = {name: load for name, load in LOADS.items()
             if "nfcapd" not in name or shutil.which("nfcapd")}
    if len(loads) < len(LOADS):
        print("receive: nfdump is not installed: nothing beside")
    taken = {name: [] for name in loads}
    with tempfile.TemporaryDirectory() as tmp:
        for _ in range(ROUNDS):
            for name, load in loads.items():
                taken[name].append(load(tmp) * MILLION)
    for name, seconds in taken.items():
        text = (f"receive {name:<14} {min(seconds):6.3f} s least, "
                f"{statistics.median(seconds):.3f} median, CPU a million flows")
        if name in SEALING:
            part = statistics.median(SEALING[name]) * MILLION
            text += f"; of these {part:.3f} to seal"
        print(text)
    for name, other, target in RATIOS:
        if other in taken:
            ratio = statistics.median(
                a / b for a, b in zip(taken[name], taken[other]))
            print(f"receive {name:<11} to {other:<14} {ratio:5.2f} x  "
                  f"target {target}")


main()
