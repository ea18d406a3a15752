"""The Perl module: built in a copy of perl/ with the library of this build, its
tests in perl/t run one by one."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

from flowdtest import BUILD, SOURCE, sanitized, sanitizer_library
from tap import Tap

PERL = os.path.join(SOURCE, "perl")
HEADERS = "use Config; use ExtUtils::MakeMaker; " \
    "exit !-e \"$Config{archlibexp}/CORE/perl.h\""

tap = Tap()


def command(*args, **kw):
    return subprocess.run(args, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=300, **kw)


def missing():
    """Why the module cannot be built; None: it can."""
    for name in ("perl", "make", "cc"):
        if shutil.which(name) is None:
            return f"no {name}"
    if command("perl", "-e", HEADERS).returncode != 0:
        return "no headers of Perl (libperl-dev)"
    return None


def copy(to):
    """The files of MANIFEST, which are those that a distribution has."""
    with open(os.path.join(PERL, "MANIFEST"), encoding="utf-8") as f:
        names = f.read().split()
    for name in names:
        target = os.path.join(to, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(os.path.join(PERL, name), target)


def environment():
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    if sanitized():
        env["LD_PRELOAD"] = sanitizer_library()
        # Perl frees little at its end; t/leak.t looks for leaks without them.
        env["ASAN_OPTIONS"] = "detect_leaks=0"
    return env


def build(folder):
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    for args in (["perl", "Makefile.PL"], ["make", "OPTIMIZE=-O1 -g -Wall"]):
        r = command(*args, cwd=folder, env=env)
        tap.ok(r.returncode == 0 and "warning" not in r.stdout.lower(),
               f"{args[0]} builds the module, without a warning", r.stdout)
        if r.returncode != 0:
            return False
    return True


def tests(folder):
    """Their lines are ours: each has a plan of its own."""
    for name in sorted(os.listdir(os.path.join(folder, "t"))):
        if not name.endswith(".t"):
            continue
        print(f"# {name}", flush=True)
        r = subprocess.run(["perl", "-Mblib", os.path.join("t", name)],
                           stdin=subprocess.DEVNULL, cwd=folder,
                           env=environment(), timeout=400)
        tap.equal(r.returncode, 0, f"t/{name} ends well")


# --- With libflowd as it is installed ---

INSTALLED = {"Flowd.pm", "Flowd.so", "Query.pm", "Writer.pm", "Flowd.3pm",
             "Flowd::Query.3pm", "Flowd::Writer.3pm"}


def install_library(folder):
    """A folder that pkg-config finds it in, and that of the library."""
    dest = os.path.join(folder, "dest")
    command("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet",
            "--tags", "devel,runtime", "--destdir", dest)
    for base, _, names in os.walk(dest):
        if "libflowd.pc" not in names:
            continue
        path = os.path.join(base, "libflowd.pc")
        with open(path, encoding="utf-8") as f:
            text = f.read()
        prefix = re.search("^prefix=(.*)$", text, re.M)[1]
        with open(path, "w", encoding="utf-8") as f:
            f.write(text.replace(f"prefix={prefix}",
                                 f"prefix={dest}{prefix}"))
        return base, os.path.dirname(base)
    return None, None


def installed(folder):
    """perl Makefile.PL SYSTEM=1, make install, and a program."""
    if shutil.which("pkg-config") is None or sanitized():
        tap.skip("the Perl module of an installed library",
                 "no pkg-config, or sanitizers")
        return
    module, dest = os.path.join(folder, "perl"), os.path.join(folder, "root")
    copy(module)
    pc, lib = install_library(folder)
    if not tap.ok(pc is not None, "the library is installed"):
        return
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("MAKE", "FLOWD_"))}
    env["PKG_CONFIG_PATH"] = pc
    for args in (["perl", "Makefile.PL", "SYSTEM=1"], ["make"],
                 ["make", "install", f"DESTDIR={dest}"]):
        r = command(*args, cwd=module, env=env)
        tap.equal(r.returncode, 0, f"installed: {' '.join(args[:2])}")
    found = {name: base for base, _, names in os.walk(dest)
             for name in names}
    tap.equal(INSTALLED - set(found), set(), "what is installed")
    env.update(PERL5LIB=found["Flowd.pm"], LD_LIBRARY_PATH=lib)
    r = command("perl", "-MFlowd", "-MFlowd::Query", "-e",
                "print Flowd::library_version()", env=env)
    tap.ok(r.returncode == 0 and r.stdout[0].isdigit(),
           "a program uses it", r.stdout)


# Of Perl itself.
SUPPRESSED = """{
   getcwd
   Memcheck:Overlap
   fun:__memcpy_chk
   obj:*/Cwd.so
}
"""


def valgrind(folder):
    """Some tests again, in which it finds nothing."""
    if shutil.which("valgrind") is None or sanitized():
        tap.skip("the Perl module in valgrind", "no valgrind, or sanitizers")
        return
    path = os.path.join(folder, "suppressed")
    with open(path, "w", encoding="utf-8") as f:
        f.write(SUPPRESSED)
    for name in ("classic.t", "damage.t"):
        r = command("valgrind", "-q", "--error-exitcode=99",
                    f"--suppressions={path}", "perl", "-Mblib", "t/" + name,
                    cwd=folder, env=dict(os.environ, FLOWD_DAMAGE_ROUNDS="10"))
        tap.ok(r.returncode != 99 and "\n==" not in r.stdout,
               f"t/{name} in valgrind", r.stdout)


def main():
    why = missing()
    if why is not None:
        tap.skip("the Perl module", why)
        tap.done()
    with tempfile.TemporaryDirectory() as folder:
        copy(folder)
        sys.stdout.flush()
        if build(folder):
            tests(folder)
            valgrind(folder)
    with tempfile.TemporaryDirectory() as folder:
        installed(folder)
    tap.done()


main()
