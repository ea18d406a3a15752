"""scripts/demo shows flows, ends well, and leaves nothing behind."""
import os
import subprocess
import tempfile

from tap import Tap

SOURCE = os.environ["FLOWD_SOURCE"]
BUILD = os.environ["FLOWD_BUILD"]


def processes(folder):
    """Command lines of processes that speak of the folder."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                line = f.read().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if folder in line:
            found.append(line)
    return found


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            ["sh", "scripts/demo", BUILD], cwd=SOURCE,
            env={**os.environ, "TMPDIR": folder}, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, timeout=60)
        tap.equal((run.returncode, run.stderr), (0, ""), "it ends well")
        tap.ok("\n127.0.0.1 " in run.stdout, "it shows the exporter",
               run.stdout)
        for what in ("198.51.100.80", "[2001:db8:1::80]", '"octets":120580'):
            tap.ok(what in run.stdout, f"it shows {what}", run.stdout)
        tap.ok("\nservice " in run.stdout and "\naddr_a " in run.stdout,
               "it shows tables of flowd-stats", run.stdout)
        tap.equal(os.listdir(folder), [], "it leaves no files")
        if os.path.isdir("/proc/self"):
            tap.equal(processes(folder), [], "it leaves no process")
        else:
            tap.skip("it leaves no process", "no /proc")
    tap.done()


main()
