"""The libraries in lib/: what they may not do, by the undefined symbols of
their objects, and what a program that takes expressions alone does not
link."""
import os
import subprocess

from tap import Tap

BUILD = os.environ["FLOWD_BUILD"]
tap = Tap()

# The files that may open others, or make, rename and remove them.
OPENS = {"lib/aggregate/spill.c", "lib/base/file.c", "lib/base/output.c", "lib/config/include.c",
         "lib/syntax/source.c",
         "lib/query/file_list.c", "lib/query/follow.c",
         "lib/query/scan_source_open.c", "lib/query/segment_watch.c",
         "lib/store/logdir/catalogue.c"}
CHANGES = {"lib/aggregate/spill.c", "lib/base/file.c",
           "lib/store/logdir/seal_file.c"}

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


def test_expressions_alone():
    """Who reads expressions alone links no statements of flowd.conf: those who
    read them hand their parser to lib/query."""
    wanted = {symbol for source, symbols in objects()
              if source.startswith(("lib/query/", "lib/filter/"))
              for symbol in symbols}
    tap.ok("expression_parse" in wanted, "lib/query reads expressions")
    tap.equal(wanted & {"parse_config", "parse_config_rules", "stmt_name",
                        "logdir_parse", "include_parse"}, set(),
              "and does not want the statements of flowd.conf")


test_symbols()
test_expressions_alone()
tap.done()
