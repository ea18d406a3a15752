"""flowd-reader and damaged columnar logs: every block that is whole comes
back, what is passed over is told octet by octet, and --repair writes what is
whole; of a log that ends anywhere; and of a disk that is full.

What is whole is found without flowd: it is where the octets of a block that
was written stand in the damaged log.
"""
import os
import random
import re
import resource
import subprocess
import tempfile

from columnar import (MAGIC, SEC, block, flow, octets, read, reader, unseal,
                      write)
from flowdtest import program, run
from tap import Tap

tap = Tap()
LOGS = 1000
BLOCKS = 8
INDEX = MAGIC + b"\2"
ROWS = 20
FLOW = re.compile(rb"^FLOW .*?octets (\d+) ", re.M)
PASSED = re.compile(r"flowd-reader: (\d+)\.flow: offset (\d+): .*; (\d+) "
                    r"octets are (?:passed over|lost)\Z")


class Whole:
    """A log, its blocks, and the flows of each."""

    def __init__(self, sealed):
        self.blocks = {}
        parts = []
        for n in range(BLOCKS):
            rows = list(range(ROWS * n, ROWS * (n + 1)))
            # Without the checksums of records, to read nothing but columns.
            data = block(*[flow(k, SEC + n, crc=False) for k in rows],
                         to=("v4", "v4:lz4", "v4:none")[n % 3])
            self.blocks[data] = rows
            parts.append(data)
        if sealed:
            write("open.flow", *parts)
            reader("-q", "--to", "v4:none", "-o", "sealed.flow", "open.flow")
            data = read("sealed.flow")
            first = unseal(data)
            self.blocks[first] = list(range(BLOCKS * ROWS))
            self.blocks[data[len(first):]] = []
            parts += [first, data[len(first):]]
        self.parts = parts
        self.data = b"".join(parts)

    def find(self, data):
        """The flows that are whole in data, and the gaps between them."""
        found = sorted((at, at + len(b), rows)
                       for b, rows in self.blocks.items()
                       for at in places(data, b))
        gaps, end = [], 0
        for begin, behind, _ in found:
            if begin > end:
                gaps.append((end, begin))
            end = behind
        if end < len(data):
            gaps.append((end, len(data)))
        return [n for f in found for n in f[2]], gaps


def places(data, piece):
    at = data.find(piece)
    while at >= 0:
        yield at
        at = data.find(piece, at + 1)


def bits(rng, data, _):
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 3))):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def page(rng, data, _):
    """A page of zeros, as a disk leaves that lost it."""
    size = rng.choice((64, 512, 4096))
    at = rng.randrange(len(data)) // size * size
    return data[:at] + bytes(len(data[at:at + size])) + data[at + size:]


def hole(rng, data, _):
    at = rng.randrange(len(data))
    return data[:at] + data[at + 1 + rng.randrange(3000):]


def doubled(rng, data, _):
    """A piece of it twice."""
    at = rng.randrange(len(data))
    piece = data[at:at + rng.randrange(3000)]
    return data[:at] + piece + data[at:]


def joined(rng, data, parts):
    """Two logs, the first of which is cut."""
    other = b"".join(rng.sample(parts, rng.randrange(1, len(parts))))
    return data[:rng.randrange(len(data))] + other


def cut(rng, data, _):
    return data[:rng.randrange(len(data))]


def garbage(rng, data, _):
    at = rng.randrange(len(data))
    return data[:at] + rng.randbytes(rng.randrange(1, 200)) + data[at:]


KINDS = (bits, page, hole, doubled, joined, cut, garbage)


def union(ranges):
    """Ranges that touch each other as one."""
    out = []
    for begin, end in sorted(ranges):
        if out and out[-1][1] == begin:
            out[-1] = (out[-1][0], end)
        else:
            out.append((begin, end))
    return out


def without(ranges, indexes):
    """Ranges up to the index in them: each ends where the gap does."""
    out = []
    for begin, end in ranges:
        at = min((i for i, to in indexes if begin < to and i < end),
                 default=end)
        if begin < at:
            out.append((begin, at))
    return out


def said(stderr):
    """What was passed over in each log, by its number."""
    ranges = {}
    for line in stderr.decode().splitlines():
        m = PASSED.match(line)
        assert m, line
        n, at, size = map(int, m.groups())
        ranges.setdefault(n, []).append((at, at + size))
    return ranges


def printed(stdout):
    """The flows behind the name of each log."""
    parts = re.split(rb"^LOGFILE (\d+)\.flow\n", stdout, flags=re.M)
    assert parts[0] == b"", parts[0][:100]
    return {int(n): list(map(int, FLOW.findall(text)))
            for n, text in zip(parts[1::2], parts[2::2])}


def tells(ranges, log):
    """Are the gaps said? Nobody misses an index, and the last gap may be a
    block that is not all there: then nothing is wrong."""
    gaps = without(log["gaps"], log["index"])
    got = union(without(ranges, log["index"]))
    return got == gaps or (gaps and gaps[-1][1] == log["size"] and
                           got == gaps[:-1])


def compare(r, logs, label):
    """Flows and messages of a run over all logs."""
    flows, ranges = printed(r.stdout), said(r.stderr)
    wrong = [(n, log["kind"]) for n, log in enumerate(logs)
             if flows[n] != log["rows"] or
             not tells(ranges.get(n, []), log)]
    tap.equal(wrong[:5], [], f"{label}: flows and what was passed over")
    tap.equal(r.returncode, 1, f"{label}: exit code")


def is_known(data, rows):
    """Does it show what it is? Not if by chance it begins like a log of
    version 3 or a capture, nor if nothing of it is left."""
    return not data or data[0] == 0x80 or (
        rows and data[0] >> 5 != 3 and data[0] not in b"\n\xa1\xd4\x4d\x34")


def make_log(rng, whole, kind):
    while True:
        data = kind(rng, whole.data, whole.parts)
        rows, gaps = whole.find(data)
        if is_known(data, rows):
            return data, rows, gaps


def make_logs(rng, whole, kinds, number):
    logs = []
    for n in range(number):
        kind = kinds[n % len(kinds)]
        data, rows, gaps = make_log(rng, whole, kind)
        write(f"{n}.flow", data)
        index = [(at, end) for begin, end in gaps
                 for at in places(data, INDEX) if begin <= at < end]
        logs.append({"kind": kind.__name__, "rows": rows, "gaps": gaps,
                     "index": index, "size": len(data)})
    return logs


def damage(sealed):
    label = "sealed" if sealed else "open"
    logs = make_logs(random.Random(3 + sealed), Whole(sealed), KINDS,
                     LOGS // 2)
    names = [f"{n}.flow" for n in range(len(logs))]
    compare(reader("-vU", *names), logs, f"{label}, by threads")
    compare(reader("-vU", "-H", "1000000", *names), logs, f"{label}, by one")
    compare(reader("-vU", "-e", "octets >= 0", *names), logs,
            f"{label}, with a test that all pass")
    check(label, logs, names)
    repair(label, logs, names)


def check(label, logs, names):
    """--check tells of each gap, also of the last."""
    r = reader("--check", *names)
    ranges = said(r.stderr)
    lines = r.stdout.decode().splitlines()
    wrong = []
    for n, log in enumerate(logs):
        m = re.match(rf"{n}\.flow: (\d+) flows", lines[n])
        whole = lines[n].endswith("all whole")
        if int(m[1]) != len(log["rows"]) or whole != (not log["gaps"]) or \
                union(ranges.get(n, [])) != log["gaps"]:
            wrong.append((n, log["kind"], lines[n]))
    tap.equal(wrong[:3], [], f"{label}: --check counts what is whole")
    tap.equal(len(lines), len(names), f"{label}: of every log")


def repair(label, logs, names):
    """What --repair writes is whole, and all that is; one by one, for the
    exit codes."""
    wrong = []
    for n, name in enumerate(names[::5]):
        log = logs[5 * n]
        r = reader("--json", name)
        want = {int(not tells([], log))}
        if log["index"] or (log["gaps"] and
                            log["gaps"][-1][1] == log["size"]):
            want = {0, 1}
        good = reader("--repair", "-o", "good.out", "--to", "v4:none", name)
        back = reader("--check", "good.out")
        if r.returncode not in want or good.returncode != 0 or \
                back.returncode != 0 or octets("good.out") != log["rows"] or \
                r.stdout.count(b"\n") != len(log["rows"]):
            wrong.append((name, log["kind"], r, good, back))
    tap.equal(wrong[:2], [], f"{label}: --repair writes what is whole")
    r = reader("--repair", "-o", "good.out", "--to", "v4", *names)
    tap.equal((r.returncode, octets("good.out")),
              (0, [k for log in logs for k in log["rows"]]),
              f"{label}: --repair of all into one")


def growing():
    """A log that a killed writer leaves, or one that is being written: it
    ends anywhere, and that is no damage."""
    whole = Whole(False)
    rng = random.Random(5)
    logs = make_logs(rng, whole, (cut,), LOGS)
    names = [f"{n}.flow" for n in range(LOGS)]
    for options in (["-vU"], ["-vU", "-H", "1000000"]):
        r = reader(*options, *names)
        flows = printed(r.stdout)
        wrong = [n for n, log in enumerate(logs) if flows[n] != log["rows"]]
        tap.equal((wrong, r.stderr, r.returncode), ([], b"", 0),
                  f"of {LOGS} logs that end anywhere all whole blocks come "
                  f"back: {options}")
    check("cut", logs, names)


def limited(limit):
    """No file gets larger: what a full disk does, at any octet."""
    def set_limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    return set_limit


def full():
    """Some 150,000 flows to a disk that has no room for them."""
    run(["flowd-send", "-g", "150000", "--as", "5", "-w", "many.pcap"])
    reader("-q", "-o", "many.v3", "many.pcap")
    reader("-q", "-o", "many.v4", "--to", "v4:none", "many.v3")
    rng = random.Random(6)
    for to, source in (("v3", "many.v4"), ("v4:none", "many.v3"),
                       ("v4", "many.v3")):
        want = reader("--json", source).stdout.splitlines()
        reader("-q", "-o", "all", "--to", to, source)
        size = os.path.getsize("all")
        wrong = []
        for options in ([], [], ["--repair"], [], ["--repair"]):
            limit = rng.randrange(size)
            write("full.out", b"x" * 1000)
            r = reader("-q", *options, "-o", "full.out", "--to", to, source,
                       preexec_fn=limited(limit))
            got = reader("--json", "full.out").stdout.splitlines()
            back = reader("--check", "full.out")
            if (r.returncode, r.stderr) != (
                    1, b"flowd-reader: full.out: write: File too large\n") \
                    or back.returncode != 0 or got != want[:len(got)] or \
                    os.path.getsize("full.out") > limit:
                wrong.append((limit, r, back, len(got)))
        tap.equal(wrong, [], f"a full disk leaves whole flows: {to}")
    r = reader("--json", "many.v4", preexec_fn=limited(5000),
               stdout=open("text", "wb"))
    tap.equal((r.returncode, r.stderr), (1, b"flowd-reader: standard output: "
                                         b"write: File too large\n"),
              "and so it is told of text")


def shortened():
    """A log is emptied while it is read: the reader waits in the middle of
    it, as nobody takes what it prints."""
    run(["flowd-send", "-g", "600000", "--as", "5", "-w", "many.pcap"])
    reader("-q", "-o", "short.flow", "many.pcap")
    for options in ([], ["-H", "600000"]):
        reader("-q", "-o", "short.flow", "many.pcap")
        p = subprocess.Popen([program("flowd-reader"), "--json", *options,
                              "short.flow"], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        p.stdout.read(1)
        os.truncate("short.flow", 4096)
        err = p.communicate(timeout=60)[1]
        tap.ok(p.returncode == 1 and err ==
               b"flowd-reader: a log was truncated while it was read, or "
               b"cannot be read\n", f"a log that is emptied: {options}",
               (p.returncode, err))


def removed():
    """A segment is removed while another one of its directory is read."""
    os.mkdir("kept")
    reader("-q", "-o", "kept/20261123T100000Z.flow", "many.pcap")
    second = write("kept/20261123T100500Z.flow", block(flow(2)))
    write("kept/20261123T101000Z.flow", block(flow(3)))
    p = subprocess.Popen([program("flowd-reader"), "--csv", "--fields",
                          "octets", "kept"], stdin=subprocess.DEVNULL,
                         bufsize=0, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    p.stdout.read(1)
    os.remove(second)
    out, err = p.communicate(timeout=60)
    tap.ok((p.returncode, err) == (0, b"") and out.splitlines()[600001:] in
           ([b"3"], [b"2", b"3"]), "a segment that was removed is no failure, "
           "whether it was open already or not", (p.returncode, err))
    r = reader("--count", "kept/20261123T101000Z.flow", second)
    tap.ok(r.returncode == 1 and b"No such file" in r.stderr,
           "but one that was named is", r)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for part in (lambda: damage(False), lambda: damage(True), growing, full,
                 shortened, removed):
        part()
    os.chdir("/")
tap.done()
