"""The examples in Python: reader.py, sockclient.py, stats.py; on golden logs,
beside flowd-reader and flowd-stats. walkthrough.py: test_python_packages.py."""
import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

from flowdtest import SOURCE, run, shared
from pyflowd import environment, flowd
from tap import Tap

tap = Tap()
GOLDEN = shared("compat", "golden")


def start(name, *args, **kw):
    path = os.path.join(SOURCE, "examples", name)
    kw.setdefault("stdin", subprocess.DEVNULL)
    env = dict(environment(), TZ="UTC")
    return subprocess.Popen([sys.executable, path, *args], env=env,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            **kw)


def example(name, *args, **kw):
    child = start(name, *args, **kw)
    out, err = child.communicate(timeout=120)
    return child.returncode, out.decode(), err.decode()


def reader():
    folder = os.path.join(GOLDEN, "reader")
    log = os.path.join(folder, "three.flowd")
    for options, file in (([], "brief"), (["-v"], "v"), (["-u"], "U"),
                          (["-v", "-u"], "vU")):
        with open(os.path.join(folder, f"three-{file}.out.txt"),
                  encoding="utf-8") as f:
            want = f.read().split("LOGFILE three.flowd\n")[-1]
        tap.equal(example("reader.py", *options, log),
                  (0, f"LOGFILE {log}\n{want}", ""),
                  f"reader.py {' '.join(options)}")
    with open(log, "rb") as f:
        status, out, _ = example("reader.py", "-", stdin=f)
    tap.equal((status, out.count("FLOW ")), (0, 3), "reader.py -")
    status, out, err = example(
        "reader.py", os.path.join(folder, "bad-crc-bad-second.flowd"))
    tap.ok(status == 1 and out.count("FLOW ") == 1 and "checksum" in err,
           "reader.py: a damaged log", err)
    tap.equal(example("reader.py")[0], 1, "reader.py: usage")


def stats(tmp):
    log = os.path.join(tmp, "log")
    capture = log + ".pcap"
    run(["flowd-send", "-q", "--generate", "5000", "--dump", capture])
    run(["flowd-reader", "-q", "-o", log, "--to", "v3", capture])
    saved = os.path.join(tmp, "saved")
    status, out, err = example("stats.py", "-p", saved, log)
    tap.equal(status, 0, f"stats.py: {err[-200:]}")
    total = flowd.query(log).total
    tap.equal(out.splitlines()[:3],
              [f"total_flows: {total[0]}", f"total_octets: {total[2]}",
               f"total_packets: {total[1]}"], "stats.py: totals")
    with open(saved, encoding="utf-8") as f:
        sums = json.load(f)
    for section, key in (("src_ports", "src_port"),
                         ("destination address", "dst_addr")):
        r = run(["flowd-stats", "-o", "csv", "-n", "0", "-g", key, "-a",
                 "octets,packets,flows", log])
        rows = list(csv.reader(io.StringIO(r.stdout.decode())))[1:]
        for i, measure in enumerate(("octets", "packets", "flows")):
            tap.equal(sums[section][measure],
                      {row[0]: int(row[1 + i]) for row in rows},
                      f"stats.py: {measure} of {section} as of flowd-stats")
        tap.ok(f"{section}:\n  Total: {len(rows)}\n  Octets\n    {rows[0][0]}:"
               f" {rows[0][1]}\n" in out, f"stats.py: {section}", out[:500])
    tap.ok(f"\r{log}: 5000 flows (total 5000)" in err, "stats.py: progress")
    golden = os.path.join(GOLDEN, "reader", "three.flowd") if GOLDEN else log
    with open(golden, "rb") as f:
        status, out, _ = example("stats.py", "-", stdin=f)
    tap.ok(status == 0 and " -> " in out, "stats.py -")


def sockclient(tmp):
    path = os.path.join(tmp, "socket")
    child = start("sockclient.py", "-u", path)
    until = time.monotonic() + 60
    while not os.path.exists(path) and time.monotonic() < until:
        time.sleep(0.02)
    flow = flowd.Flow()
    flow.src_addr, flow.octets = "2001:db8::1", 7
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        while True:
            try:
                s.sendto(flow.serialise(), path)
                break
            except ConnectionRefusedError:
                time.sleep(0.02)
    line = child.stdout.readline().decode()
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=60)
    tap.equal((line, child.returncode, os.path.exists(path)),
              ("FLOW src [2001:db8::1] octets 7 \n", 0, False),
              "sockclient.py prints what comes, and removes its socket")


def main():
    with tempfile.TemporaryDirectory() as tmp:
        if GOLDEN is None:
            tap.skip("reader.py", "no shared data in this clone")
        else:
            reader()
        stats(tmp)
        sockclient(tmp)
    tap.done()


main()
