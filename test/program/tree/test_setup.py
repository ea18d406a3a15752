"""scripts/setup asks for what is missing and for nothing else.

The programs that it calls are stood in for: dpkg-query knows what the test
says is installed, apt-get writes down what it is asked for.
"""
import os
import shutil
import subprocess
import tempfile

from tap import Tap

SETUP = os.path.join(os.environ["FLOWD_SOURCE"], "scripts", "setup")

PROGRAMS = {
    "dpkg-query": 'grep -qx "$4" "$HOME/installed" || exit 1\n'
                  'printf installed',
    "apt-get": 'echo "$USER apt-get $*" >>"$HOME/asked"',
    "sudo": 'USER=root "$@"',
    "id": 'cat "$HOME/uid"',
}


def setup(*words, installed=(), uid=0, without=()):
    """Returns exit status, standard output and error, and what apt-get was
    asked for."""
    with tempfile.TemporaryDirectory() as home:
        for name, script in PROGRAMS.items():
            if name in without:
                continue
            path = os.path.join(home, name)
            with open(path, "w") as f:
                f.write(f"#!/bin/sh\n{script}\n")
            os.chmod(path, 0o755)
        for tool in ("sh", "sed", "cat", "grep", "env"):
            os.symlink(shutil.which(tool), os.path.join(home, tool))
        for name, text in (("installed", "\n".join(installed)),
                           ("uid", str(uid)), ("asked", "")):
            with open(os.path.join(home, name), "w") as f:
                f.write(text + "\n")
        run = subprocess.run(
            ["/bin/sh", SETUP, *words],
            env={"PATH": home, "HOME": home,
                 "USER": "root" if uid == 0 else "somebody"},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        with open(os.path.join(home, "asked")) as f:
            asked = [a for a in f.read().splitlines() if a]
        return run.returncode, run.stdout, run.stderr, asked


def main():
    tap = Tap()
    status, out, err, asked = setup()
    tap.equal((status, err), (0, ""), "a bare system is set up")
    packages = [line.split()[0] for line in out.splitlines()[1:]]
    tap.ok("meson" in packages and "libpcap-dev" in packages,
           "it says what it installs", out)
    tap.ok(all(len(line.split()) > 1 for line in out.splitlines()),
           "it says why", out)
    tap.equal([a.split()[:3] for a in asked],
              [["root", "apt-get", "-qq"], ["root", "apt-get", "-qq"]],
              "it asks for the lists and then for the packages")
    tap.equal(asked[-1].split("install ")[1].split(), packages,
              "it asks for what it said")

    tap.equal(setup(installed=packages), (0, "", "", []),
              "it does nothing when all is there")
    status, out, _, asked = setup(
        installed=[p for p in packages if p != "meson"])
    tap.equal((status, asked[-1].split("install ")[1]), (0, "meson"),
              "it asks for what is missing only")
    _, out, _, asked = setup("bench", "format", installed=packages)
    tap.equal(asked[-1].split("install ")[1], "nfdump python3-venv clang-format",
              "it knows what other jobs need")
    tap.equal(setup(uid=1000)[3][-1].split()[0], "root",
              "somebody else becomes root by sudo")
    status, _, err, asked = setup(uid=1000, without=["sudo"])
    tap.equal((status, err, asked),
              (1, "setup: become root, or install these packages\n", []),
              "without sudo it says so and fails")
    status, out, err, asked = setup(without=["apt-get"])
    tap.ok(status == 0 and "libpcap-dev" in out and not asked,
           "without apt-get it says what is needed", out + err)
    tap.equal(setup("nonsense")[:3],
              (1, "", "setup: nonsense: one of build, test, bench, fuzz, format\n"),
              "an unknown job is refused")
    tap.done()


main()
