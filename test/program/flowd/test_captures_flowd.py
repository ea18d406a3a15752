"""The shared captures through flowd: offline with -r, and over loopback.

A version 3 log is read back as JSON and compared for all that it can hold.
"""
import os
import signal
import socket
import subprocess
import tempfile

import capture_expect
from daemon import free_port, wait_for
from flowdtest import datagrams_pcap, program, reader_json, run
from tap import Tap

tap = Tap()


def storable(record):
    """Both addresses or none: what a version 3 log takes."""
    return ("src_addr" in record) == ("dst_addr" in record)


def check(name, case, log, how):
    flows, r = reader_json(log)
    tap.ok(r.returncode == 0, f"{name} {how}: the log is whole",
           r.stderr.decode())
    case = dict(case, expect=[w for w in case["expect"] if storable(w)])
    problems = capture_expect.compare(case, flows, v3=True)
    tap.ok(not problems, f"{name} {how}: its flows are stored", problems)


def offline(name, case, tmp):
    capture = os.path.join(tmp, "in.pcap")
    conf = os.path.join(tmp, "flowd.conf")
    log = os.path.join(tmp, "offline.flowd")
    with open(capture, "wb") as f:
        f.write(datagrams_pcap(capture_expect.payloads(name, case)))
    with open(conf, "w", encoding="utf-8") as f:
        f.write(f'logfile "{log}"\nstore ALL\n')
    r = run(["flowd", "-r", capture, "-f", conf])
    tap.ok(r.returncode == 0, f"{name} -r: runs", r.stderr.decode())
    check(name, case, log, "-r")


def start(conf, pidfile):
    p = subprocess.Popen([program("flowd"), "-g", "-f", conf],
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE, env=dict(os.environ, TZ="UTC"))
    if not wait_for(lambda: os.path.exists(pidfile) or p.poll() is not None):
        p.kill()
    return p


def send_all(case, payloads, port):
    """Each exporter sends from a loopback address of its own."""
    exporters = sorted({p["exporter"] for p in case["payloads"]})
    socks = {}
    for n, exporter in enumerate(exporters):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((f"127.0.0.{n + 2}", 0))
        socks[exporter] = s
    for _, exporter, _, payload in payloads:
        socks[exporter].sendto(payload, ("127.0.0.1", port))
    for s in socks.values():
        s.close()


def live(name, case, tmp):
    conf = os.path.join(tmp, "live.conf")
    log = os.path.join(tmp, "live.flowd")
    pidfile = os.path.join(tmp, "live.pid")
    port = free_port()
    with open(conf, "w", encoding="utf-8") as f:
        f.write(f'logfile "{log}"\npidfile "{pidfile}"\n'
                f"listen on 127.0.0.1:{port}\nstore ALL\n")
    p = start(conf, pidfile)
    send_all(case, list(capture_expect.payloads(name, case)), port)
    want = sum(storable(w) for w in case["expect"])
    wait_for(lambda: len(reader_json(log)[0]) >= want, 5 if want else 0.1)
    p.send_signal(signal.SIGTERM)
    _, err = p.communicate(timeout=60)
    tap.ok(p.returncode == 0, f"{name} live: ends with 0", err.decode())
    check(name, case, log, "live")


def main():
    count = 0
    for name, case in capture_expect.cases():
        count += 1
        with tempfile.TemporaryDirectory() as tmp:
            offline(name, case, tmp)
            live(name, case, tmp)
    if count == 0:
        tap.skip("captures through flowd", "no shared data in this clone")
    tap.done()


main()
