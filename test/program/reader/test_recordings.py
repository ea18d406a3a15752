"""Recordings of probes print the flows that tshark finds in them.

test/recordings/README.md says how the recordings and the expected flows came
about. Times may differ by a millisecond, of rounding.
"""
import datetime
import glob
import json
import os
import subprocess

from tap import Tap

SOURCE = os.environ["FLOWD_SOURCE"]
READER = os.path.join(os.environ["FLOWD_BUILD"], "reader", "flowd-reader")
TIMES = ("flow_start", "flow_end")


def milliseconds(text):
    at = datetime.datetime.fromisoformat(text[:26].rstrip("Z") + "+00:00")
    return round(at.timestamp() * 1000)


def same(got, want):
    """All keys that are expected agree; keys beyond them are free."""
    for key, value in want.items():
        if key not in got:
            return False
        if key in TIMES:
            if abs(milliseconds(got[key]) - milliseconds(value)) > 1:
                return False
        elif got[key] != value:
            return False
    return True


def printed(pcap):
    run = subprocess.run([READER, "--json", pcap], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, timeout=60)
    if run.returncode != 0 or run.stderr:
        return f"status {run.returncode}: {run.stderr}", []
    return None, [json.loads(line) for line in run.stdout.splitlines()]


def main():
    tap = Tap()
    recordings = sorted(glob.glob(f"{SOURCE}/test/recordings/*.pcap"))
    tap.ok(len(recordings) >= 8, "there are recordings")
    for pcap in recordings:
        name = os.path.basename(pcap).removesuffix(".pcap")
        with open(pcap.removesuffix(".pcap") + ".json") as f:
            want = [json.loads(line) for line in f]
        error, got = printed(pcap)
        if not tap.ok(error is None, f"{name} is read", error):
            continue
        tap.equal(len(got), len(want), f"{name} has all its flows")
        wrong = [f"got  {g}\nwant {w}"
                 for g, w in zip(got, want) if not same(g, w)]
        tap.ok(want and not wrong, f"{name} has its values",
               "\n".join(wrong[:3]))
    tap.done()


main()
