"""The scenarios of test/scenarios through flowd-reader, on a capture of them.

Their form is told in test/scenario.py.
"""
import json
import os
import tempfile

import scenario
from flowdtest import SOURCE, datagrams_pcap, reader_json, run
from tap import Tap


def flow_differs(want, got):
    for key, value in want.items():
        if got.get(key) != value:
            return f"{key}: got {got.get(key)!r}, want {value!r}"
    return None


def check_flows(tap, name, want, got):
    tap.equal(len(got), len(want), f"{name}: number of flows")
    for n, (w, g) in enumerate(zip(want, got), 1):
        why = flow_differs(w, g)
        tap.ok(why is None, f"{name}: flow {n}", why)


def totals(text):
    """Counters of all exporters of a --exporters dump, added up."""
    sums = {}
    for line in text.splitlines():
        exporter = json.loads(line)
        for prefix, part in (("", "counters"), ("malformed.", "malformed")):
            for key, value in exporter[part].items():
                sums[prefix + key] = sums.get(prefix + key, 0) + value
    return sums


def check_counters(tap, name, want, rest, got):
    for key, value in want.items():
        tap.equal(got.get(key, 0), value, f"{name}: counter {key}")
    if rest:
        skip = set(want) | {"datagrams", "octets", "flows"}
        tap.equal({k: v for k, v in got.items() if k not in skip}, {},
                  f"{name}: no other counter")


def main():
    tap = Tap()
    folder = os.path.join(SOURCE, "test", "scenarios")
    with tempfile.TemporaryDirectory() as tmp:
        for file in sorted(os.listdir(folder)):
            if not file.endswith(".txt"):
                continue
            datagrams, flows, counters, rest = scenario.parse(
                os.path.join(folder, file))
            path = os.path.join(tmp, "scenario.pcap")
            with open(path, "wb") as f:
                f.write(datagrams_pcap(datagrams))
            got, r = reader_json(path)
            name = file[:-4]
            tap.equal((r.returncode, r.stderr), (0, b""), f"{name}: is read")
            check_flows(tap, name, flows, got)
            dump = run(["flowd-reader", "--exporters", path])
            check_counters(tap, name, counters, rest,
                           totals(dump.stdout.decode()))
    tap.done()


main()
