"""The test runner counts what a program prints, and notices what it does not.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["FLOWD_SOURCE"], "test"))
import run
from tap import Tap

# [what the program printed, its exit status, passed, failures, skip reasons]
CASES = {
    "passing tests are counted": (
        "1..2\nok 1 - a\nok 2 - b", 0, 2, [], []),
    "a plan may come last": (
        "ok 1 - a\n1..1", 0, 1, [], []),
    "plans of several groups add up": (
        "1..1\nok 1 - a\n1..2\nok 1 - b\nok 2 - c", 0, 3, [], []),
    "a failure brings its diagnostics": (
        "1..2\n# before\nnot ok 1 - a\n# why\n#  where\nok 2 - b\n# after",
        1, 1, [("a", ["why", "where"])], []),
    "a skip brings its reason": (
        "1..1\nok 1 - a # SKIP no data", 0, 0, [], ["no data"]),
    "cmocka's skip is no failure": (
        "1..1\nnot ok 1 # SKIP some_test", 0, 0, [], ["some_test"]),
    "a skip without a reason is counted": (
        "1..1\nok 1 # SKIP", 0, 0, [], ["no reason given"]),
    "a program may skip everything": (
        "1..0 # SKIP needs root", 0, 0, [], ["needs root"]),
    "a name is not needed": (
        "1..1\nnot ok 1", 1, 0, [("test 1", [])], []),
    "no output at all is a failure": (
        "", 0, 0, [("prints no plan", [])], []),
    "no test at all is a failure": (
        "1..0", 0, 0, [("runs no test", [])], []),
    "fewer tests than planned are a failure": (
        "1..3\nok 1 - a", 0, 1, [("planned 3 tests, ran 1", [])], []),
    "more tests than planned are a failure": (
        "1..1\nok 1 - a\nok 2 - b", 0, 2,
        [("planned 1 tests, ran 2", [])], []),
    "an exit status alone is a failure": (
        "1..1\nok 1 - a", 3, 1, [("ended with status 3", [])], []),
    "a signal is named": (
        "1..1\nok 1 - a", -11, 1, [("was ended by SIGSEGV", [])], []),
    "bailing out is a failure": (
        "1..1\nok 1 - a\nBail out! no disk", 0, 1,
        [("Bail out! no disk", [])], []),
    "words that only begin like a result are none": (
        "1..1\nokay\nnot okay\nok 1 - a", 0, 1, [], []),
}


def program(script, timeout=5):
    return {"cmd": [sys.executable, "-c", script], "env": {},
            "timeout": timeout, "workdir": None}


def main():
    tap = Tap()
    for name, (text, status, passed, failed, skipped) in CASES.items():
        got = run.parse(text.splitlines(), status)
        tap.equal((got.passed, got.failed, got.skipped),
                  (passed, failed, skipped), name)

    sys.argv = ["run.py", "build", "--slow", "4", "-v", "plan", "page"]
    got = run.arguments()
    tap.equal((got.build, got.verbose, got.slow, got.word),
              ("build", True, 4, ["plan", "page"]),
              "words stand behind options")
    got = run.run(program("print('1..1'); print('ok 1 - a')"), 1)
    tap.equal((got.passed, got.failed), (1, []), "a program is run")
    got = run.run(program(
        "import sys; print('1..1\\nnot ok 1 - a'); sys.exit('alas')"), 1)
    tap.equal(got.failed, [("a", ["alas"])],
              "its standard error is shown when it fails")
    got = run.run(program("import time; time.sleep(60)", timeout=0.2), 1)
    tap.equal([what for what, _ in got.failed],
              ["prints no plan", "took longer than 0.2 seconds"],
              "a program that hangs is ended and counted")
    got = run.run(program(
        "import tempfile, time; print('1..1'); print('not ok 1 - made');"
        "print('#', tempfile.mkdtemp(), flush=True); time.sleep(60)",
        timeout=1), 1)
    left = got.failed[0][1][:1]
    tap.ok(left and left[0].startswith("/") and not os.path.exists(left[0]),
           "what a program that was ended has left is removed", got.failed)
    for args in (["b", "-v", "x", "y"], ["b", "x", "-v", "y"],
                 ["b", "x", "y", "-v"]):
        sys.argv = ["run.py", *args]
        got = run.arguments()
        tap.equal((got.build, got.word, got.verbose), ("b", ["x", "y"], True),
                  "run.py " + " ".join(args))
    tap.equal(run.closing_line(3, 0, 0), "3 passed, 0 failed",
              "the closing line names skips only when there are any")
    tap.equal(run.closing_line(3, 1, 2), "3 passed, 1 failed, 2 skipped",
              "the closing line has all three counts")
    tap.done()


main()
