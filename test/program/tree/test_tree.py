"""The tree: which way includes point, and what the rooms of the daemon call.

Meson enforces which folder may include which; here are the files within a
folder, and what no include path can tell: which functions objects call."""
import collections
import os
import re
import subprocess

from tap import Tap

BUILD = os.environ["FLOWD_BUILD"]
SOURCE = os.environ["FLOWD_SOURCE"]
tap = Tap()

FOLDERS = ("lib", "tool", "flowd", "reader", "ctl", "send", "stats")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)

# Files of others that are named.
SYSTEM = {"pcap.h"}

# Tables without long texts.
WIDTH_TOO = {"ctl/commands.def", "ctl/options.def", "send/options.def",
             "send/fields.def"}

# The rooms whose processes open nothing; the parent gives them descriptors.
CONFINED = ("engine", "writer", "forward", "control", "metrics")
OPENS = {
    "open", "openat", "creat", "fopen", "freopen", "opendir", "mkstemp",
    "popen", "unlink", "unlinkat", "rename", "renameat", "mkdir", "mkdirat",
    "socket", "socketpair", "bind", "listen", "connect", "shm_open",
    "memfd_create", "fork", "execve", "execvp", "system", "kill", "getpwnam",
    "getgrnam", "getaddrinfo",
    # Those of flowd that do the same for others.
    "source_read", "source_read_regular", "tables_load", "conf_load",
    "file_open_log", "file_create", "memory_create", "process_exec",
    "rawsock_open", "forward_queue_open",
}


def sources():
    for top in FOLDERS:
        for folder, _, names in os.walk(os.path.join(SOURCE, top)):
            for name in names:
                if name.endswith((".c", ".h", ".def")):
                    yield os.path.relpath(os.path.join(folder, name), SOURCE)


def node(path):
    """A .c, a .h, a .def and a _linux.c of one name are one."""
    return re.sub(r"_(linux|posix)$", "", os.path.splitext(path)[0])


def includes():
    """Of each node those that it includes; and headers of the same name."""
    paths = set(sources())
    by_name = collections.defaultdict(list)
    for path in paths:
        by_name[os.path.basename(path)].append(path)
    graph = collections.defaultdict(set)
    for path in paths:
        with open(os.path.join(SOURCE, path), encoding="utf-8") as f:
            text = f.read()
        for name in INCLUDE.findall(text):
            local = os.path.normpath(
                os.path.join(os.path.dirname(path), name))
            found = [local] if local in paths else by_name[name]
            graph[node(path)] |= {node(p) for p in found} - {node(path)}
    return graph


def circles(graph):
    """Strongly connected components of more than one node (Tarjan)."""
    index, low, stack, found = {}, {}, [], []

    def visit(v):
        index[v] = low[v] = len(index)
        stack.append(v)
        for w in sorted(graph.get(v, ())):
            if w not in index:
                visit(w)
                low[v] = min(low[v], low[w])
            elif w in stack:
                low[v] = min(low[v], index[w])
        if low[v] == index[v]:
            at = stack.index(v)
            component = stack[at:]
            del stack[at:]
            if len(component) > 1:
                found.append(sorted(component))

    for v in sorted(graph):
        if v not in index:
            visit(v)
    return found


def test_circles():
    graph = includes()
    tap.ok(len(graph) > 200, "files are found", len(graph))
    tap.equal(circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}), [["b", "c"]],
              "a circle is seen")
    found = circles(graph)
    tap.equal(found, [], "no circle of includes")


def symbols(room):
    """What the objects of a room want from elsewhere."""
    folder = os.path.join(BUILD, "flowd", room, f"libflowd-{room}.a.p")
    wanted = set()
    for name in os.listdir(folder):
        if not name.endswith(".o"):
            continue
        out = subprocess.run(["nm", "-u", os.path.join(folder, name)],
                             check=True, capture_output=True, text=True)
        wanted |= {line.split()[-1].split("@")[0]
                   for line in out.stdout.splitlines()}
    # As the C library calls them: openat64, __open_2.
    return {re.sub(r"^__|(64)?(_2|_chk)?$", "", s) for s in wanted} | wanted


def test_symbols():
    tap.ok("open" in symbols("process"), "what opens is seen")
    for room in CONFINED:
        tap.equal(symbols(room) & OPENS, set(),
                  f"flowd/{room} opens nothing")


# A file as comments and pages name it; in a .c or .h file, what is in a string
# or an include is none of theirs. NAME, *, ... stand for other words.
MENTION = re.compile(
    r"(?<![\w./*<-])((?:[\w.-]+/)*[a-z][a-z0-9_]*\.(?:c|h|def|py))"
    r"(?![\w/.(])")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def mentions(path, text):
    """What files a text names, as paths or without their folders."""
    if path.endswith((".c", ".h", ".def")):
        text = "\n".join(COMMENT.findall(text))
    elif path.endswith(".py"):
        text = "\n".join(a or b for a, b in re.findall(
            r'"""(.*?)"""|#([^\n]*)', text, re.DOTALL))
    # A path may be cut behind a slash, to go on in the next line.
    return MENTION.findall(re.sub(r"(\w/)\n[\s*#]*(?=\w)", r"\1", text))


def texts():
    """The files that are ours to read, and what is in them."""
    for top in (*FOLDERS, "include", "python", "test", "fuzz", "bench", "examples",
                "man", "packaging", "perl", "scripts", "."):
        for folder, subs, names in os.walk(os.path.join(SOURCE, top)):
            if top == ".":
                subs.clear()
            for name in names:
                if name.endswith((".c", ".h", ".h.in", ".def", ".py", ".md",
                                  ".1", ".3", ".5", ".8", "meson.build")):
                    path = os.path.normpath(os.path.relpath(
                        os.path.join(folder, name), SOURCE))
                    with open(os.path.join(SOURCE, path),
                              encoding="utf-8") as f:
                        yield path, f.read()


def test_mentions():
    """Comments and pages name files that are there."""
    every = dict(texts())
    # Those that the build makes, and headers as they are installed.
    paths = {p.removesuffix(".in") for p in every}
    paths |= {p.removeprefix("include/") for p in paths}
    names = {os.path.basename(p) for p in paths}
    tap.equal(mentions("x.c", "/* lib/\n * base/buf.c, y.h */ z.c"),
              ["lib/base/buf.c", "y.h"], "files in comments are found")
    missing = set()
    for path, text in sorted(every.items()):
        for name in mentions(path, text):
            whole = name.split("/")[0] in {p.split("/")[0] for p in paths}
            if name in SYSTEM or (
                    name in paths if "/" in name and whole else
                    name.split("/")[-1] in names):
                continue
            missing.add(f"{path}: {name}")
    tap.equal(missing, set(), "comments and pages name files that are there")


def test_width():
    """A line fits a terminal; tables are aligned, texts of theirs are not."""
    wide = [f"{path}:{n}" for path, text in sorted(texts())
            if path.endswith((".c", ".h")) or path in WIDTH_TOO
            for n, line in enumerate(text.splitlines(), 1)
            if len(line.expandtabs(8)) > 80]
    tap.equal(wide, [], "no line is longer than 80 columns")


def test_folders():
    """A folder that can be read at a glance."""
    count = collections.Counter(os.path.dirname(p) for p in sources())
    tap.equal({f: n for f, n in count.items()
               if n > 40 and f.startswith(("flowd", "stats"))}, {},
              "no folder of flowd and flowd-stats has more than 40 files")


test_circles()
test_symbols()
test_mentions()
test_width()
test_folders()
tap.done()
