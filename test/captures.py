"""Captures that have all that flows can have: those of the scenarios, the
recordings, the shared ones where they are, and some that are generated."""
import glob
import os

import capture_expect
import scenario
from flowdtest import SOURCE, datagrams_pcap, run

GENERATED = {"v5": ["--as", "5"], "v9": ["--as", "9"],
             "ipfix": ["--as", "10"],
             "ipfix-ipv6": ["--as", "10", "--ipv6", "100"],
             "v9-mixed": ["--as", "9", "--ipv6", "30"]}


def of_datagrams(folder, name, datagrams):
    path = os.path.join(folder, name + ".pcap")
    with open(path, "wb") as f:
        f.write(datagrams_pcap(datagrams))
    return path


def generated(folder, flows):
    """(name, path) of captures of so many flows."""
    for name, options in GENERATED.items():
        path = os.path.join(folder, name + ".pcap")
        r = run(["flowd-send", "-g", str(flows), *options, "-w", path])
        assert r.returncode == 0, r.stderr
        yield "generated " + name, path


def collected(folder):
    """(name, path) of the others, which are small."""
    for path in sorted(glob.glob(os.path.join(SOURCE, "test", "scenarios",
                                              "*.txt"))):
        name = os.path.basename(path)[:-4]
        yield "scenario " + name, of_datagrams(
            folder, name, scenario.parse(path)[0])
    for path in sorted(glob.glob(os.path.join(SOURCE, "test", "recordings",
                                              "*.pcap"))):
        yield "recording " + os.path.basename(path)[:-5], path
    for name, case in capture_expect.cases():
        yield "capture " + name, of_datagrams(
            folder, name, capture_expect.payloads(name, case))
