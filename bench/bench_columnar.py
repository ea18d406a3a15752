"""Columnar logs: octets a flow, what writing costs, and how long questions
take, beside nfdump with the same flows.

The flows are those of the model of flowd-send, nothing repeated; nfdump gets
them by its own collector over loopback. Without nfdump its rows are left out.
"""
import os
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(sys.argv[1])
FLOWS = int(os.environ.get("BENCH_FLOWS", 1000000))
SCAN = int(os.environ.get("BENCH_SCAN_FLOWS", 12000000))
RUNS = 5
RATE = 20000  # datagrams a second to nfcapd
ABSENT = "10.255.255.254"


def path(folder, name):
    return os.path.join(BUILD, folder, name)


SEND = path("send", "flowd-send")
READER = path("reader", "flowd-reader")


def run(*args, **kw):
    return subprocess.run(args, check=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          **kw).stdout


def cpu(*args):
    """CPU seconds, the least of some runs."""
    least = None
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run(*args)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - \
            before.ru_stime
        least = used if least is None else min(least, used)
    return least


def wall(*args):
    """Wall seconds, the median of some runs after one."""
    run(*args)
    taken = []
    for _ in range(RUNS):
        begin = time.monotonic()
        run(*args)
        taken.append(time.monotonic() - begin)
    return statistics.median(taken)


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def collect(capture, folder, *options):
    """The flows as nfcapd stores them: its file, and how many it has."""
    if shutil.which("nfcapd") is None:
        return None, 0
    os.mkdir(folder)
    port = str(free_port())
    nfcapd = subprocess.Popen(
        ["nfcapd", "-b", "127.0.0.1", "-p", port, "-w", folder, "-t", "3600",
         "-B", "16777216", *options], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(1)
    run(SEND, "--rate", str(RATE), "127.0.0.1:" + port, capture)
    time.sleep(1)
    nfcapd.send_signal(signal.SIGTERM)
    nfcapd.wait(timeout=60)
    files = [os.path.join(folder, f) for f in os.listdir(folder)
             if f.startswith("nfcapd.2")]
    if len(files) != 1:
        return None, 0
    text = run("nfdump", "-I", "-r", files[0]).decode()
    n = [int(line.split(":")[1]) for line in text.splitlines()
         if line.startswith("Flows:")]
    return files[0], n[0] if n else 0


def sizes(tmp):
    """Octets a flow and CPU seconds for a million flows, of several loads."""
    for name, model, target in (
            ("v5", ["--as", "5"], {"zstd": 17, "lz4": 26}),
            ("v9", ["--as", "9"], {"zstd": 17, "lz4": 26}),
            ("IPFIX IPv6", ["--as", "10", "--ipv6", "100"], {"zstd": 24})):
        capture = os.path.join(tmp, "size.pcap")
        run(SEND, "-g", str(FLOWS), "-r", str(RATE), *model, "-w", capture)
        bare = cpu(READER, "--count", capture)
        for to, options in (("zstd", ["-z"]), ("lz4", ["-y"]), ("none", [])):
            log = os.path.join(tmp, "size.flow")
            used = cpu(READER, "-q", "--to", "v4:" + to, "-o", log, capture)
            octets = os.path.getsize(log) / FLOWS
            text = f"columnar {name:<10} {to:<4} {octets:6.2f} octets/flow"
            if to in target:
                text += f"  target {target[to]}"
            text += f"  write {(used - bare) / FLOWS * 1e6:.3f} s/M flows"
            print(text, flush=True)
            os.unlink(log)
            print(run(path("bench", "encode"), to, "size.pcap", cwd=tmp)
                  .decode(), end="", flush=True)
        for label, options in (("lz4", ["-y"]), ("lzo", ["-z"]),
                               ("bz2", ["-j"])):
            folder = os.path.join(tmp, "nf-" + label)
            file, n = collect(capture, folder, *options)
            if file is not None and n > 0:
                print(f"nfdump   {name:<10} {label:<4} "
                      f"{os.path.getsize(file) / n:6.2f} octets/flow",
                      flush=True)
            shutil.rmtree(folder, ignore_errors=True)
        os.unlink(capture)


def rules(tmp, name, addr):
    rule = os.path.join(tmp, name)
    with open(rule, "w", encoding="utf-8") as f:
        f.write(f"discard all\naccept src {addr}\naccept dst {addr}\n")
    return rule


def scan(tmp):
    """Questions of many flows."""
    capture = os.path.join(tmp, "scan.pcap")
    run(SEND, "-g", str(SCAN), "--as", "5", "-r", str(RATE), "-w", capture)
    logs = {to: os.path.join(tmp, to + ".flow") for to in ("zstd", "lz4")}
    for to, log in logs.items():
        run(READER, "-q", "--to", "v4:" + to, "-o", log, capture)
    file, n = collect(capture, os.path.join(tmp, "nf"), "-y")
    os.unlink(capture)
    present = run(READER, "--csv", "--fields", "dst_addr", "-H", "1",
                  logs["lz4"]).split()[1].decode()
    rare = run(READER, "--csv", "--fields", "src_addr",
               logs["lz4"]).split()[-1].decode()
    if file is not None:
        print(f"nfdump has {n} of {SCAN} flows", flush=True)
    for name, addr in (("absent", ABSENT), ("a client", rare),
                       ("a busy server", present)):
        rule = rules(tmp, "rules", addr)
        beside = None
        if file is not None:
            beside = wall("nfdump", "-q", "-r", file, "-A", "proto",
                          f"host {addr}")
        for to, log in logs.items():
            took = wall(READER, "--count", "-f", rule, log)
            found = run(READER, "--count", "-f", rule, log).decode().strip()
            print(f"columnar scan {name:<14} {to:<4} {took * 1000:7.1f} ms, "
                  f"{found} of {SCAN} flows" +
                  ("  target 20" if addr == ABSENT else "") +
                  (f"  nfdump lz4 {beside * 1000:.0f} ms"
                   f"  {beside / took:.1f} x" if beside else ""), flush=True)
    env = dict(os.environ)
    for to in logs:
        print(run(path("bench", "blocks"), to + ".flow", cwd=tmp,
                  env=env).decode(), end="", flush=True)


def main():
    with tempfile.TemporaryDirectory() as tmp:
        sizes(tmp)
        scan(tmp)


main()
