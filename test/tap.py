"""Test Anything Protocol for the Python tests.

Every test program prints TAP on standard output; test/run.py counts it.
A skip says why and is counted as such.
"""
import sys


class Tap:
    def __init__(self):
        self.number = 0
        self.failed = 0

    def ok(self, good, name, detail=""):
        """Report one test; detail is shown when it failed. Returns good."""
        self.number += 1
        name = " ".join(name.split())
        print(f"{'ok' if good else 'not ok'} {self.number} - {name}")
        if not good:
            self.failed += 1
            for line in str(detail).splitlines():
                print(f"# {line}")
        sys.stdout.flush()
        return good

    def equal(self, got, want, name):
        return self.ok(got == want, name, f"got  {got!r}\nwant {want!r}")

    def skip(self, name, why):
        self.number += 1
        print(f"ok {self.number} - {name} # SKIP {why}")

    def done(self):
        print(f"1..{self.number}")
        sys.exit(1 if self.failed else 0)
