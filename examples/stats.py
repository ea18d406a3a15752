#!/usr/bin/env python3
"""Sums of logs: flows, octets and packets; by ports, protocols, addresses and
pairs of addresses the first ten of each.

    stats.py [-p FILE] LOG...

    -p FILE  save the sums, too, as JSON        LOG: - is standard input

flowd-stats(1), and flowd.query() in Python, do this and more, faster.
"""
import collections
import getopt
import json
import sys

import flowd

TOP = 10


class Counts:
    """Octets, packets and flows of keys."""

    def __init__(self):
        self.octets = collections.Counter()
        self.packets = collections.Counter()
        self.flows = collections.Counter()

    def add(self, key, octets, packets):
        self.octets[key] += octets
        self.packets[key] += packets
        self.flows[key] += 1

    def report(self):
        lines = [f"Total: {len(self.flows)}"]
        for name, counter in (("Octets", self.octets),
                              ("Packets", self.packets),
                              ("Flows", self.flows)):
            lines.append(name)
            lines += [f"  {key}: {n}" for key, n in counter.most_common(TOP)]
        return lines


SECTIONS = {
    "src_ports": lambda f: f.src_port,
    "dst_ports": lambda f: f.dst_port,
    "protocols": lambda f: f.protocol,
    "source address": lambda f: f.src_addr,
    "destination address": lambda f: f.dst_addr,
    "source / destination tuples": lambda f: f"{f.src_addr} -> {f.dst_addr}",
}


class Statistics:
    def __init__(self):
        self.flows = self.octets = self.packets = 0
        self.sections = {name: Counts() for name in SECTIONS}

    def add(self, flow):
        octets, packets = flow.octets or 0, flow.packets or 0
        self.flows += 1
        self.octets += octets
        self.packets += packets
        for name, key in SECTIONS.items():
            self.sections[name].add(key(flow), octets, packets)

    def report(self):
        lines = [f"total_flows: {self.flows}", f"total_octets: {self.octets}",
                 f"total_packets: {self.packets}"]
        for name, counts in self.sections.items():
            lines.append(f"{name}:")
            lines += ["  " + line for line in counts.report()]
        return "\n".join(lines)

    def save(self, path):
        sums = {name: {"octets": counts.octets, "packets": counts.packets,
                       "flows": counts.flows}
                for name, counts in self.sections.items()}
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"flows": self.flows, "octets": self.octets,
                       "packets": self.packets, **sums}, f)


def progress(path, n, total):
    print(f"\r{path}: {n} flows (total {total})", end="", file=sys.stderr,
          flush=True)


def main():
    try:
        options, paths = getopt.getopt(sys.argv[1:], "hup:")
    except getopt.GetoptError as e:
        sys.exit(f"stats.py: {e}")
    options = dict(options)
    if "-h" in options or not paths:
        sys.exit(__doc__.strip())
    sums = Statistics()
    for path in paths:
        log = flowd.FlowLog_fromfile(sys.stdin.buffer) if path == "-" \
            else flowd.FlowLog(path)
        before = sums.flows
        for flow in log:
            sums.add(flow)
            if sums.flows % 10000 == 0:
                progress(path, sums.flows - before, sums.flows)
        progress(path, sums.flows - before, sums.flows)
        print(file=sys.stderr)
    print(sums.report())
    if "-p" in options:
        sums.save(options["-p"])


try:
    main()
except (OSError, ValueError) as why:
    sys.exit(f"stats.py: {why}")
