"""flowd-reader -f against the filters of the first one: filter/."""
import json
import os
import re
import tempfile

from flowdtest import run, shared
from tap import Tap

# Where the contract says FIX: rules that were refused, or that never matched,
# and now mean what they say.
BETTER = {
    "days-only": "days alone is a rule",
    "after-only": "a time of the day may have one end",
    "mixed-day-date": "an open time of the day and a date go together",
    "src-any": "any is no test",
    "src-not-any": "any is no test, and cannot be negated",
    "dst-any": "any is no test",
    "any-any": "any is no test",
    "src-quoted-hostbits": "bits behind the mask are an error in quotes too",
    "proto-icmp6": "names with a hyphen need no quotes",
    "tag-wrap": "a number past 32 bits is refused",
}
tap = Tap()
folder = shared("compat", "golden", "filter")


def body(line):
    """A line without its tag."""
    return re.sub(r"^FLOW (tag \d+ )?", "", line)


def kept(stdout, flows):
    """Indexes of the flows printed, and their tags."""
    indexes, tags = [], {}
    left = list(enumerate(flows))
    for line in stdout.splitlines():
        while left and left[0][1] != body(line):
            left.pop(0)
        if not left:
            return None, None
        index = left.pop(0)[0]
        indexes.append(index)
        tag = re.match(r"FLOW tag (\d+) ", line)
        if tag:
            tags[str(index)] = int(tag[1])
    return indexes, tags


def without_dates(rule):
    """The first one did not print date clauses; ours are taken off here."""
    words = rule.split(" ")
    out = []
    while words:
        if words[0] in ("after", "before") and words[1:2] == ["date"]:
            words = words[3:]
        else:
            out.append(words.pop(0))
    return " ".join(out)


def check(case, tmp, flows):
    name = case["name"]
    conf = os.path.join(tmp, "f.conf")
    log = os.path.join(folder, "flows40.flowd")
    with open(conf, "w", encoding="utf-8") as f:
        f.write(case["conf"])
    tz = case.get("TZ", "UTC")
    r = run(["flowd-reader", "-v", "-U", "-f", conf, log], TZ=tz)
    if name in BETTER:
        check_better(name, case, r, conf, log)
        return
    if case["rc"] != 0:
        tap.equal(r.returncode, 1, f"{name}: is refused")
        return
    if not tap.equal(r.returncode, 0, f"{name}: is accepted"):
        return
    if "stdout" in case:
        tap.equal(r.stdout.decode().replace(log, "flows40.flowd"),
                  case["stdout"], f"{name}: prints the stored fields")
        return
    got = kept(r.stdout.decode().split("\n", 1)[1], flows)
    tap.equal(got, (case["kept"], case["tags"]), f"{name}: keeps and tags")
    d = run(["flowd-reader", "-d", "-q", "-f", conf, log], TZ=tz)
    rules = [without_dates(line) for line in d.stderr.decode().splitlines()
             if line.startswith("final: ") and "# store mask" not in line]
    tap.equal(rules, case.get("final_rules", []), f"{name}: counters")


def check_better(name, case, r, conf, log):
    """What is asked of the rules that are fixed."""
    label = f"{name}: {BETTER[name]}"
    if name in ("tag-wrap", "src-quoted-hostbits"):
        tap.equal(r.returncode, 1, label)
        return
    if name == "proto-icmp6":
        tap.equal(r.returncode, 0, label)
        return
    d = run(["flowd-reader", "-d", "-q", "-f", conf, log])
    last = d.stderr.decode().splitlines()[-1]
    if "any" in name:
        tap.ok("matches 40 wins 40" in last, label, last)
    else:
        tap.ok(r.returncode == 0 and b"" != r.stdout, label, r.stderr)


def main():
    if folder is None:
        tap.skip("golden filters", "no shared data in this clone")
        tap.done()
    with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as f:
        manifest = json.load(f)
    with open(os.path.join(folder, "flows40.vU.txt"), encoding="utf-8") as f:
        lines = [l for l in f.read().splitlines() if l.startswith("FLOW")]
    flows = [body(l) for l in lines]
    with tempfile.TemporaryDirectory() as tmp:
        for case in manifest["tests"]:
            check(case, tmp, flows)
    tap.done()


main()
