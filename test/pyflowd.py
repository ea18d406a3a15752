"""The Python module of the build, for tests: import it from here.

An extension with a sanitizer wants the library of that in the program before
all others: then the test is begun anew with it.
"""
import os
import sys

from flowdtest import BUILD, sanitized, sanitizer_library

FOLDER = os.path.join(BUILD, "python")


def extension():
    folder = os.path.join(FOLDER, "flowd")
    return next(os.path.join(folder, name) for name in os.listdir(folder)
                if name.startswith("_flowd.") and name.endswith(".so"))


def environment():
    """For programs that import the module, too."""
    env = dict(os.environ)
    env["PYTHONPATH"] = os.pathsep.join(
        [FOLDER, *filter(None, [env.get("PYTHONPATH")])])
    if sanitized():
        # Of a test that was begun anew it is there.
        if "LD_PRELOAD" not in env:
            env["LD_PRELOAD"] = sanitizer_library()
        # What Python itself leaves behind is no leak of ours.
        env["ASAN_OPTIONS"] = "detect_leaks=0:allocator_may_return_null=1"
    return env


if sanitized() and "LD_PRELOAD" not in os.environ:
    os.execve(sys.executable, [sys.executable, *sys.argv], environment())
sys.path.insert(0, FOLDER)

import flowd  # noqa: E402

__all__ = ["FOLDER", "environment", "extension", "flowd"]
