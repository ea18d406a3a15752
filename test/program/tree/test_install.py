"""make install: what lands where, and that the system can use it.

Service files are tried as far as this system has programs for that; the rc.d
scripts run with a stand-in for rc.subr.
"""
import gzip
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import tempfile

from daemon import Flowd, read, wait_for
from flowdtest import BUILD, SOURCE, program, run, v3_parse, v5_datagram
from tap import Tap

tap = Tap()
ONE = v5_datagram([{"sport": 1}])

MAN = ["man1/flowd-send.1", "man1/flowd-stats.1",
       *(f"man3/{page}.3" for page in
         ("flowd_arrow", "flowd_batch", "flowd_classic", "flowd_compat",
          "flowd_decoder", "flowd_format", "flowd_query", "flowd_scan",
          "flowd_writer", "libflowd")),
       "man5/flowd-log.5", "man5/flowd-state.5", "man5/flowd.conf.5",
       "man8/flowctl.8", "man8/flowd-reader.8", "man8/flowd.8"]
HEADERS = ["addr", "arrow", "batch", "classic", "column", "compat", "crc32",
           "decoder", "error", "flowd", "flowd-common", "format", "query",
           "scan", "store", "store-v2", "version", "writer"]
COMMON = {
    **{f"include/flowd/{name}.h": 0o644 for name in HEADERS},
    "bin/flowd-reader": 0o755, "bin/flowd-send": 0o755,
    "bin/flowd-stats": 0o755, "sbin/flowd": 0o755, "sbin/flowctl": 0o755,
    "share/examples/flowd/flowd.conf": 0o644,
    **{f"share/{where.format(name)}": 0o644
       for where in ("bash-completion/completions/{}",
                     "zsh/site-functions/_{}",
                     "fish/vendor_completions.d/{}.fish")
       for name in ("flowd", "flowctl", "flowd-reader", "flowd-send",
                    "flowd-stats")},
    **{f"share/man/{page}": 0o644 for page in MAN}}
LIBRARY = {
    "libflowd.a": 0o644, "libflowd.so": 0o755, "libflowd.so.1": 0o755,
    "libflowd.so.1.0.0": 0o755, "pkgconfig/libflowd.pc": 0o644}
SYSTEMD = {
    "lib/systemd/system/flowd.service": 0o644,
    "lib/systemd/system/flowd.socket": 0o644,
    "lib/sysusers.d/flowd.conf": 0o644, "lib/tmpfiles.d/flowd.conf": 0o644,
    "share/examples/flowd/logrotate.conf": 0o644}


def command(*args, **kw):
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    return subprocess.run(args, stdin=subprocess.DEVNULL, env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=120, **kw)


def make(target, dest):
    return command("make", target, f"BUILD={BUILD}", f"DESTDIR={dest}",
                   cwd=SOURCE)


def files(root):
    return {os.path.relpath(os.path.join(base, name), root):
            stat.S_IMODE(os.stat(os.path.join(base, name)).st_mode)
            for base, _, names in os.walk(root) for name in names}


def text(*path):
    return read(os.path.join(*path)).decode()


def setup(tmp, *options):
    """A build folder that is configured only: the service files are made
    then. Returns it, and where each file would be installed."""
    where = os.path.join(tmp, "-".join(re.sub(r"\W", "", o) for o in options))
    r = command("meson", "setup", "-Dtests=false", *options, where, SOURCE)
    if not tap.ok(r.returncode == 0, f"meson setup {' '.join(options)}",
                  r.stdout.decode()[-2000:]):
        return where, ""
    r = command("meson", "introspect", "--installed", where)
    return where, r.stdout.decode()


def with_program(unit):
    """A unit whose program is the one of this build."""
    return re.sub(r"[^\s=]+/sbin/(flowd|flowctl)(?= )",
                  lambda m: program(m[1]), unit)


def libdir():
    r = command("meson", "introspect", "--buildoptions", BUILD)
    return {o["name"]: o["value"] for o in json.loads(r.stdout)}["libdir"]


def installs(tmp):
    dest = os.path.join(tmp, "dest")
    r = make("install", dest)
    tap.equal(r.returncode, 0, f"make install DESTDIR=: {r.stdout[-300:]}"
              if r.returncode else "make install DESTDIR=")
    # Whatever prefix this build has, everything is below it.
    prefix = os.path.commonpath([os.path.join(dest, f) for f in files(dest)])
    want = dict(COMMON)
    want.update({f"{libdir()}/{name}": mode for name, mode in LIBRARY.items()})
    want.update(python_module())
    if os.uname().sysname == "Linux":
        want.update(SYSTEMD)
    tap.equal(files(prefix), want, "what is installed, and its modes")
    for page in MAN:
        path = os.path.join(prefix, "share", "man", page)
        if shutil.which("mandoc") is None:
            tap.skip(f"{page} is clean as installed", "no mandoc")
            continue
        r = command("mandoc", "-Tlint", "-Wwarning", path)
        tap.equal((r.returncode, r.stdout), (0, b""),
                  f"{page} is clean as installed")
    r = command(os.path.join(prefix, "sbin", "flowd"), "-n", "-f",
                os.path.join(prefix, "share", "examples", "flowd",
                             "flowd.conf"))
    tap.equal((r.returncode, r.stdout), (0, b""),
              "the installed program takes the installed example")
    return dest, prefix


def python_module():
    """Where the files of the Python module go, as far as it is built."""
    r = command("meson", "introspect", "--installed", "--buildoptions",
                BUILD)
    said = json.loads(r.stdout)
    prefix = {o["name"]: o["value"]
              for o in said["buildoptions"]}["prefix"]
    return {os.path.relpath(to, prefix): 0o755 if to.endswith(".so") else 0o644
            for of, to in said["installed"].items()
            if of.startswith(os.path.join(BUILD, "python") + os.sep)}


def uninstalls(dest, prefix):
    own = os.path.join(prefix, "etc", "flowd.conf")
    os.makedirs(os.path.dirname(own), exist_ok=True)
    with open(own, "w", encoding="utf-8") as f:
        f.write("# mine\n")
    r = make("uninstall", dest)
    tap.equal(r.returncode, 0, "make uninstall")
    tap.equal(set(files(dest)), {os.path.relpath(own, dest)},
              "make uninstall leaves a configuration and nothing else")
    tap.equal(make("uninstall", dest).returncode, 0,
              "make uninstall when nothing is there")


def systemd(tmp, prefix):
    if not os.path.exists(os.path.join(prefix, "lib", "systemd")):
        tap.skip("systemd units", "not installed on this system")
        return
    units = os.path.join(tmp, "units")
    os.mkdir(units)
    for name in ("flowd.service", "flowd.socket"):
        unit = with_program(text(prefix, "lib/systemd/system", name))
        with open(os.path.join(units, name), "w", encoding="utf-8") as f:
            f.write(unit)
        tap.ok("@" not in re.sub("@system-service", "", unit),
               f"{name}: every path is filled in", unit)
    if shutil.which("systemd-analyze") is None:
        tap.skip("systemd-analyze verify", "no systemd-analyze")
        return
    paths = [os.path.join(units, n) for n in os.listdir(units)]
    r = command("systemd-analyze", "verify", "--man=no", *paths)
    tap.equal((r.returncode, r.stdout), (0, b""), "systemd-analyze verify")
    # Offline since version 250.
    version = re.match(r"systemd (\d+)", command(
        "systemd-analyze", "--version").stdout.decode())
    if version is None or int(version[1]) < 250:
        tap.skip("systemd-analyze security", "systemd is older than 250")
        return
    r = command("systemd-analyze", "security", "--offline=yes", "--no-pager",
                "--threshold=35", os.path.join(units, "flowd.service"))
    tap.ok(r.returncode == 0, "systemd-analyze security: exposure below 3.5",
           r.stdout.decode()[-200:])


def users_and_folders(tmp, prefix):
    root = os.path.join(tmp, "root")
    os.makedirs(os.path.join(root, "etc"))
    conf = os.path.join(prefix, "lib", "{}", "flowd.conf")
    if shutil.which("systemd-sysusers") is None or not os.path.exists(
            conf.format("sysusers.d")):
        tap.skip("sysusers.d and tmpfiles.d", "no systemd-sysusers")
        return
    if os.getuid() != 0:
        tap.skip("sysusers.d and tmpfiles.d", "only root can try them")
        return
    command("systemd-sysusers", f"--root={root}", conf.format("sysusers.d"))
    tap.ok(re.search(r"^_flowd:x:\d+:\d+:.*:/var/empty:.*nologin$",
                     text(root, "etc", "passwd"), re.M),
           "sysusers.d makes the user _flowd")
    command("systemd-tmpfiles", f"--root={root}", "--create",
            conf.format("tmpfiles.d"))
    st = os.stat(os.path.join(root, "var", "empty"))
    tap.equal((stat.S_IMODE(st.st_mode), st.st_uid), (0o555, 0),
              "tmpfiles.d makes its folder, which nobody can write to")


# What FreeBSD's rc.subr does for such a script, as far as it matters here.
FREEBSD_SUBR = """
load_rc_config()
{
	. "$RC_CONF"
}
check_pidfile()
{
	cat "$1" 2>/dev/null
}
run_rc_command()
{
	[ "$flowd_enable" = YES ] || exit 3
	eval "precmd=\\${${1}_precmd-:} cmd=\\${${1}_cmd-}"
	case " start stop status restart $extra_commands " in
	*" $1 "*) ;;
	*) exit 4 ;;
	esac
	$precmd || exit 5
	case "$1" in
	start)
		[ -r "$required_files" ] || exit 6
		$command $flowd_flags $command_args
		;;
	stop) kill "$(check_pidfile "$pidfile" "$command")" ;;
	status) [ -n "$(check_pidfile "$pidfile" "$command")" ] ;;
	*) $cmd ;;
	esac
}
"""

OPENBSD_SUBR = """
rc_pre()
{
	return 0
}
rc_cmd()
{
	case "$1" in
	start) rc_pre && ${daemon} ${daemon_flags} ;;
	reload) rc_reload ;;
	configtest) rc_configtest ;;
	esac
}
"""


def stand_in(tmp, name, script, subr, replace):
    """A script with another rc.subr, program and paths. Returns its path."""
    path = os.path.join(tmp, name)
    with open(path + ".subr", "w", encoding="utf-8") as f:
        f.write(subr)
    for old, new in replace.items():
        tap.ok(old in script, f"{name}: names {old}")
        script = script.replace(old, new)
    script = re.sub(r"^\. /etc/\S*rc\.subr$", f". {path}.subr", script,
                    flags=re.M)
    with open(path, "w", encoding="utf-8") as f:
        f.write(script)
    return path


def with_paths(script, f):
    """A command with the flowctl of this build, and the socket of a flowd."""
    for old, new in ((r"/[^\s\"]+/sbin/flowctl", program("flowctl")),
                     (r"/[^\s\"]+/flowd\.sock", f.path("pid.sock"))):
        tap.ok(re.search(old, script), f"names {old}", script)
        script = re.sub(old, new, script)
    return script


def rotates(tmp, command_of, what):
    """A command that a rotation runs: with a flowd, with one that cannot,
    with none."""
    with Flowd() as f:
        path = os.path.join(tmp, "rotate.sh")
        with open(path, "w", encoding="utf-8") as out:
            out.write(with_paths(command_of, f))
        os.rename(f.log, f.log + ".0")
        r = command("sh", path)
        tap.ok(r.returncode == 0 and os.path.exists(f.log),
               f"{what}: the log is opened anew", r)
        f.write_conf("", log=f.path("none/log"))
        run(["flowctl", "-s", f.path("pid.sock"), "reload"])
        r = command("sh", path)
        tap.ok(r.returncode == 1 and b"cannot open logfile" in r.stdout,
               f"{what}: a log that cannot be opened is an error", r)
        f.stop()
        r = command("sh", path)
        tap.equal((r.returncode, r.stdout), (0, b""),
                  f"{what}: without a flowd there is nothing to do")


def logrotate(tmp, prefix):
    path = os.path.join(prefix, "share/examples/flowd/logrotate.conf")
    if not os.path.exists(path) or shutil.which("logrotate") is None:
        tap.skip("the example for logrotate", "no logrotate")
        return
    example = text(path)
    rotates(tmp, re.search(r"postrotate\n(.*)\n\tendscript", example)[1],
            "logrotate")
    with Flowd() as f:
        example = with_paths(example, f).replace("/var/log/flowd", f.log) \
            .replace("nocompress", "compress")
        conf = f.path("logrotate.conf")
        with open(conf, "w", encoding="utf-8") as out:
            out.write(example)
        os.chmod(f.dir.name, 0o700)
        f.send(ONE)
        f.stored(1)
        rotate = ["logrotate", "-f", "-s", f.path("state"), conf]
        r = command(*rotate)
        tap.ok(r.returncode == 0 and os.path.getsize(f.log) == 0,
               "logrotate takes the example, and flowd a new log", r)
        old = [n for n in os.listdir(f.dir.name) if n.endswith(".gz")]
        tap.equal([len(v3_parse(gzip.decompress(read(f.path(n)))))
                   for n in old], [1], "what was compressed at once is whole")
        f.send(ONE)
        f.stored(1)
        f.stop()
        os.unlink(f.path(old[0]))
        r = command(*rotate)
        tap.equal((r.returncode, r.stdout), (0, b""),
                  "logrotate says nothing where flowd does not run")


def started(f):
    """A daemon that a script started: its process, by the pid file."""
    wait_for(lambda: os.path.exists(f.pid) and read(f.pid) != b"")
    return int(read(f.pid))


def freebsd(tmp):
    build, plan = setup(tmp, "-Dinit=freebsd")
    tap.ok("/usr/local/etc/rc.d/flowd" in plan,
           "FreeBSD: the script is /usr/local/etc/rc.d/flowd", plan)
    tap.ok("systemd" not in plan, "FreeBSD: nothing of systemd", plan)
    made = os.path.join(build, "packaging")
    tap.ok(re.search(r"^/var/log/flowd\t600\t30\t\*\t@T00\tBR\t"
                     r"/usr/local/libexec/flowd-rotate$",
                     text(made, "newsyslog.conf"), re.M) and
           '"/usr/local/libexec/flowd-rotate"' in plan,
           "FreeBSD: an example for newsyslog, and its command", plan)
    rotates(tmp, text(made, "flowd-rotate"), "FreeBSD: newsyslog")
    with Flowd(start=False) as f:
        path = stand_in(tmp, "freebsd-flowd", text(made, "flowd"),
                        FREEBSD_SUBR, {
                            '"/usr/local/sbin/flowd"': program("flowd"),
                            "/usr/local/sbin/flowctl": program("flowctl")})
        conf = os.path.join(tmp, "rc.conf")
        os.environ["RC_CONF"] = conf

        def rc(word):
            r = subprocess.run(["sh", path, word], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, timeout=60)
            return r.returncode, r.stderr.decode()

        with open(conf, "w", encoding="utf-8") as out:
            out.write("")
        tap.equal(rc("start")[0], 3, "FreeBSD: not started unless enabled")
        with open(conf, "w", encoding="utf-8") as out:
            out.write(f"flowd_enable=YES\nflowd_config={f.conf}\n"
                      f"flowd_pidfile={f.pid}\n")
        tap.equal(rc("rotate")[0], 1, "FreeBSD: rotate without a daemon")
        tap.equal(rc("start"), (0, ""), "FreeBSD: start")
        pid = started(f)
        tap.equal(rc("status")[0], 0, "FreeBSD: status")
        os.rename(f.log, f.log + ".0")
        tap.equal(rc("rotate")[0], 0, "FreeBSD: rotate")
        tap.ok(wait_for(lambda: os.path.exists(f.log)),
               "FreeBSD: rotate makes a new log")
        tap.equal(rc("reload")[0], 0, "FreeBSD: reload")
        f.write_conf("lisen\n")
        status, said = rc("reload")
        tap.ok(status == 1 and "did you mean" in said,
               "FreeBSD: reload of a wrong file is refused, and says why",
               said)
        f.write_conf("", log=f.path("none/log"))
        status, said = rc("reload")
        tap.ok(status == 1 and "cannot open logfile" in said,
               "FreeBSD: reload of one that cannot be used in whole says so",
               said)
        f.write_conf("lisen\n")
        tap.equal(rc("restart")[0], 5, "FreeBSD: so is restart")
        tap.equal(rc("configtest")[0], 1, "FreeBSD: configtest says so, too")
        tap.equal(rc("stop")[0], 0, "FreeBSD: stop")
        tap.ok(wait_for(lambda: not os.path.exists(f"/proc/{pid}")
                        and not os.path.exists(f.pid)),
               "FreeBSD: and it is gone")


def openbsd(tmp):
    build, plan = setup(tmp, "-Dinit=openbsd", "-Dpiddir=/run/x")
    tap.ok('"/etc/rc.d/flowd"' in plan,
           "OpenBSD: the script is /etc/rc.d/flowd", plan)
    made = os.path.join(build, "packaging")
    example = re.search(r"^/var/log/flowd\t600\t30\t\*\t@T00\tB\t\"(.+)\"$",
                        text(made, "newsyslog.conf"), re.M)
    tap.ok(example is not None and "/run/x/flowd.sock" in example[1],
           "OpenBSD: an example for newsyslog, with its command")
    rotates(tmp, example[1], "OpenBSD: newsyslog")
    with Flowd(start=False) as f:
        path = stand_in(tmp, "openbsd-flowd", text(made, "flowd"),
                        OPENBSD_SUBR, {
                            '"/usr/local/sbin/flowd"': program("flowd"),
                            "/usr/local/etc/flowd.conf": f.conf,
                            "/usr/local/sbin/flowctl": program("flowctl"),
                            "/run/x/flowd.sock": f.path("pid.sock")})

        def rc(word):
            return subprocess.run(["sh", path, word],
                                  stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL,
                                  timeout=60).returncode

        good = read(f.conf)
        f.write_conf("lisen\n")
        tap.ok(rc("start") != 0, "OpenBSD: a wrong file is not started with")
        with open(f.conf, "wb") as out:
            out.write(good)
        tap.equal(rc("start"), 0, "OpenBSD: start")
        pid = started(f)
        tap.equal(rc("reload"), 0, "OpenBSD: reload")
        tap.equal(rc("configtest"), 0, "OpenBSD: configtest")
        f.write_conf("lisen\n")
        tap.ok(rc("reload") != 0, "OpenBSD: a wrong file is not reloaded")
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not os.path.exists(f.pid))


def nothing(tmp):
    _, plan = setup(tmp, "-Dinit=none", "-Dprefix=/usr")
    tap.ok('"/usr/sbin/flowd"' in plan and "systemd" not in plan and
           "rc.d" not in plan, "-Dinit=none: no service files", plan)
    where, plan = setup(tmp, "-Dinit=systemd", "-Dprefix=/usr")
    tap.ok('"/usr/lib/systemd/system/flowd.service"' in plan,
           "prefix /usr: units go to /usr/lib", plan)
    tap.ok("ExecStart=/usr/sbin/flowd -g -f /etc/flowd.conf\n" in
           text(where, "packaging", "flowd.service"),
           "prefix /usr: the configuration is in /etc")


def main():
    with tempfile.TemporaryDirectory() as tmp:
        if shutil.which("make") is None:
            tap.skip("make install", "no make")
        else:
            dest, prefix = installs(tmp)
            systemd(tmp, prefix)
            users_and_folders(tmp, prefix)
            logrotate(tmp, prefix)
            uninstalls(dest, prefix)
        freebsd(tmp)
        openbsd(tmp)
        nothing(tmp)
    tap.done()


main()
