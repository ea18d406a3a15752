"""Columnar logs: octets a flow, what writing costs, and how long questions
take, beside nfdump with the same flows.

The flows are those of the model of flowd-send(1), nothing repeated, 30 to a
datagram; nfdump gets them by its own collector over loopback. Without nfdump
its rows are left out. What flowd-reader writes is as large as what the daemon
has sealed; what it takes to store in small blocks and seal these is told, too.
"""
import collections
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import nfcapd

BUILD = os.path.abspath(sys.argv[1])
FLOWS = int(os.environ.get("BENCH_FLOWS", 1000000))
SCAN = int(os.environ.get("BENCH_SCAN_FLOWS", 12000000))
RUNS = 5
RATE = 20000  # datagrams a second, as the model has it
ABSENT = "10.255.255.254"


def path(folder, name):
    return os.path.join(BUILD, folder, name)


SEND = path("send", "flowd-send")
READER = path("reader", "flowd-reader")


def run(*args, **kw):
    return subprocess.run(args, check=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          **kw).stdout


def drop(*args):
    """Run it, and let nobody read what it prints: that would be timed, too."""
    subprocess.run(args, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def cpu(*args):
    """CPU seconds, the least of some runs."""
    least = None
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        drop(*args)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - \
            before.ru_stime
        least = used if least is None else min(least, used)
    return least


def wall(*args):
    """Wall seconds, the median of some runs after one."""
    drop(*args)
    taken = []
    for _ in range(RUNS):
        begin = time.monotonic()
        drop(*args)
        taken.append(time.monotonic() - begin)
    return statistics.median(taken)


MODELS = (  # name, options of flowd-send, octets a flow at most
    ("v5", ["--as", "5"], {"zstd": 17, "lz4": 26}),
    ("v9", ["--as", "9"], {"zstd": 17, "lz4": 26}),
    ("IPFIX IPv6", ["--as", "10", "--ipv6", "100"], {"zstd": 24}))
NFDUMP = {"lz4": "-y", "lzo": "-z", "bz2": "-j"}


def nfdump_sizes(tmp, capture):
    """Octets a flow of nfdump's files, by compression."""
    found = {}
    for name, option in NFDUMP.items():
        folder = os.path.join(tmp, "nf-" + name)
        file, n = nfcapd.collect(SEND, capture, folder, option)
        if file is not None and n > 0:
            found[name] = os.path.getsize(file) / n
        shutil.rmtree(folder, ignore_errors=True)
    return found


def sealed(tmp, capture, to, bare):
    """Flows of a capture, stored by flowd in a directory and sealed: CPU
    seconds of all processes, and octets."""
    conf, store = os.path.join(tmp, "conf"), os.path.join(tmp, "store")
    with open(conf, "w", encoding="utf-8") as f:
        f.write(f'logdir "{store}" compress {to}\nstore ALL\n')
    least = None
    for _ in range(RUNS):
        shutil.rmtree(store, ignore_errors=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        drop(path("flowd", "flowd"), "-f", conf, "-r", capture)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - \
            before.ru_stime - bare
        least = used if least is None else min(least, used)
    octets = sum(os.path.getsize(os.path.join(store, name))
                 for name in os.listdir(store))
    shutil.rmtree(store)
    return least, octets


def sizes(tmp):
    """Octets a flow and CPU seconds for a million flows, of several loads."""
    capture = os.path.join(tmp, "size.pcap")
    log = os.path.join(tmp, "size.flow")
    for name, model, target in MODELS:
        run(SEND, "-g", str(FLOWS), "-r", str(RATE), *model, "-w", capture)
        beside = nfdump_sizes(tmp, capture)
        for to, octets in beside.items():
            print(f"nfdump   {name:<10} {to:<4} {octets:6.2f} octets/flow")
        bare = cpu(READER, "--count", capture)
        for to in ("zstd", "lz4", "none"):
            used = cpu(READER, "-q", "--to", "v4:" + to, "-o", log, capture)
            octets = os.path.getsize(log) / FLOWS
            text = f"columnar {name:<10} {to:<4} {octets:6.2f} octets/flow"
            if to in target:
                text += f"  target {target[to]}"
            if "lz4" in beside:
                text += f"  nfdump lz4 {beside['lz4'] / octets:.1f} x"
            text += f"  write {(used - bare) / FLOWS * 1e6:.3f} s/M flows"
            print(text, flush=True)
            os.unlink(log)
            used, octets = sealed(tmp, capture, to, bare)
            print(f"columnar {name:<10} {to:<4} {octets / FLOWS:6.2f} "
                  f"octets/flow  stored and sealed "
                  f"{used / FLOWS * 1e6:.3f} s/M flows", flush=True)
            print(run(path("bench", "encode"), to, "size.pcap", cwd=tmp)
                  .decode(), end="", flush=True)
        os.unlink(capture)


def reading(tmp):
    """A million flows of a columnar log as text."""
    capture = os.path.join(tmp, "read.pcap")
    log = os.path.join(tmp, "read.flow")
    run(SEND, "-g", "1000000", "--as", "5", "-w", capture)
    run(READER, "-q", "-o", log, capture)
    os.unlink(capture)
    for name, options in (("text, brief", []), ("text, all fields", ["-v"]),
                          ("JSON", ["--json"]), ("CSV", ["--csv"])):
        print(f"columnar read {name:<18} {wall(READER, *options, log):6.2f} s"
              f", {cpu(READER, *options, log):.2f} CPU s"
              + ("" if name == "CSV" else "  target 0.40"), flush=True)


def addresses(log):
    """(name, address, target) of hosts: one that is not there, one that has
    a few flows in few blocks, a client and a server that are in all."""
    def column(name, *options):
        return run(READER, "--csv", "--fields", name, *options,
                   log).decode().split()[1:]
    sources = collections.Counter(column("src_addr"))
    by_flows = [addr for addr, _ in sources.most_common()]
    few = next(a for a in reversed(by_flows) if 10 <= sources[a] <= 50)
    return (("absent", ABSENT, "target 20 ms"),
            ("of few flows", few, "target 10 x"),
            ("a client", by_flows[len(by_flows) // 100], "target 10 x"),
            ("the busiest", by_flows[0], ""))


def hosts(logs, nfdump):
    """All flows of one address, counted."""
    for name, addr, target in addresses(logs["lz4"]):
        beside = None
        if nfdump is not None:
            beside = wall("nfdump", "-q", "-r", nfdump, "-A", "proto",
                          f"host {addr}")
        for to, log in logs.items():
            asked = [READER, "--count", "-e", f"host {addr}", log]
            took = wall(*asked)
            print(f"columnar host {name:<12} {to:<4} {took * 1000:7.1f} ms, "
                  f"{run(*asked).decode().strip():>7} flows  {target}" +
                  (f"  nfdump lz4 {beside * 1000:.0f} ms"
                   f"  {beside / took:.1f} x" if beside else ""), flush=True)


def scan(tmp):
    """Questions of many flows."""
    capture = os.path.join(tmp, "scan.pcap")
    run(SEND, "-g", str(SCAN), "--as", "5", "-r", str(RATE), "-w", capture)
    logs = {to: os.path.join(tmp, to + ".flow") for to in ("zstd", "lz4")}
    for to, log in logs.items():
        run(READER, "-q", "--to", "v4:" + to, "-o", log, capture)
    file, n = nfcapd.collect(SEND, capture, os.path.join(tmp, "nf"), "-y")
    os.unlink(capture)
    if file is None:
        print("columnar: nfdump is not installed: nothing beside")
    else:
        print(f"nfdump has {n} of {SCAN} flows", flush=True)
    hosts(logs, file)
    for to in logs:
        print(run(path("bench", "blocks"), to + ".flow", cwd=tmp).decode(),
              end="", flush=True)


def main():
    with tempfile.TemporaryDirectory() as tmp:
        sizes(tmp)
        reading(tmp)
        scan(tmp)


main()
