"""Rules in files: included ones, tables and their files, what -nv prints."""
import os
import resource
import subprocess
import tempfile

from flowdtest import (datagrams_pcap, faults, program, reader_json, run,
                       v5_datagram)
from tap import Tap

from test_expressions import ipfix, COMMON, V4  # the flows of those tests

tap = Tap()
WHOLE = "listen on 127.0.0.1:1\nlogfile '/x'\n"


def write(tmp, name, text):
    path = os.path.join(tmp, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="latin-1", newline="") as f:
        f.write(text)
    return path


def check(tmp, text, *args, name="t.conf"):
    write(tmp, name, text)
    return run(["flowd", "-n", "-f", name, *args], cwd=tmp)


def said(r):
    """The first line of each error: those that name a place."""
    return [l for l in faults(r).splitlines()
            if not l.startswith("    ")]


def includes(tmp):
    write(tmp, "sub/rules.conf", "include \"more/*.conf\"\naccept tag 3 tcp\n"
          "table <hosts> file \"hosts.txt\"\ndiscard src <hosts>\n")
    write(tmp, "sub/hosts.txt", "10.0.0.1\n")
    for n in (2, 1):
        write(tmp, f"sub/more/{n}.conf", f"accept tag {n} udp\n")
    write(tmp, "sub/more/not.txt", "nonsense\n")
    r = check(tmp, WHOLE + "include 'sub/rules.conf'\naccept tag 4 icmp\n",
              "-v")
    tap.equal((r.returncode, r.stdout.decode().splitlines()[2:]), (0, [
        "accept tag 1 proto 17", "accept tag 2 proto 17",
        "accept tag 3 proto 6", 'table <hosts> {} file "sub/hosts.txt"',
        "discard src <hosts>", "accept tag 4 proto 1"]),
        "files are included in their place, by name, beside their includer")
    again = check(tmp, r.stdout.decode(), "-v", name="u.conf")
    tap.equal(again.stdout, r.stdout, "what was included prints back")
    r = run(["flowd", "-n", "-v", "-f", os.path.join(tmp, "t.conf")], cwd="/")
    tap.ok(r.returncode == 0 and b'"sub/hosts.txt"' in r.stdout,
           "the folder does not depend on where flowd is started", r.stderr)
    r = check(tmp, WHOLE + "include \"none-*\"\n")
    tap.equal((r.returncode, said(r)), (0, []), "a pattern may match nothing")
    r = check(tmp, WHOLE + "include \"none\"\n")
    tap.equal(said(r), ["t.conf:3:1: include: cannot open none: No such file "
                        "or directory"], "a file that is missing is an error")
    r = check(tmp, "include \"t.conf\"\n")
    tap.ok(r.returncode == 1 and "t.conf:1:1: include: the file includes "
           "itself" in said(r), "a file that includes itself", said(r))
    for n in range(12):
        write(tmp, f"d{n}.conf", f"include \"d{n + 1}.conf\"\n")
    r = check(tmp, WHOLE + "include \"d0.conf\"\n")
    tap.ok(r.returncode == 1 and said(r) == [
        "d7.conf:1:1: include: files include one another too deeply"],
        "includes are not endless", said(r))
    r = check(tmp, WHOLE + "include \"su?/more/*.conf\"\n")
    tap.ok(r.returncode == 1 and "cannot open su?" in said(r)[0]
           or "No such file" in said(r)[0],
           "a pattern is in the last part of a path only", said(r))
    write(tmp, "d[1]/f.conf", WHOLE + "include \"*.inc\"\n")
    write(tmp, "d[1]/x.inc", "accept tag 9 tcp\n")
    r = run(["flowd", "-nv", "-f", "d[1]/f.conf"], cwd=tmp)
    tap.ok(b"accept tag 9" in r.stdout, "a folder is no pattern", r.stderr)
    os.mkfifo(os.path.join(tmp, "fifo"))
    for what in ("fifo", ".", "/dev/zero"):
        r = check(tmp, WHOLE + f"include \"{what}\"\n")
        tap.equal(said(r), [f"t.conf:3:1: include: cannot open {what}: it is "
                            "no regular file"], f"include {what}")
        r = check(tmp, WHOLE + f"table <t> file \"{what}\"\n")
        tap.equal(said(r), [f"t.conf:3:16: cannot open {what}: it is no "
                            "regular file"], f"table file {what}")


def pipes(tmp):
    """A configuration from what the program was given, and never from a FIFO
    that may wait for a writer."""
    text = (WHOLE + "accept tag 9 tcp\n").encode()
    r = run(["flowd", "-nv", "-f", "/dev/stdin"], input=text)
    tap.ok(r.returncode == 0 and b"accept tag 9" in r.stdout,
           "-f /dev/stdin from a pipe", r.stderr)
    with open(write(tmp, "given.conf", text.decode()), "rb") as f:
        r = run(["flowd", "-nv", "-f", "/dev/stdin"], stdin=f)
    tap.ok(r.returncode == 0 and b"accept tag 9" in r.stdout,
           "-f /dev/stdin from a file", r.stderr)
    ours, theirs = os.pipe()
    os.write(theirs, text)
    os.close(theirs)
    r = run(["flowd", "-nv", "-f", f"/dev/fd/{ours}"], pass_fds=[ours])
    tap.ok(r.returncode == 0 and b"accept tag 9" in r.stdout,
           "-f <(command), as a shell has it", r.stderr)
    os.close(ours)
    fifo = os.path.join(tmp, "writerless")
    os.mkfifo(fifo)
    why = b": it is a FIFO, which may have no writer; use /dev/stdin\n"
    r = run(["flowd", "-n", "-f", fifo])
    tap.equal((r.returncode, r.stderr),
              (1, b"cannot open " + fifo.encode() + why),
              "a FIFO is not waited for")
    r = run(["flowd-reader", "-f", fifo, "/dev/null"])
    tap.ok(r.returncode == 1 and r.stderr.endswith(why),
           "nor by flowd-reader -f", r.stderr)
    # Both ends: neither waits, and what is read from it comes to an end.
    held = os.open(fifo, os.O_RDWR)
    os.write(held, text)
    ours = os.open(fifo, os.O_RDONLY)
    os.close(held)
    r = run(["flowd", "-nv", "-f", "/dev/stdin"], stdin=ours)
    tap.ok(r.returncode == 0 and b"accept tag 9" in r.stdout,
           "but one that is standard input is read", r.stderr)
    os.close(ours)


def errors(tmp):
    write(tmp, "a.conf", "acept all\naccept prot tcp\n")
    write(tmp, "p.txt", "# ours\n10.0.0.0/8\n\n 192.0.2.1/24 # x\nwrong\n"
          "! fd00::/8\r\n10.0.0.0/8 11.0.0.0/8\n!\n"
          + "#" * 9000 + "\n" + "x" * 9000 + "\n1.2.3.4")
    r = check(tmp, "lisen on 127.0.0.1:1\ninclude \"a.conf\"\n"
              "table <p> file \"p.txt\"\naccept srk 10/8\n" + WHOLE)
    tap.equal(said(r), [
        't.conf:1:1: unknown directive "lisen"; did you mean "listen"?',
        'a.conf:1:1: unknown directive "acept"; did you mean "accept"?',
        'a.conf:2:8: unknown clause "prot"; did you mean "proto"?',
        't.conf:4:8: unknown clause "srk"; did you mean "src"?',
        "p.txt:4:2: bits behind the mask are set",
        "p.txt:5:1: not a prefix",
        "p.txt:7:12: one prefix a line is expected",
        "p.txt:8:2: expected a prefix",
        "p.txt:10:1: the line is too long"],
        "all errors of all files are told at once")
    tap.ok(b"\n     192.0.2.1/24 # x\n     ^~~~~~~~~~~~\n" in r.stderr,
           "a line of a table is shown with a caret", r.stderr.decode())
    r = check(tmp, WHOLE + "accept port { 80, 443\naccept dst port (\n"
              "table <a> { 10/8, hello\n}\naccept tcp\nstore FOO\n")
    tap.equal(said(r), [
        't.conf:4:1: "accept" is not a port or a service',
        't.conf:5:19: could not parse address "hello"; host names are not '
        "looked up",
        't.conf:8:7: unknown store field type "FOO"'],
        "a brace that is not closed swallows one statement at most")


def listeners(tmp):
    r = check(tmp, "listen on 127.0.0.1:1\nlisten on 127.0.0.1:1 on lo\n"
              "listen on 127.0.0.1:1 bufsize 4M\nlogfile '/x'\n")
    tap.equal(said(r), ["t.conf:3:1: cannot listen on 127.0.0.1:1 twice"],
              "an address to listen on stands once for each interface")


def logdirs(tmp):
    """What is wrong with logdirs is told where it stands."""
    base = "listen on 127.0.0.1:1\nlogdir '/d' name voip\n"
    r = check(tmp, base + "accept log { viop, all2 } tcp\nlogdir '/d'\n"
              "logdir '/e' name voip\nlogdir '/f' rotat 5m\n"
              "discard log voip\nstore ie aplicationName\n")
    tap.equal(said(r), [
        "t.conf:6:13: unknown clause \"rotat\" of logdir; did you mean "
        "\"rotate\"?",
        "t.conf:7:1: log not allowed in discard",
        "t.conf:4:1: this directory is already a logdir",
        "t.conf:5:1: another logdir is named \"voip\"",
        "t.conf:8:1: unknown element \"aplicationName\"; did you mean "
        "\"applicationName\"?",
        "t.conf:3:14: no logdir is named \"viop\"; did you mean \"voip\"?",
        "t.conf:3:20: no logdir is named \"all2\""],
        "errors of logdirs")
    for path in ("/d/", "//d", "/./d/.", "/e/d"):
        two = path == "/e/d"
        again = check(tmp, base + f"logdir '{path}' name other\n"
                      f"accept log {{ voip{', other' if two else ''} }} all\n")
        tap.equal(said(again), [] if two else [
            "t.conf:3:1: this directory is already a logdir"],
            f"a logdir /d, and {path}")
    tap.ok(b"    accept log { viop, all2 } tcp\n                 ^~~~\n"
           in r.stderr, "a log is shown with a caret", r.stderr.decode())
    r = check(tmp, WHOLE + "store vlan\nstore ie 6871:40\naccept log x\n")
    tap.equal(said(r), [
        f"t.conf:{line}:1: \"{what}\" can be stored in a logdir, but not in "
        "a logfile" for line, what in ((3, "vlan"), (4, "6871:40"))] + [
            "t.conf:5:12: no logdir is named \"x\""],
        "what wants a logdir")
    r = check(tmp, "listen on 127.0.0.1:1\n")
    tap.equal(said(r), ["t.conf: no log file, directory or socket specified"],
              "a log is needed")
    r = check(tmp, base)
    tap.equal((r.returncode, said(r)), (0, [
        "logdir /d stays empty: no rule has \"accept log voip\""]),
        "a logdir is enough, and a warning no error")


def fields_of_a_logfile(tmp):
    """What is for logdirs only is nothing to a log of version 3."""
    octets = []
    with open(os.path.join(tmp, "one.pcap"), "wb") as f:
        f.write(datagrams_pcap([(10**18, "192.0.2.1", 999,
                                 v5_datagram([{"octets": 7}]))]))
    for text in ("", "store vlan\n", "store ie 6871:40\nstore vlan\n",
                 "store OCTETS\nstore vlan\n"):
        write(tmp, "f.conf", text)
        r = run(["flowd-reader", "-q", "-f", os.path.join(tmp, "f.conf"),
                 "--to", "v3", "-o", "-", os.path.join(tmp, "one.pcap")])
        octets.append(len(r.stdout))
    tap.ok(octets[0] > 100 and octets[0] == octets[1] == octets[2] and
           octets[3] < octets[0], "flowd-reader -f: what is stored", octets)


def odd_tables(tmp):
    """What a file of prefixes must not hide."""
    for text, error in (
            ("10.0.0.0/8\0 rest\n", "a NUL octet in the line"),
            ("# x\0" + "y" * 5000 + "\n012.0.0.0/8\n", "a NUL octet"),
            ("012.0.0.0/8\n", "a number with a 0 in front: is it octal"),
            ("10.08.0.0/16\n", "a number with a 0 in front"),
            ("#" + "x" * 4094 + "10.0.0.0/8\n", None),
            ("0.0.0.0/0\n0/0\n", None), ("::/0\r\n", None)):
        write(tmp, "odd.txt", text)
        r = check(tmp, WHOLE + "table <t> file \"odd.txt\"\n")
        tap.ok((r.returncode == 0 and not r.stderr) if error is None
               else any(error in line for line in said(r)),
               f"a table file of {text[:12]!r}", said(r))
    r = check(tmp, WHOLE + "".join(f"table <t{n}> {{}}\n"
                                   for n in range(4097)))
    tap.ok(r.returncode == 1 and "more than 4096 tables" in said(r)[0],
           "tables have a maximum", said(r)[:2])
    r = check(tmp, WHOLE + "listen on 127.0.0.1:1\n" * 9000)
    tap.ok(r.returncode == 1 and len(said(r)) < 200,
           "errors behind the parser have a maximum", len(said(r)))


def attacks(tmp):
    """What is meant to crash it, to hang it or to fill memory."""
    with open(os.path.join(tmp, "sparse"), "wb") as f:
        f.truncate(100 * 1024 * 1024)
    wide = ", ".join(f"10.{n >> 7 & 255}.{n << 1 & 255}.0/24"
                     for n in range(30000))
    for name, text, error in (
            ("parentheses", "accept " + "(" * 99999 + "tcp" + ")" * 99999,
             "t.conf:3:72: more than 64 levels"),
            ("not", "accept " + "not " * 99999 + "tcp",
             "t.conf:3:264: more than 64 levels"),
            ("!", "accept " + "! " * 99999 + "tcp",
             "t.conf:3:136: more than 64 levels"),
            ("braces", "accept src " + "{" * 99999,
             "t.conf:3:13: expected a prefix, not '{'"),
            ("a list of ports", "accept port { " + " ".join(
                str(n) for n in range(1, 60000, 2)) + " }", None),
            ("a list of prefixes", "accept src { " + wide + " }", None),
            ("macros of macros", "a = \"x\"\n" + "".join(
                "a = $a $a\n" for _ in range(40)), "more than 2046 octets"),
            ("a macro of itself", "m = \"$m\"\naccept $m",
             "t.conf:4:8: expected a clause"),
            ("a NUL", "accept tcp\0udp",
             "t.conf:3:11: a NUL octet"),
            ("DOS line ends", "accept tcp\r",
             "t.conf:3:11: a carriage return: are these DOS line ends?"),
            ("UTF-8", "accept \xc3\xbcdp", "t.conf:3:8: stray octet 0xc3: "
             "only ASCII stands outside of quotes"),
            ("5 MB", "#" * 5000000, "t.conf: longer than 4194304 octets"),
            ("100 MB in an include", "include \"sparse\"",
             "t.conf:3:1: include: sparse: longer than 4194304 octets"),
            ("100 MB in a table", "table <t> file \"sparse\"",
             "sparse:1:1: a NUL octet in the line"),
            ("rules without an end", "".join(
                f"accept tag {n} src 10.0.0.0/24 dst port {n} proto tcp\n"
                for n in range(1, 60000)), "too much: what stands up to here "
             "takes 32 MiB"),
            ("tables of tables", "table <t0> { " + wide + " }\n" + "".join(
                f"table <t{n + 1}> {{ <t{n}> }}\n" for n in range(2000)),
             "too much: the tables up to here have ")):
        r = check(tmp, WHOLE + text + "\n")
        tap.ok((r.returncode == 0 and not r.stderr) if error is None
               else r.returncode == 1 and error in said(r)[0],
               f"attack: {name}", said(r)[:3])


def long_compilations(tmp):
    """Rules that would take minutes to classify are run one by one."""
    for name, rules in (
            ("ports", "".join("accept " + " or ".join(
                f"dst port {1 + n * (7 + r) % 65000}-{65400 + r}"
                for n in range(4000)) + "\n" for r in range(8))),
            ("flags", "".join("accept " + " or ".join(
                f"tcp_flags mask {n % 256} equals {r}"
                for n in range(256)) + "\n" for r in range(16)))):
        r = check(tmp, WHOLE + rules, "-vv")
        tap.ok(r.returncode == 0 and b"# classified" not in r.stdout,
               f"long compilations: {name}", r.stderr[:300])


def compiled(tmp):
    r = check(tmp, WHOLE + "accept tag 1 tcp dst port 80\ndiscard\n", "-vv")
    tap.equal((r.returncode, r.stdout.decode()), (0,
              "accept tag 1 proto 6 and dst port 80\n"
              "    r0 = protocol = 6\n    r1 = dst_port = 80\n"
              "    r0 = r0 and r1\ndiscard\n    r0 = all\n"),
              "-nvv prints the program of each rule")
    rules = "".join(f"accept tag {n} src 10.0.{n}.0/24 dst port {n + 1}\n"
                    for n in range(100))
    r = check(tmp, WHOLE + rules, "-vv")
    tap.ok(r.returncode == 0 and "# classified: 100 rules, a key of 1 words"
           in r.stdout.decode() and "#   src_addr: 100 tests, 101 classes"
           in r.stdout.decode(), "-nvv tells how rules are classified",
           r.stdout.decode()[-600:])


def reader_file(tmp):
    """flowd-reader -f with a table file, and -e behind it."""
    path = os.path.join(tmp, "flows.pcap")
    with open(path, "wb") as f:
        f.write(datagrams_pcap([(10**18, "192.0.2.1", 4000, ipfix(
            256, COMMON + V4, range(40), 10**9))]))
    write(tmp, "sub/nets.txt", "10.0.0.0/16\n! 10.0.1.0/24\n")
    conf = write(tmp, "sub/f.conf", "table <nets> file \"nets.txt\"\n"
                 "discard\naccept tag 5 src <nets>\naccept tag 6 src <nets> "
                 "tcp\n")
    flows, _ = reader_json(path)
    kept, r = reader_json(path, "-f", conf)
    want = [dict(f, tag=6 if f["protocol"] == 6 else 5) for f in flows
            if not f["src_addr"].startswith("10.0.1.")]
    tap.ok([sorted(k.items()) for k in kept] ==
           [sorted(w.items()) for w in want], "-f with a table from a file",
           r.stderr.decode())
    kept, _ = reader_json(path, "-f", conf, "-e", "tag 6")
    tap.equal(len(kept), len([w for w in want if w["tag"] == 6]),
              "-e sees the tags that -f gives")
    r = run(["flowd-reader", "-e", "tcp", "-e", "udp", path])
    tap.ok(r.returncode == 1 and b"-e is given twice" in r.stderr,
           "-e stands once", r.stderr)


def million(tmp):
    """A million prefixes in a file: memory and that it is right."""
    path = os.path.join(tmp, "million.txt")
    with open(path, "w", encoding="ascii") as f:
        for n in range(1000000):
            f.write(f"{1 + n % 200}.{n >> 12 & 255}.{n >> 4 & 255}."
                    f"{(n & 15) * 16}/29\n")
    conf = write(tmp, "m.conf", WHOLE +
                 "table <m> file \"million.txt\"\naccept src <m>\n")
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    r = subprocess.run([program("flowd"), "-n", "-f", conf], timeout=60,
                       check=False, stderr=subprocess.PIPE)
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    tap.ok(r.returncode == 0, "a million prefixes load", r.stderr)
    if before < used:
        limit = 64 * 1024 if not sanitized() else 1024 * 1024
        tap.ok(used < limit, "in less than 64 MB", f"{used} KB")


def sanitized():
    """A sanitizer's shadow memory is not the program's."""
    with open(program("flowd"), "rb") as f:
        return b"__asan_init" in f.read()


def main():
    with tempfile.TemporaryDirectory() as tmp:
        includes(tmp)
        pipes(tmp)
        errors(tmp)
        listeners(tmp)
        logdirs(tmp)
        fields_of_a_logfile(tmp)
        odd_tables(tmp)
        attacks(tmp)
        long_compilations(tmp)
        compiled(tmp)
        reader_file(tmp)
        million(tmp)
    tap.done()


main()
