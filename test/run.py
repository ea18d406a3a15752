#!/usr/bin/env python3
"""Run every test that is registered in a build, and count.

    run.py [-v] [-j N] [--slow FACTOR] BUILD [WORD...]

Test programs print TAP on standard output. Only failures are shown, each with
what the program said about it; then how many tests were skipped, and why; and
last, alone on its line: N passed, N failed, N skipped.

A program counts as a failure of its own when it takes too long, prints no
test, fewer than it planned or another than it announced, ends with an error
without naming a test, or bails out. With words, only programs run whose names
contain one of them. Called by the Makefile; test: program/tree/test_run.py.
"""
import argparse
import collections
import concurrent.futures
import dataclasses
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

RESULT = re.compile(r"(not )?ok\b\s*(\d*)\s*(?:-\s*)?(.*)")
PLAN = re.compile(r"1\.\.(\d+)\s*(?:#\s*skip\s*(.*))?", re.IGNORECASE)
SKIP = re.compile(r"(.*?)#\s*skip\b[:\s]*(.*)", re.IGNORECASE)
STDERR_LINES = 60


@dataclasses.dataclass
class Outcome:
    """What one program said: the counts, and texts to show."""
    passed: int = 0
    failed: list = dataclasses.field(default_factory=list)
    skipped: list = dataclasses.field(default_factory=list)

    def fail(self, name, detail=()):
        self.failed.append((name, list(detail)))


def result_line(outcome, match):
    """Count one line of a test. True when it is a failure."""
    name = match[3] or f"test {match[2]}"
    skip = SKIP.fullmatch(match[3])
    if skip:
        outcome.skipped.append(skip[2] or skip[1] or "no reason given")
    elif match[1]:
        outcome.fail(name)
        return True
    else:
        outcome.passed += 1
    return False


def parse(lines, status):
    """TAP and exit status of a program to an Outcome. A program may print
    several plans, one for each of its groups."""
    outcome = Outcome()
    planned = None
    seen = 0
    last_failed = False
    for line in lines:
        plan = PLAN.fullmatch(line)
        result = RESULT.fullmatch(line)
        if plan:
            planned = (planned or 0) + int(plan[1])
            if plan[2] is not None:
                outcome.skipped.append(plan[2] or "no reason given")
        elif result:
            seen += 1
            last_failed = result_line(outcome, result)
        elif line.startswith("Bail out!"):
            outcome.fail(line)
        elif line.startswith("#") and last_failed:
            outcome.failed[-1][1].append(line[1:].strip())
    if planned is None:
        outcome.fail("prints no plan")
    elif seen != planned:
        outcome.fail(f"planned {planned} tests, ran {seen}")
    elif seen == 0 and not outcome.skipped:
        outcome.fail("runs no test")
    if status != 0 and not outcome.failed:
        outcome.fail(ended(status))
    return outcome


def ended(status):
    if status >= 0:
        return f"ended with status {status}"
    return f"was ended by {signal.Signals(-status).name}"


def kill_group(pid):
    """End the program and all that it started."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run(test, slow):
    """Run one registered test. Returns its Outcome."""
    env = {**os.environ, **test["env"]}
    timeout = test["timeout"] * slow if test["timeout"] > 0 else None
    late = False
    # Whatever it leaves behind when it is ended early is in here.
    env["TMPDIR"] = folder = tempfile.mkdtemp(prefix="flowd-test-")
    os.chmod(folder, 0o1777)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(
            test["cmd"], env=env, cwd=test.get("workdir"), stdout=out,
            stderr=err, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            child.wait(timeout)
        except subprocess.TimeoutExpired:
            late = True
        kill_group(child.pid)
        status = child.wait()
        shutil.rmtree(folder, ignore_errors=True)
        out.seek(0)
        err.seek(0)
        lines = out.read().decode(errors="replace").splitlines()
        errors = err.read().decode(errors="replace").splitlines()
    outcome = parse(lines, 0 if late else status)
    if late:
        outcome.fail(f"took longer than {timeout:g} seconds")
    if outcome.failed:
        outcome.failed[-1][1].extend(errors[-STDERR_LINES:])
    return outcome


def registered(build, words):
    """The tests of a Meson build whose names contain a word."""
    text = subprocess.run(
        ["meson", "introspect", "--tests", build], check=True,
        stdout=subprocess.PIPE, text=True).stdout
    return [t for t in json.loads(text)
            if not words or any(w in t["name"] for w in words)]


def show(name, outcome, verbose, seconds):
    if verbose:
        print(f"{name}: {outcome.passed} passed, {len(outcome.failed)} "
              f"failed, {len(outcome.skipped)} skipped in {seconds:.1f} s")
    for what, detail in outcome.failed:
        print(f"FAILED {name}: {what}")
        for line in detail:
            print(f"    {line}")
    sys.stdout.flush()


def closing_line(passed, failed, skipped):
    line = f"{passed} passed, {failed} failed"
    return f"{line}, {skipped} skipped" if skipped else line


def environment():
    """Sanitizers end a program at the first thing they find."""
    os.environ.setdefault("UBSAN_OPTIONS",
                          "halt_on_error=1:print_stacktrace=1")
    os.environ.setdefault("ASAN_OPTIONS", "detect_stack_use_after_return=1")


def arguments():
    parser = argparse.ArgumentParser(
        description="Run the tests of a build and count them.")
    parser.add_argument("-v", "--verbose", action="store_true",
                        help="a line for each program")
    parser.add_argument("-j", "--jobs", type=int, default=2,
                        help="programs at a time (default 2)")
    parser.add_argument("--slow", type=float, default=1, metavar="FACTOR",
                        help="allow this many times the time")
    parser.add_argument("build", help="folder that meson set up")
    parser.add_argument("word", nargs="*", help="part of a test's name")
    return parser.parse_intermixed_args()


def run_all(tests, jobs, slow):
    """Run tests, some at a time; yields (name, outcome, seconds) of each as
    it ends. The longest begin first, so that none is left to run alone."""
    def timed(test):
        began = time.monotonic()
        outcome = run(test, slow)
        return test["name"], outcome, time.monotonic() - began

    tests = sorted(tests, key=lambda t: -t["timeout"])
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(timed, t) for t in tests]
        for job in concurrent.futures.as_completed(running):
            yield job.result()


def main():
    args = arguments()
    environment()
    tests = registered(args.build, args.word)
    passed = failed = 0
    reasons = collections.Counter()
    for name, outcome, seconds in run_all(tests, args.jobs, args.slow):
        show(name, outcome, args.verbose, seconds)
        passed += outcome.passed
        failed += len(outcome.failed)
        reasons.update(outcome.skipped)
    if not tests:
        print("no test of that name is registered")
        failed = 1
    if reasons:
        print("skipped:")
    for reason, count in reasons.most_common():
        print(f"{count:7}  {reason}")
    print(closing_line(passed, failed, sum(reasons.values())))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
