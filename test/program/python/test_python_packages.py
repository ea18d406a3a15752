"""What others do with a scan: NumPy, pyarrow, polars, DuckDB, pandas, and
mypy, in a virtual environment with packages of the newest versions.

Where these cannot be had the whole is skipped.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

from flowdtest import SOURCE, program, run, sanitized
from pyflowd import FOLDER, environment
from tap import Tap

PACKAGES = ("numpy", "pyarrow", "polars", "duckdb", "pandas", "matplotlib",
            "mypy", "typing_extensions")
SECONDS = 400
tap = Tap()


def command(*args, **kw):
    kw.setdefault("timeout", SECONDS)
    return subprocess.run(args, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False, **kw)


def packages(folder):
    """A Python that has them; None, and why: with none."""
    python = os.path.join(folder, "bin", "python3")
    try:
        r = command(sys.executable, "-m", "venv", folder)
        if r.returncode != 0:
            return None, "no module venv"
        r = command(python, "-m", "pip", "install", "-q", "--retries", "0",
                    "--only-binary", ":all:", *PACKAGES)
    except subprocess.TimeoutExpired:
        return None, "packages do not come in time"
    if r.returncode != 0:
        return None, "packages cannot be had: " + \
            (r.stdout.strip().splitlines() or ["?"])[-1]
    return python, None


def use(python, logs):
    """Run packages_use.py, which prints TAP of its own."""
    here = os.path.join(SOURCE, "test", "program", "python",
                        "packages_use.py")
    env = environment()
    env["PYTHONWARNINGS"] = "ignore::DeprecationWarning"
    r = command(python, here, program("flowd-stats"), program("flowd-reader"),
                *logs, env=env)
    seen = 0
    for line in r.stdout.splitlines():
        if line.startswith(("ok ", "not ok ")):
            seen += 1
            good, name = line.split(" - ", 1)
            tap.ok(good.startswith("ok"), name, r.stdout[-3000:])
    tap.ok(r.returncode == 0 and seen > 30, "the packages were used",
           r.stdout[-3000:])


def types(python):
    r = command(python, "-m", "mypy", "--strict", "--cache-dir", os.devnull,
                os.path.join(SOURCE, "python", "flowd"))
    tap.ok(r.returncode == 0, "mypy --strict of the package", r.stdout)
    r = command(python, "-m", "mypy.stubtest", "flowd._flowd",
                "--concise", env=dict(environment(), MYPYPATH=FOLDER))
    differ = [line for line in r.stdout.splitlines() if re.search(
        r"is (inconsistent|not present)", line) and not re.search(
            r"__iter__|__buffer__|FlowIterator", line)]
    tap.equal(differ, [], "the stubs are those of the extension")


def plots(python, tmp, log):
    """The walk-through, whose picture is one."""
    picture = os.path.join(tmp, "plot.png")
    r = command(python, os.path.join(SOURCE, "examples", "walkthrough.py"),
                log, picture, env=environment())
    good = r.returncode == 0 and os.path.exists(picture)
    if good:
        with open(picture, "rb") as f:
            good = f.read(8) == b"\x89PNG\r\n\x1a\n"
    tap.ok(good and "octets" in r.stdout, "examples/walkthrough.py",
           r.stdout[-2000:])


def make_logs(tmp):
    capture = os.path.join(tmp, "flows.pcap")
    run(["flowd-send", "-q", "--generate", "30000", "--as", "10", "--ipv6",
         "30", "--dump", capture])
    logs = []
    for to in ("v4", "v3"):
        logs.append(os.path.join(tmp, "flows." + to))
        run(["flowd-reader", "-q", "-o", logs[-1], "--to", to, capture])
    return logs


def main():
    if sanitized():
        tap.skip("packages", "they have memory that sanitizers do not know")
        tap.done()
    with tempfile.TemporaryDirectory() as tmp:
        python, why = packages(os.path.join(tmp, "venv"))
        if python is None:
            tap.skip("NumPy, pyarrow, polars, DuckDB, pandas, mypy", why)
            tap.done()
        logs = make_logs(tmp)
        use(python, logs)
        types(python)
        plots(python, tmp, logs[0])
        shutil.rmtree(os.path.join(tmp, "venv"))
    tap.done()


main()
