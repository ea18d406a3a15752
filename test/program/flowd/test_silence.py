"""What gives no flows says so, and why, though nobody asked: captures, and
exporters in captures and of the daemon.
"""
import json
import os
import signal
import socket
import struct
import tempfile

from daemon import Flowd, wait_for
from flowdtest import datagrams_pcap, ip_packet, pcap, run, v5_datagram
from tap import Tap

tap = Tap()

SFLOW = struct.pack("!IIIIIII", 5, 1, 0x0a000001, 0, 1, 1000, 0)
V8 = struct.pack("!HH", 8, 1) + bytes(60)
V9 = struct.pack("!HHIIII", 9, 1, 1000, 1700000000, 1, 0)
TEMPLATE = V9 + struct.pack("!HHHHHH", 0, 12, 256, 1, 4, 1)
DATA = V9 + struct.pack("!HH", 256, 5) + b"\6"
READS = "; flowd reads NetFlow 1, 5, 7, 9 and IPFIX\n"
FLOW = v5_datagram([{}])

CAPTURES = {  # datagrams, and why there are no flows
    "sFlow": ([SFLOW] * 3, "3 datagrams of sFlow" + READS),
    "an old sFlow": ([struct.pack("!II", 4, 2) + bytes(40)],
                     "1 datagram of sFlow" + READS),
    "another version": ([V8] * 2, "2 datagrams of version 8" + READS),
    "something else": ([b"\x12\x34" + bytes(30)],
                       "1 datagram of version 4660" + READS),
    "short ones": ([b"\0\5"], "1 time malformed: shorter than a version "
                   "number and a count\n"),
    "no templates": ([DATA] * 5, "5 sets of data without their template, "
                     "which exporters send every few minutes\n"),
    "templates alone": ([TEMPLATE], "1 datagram with 1 templates and 0 "
                        "records of options data, and no other data\n"),
}


def capture(tmp, datagrams):
    path = os.path.join(tmp, "x.pcap")
    with open(path, "wb") as f:
        f.write(datagrams_pcap(datagrams))
    return path


def replay(tmp, path):
    conf = os.path.join(tmp, "conf")
    with open(conf, "w", encoding="utf-8") as f:
        f.write(f'listen on 127.0.0.1:2055\nlogfile "{tmp}/log"\nstore ALL\n')
    return run(["flowd", "-r", path, "-f", conf])


def captures(tmp):
    for name, (datagrams, why) in CAPTURES.items():
        path = capture(tmp, [(10**18 + i, "192.0.2.1", 9, d)
                             for i, d in enumerate(datagrams)])
        for args in ([], ["-q"], ["--count"], ["--json"]):
            r = run(["flowd-reader", *args, path])
            tap.equal((r.returncode, r.stderr.decode()),
                      (0, f"flowd-reader: {path}: no flows: {why}"),
                      f"{name}: flowd-reader {' '.join(args)}")
        r = replay(tmp, path)
        tap.equal((r.returncode, r.stderr.decode()),
                  (0, f"{path}: no flows: {why}"), f"{name}: flowd -r")


def no_datagrams(tmp):
    tcp = bytearray(ip_packet("192.0.2.1", "192.0.2.2", 1, 2, b"x"))
    tcp[9] = 6
    path = os.path.join(tmp, "x.pcap")
    for name, packets, why in (
            ("no packets", [], "no packets\n"),
            ("no UDP", [(0, bytes(tcp))] * 2,
             "no UDP datagrams among 2 packets, 2 not UDP\n")):
        with open(path, "wb") as f:
            f.write(pcap(packets))
        r = run(["flowd-reader", path])
        tap.equal((r.returncode, r.stderr.decode()),
                  (0, f"flowd-reader: {path}: no flows: {why}"), name)
        r = replay(tmp, path)
        tap.equal(r.stderr.decode(), f"{path}: no flows: {why}",
                  f"{name}: flowd -r")


def one_of_several(tmp):
    path = capture(tmp, [
        (10**18, "192.0.2.1", 9, FLOW), (10**18, "192.0.2.2", 9, SFLOW),
        (10**18, "192.0.2.3", 9, V8), (10**18, "192.0.2.4", 9, TEMPLATE)])
    r = run(["flowd-reader", "--count", path])
    tap.equal((r.stdout, r.stderr.decode()),
              (b"1\n", "flowd-reader: no flows from 192.0.2.2: 1 datagram of "
               f"sFlow{READS[:-1]}; nor from 1 more\n"),
              "an exporter without flows among others")
    r = replay(tmp, path)
    tap.equal(r.stderr.decode(), f"192.0.2.2 sends sFlow{READS}"
              f"192.0.2.3 sends version 8{READS}", "the same: flowd -r")
    path = capture(tmp, [(10**18, "192.0.2.1", 9, FLOW),
                         (10**18, "192.0.2.4", 9, TEMPLATE)])
    tap.equal(run(["flowd-reader", "-q", path]).stderr, b"",
              "one that may still send flows is not told of")


def the_daemon():
    with Flowd() as f:
        sockets = []
        for n, datagrams in ((7, [SFLOW] * 9), (8, [V8] * 9), (9, [FLOW])):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sockets.append(s)
            s.bind((f"127.0.4.{n}", 0))
            for d in datagrams:
                s.sendto(d, (f.host, f.port))
        ctl = ["flowctl", "-s", f.path("pid.sock")]

        def exporters():
            rows = map(json.loads,
                       run([*ctl, "-j", "exporters"]).stdout.splitlines())
            return {r["exporter"]: r for r in rows
                    if r["report"] == "exporters"}
        wait_for(lambda: sum(r["datagrams"] for r in exporters().values())
                 == 19)
        rows = exporters()
        tap.equal([rows[f"127.0.4.{n}"].get("no_flows") for n in (7, 8, 9)],
                  ["9 datagrams of sFlow" + READS[:-1],
                   "9 datagrams of version 8" + READS[:-1], None],
                  "flowctl says why there are no flows")
        lines = run([*ctl, "exporters"]).stdout.decode().splitlines()
        at = [n for n, line in enumerate(lines) if line.startswith(
            "127.0.4.7 ")][0]
        tap.equal(lines[at + 1], "    why no flows: 9 datagrams of sFlow"
                  + READS[:-1], "below the row of the exporter")
        tap.ok(max(map(len, lines)) <= 80, "which fits a terminal", lines)
        f.said(f"127.0.4.8 sends version 8{READS[:-1]}")
        log = f.messages()
        tap.equal([log.count(f"127.0.4.{n} sends") for n in (7, 8, 9)],
                  [1, 1, 0], "the log does once for each exporter")
        text = run([*ctl, "metrics"]).stdout.decode()
        tap.ok('flowd_exporter_malformed_total{exporter="other",'
               'reason="sflow"} 9\n' in text and
               'flowd_exporter_malformed_total{exporter="other",'
               'reason="version"} 9\n' in text, "metrics count them", text)
        for s in sockets:
            s.close()
        f.kill(signal.SIGTERM)


def main():
    with tempfile.TemporaryDirectory() as tmp:
        captures(tmp)
        no_datagrams(tmp)
        one_of_several(tmp)
    the_daemon()
    tap.done()


main()
