"""flowd-stats: bars, sparklines, SVG, names of addresses, and --watch."""
import fcntl
import os
import pty
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import time
import xml.etree.ElementTree as ET

from columnar import write
from flowdtest import program
from stats import columnar, log, record, stats, text
from tap import Tap

tap = Tap()
SVG = "{http://www.w3.org/2000/svg}"


def flows():
    return log("flows", *(record(src=f"10.0.0.{n % 4}", octets=100 * (n + 1),
                                 at=60 * n) for n in range(8)))


def environment(**change):
    for name in ("LC_ALL", "COLUMNS"):
        os.environ.pop(name, None)
    os.environ.update(change)


def lines(*args):
    r = stats(*args)
    tap.ok(r.returncode == 0 and r.stderr == b"" and b"\033" not in r.stdout,
           f"{' '.join(args)}: no escape codes where there is no terminal", r)
    return r.stdout.decode().splitlines()


def bars():
    path = flows()
    environment(LC_ALL="C", COLUMNS="80")
    got = lines("-g", "src_addr", "-a", "octets", "--chart", path)
    tap.equal([line.split()[-1].count("#") for line in got[1:5]],
              [bar(got, n) for n in range(1, 5)],
              "bars are as long as their share")
    tap.equal(max(map(len, got[:5])), 80, "as wide as COLUMNS says")
    tap.ok(got[5].startswith("total") and not got[5].endswith(" ") and
           "#" not in got[5], "the total has no bar", got[5])
    environment(LC_ALL="C.UTF-8", COLUMNS="80")
    got = lines("-g", "src_addr", "-a", "octets", "--chart", path)
    tap.equal(max(map(len, got[:5])), 80, "blocks, as wide")
    tap.ok("█" in got[1] and "#" not in got[1], "where the terminal has them",
           got)
    environment(LC_ALL="C")
    got = lines("-b", "1m", "-a", "octets", "--chart", path)
    tap.ok(got[1].count("#") < got[8].count("#"), "bars of bins", got)
    got = lines("--histogram", "octets", "--chart", path)
    tap.ok("#" in got[1], "bars of a histogram", got)
    got = lines(path, "--chart")
    tap.ok("#" in "".join(got), "bars of the overview", got[:9])
    small = log("small", record(dport=1, octets=10**9),
                record(dport=2, octets=1), record(dport=3, octets=0))
    got = lines("-g", "dst_port", "-a", "octets", "--chart", small)
    tap.equal([line.endswith(".") or line.endswith("#") for line in got[1:4]],
              [True, True, False], "something is not nothing")


def bar(got, row):
    """How long the bar of a row has to be, by the first."""
    share = (12, 10, 8, 6)[row - 1] / 12
    return int(round(share * got[1].count("#") * 8) + 4) // 8


def terminal(columns, *args):
    """What a terminal of so many columns is shown."""
    main, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ,
                struct.pack("HHHH", 24, columns, 0, 0))
    child = subprocess.Popen(
        [program("flowd-stats"), *args], stdin=subprocess.DEVNULL,
        stdout=other, stderr=subprocess.PIPE)
    os.close(other)
    out = b""
    try:
        while more := os.read(main, 65536):
            out += more
    except OSError:  # as Linux says that the other end is closed
        pass
    os.close(main)
    child.communicate()
    return out.decode().replace("\r\n", "\n").splitlines()


def widths():
    path = flows()
    environment(LC_ALL="C")
    for columns in 60, 100:
        got = terminal(columns, "-g", "src_addr", "-a", "octets", "--chart",
                       path)
        tap.equal(max(map(len, got[:5])), min(columns, 26 + 60),
                  f"a terminal of {columns} columns")
    got = terminal(60, "-b", "1m", "-g", "src_addr", "--chart", path)
    tap.ok(max(map(len, got)) <= 100, "a series there", got)


def sparklines():
    path = log("spark", *(record(src=src, octets=octets, at=60 * n)
                          for n in range(20) for src, octets in
                          (("10.0.0.1", 1000), ("10.0.0.2", 50 * n)) if octets))
    environment(LC_ALL="C")
    got = lines("-b", "1m", "-g", "src_addr", "-a", "octets", "--chart", path)
    tap.equal(got[0].split(), ["src_addr", "octets", "average", "max", "last",
                               "chart"], "a group a line")
    tap.equal(got[1].split(), "10.0.0.1 1.00 kB 1.00 kB 1.00 kB".split() +
              ["#" * 20], "a sparkline of a mark a bin")
    tap.ok(got[2].split()[:7] == "10.0.0.2 475 B 950 B 950 B".split() and
           re.fullmatch(r"[.]+[:]+[|]+#*", got[2].split()[-1]) is not None,
           "which grows", got)
    environment(LC_ALL="C.UTF-8")
    got = lines("-b", "1m", "-g", "src_addr", "-a", "octets", "--chart", path)
    tap.equal(got[1].split()[-1], "█" * 20, "in blocks")
    got = lines("-b", "1m", "-g", "src_addr", "-a", "octets", "-n", "1",
                "--chart", path)
    tap.equal([line.split()[0] for line in got[1:3]], ["10.0.0.1", "other"],
              "what the others have is a line")


def svg(*args):
    r = stats("--svg", "chart.svg", *args)
    tap.ok(r.returncode == 0 and r.stdout != b"",
           f"--svg {' '.join(args)}: prints, too", r)
    with open("chart.svg", encoding="ascii") as f:
        content = f.read()
    rsvg = shutil.which("rsvg-convert")
    if rsvg is None:
        tap.skip("it is drawn", "no rsvg-convert")
    else:
        drawn = subprocess.run([rsvg, "chart.svg"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, timeout=60)
        tap.ok(drawn.returncode == 0 and
               drawn.stdout.startswith(b"\x89PNG"), "it is drawn", drawn)
    return ET.fromstring(content), content


def texts(root):
    return [t.text for t in root.iter(SVG + "text")]


def charts():
    path = flows()
    environment(LC_ALL="C")
    root, content = svg("-U", "-b", "1m", "-g", "src_addr", "-a", "octets",
                        "-n", "2", path)
    found = texts(root)
    tap.equal(found[0], "octets in bins of 1 min by src_addr", "a title")
    tap.equal([t for t in found if t.startswith("10.0.") or t == "other"],
              ["10.0.0.3", "10.0.0.2", "other"], "a legend")
    tap.equal(len(list(root.iter(SVG + "path"))), 3, "an area a group")
    tap.ok("0 B" in found and "800 B" in found, "ticks of values", found)
    tap.ok("22:15" in found, "ticks of time", found)
    tap.ok("2023-11-14T22:13:00 to 2023-11-14T22:21:00" in found,
           "from when to when", found)
    tap.ok("@media (prefers-color-scheme: dark)" in content,
           "for light and dark ground")
    heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", content)]
    tap.ok(min(heights) >= 46 and max(heights) <= 380,
           "nothing is out of the plot", (min(heights), max(heights)))
    root, content = svg("-b", "1m", "-a", "p50(octets)", path)
    tap.equal([p.get("class") for p in root.iter(SVG + "path")], ["c0 line"],
              "what does not add up is a line")
    root, _ = svg("-g", "src_addr", "-a", "octets", "-n", "3", path)
    bars_of = [float(r.get("width")) for r in root.iter(SVG + "rect")
               if r.get("class") == "c0"]
    tap.equal(len(bars_of), 3, "a top list has a bar a group")
    tap.ok(abs(bars_of[1] / bars_of[0] - 10 / 12) < 0.01, "by its value",
           bars_of)
    root, content = svg("-b", "1s", "-a", "octets", path)
    tap.ok(len(content) < 100000, "many bins are drawn as fewer",
           len(content))
    path = log("long", *(record(at=n) for n in range(0, 3000, 7)))
    root, content = svg("-U", "-b", "1s", "-a", "octets", path)
    found = texts(root)
    tap.ok("2023-11-14T22:13:20 to 2023-11-14T23:03:17" in found and
           "23:00" in found, "which are of all the time", found)
    ends = [float(x) for x in re.findall(r"H([\d.]+)", content)]
    tap.ok(940 - max(ends) < 1, "up to the right edge", max(ends))
    for args, title in ((("-b", "1h", "-a", "octets"), "octets in bins of 1 h"),
                        (("-b", "1h", "-a", "bps"), "bps"),
                        (("-g", "tos"), "octets by tos")):
        root, _ = svg(*args, "-t", "2024", path)
        tap.equal(texts(root), [title, "no flows"], "without flows")


def labels():
    """Names that are long, ticks at the edge, more groups than colours."""
    a, b = ("2001:db8:1111:2222:3333:4444:5555:%d" % n for n in (1, 2))
    path = log("long", record(src=a, dst=b), record(src=b, dst=a))
    root, _ = svg("-g", "conversation,service", path)
    found = texts(root)
    tap.ok(any(t.startswith(f"{a} {b}") for t in found), "names are whole",
           found)
    for args in (("-g", "conversation,service"), ("-b", "1m", "-g", "src_addr"),
                 ("-b", "1d")):
        root, _ = svg("-U", *args, path)
        out = [t.text for t in root.iter(SVG + "text") if "end" in t.get("class")
               and float(t.get("x")) < 6 * len(t.text)]
        out += [t.text for t in root.iter(SVG + "text") if not t.get("class")
                and float(t.get("x")) + 6 * len(t.text) > 960]
        out += [t.text for t in root.iter(SVG + "text")
                if t.get("class") == "middle"
                and float(t.get("x")) + 3 * len(t.text) > 960]
        tap.equal(out, [], f"{' '.join(args)}: texts are in the picture")
    path = log("colours", *(record(src=f"10.0.0.{n}") for n in range(15)))
    root, _ = svg("-b", "1m", "-g", "src_addr", "-n", "13", path)
    classes = [r.get("class") for r in root.iter(SVG + "rect")
               if r.get("class") != "ground"]
    tap.equal((len(classes), len(set(classes))), (14, 14),
              "all groups of a legend look different")
    mask = os.umask(0o027)
    svg("-b", "1m", path)
    os.remove("chart.svg")
    svg("-b", "1m", path)
    os.umask(mask)
    tap.equal(oct(os.stat("chart.svg").st_mode & 0o777), "0o640",
              "who may read the file is as the umask has it")


def not_drawn():
    path = flows()
    for option in ("--chart",), ("--svg", "large.svg"):
        r = stats("-U", "-b", "1s", "-t", "2023-10-01,+60d", "-g", "src_addr",
                  *option, path)
        tap.equal((r.returncode, r.stderr.decode()),
                  (1, "flowd-stats: a chart of 4 groups in 5184000 bins is "
                   "too large; -n and -b make it smaller\n"),
                  f"{option[0]} of too many values")
    tap.ok(not os.path.exists("large.svg"), "no file is left")
    with open(path, "rb") as f:
        before = f.read()
    for args, want in (
            (("--svg", "x.svg", path), "--svg draws a series or a top list: "
             "it goes with -b or -g"),
            (("--svg", "-", "-b", "1m", path),
             "--svg draws into a file, not to standard output"),
            (("--svg", path, "-b", "1m", path), f"{path}: is also an input"),
            (("--svg", "/nonexistent/x", "-b", "1m", path),
             "/nonexistent/x: No such file or directory"),
            (("--svg", "x.svg", "--loss", path),
             "--svg does not go with --loss"),
            (("--chart", "-o", "csv", "-b", "1m", path),
             "--chart goes with -o text"),
            (("--resolve", "-o", "json", "-b", "1m", path),
             "--resolve goes with -o text"),
            (("--watch", "5", "-b", "1m", path),
             "--watch: 5: is no time span such as 30s, 5m, 1h, 1d or 1w"),
            (("--watch", "5s", "--loss", path),
             "--watch does not go with --loss")):
        r = stats(*args)
        tap.equal((r.returncode, r.stderr.decode()),
                  (1, f"flowd-stats: {want}\n"), f"refused: {args[:3]}")
    with open(path, "rb") as f:
        tap.ok(f.read() == before, "a log that is read is not drawn over")
    r = stats("-b", "1m", "--svg", "/dev/full", path)
    tap.ok(r.returncode == 1 and r.stdout == stats("-b", "1m", path).stdout,
           "a chart that cannot be written does not cost the table", r)


def names():
    path = log("names", record(src="127.0.0.1", octets=2),
               record(src="192.0.2.99", octets=1))
    try:
        want = socket.gethostbyaddr("127.0.0.1")[0]
    except OSError:
        want = "127.0.0.1"
    got = text("--resolve", "-g", "src_addr", "-a", "octets", path)
    tap.equal(got[1][0], want, "--resolve")
    root, _ = svg("--resolve", "-g", "src_addr", "-a", "octets", path)
    tap.ok(want in texts(root), "--resolve --svg", texts(root))
    tap.equal(text("-g", "src_addr", path)[1][0], "127.0.0.1",
              "without, nobody is asked")
    got = text("--resolve", "-g", "src_addr/24", "-a", "octets", path)
    tap.equal(got[1][0], "127.0.0.0/24", "networks have no names")


def watched(child, want):
    """Read its output until all of want has come."""
    out = b""
    while not all(w in out for w in want):
        more = os.read(child.stdout.fileno(), 65536)
        if not more:
            break
        out += more
    return out


def watch():
    path = write("grows", record(octets=5))
    child = subprocess.Popen(
        [program("flowd-stats"), "--watch", "50ms", "-g", "src_addr", "-a",
         "octets", "--raw", path], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out = watched(child, [b"10.0.0.1       5"])
    tap.ok(b"\ntotal          5" in out and b"\033" not in out,
           "--watch prints what there is", out)
    with open(path, "ab") as f:
        f.write(record(octets=7))
    out = watched(child, [b"10.0.0.1      12"])
    tap.ok(b"total         12" in out, "and what was appended", out)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    tap.equal((child.returncode, err), (0, b""), "an interrupt ends it")
    main, other = pty.openpty()
    child = subprocess.Popen(
        [program("flowd-stats"), "--watch", "50ms", "-a", "octets", path],
        stdin=subprocess.DEVNULL, stdout=other, stderr=subprocess.PIPE)
    os.close(other)
    out = b""
    while out.count(b"\033[H\033[J") < 2:
        out += os.read(main, 4096)
    tap.ok(out.startswith(b"\033[H\033[J"), "a terminal is wiped", out)
    child.send_signal(signal.SIGINT)
    # It may write until it has seen the signal.
    while child.poll() is None:
        os.set_blocking(main, False)
        try:
            os.read(main, 4096)
        except OSError:
            pass
        time.sleep(0.01)
    child.communicate()
    os.close(main)
    tap.equal(child.returncode, 0, "there, too")


def watch_directory():
    os.mkdir("dir")
    columnar("dir/20231114T221320Z.flow", log("one", record(octets=5)))
    child = subprocess.Popen(
        [program("flowd-stats"), "--watch", "50ms", "-o", "json", "-a",
         "octets", "dir"], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    watched(child, [b'{"octets":5}\n'])
    columnar("new", log("two", record(octets=6)))
    os.rename("new", "dir/20231114T221820Z.flow")
    out = watched(child, [b'{"octets":11}\n'])
    tap.ok(b'{"octets":11}\n' in out, "--watch of a directory", out)
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=60)
    tap.equal(child.returncode, 0, "which an interrupt ends")


with tempfile.TemporaryDirectory() as where:
    os.chdir(where)
    for test in (bars, widths, sparklines, charts, labels, not_drawn, names, watch,
                 watch_directory):
        test()
    os.chdir("/")
tap.done()
