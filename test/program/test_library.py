"""The libraries in lib/: what they may not do, by the undefined symbols of
their objects; what a program that takes expressions alone does not link; and
that an example of examples/ uses them."""
import json
import os
import subprocess
import tempfile

from tap import Tap

BUILD = os.environ["FLOWD_BUILD"]
tap = Tap()

# The files that may open others, or make, rename and remove them.
OPENS = {"lib/base/file.c", "lib/config/include.c", "lib/syntax/source.c",
         "lib/query/file_list.c", "lib/query/follow.c",
         "lib/query/scan_source_open.c", "lib/query/segment_watch.c",
         "lib/store/logdir/catalogue.c"}
CHANGES = {"lib/base/file.c", "lib/store/logdir/seal_file.c"}

OPEN = {"open", "openat", "creat", "fopen", "freopen", "opendir", "fdopendir",
        "mkostemp", "mkstemp", "tmpfile", "popen"}
CHANGE = {"unlink", "unlinkat", "rename", "renameat", "mkdir", "mkdirat",
          "link", "linkat", "symlink", "chmod", "fchmod", "truncate"}
NEVER = {"socket", "socketpair", "connect", "bind", "listen", "accept",
         "exit", "_exit", "quick_exit", "abort", "__assert_fail", "raise",
         "kill", "fork", "execve", "execvp", "system", "signal", "sigaction",
         "printf", "fprintf", "vprintf", "vfprintf", "dprintf", "puts",
         "putchar", "fputs", "perror", "stdout", "stderr", "syslog",
         "vsyslog", "warn", "warnx", "err", "errx", "setlocale", "setenv"}


def objects():
    """Of each object of lib/ its source, and what it wants from elsewhere."""
    for folder, _, names in os.walk(os.path.join(BUILD, "lib")):
        for name in sorted(names):
            if not name.endswith(".c.o"):
                continue
            out = subprocess.run(["nm", "-u", os.path.join(folder, name)],
                                 check=True, capture_output=True, text=True)
            room = os.path.relpath(os.path.dirname(folder), BUILD)
            yield (os.path.join(room, name[:-2]),
                   {plain(line.split()[-1]) for line in
                    out.stdout.splitlines()})


def plain(symbol):
    """Without what the C library adds: openat64, __open_2, __printf_chk."""
    name = symbol.split("@")[0]
    if name.startswith("__") and name.endswith(("_chk", "_2", "64_2")):
        name = name[2:].rsplit("_", 1)[0]
    return name[:-2] if name.endswith("64") and name != "64" else name


def test_symbols():
    used = dict(objects())
    tap.ok(len(used) > 100, "objects are found", len(used))
    for source, symbols in sorted(used.items()):
        tap.equal(symbols & NEVER, set(),
                  f"{source} prints nothing, ends nothing, has no sockets")
    for names, allowed, what in ((OPEN, OPENS, "open files"),
                                 (CHANGE, CHANGES, "change folders")):
        tap.equal({s for s, symbols in used.items() if symbols & names},
                  allowed, f"those that {what} are those that may")


def defined(program):
    """The functions that a program has."""
    out = subprocess.run(["nm", "--defined-only", os.path.join(BUILD, program)],
                         check=True, capture_output=True, text=True)
    return {line.split()[-1] for line in out.stdout.splitlines()}


def test_expressions_alone():
    """-e needs no statements of flowd.conf; -f reads all of them."""
    statements = {"parse_config", "stmt_name", "logdir_parse", "include_parse"}
    for program, wanted in ((os.path.join("test", "octets_by_port"), set()),
                            (os.path.join("reader", "flowd-reader"),
                             statements)):
        symbols = defined(program)
        tap.ok("expression_parse" in symbols,
               f"{program} has expressions")
        tap.equal(symbols & statements, wanted,
                  f"{program}: the statements of flowd.conf")


def test_example(tmp):
    """examples/octets_by_port.c, and the same sums from flowd-reader."""
    log = os.path.join(tmp, "log.flow")
    capture = os.path.join(tmp, "flows.pcap")
    example = os.path.join(BUILD, "test", "octets_by_port")
    subprocess.run([os.path.join(BUILD, "send", "flowd-send"), "-q",
                    "--generate", "5000", "--dump", capture], check=True)
    subprocess.run([os.path.join(BUILD, "reader", "flowd-reader"), "-q", "-o",
                    log, capture], check=True)
    lines = subprocess.run(
        [os.path.join(BUILD, "reader", "flowd-reader"), "--json", "--fields",
         "dst_port,octets", "-e", "proto tcp", log], check=True,
        capture_output=True).stdout.splitlines()
    sums = {}
    for flow in map(json.loads, lines):
        port = flow.get("dst_port", 0)
        sums[port] = sums.get(port, 0) + flow["octets"]
    r = subprocess.run([example, log], capture_output=True, text=True)
    tap.equal((r.returncode, r.stderr), (0, ""), "the example runs")
    tap.equal(r.stdout, "".join(f"{port} {n}\n" for port, n in
                                sorted(sums.items()) if n > 0),
              "and sums up as flowd-reader's flows do")
    tap.ok(len(sums) > 5, "there are several ports", sums)
    r = subprocess.run([example, "/nonexistent"], capture_output=True,
                       text=True)
    tap.equal((r.returncode, r.stdout, r.stderr),
              (1, "", "octets_by_port: /nonexistent: No such file or "
               "directory\n"), "and says what it cannot read")


test_symbols()
test_expressions_alone()
with tempfile.TemporaryDirectory() as folder:
    test_example(folder)
tap.done()
