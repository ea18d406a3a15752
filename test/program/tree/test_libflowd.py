"""libflowd as it is installed: what it exports, that its headers stand alone,
and that the examples compile with what pkg-config says, run, and agree with
flowd-reader."""
import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile

from flowdtest import BUILD, SOURCE, program, run, sanitized, shared
from tap import Tap

tap = Tap()
SANITIZE = ["-fsanitize=address,undefined"] if sanitized() else []
WARN = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def command(*args, **kw):
    return subprocess.run(args, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=120, **kw)


def introspect(what):
    return json.loads(command("meson", "introspect", what, BUILD).stdout)


def compiler():
    """The one that built the library, as sanitizers are of one compiler."""
    with open(os.path.join(BUILD, "compile_commands.json"),
              encoding="utf-8") as f:
        words = shlex.split(json.load(f)[0]["command"])
    return [w for w in words[:2] if os.path.basename(w) != "ccache"][:1]


def install(tmp):
    """Returns the prefix, moved to a folder, and the folder of libraries."""
    dest = os.path.join(tmp, "dest")
    r = command("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet",
                "--destdir", dest)
    tap.equal(r.returncode, 0, "meson install")
    options = {o["name"]: o["value"] for o in introspect("--buildoptions")}
    prefix = os.path.join(dest, options["prefix"].lstrip("/"))
    return prefix, os.path.join(prefix, options["libdir"])


# --- What is exported ---

def listed():
    with open(os.path.join(SOURCE, "test", "libflowd.symbols"),
              encoding="utf-8") as f:
        return [line.strip() for line in f]


def declared(prefix):
    """The functions that the headers declare."""
    found = set()
    folder = os.path.join(prefix, "include", "flowd")
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.DOTALL)
        found |= set(re.findall(r"\b([a-z]\w+)\(", text))
    found -= {"defined", "aligned"}
    return found


def exports(prefix, libdir):
    r = command("nm", "-D", "--defined-only", "--with-symbol-versions",
                os.path.join(libdir, "libflowd.so"))
    symbols = sorted(line.split()[-1].replace("@@", " ")
                     for line in r.stdout.splitlines()
                     if " A " not in line)
    tap.equal(symbols, listed(),
              "the shared library exports test/libflowd.symbols")
    names = {line.split()[0] for line in listed()}
    tap.equal(names - declared(prefix), set(), "all of it is declared")
    tap.equal(declared(prefix) - names, set(),
              "and what is declared is exported")
    r = command("nm", "-g", "--defined-only",
                os.path.join(libdir, "libflowd.a"))
    symbols = {line.split()[-1] for line in r.stdout.splitlines()
               if len(line.split()) == 3}
    tap.equal(symbols, names, "the static library has the same names")
    r = command("readelf", "-d", os.path.join(libdir, "libflowd.so"))
    tap.ok("Library soname: [libflowd.so.1]" in r.stdout,
           "its name is libflowd.so.1", r.stdout)


# --- Headers ---

def headers(tmp, prefix):
    include = os.path.join(prefix, "include")
    languages = [("C", [*compiler(), "-std=c11"], ".c")]
    if shutil.which("g++"):
        languages.append(("C++", ["g++", "-std=c++11"], ".cc"))
    for name in sorted(os.listdir(os.path.join(include, "flowd"))):
        for language, cc, suffix in languages:
            source = os.path.join(tmp, "header" + suffix)
            with open(source, "w", encoding="utf-8") as f:
                f.write(f"#include <flowd/{name}>\n"
                        f"#include <flowd/{name}>\n")
            r = command(*cc, *WARN, "-I", include, "-fsyntax-only", source)
            tap.equal((r.returncode, r.stderr), (0, ""),
                      f"flowd/{name} stands alone in {language}")


# --- Examples ---

def pkg_config(prefix, libdir, *args):
    """As it says, where it was moved to."""
    env = dict(os.environ,
               PKG_CONFIG_PATH=os.path.join(libdir, "pkgconfig"))
    r = command("pkg-config", f"--define-variable=prefix={prefix}", *args,
                "libflowd", env=env)
    tap.equal((r.returncode, r.stderr), (0, ""),
              f"pkg-config {' '.join(args)}")
    return r.stdout.split()


def build_examples(tmp, prefix, libdir):
    """Compiles each example, with the shared and with the static library.
    Gives name, how, path."""
    flags = pkg_config(prefix, libdir, "--cflags")
    libs = pkg_config(prefix, libdir, "--libs")
    # With the shared ones of others: their static ones may want what is not
    # installed.
    others = pkg_config(prefix, libdir, "--print-requires-private")
    static = [os.path.join(libdir, "libflowd.a"), "-lm", "-pthread",
              *command("pkg-config", "--libs", *others).stdout.split()]
    for name in sorted(os.listdir(os.path.join(SOURCE, "examples"))):
        if not name.endswith(".c"):
            continue
        for how, link in (("shared", [*libs, f"-Wl,-rpath,{libdir}"]),
                          ("static", static)):
            path = os.path.join(tmp, f"{name[:-2]}-{how}")
            r = command(*compiler(), "-std=c11", "-D_POSIX_C_SOURCE=200809L",
                        *WARN, *SANITIZE, *flags, "-o", path,
                        os.path.join(SOURCE, "examples", name), *link)
            if tap.equal((r.returncode, r.stderr), (0, ""),
                         f"examples/{name} compiles, {how}"):
                yield name[:-2], how, path


def reader(*args):
    r = run(["flowd-reader", *args])
    return r.stdout.decode()


def sums(log):
    """What octets_by_port prints, of what flowd-reader prints."""
    ports = {}
    for line in reader("--json", "--fields", "dst_port,octets", "-e",
                       "proto tcp", log).splitlines():
        flow = json.loads(line)
        port = flow.get("dst_port", 0)
        ports[port] = ports.get(port, 0) + flow["octets"]
    tap.ok(len(ports) > 5, "there are several ports", ports)
    return "".join(f"{port} {n}\n" for port, n in sorted(ports.items()) if n)


def octets_by_port(path, how, logs):
    for log in logs:
        r = command(path, log)
        tap.equal((r.returncode, r.stderr, r.stdout), (0, "", sums(log)),
                  f"octets_by_port, {how}: sums of {os.path.basename(log)}")
    r = command(path, "/nonexistent")
    tap.equal((r.returncode, r.stdout, r.stderr),
              (1, "", "octets_by_port: /nonexistent: No such file or "
               "directory\n"), f"octets_by_port, {how}: no file")


def print_flows(path, how, logs):
    for log in logs:
        r = command(path, "proto tcp", log)
        tap.equal((r.returncode, r.stderr), (0, ""), f"print_flows, {how}")
        tap.ok(r.stdout == reader("-U", "-e", "proto tcp", log) != "",
               f"print_flows, {how}: the lines of flowd-reader, of "
               f"{os.path.basename(log)}")
    r = command(path, "proto tpc", logs[0])
    tap.ok(r.returncode == 1 and "did you mean" in r.stderr,
           f"print_flows, {how}: an expression that is none", r)


def top_hosts(path, how, logs):
    for log in logs:
        hosts = {}
        for line in reader("--json", "--fields", "src_addr,octets",
                           log).splitlines():
            flow = json.loads(line)
            host = flow.get("src_addr")
            hosts[host] = hosts.get(host, 0) + flow["octets"]
        r = command(path, "5", log)
        tap.equal((r.returncode, r.stderr), (0, ""), f"top_hosts, {how}")
        got = [line.split() for line in r.stdout.splitlines()]
        tap.equal([int(n) for _, n in got],
                  sorted(hosts.values(), reverse=True)[:5],
                  f"top_hosts, {how}: the most octets in "
                  f"{os.path.basename(log)}")
        tap.equal([hosts.get(host) for host, _ in got],
                  [int(n) for _, n in got],
                  f"top_hosts, {how}: and of these hosts")


def golden():
    """(file, options) of logs of the first flowd that are read whole."""
    folder = shared("compat/golden/reader")
    if folder is None:
        return
    for name, *options in (("two.flowd",), ("max.flowd",), ("long.flowd",),
                           ("bad-header-only-records.flowd",),
                           ("bad-minor1-unknown-field.flowd",),
                           ("bad-lenwords-long.flowd",),
                           ("empty.flowd",), ("legacy.v2", "-L")):
        path = os.path.join(folder, name)
        if os.path.exists(path):
            yield path, options


def classic_reader(path, how, logs):
    cases = [(logs[1], []), *golden()]
    copy = path + ".copy"
    for log, options in cases:
        for more in ([], ["-v", "-U"], ["-c"]):
            r = command(path, *options, *more, log, copy)
            want = reader(*options, *more, log)
            want = "".join(line for line in want.splitlines(keepends=True)
                           if not line.startswith(("LOGFILE", "#:")))
            tap.equal((r.returncode, r.stderr, r.stdout), (0, "", want),
                      f"classic_reader, {how}: {' '.join(options + more)} "
                      f"{os.path.basename(log)}")
        tap.equal(reader("-U", copy), reader("-U", *options, log),
                  f"classic_reader, {how}: a copy of "
                  f"{os.path.basename(log)}")
    if len(cases) == 1:
        tap.skip("classic_reader on logs of the first flowd",
                 "no golden data")


EXAMPLES = {"classic_reader": classic_reader,
            "octets_by_port": octets_by_port, "print_flows": print_flows,
            "top_hosts": top_hosts}


def make_logs(tmp):
    capture = os.path.join(tmp, "flows.pcap")
    run(["flowd-send", "-q", "--generate", "5000", "--dump", capture])
    logs = [capture]
    for to in ("v3", "v4"):
        logs.append(os.path.join(tmp, "flows." + to))
        run(["flowd-reader", "-q", "-o", logs[-1], "--to", to, capture])
    return logs


def main():
    with tempfile.TemporaryDirectory() as tmp:
        prefix, libdir = install(tmp)
        exports(prefix, libdir)
        headers(tmp, prefix)
        logs = make_logs(tmp)
        for name, how, path in build_examples(tmp, prefix, libdir):
            if tap.ok(name in EXAMPLES, f"examples/{name}.c has a test"):
                EXAMPLES[name](path, how, logs)
    tap.done()


main()
