"""Verdicts of the first flowd on whole configurations, by flowd -n.

Every case of golden/conf has the same verdict here, but for those below,
where ours is better and why.
"""
import json
import os
import tempfile

from flowdtest import run, shared
from tap import Tap

tap = Tap()

BETTER = {  # name: (accepted by us, why)
    "flowsource-quotedhb": (
        False, "a quoted prefix with host bits can never match: an error"),
    "join-v6-bracket": (
        True, "the address of a group may stand in brackets"),
    "store-all-lower": (True, "names of fields are taken in any case"),
    "store-tag-lower": (True, "names of fields are taken in any case"),
    **{name: (True, "clauses may stand in any order") for name in (
        "rule-order-proto-first", "rule-order-dst-src",
        "rule-order-inet-agent", "rule-order-inet-ifndx",
        "rule-order-man-agent-inet-if", "rule-order-out-in",
        "rule-order-tos-proto", "rule-order-before-after")},
    **{name: (True, "any is no test, of no family") for name in (
        "rule-src-dst-any", "rule-src-any-dst", "rule-inet-src-any")},
    **{name: (True, "days, and a time with one end, are a rule") for name in (
        "rule-days", "rule-days-after", "rule-after", "rule-time-date-mix",
        "shape-weekend")},
    "rule-src-dst-shared": (True, "src dst PREFIX is either side, as the old "
                            "page promised"),
    "shape-macros": (True, "src dst PREFIX is either side"),
    "rule-agent-port": (True, "port N behind an agent is either port"),
    "rule-src-list": (True, "lists"),
    "rule-port-name": (True, "names of services"),
    "rule-port-alone": (True, "port N is either port"),
    "rule-port-range": (True, "ranges"),
    "rule-flags-value-only": (True, "any column by its name"),
    "rule-days-list-range": (True, "ranges in a list of days"),
    "rule-days-not": (True, "! in front of any value"),
    "rule-both-rev": (True, "a window that goes over midnight"),
    "rule-date-bad": (True, "times with their marks, 2005-11-23"),
    "rule-tag-2^32": (False, "a number past 32 bits is an error"),
    "rule-port-wrap": (False, "a number past 32 bits is an error"),
    "empty-logfile": (
        False, "the first flowd took it here and failed when it started"),
}


def check(case, tmp):
    path = os.path.join(tmp, "t.conf")
    with open(path, "w", encoding="latin-1", newline="") as f:
        f.write(case["conf"])
    macros = [a for d in case.get("D", []) for a in ("-D", d)]
    r = run(["flowd", "-n", "-f", path, *macros])
    want, why = BETTER.get(case["name"], (case["accept"], ""))
    tap.ok(r.returncode == (0 if want else 1) and (want or r.stderr),
           f"{case['name']} is {'accepted' if want else 'refused'}"
           + (f": {why}" if why else ""),
           f"{case['conf']}\nrc {r.returncode}\n{r.stderr.decode()}")


def main():
    manifest = shared("compat", "golden", "conf", "manifest.json")
    if manifest is None:
        tap.skip("golden configurations", "no shared data in this clone")
        tap.done()
    with open(manifest, encoding="utf-8") as f:
        cases = json.load(f)["tests"]
    with tempfile.TemporaryDirectory() as tmp:
        for case in cases:
            check(case, tmp)
    tap.done()


main()
