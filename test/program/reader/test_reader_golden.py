"""flowd-reader against the outputs of the first one: reader/ and wire/."""
import ast
import json
import os
import re
import shutil
import tempfile

from flowdtest import run, shared
from tap import Tap

# Where the contract says FIX: what is better now, and how it shows here.
BETTER = {
    "write-over-longer": "an existing output file is emptied first",
    "write-full-disk": "a write error is reported, exit code 1",
}
tap = Tap()
golden = shared("compat", "golden")


def null_fixed(text):
    """Classic CSV: a missing address is 0.0.0.0, no longer "(null)"."""
    return text.replace(b"(null)", b"0.0.0.0")


def expected_output(case, folder):
    if "stdout_file" in case:
        with open(os.path.join(folder, case["stdout_file"]), "rb") as f:
            return f.read()
    return case.get("stdout", "").encode()


def run_case(case, folder):
    kw = {"cwd": folder, "TZ": case.get("TZ", "UTC")}
    if "stdin" in case:
        with open(os.path.join(folder, case["stdin"]), "rb") as f:
            kw["input"] = f.read()
    return run(["flowd-reader"] + case["args"], **kw)


def check_case(case, folder):
    name, want_rc = case["name"], case["rc"]
    want = null_fixed(expected_output(case, folder))
    size = case.get("output_size")
    if name == "write-full-disk":
        want_rc = 1
    if name == "write-over-longer":
        size = 404
    r = run_case(case, folder)
    label = f"reader/{name}" + (f" ({BETTER[name]})" if name in BETTER else "")
    good = tap.ok((r.returncode, r.stdout) == (want_rc, want), label,
                  f"rc {r.returncode} want {want_rc}\n"
                  f"got  {r.stdout[:400]!r}\nwant {want[:400]!r}\n"
                  f"{r.stderr.decode()}")
    if want_rc == 0 and good and case["stderr"] == "":
        tap.equal(r.stderr, b"", f"reader/{name} says nothing")
    if want_rc == 1:
        tap.ok(r.stderr.startswith(b"flowd-reader: ") and
               r.stderr.count(b"\n") == 1, f"reader/{name} says why",
               r.stderr)
    if size is not None:
        tap.equal(os.path.getsize(os.path.join(folder, case["output_file"])),
                  size, f"reader/{name} writes its log")


def check_reader(folder):
    with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as f:
        manifest = json.load(f)
    with tempfile.TemporaryDirectory() as tmp:
        work = os.path.join(tmp, "work")
        shutil.copytree(folder, work)
        for f in os.listdir(work):
            if re.fullmatch(r"w\d+\.flowd", f):
                os.remove(os.path.join(work, f))
        shutil.copy(os.path.join(folder, "long.flowd"),
                    os.path.join(work, "w2.flowd"))
        for case in manifest["cases"]:
            check_case(case, work)
        check_tables(manifest, work)


def outcome(data, folder):
    path = os.path.join(folder, "piece.flowd")
    with open(path, "wb") as f:
        f.write(data)
    r = run(["flowd-reader", "-U", path])
    return r.returncode, r.stdout.count(b"\n")


def flipped(data, bit):
    out = bytearray(data)
    out[bit // 8] ^= 1 << bit % 8
    return bytes(out)


def check_tables(manifest, folder):
    """A log of two records, cut at every octet, and with every bit flipped."""
    with open(os.path.join(folder, "two.flowd"), "rb") as f:
        two = f.read()
    table = manifest["truncation_of_two.flowd"]["results"]
    for key, ranges in table.items():
        rc, lines, _ = ast.literal_eval(key)
        wrong = [n for a, b in ranges for n in range(a, b + 1)
                 if outcome(two[:n], folder) != (rc, lines)]
        tap.equal(wrong, [], f"cut logs: {key}")
    table = manifest["bitflips_in_first_record_of_two.flowd"]["results"]
    for key, ranges in table.items():
        rc, lines = map(int, re.match(r"rc=(\d+) lines=(\d+)", key).groups())
        wrong = [n for a, b in ranges for n in range(a, b + 1)
                 if outcome(flipped(two, n), folder) != (rc, lines)]
        tap.equal(wrong, [], f"flipped bits: {key}")


def check_wire(folder):
    args = {"brief": [], "v": ["-v"], "U": ["-U"], "vU": ["-v", "-U"],
            "c": ["-c"]}
    for name in sorted(os.listdir(folder)):
        case = os.path.join(folder, name)
        if not os.path.exists(os.path.join(case, "log.flowd")):
            continue
        for kind, more in args.items():
            want_path = os.path.join(case, f"reader.{kind}.txt")
            if not os.path.exists(want_path):
                continue
            with open(want_path, "rb") as f:
                want = null_fixed(f.read())
            r = run(["flowd-reader"] + more + ["log.flowd"], cwd=case)
            tap.equal((r.returncode, r.stdout), (0, want),
                      f"wire/{name} {kind}")


if golden is None:
    tap.skip("golden outputs of flowd-reader", "no shared data in this clone")
else:
    check_reader(os.path.join(golden, "reader"))
    check_wire(os.path.join(golden, "wire"))
tap.done()
