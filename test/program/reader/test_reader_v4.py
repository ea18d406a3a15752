"""flowd-reader and columnar logs: what goes in comes out, what is asked for is
found, what is damaged is passed over and said."""
import json
import os
import pty
import random
import re
import signal
import struct
import subprocess
import tempfile
import time

from columnar import (MAGIC, SEC, block, flow, ip, octets, read, reader,
                      unseal, write)
from flowdtest import datagrams_pcap, program, run, v3_record, v5_datagram
from tap import Tap

tap = Tap()


def conversions():
    for n, records in enumerate([[flow(n, SEC + n) for n in range(1000)],
                                 [v3_record({})] * 3, []]):
        log = write(f"{n}.v3", *records)
        reader("-q", "-o", "c.flow", log)
        tap.equal(reader("-v", "c.flow").stdout.split(b"\n")[1:],
                  reader("-v", log).stdout.split(b"\n")[1:],
                  f"a log of version 4 prints the same: group {n}")
    tap.ok(len(read("0.v3")) > 4 * (reader("-q", "-o", "c.flow", "0.v3"),
                                    len(read("c.flow")))[1],
           "a columnar log is smaller")
    grams = [(SEC * 10**9 + n, "192.0.2.1", 9, v5_datagram(
        [{"octets": 30 * n + k} for k in range(30)])) for n in range(3000)]
    cap = write("many.pcap", datagrams_pcap(grams))
    reader("-q", "-o", "c.flow", cap)
    tap.equal(octets("c.flow"), list(range(90000)),
              "flows of several blocks stay in their order")
    tap.equal(reader("--count", "c.flow").stdout, b"90000\n", "--count")
    tap.equal(reader("--count", "-H", "70000", "c.flow").stdout, b"70000\n",
              "-H")
    for options in ([], ["-v"], ["-c"], ["--csv"],
                    ["--json", "--fields", "flow_start,octets"],
                    ["--csv", "--fields", "dst_port"]):
        tap.equal(reader(*options, "-H", "3", "c.flow").stdout
                  .replace(b"c.flow", b"many.pcap"),
                  reader(*options, "-H", "3", cap).stdout,
                  f"printed as a capture is: {options}")


def names_and_pipes():
    log = write("a.v3", flow(1, SEC))
    reader("-q", "-o", "a.flow", log)
    tap.ok(read("a.flow").startswith(MAGIC), "a name in .flow is columnar")
    reader("-q", "-o", "a.log", log)
    tap.equal(read("a.log"), read(log), "another name is not")
    reader("-q", "-o", "b.flow", "--to", "v3", log)
    tap.equal(read("b.flow"), read(log), "--to v3 says what it is")
    tap.equal(octets("-", input=read("a.flow")), [1], "from a pipe")
    tap.equal(octets("-", input=read("a.flow") * 50), [1] * 50,
              "logs one behind the other")
    tap.equal(octets("-", input=read("a.flow")[:-1]), [1],
              "a cut index is no news")
    p = subprocess.Popen([program("flowd-reader"), "--json", "-"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    data = block(flow(7))
    for piece in (data, data[:50]):
        p.stdin.write(piece)
        p.stdin.flush()
    tap.equal(json.loads(p.stdout.readline())["octets"], 7,
              "a block is printed as it comes")
    p.stdin.write(data[50:])
    p.stdin.flush()
    tap.equal(json.loads(p.stdout.readline())["octets"], 7, "also in pieces")
    p.stdin.close()
    tap.equal((p.stdout.read(), p.wait(timeout=60)), (b"", 0), "to the end")
    p.stdout.close()


def times():
    log = write("t.v3", *[flow(n, SEC + n) for n in range(100)])
    reader("-q", "-o", "t.flow", log)
    for name in (log, "t.flow"):
        for given, want in (
                ("2023-11-14T22:13:30,+10s", range(10, 20)),
                ("2023-11-14T22:13:30Z,2023-11-14T22:13:32", range(10, 12)),
                ("2023-11-14T22:14:30", range(70, 100)),
                (",2023-11-14T22:13:22", range(2)),
                ("-15m,now", []), ("2023-11-14", range(100))):
            tap.equal(octets("-t", given, name), list(want),
                      f"-t {given} {name}")
    tap.equal(octets("-t", "2023-11-15T08:13:30,+2s", "t.flow", TZ="AEST-10"),
              [10, 11], "-t is in local time")
    tap.equal(octets("-U", "-t", "2023-11-14T22:13:30,+2s", "t.flow",
                     TZ="AEST-10"), [10, 11], "with -U in UTC")
    reader("-q", "-t", "2023-11-14T22:13:30,+3s", "-o", "p.flow", "t.flow")
    tap.equal(octets("p.flow"), [10, 11, 12], "-t with -o")
    write("n.v3", flow(1), flow(2, SEC))
    reader("-q", "-o", "n.flow", "n.v3")
    tap.equal(octets("-t", "2000-01-01", "n.flow"), [2],
              "a flow without a time is of no time")
    for bad in ("x", "now,now", "2023-02-31"):
        r = reader("-t", bad, log)
        tap.ok(r.returncode == 1 and b"-t: " in r.stderr, f"refused: {bad}",
               r.stderr)


def filters():
    rng = random.Random(2)
    records = [flow(n, SEC + n // 10, f"10.0.{n // 200}.{n % 200}",
                    f"192.0.2.{rng.randrange(50)}") for n in range(3000)]
    log = write("f.v3", *records)
    blocks = [block(*records[i:i + 500]) for i in range(0, 3000, 500)]
    write("open.flow", *blocks)
    reader("-q", "-o", "sealed.flow", "open.flow")
    rules = {
        "an address": "discard all\naccept src 10.0.3.7\n",
        "an address on either side":
            "discard all\naccept src 192.0.2.7\naccept dst 192.0.2.7\n",
        "an address that is not there": "discard all\naccept dst 10.1.2.3\n",
        "a network": "discard all\naccept src 10.0.4.0/24\n",
        "not a network": "accept all\ndiscard src 10.0.0.0/21\n",
        "a port": "discard all\naccept src any port 1234 proto udp\n",
        "quick": "accept quick src 10.0.0.9\ndiscard all\n",
        "a family": "discard inet6\n",
        "a protocol that is not there": "discard all\naccept proto tcp\n",
        "what flows lack": "discard tos 0\n",
        "tags": "accept tag 7 dst 192.0.2.1\n",
    }
    for name, text in rules.items():
        rule = write("rules", text.encode())
        want = reader("--json", "-f", rule, log)
        tap.equal((want.returncode, want.stderr), (0, b""), f"rules: {name}")
        want = want.stdout
        for path in ("open.flow", "sealed.flow"):
            tap.equal(reader("--json", "-f", rule, path).stdout, want,
                      f"{name}: {path}")
        tap.equal(reader("--json", "-f", rule, "-", input=read("open.flow"))
                  .stdout, want, f"{name}: from a pipe")
    rule = write("rules", b"discard all\naccept src 10.0.3.7\n")
    tap.equal(octets("-f", rule, "-H", "600", "sealed.flow"), [],
              "-H counts flows that do not pass")
    tap.equal(octets("-f", rule, "-H", "608", "open.flow"), [607],
              "in blocks that are not looked at, too")
    for asked in ("host 10.0.9.150", "src 10.0.1.3 or dst 192.0.2.9",
                  "src { 10.0.0.7, 10.0.9.150, 10.0.14.190 }",
                  "not host 192.0.2.9"):
        for head in (1, 511, 512, 513, 1024, 1951, 2100, 2990, 2991, 5000):
            tap.equal(octets("-e", asked, "-H", str(head), "sealed.flow"),
                      octets("-e", asked, "-H", str(head), log),
                      f"runs of rows without a host: {asked} -H {head}")


def spoil(data):
    """The octets of its columns changed, and all that is in its head as it
    was: who looks at a column of it sees that."""
    head = struct.unpack_from("<I", data, 12)[0]
    return data[:head] + bytes(b ^ 0x55 for b in data[head:])


def skipping():
    """What cannot match is not looked at: not even damage is seen there."""
    os.mkdir("many")
    for n in range(8):
        data = block(*[flow(1000 * n + k, SEC + 300 * n + k, f"10.0.{n}.{k}")
                       for k in range(200)])
        write(f"many/20231114T22{13 + 5 * n:02}20Z.flow",
              data if n == 3 else spoil(data))
    begin = "2023-11-14T22:28:20"
    for options, want in (
            (["-e", "octets >= 3000 octets < 4000"], 200),
            (["-e", "src 10.0.3.0/24"], 200),
            (["-e", "octets 3007"], 1),
            (["-e", "src 10.0.3.7"], 1),
            (["-e", "src 10.0.3.7 or octets 3009"], 2),
            (["-e", "proto tcp"], 0), (["-e", "not proto udp"], 0),
            (["-e", "dst 10.0.0.0/8"], 0), (["-e", "inet6"], 0),
            (["-t", begin + ",+10s"], 10),
            (["-t", begin + ",+1m", "-e", "port 3005"], 1),
            (["-f", write("rules", b"discard all\n"
                          b"accept src 10.0.3.7\naccept src 10.0.3.8\n")],
             2)):
        r = reader("--count", *options, "many")
        tap.equal((r.returncode, r.stdout, r.stderr),
                  (0, b"%d\n" % want, b""),
                  f"only one block of eight is looked at: {options}")
    r = reader("--count", "-e", "octets > 0", "many")
    tap.equal((r.returncode, r.stdout), (1, b"200\n"),
              "where all may match all are")
    reader("-q", "-o", "sealed.flow", write("open.flow", *[
        block(*[flow(k, SEC, f"10.{n}.{k}.1") for k in range(200)])
        for n in range(2)]))
    data = read("sealed.flow")
    first = unseal(data)
    write("spoilt.flow", spoil(first), data[len(first):])
    r = reader("--count", "-e", "host 10.0.77.2", "spoilt.flow")
    tap.equal((r.returncode, r.stdout, r.stderr), (0, b"0\n", b""),
              "an index tells that an address is nowhere")
    r = reader("--count", "-e", "host 10.0.77.1", "spoilt.flow")
    tap.equal((r.returncode, r.stdout), (1, b"0\n"),
              "and not of one that is there")


def directories():
    os.mkdir("dir")
    for n, minute in enumerate(("1000", "1005", "1010")):
        write(f"dir/20261123T{minute}00Z.flow",
              block(*[flow(10 * n + k, 1795428000 + 300 * n + k)
                      for k in range(3)]))
    write("dir/notes.txt", b"not a log")
    write("dir/.20261123T100000Z.flow.tmp", b"nor this")
    tap.equal(octets("dir"), [0, 1, 2, 10, 11, 12, 20, 21, 22],
              "the segments of a directory in their order")
    tap.equal(octets("-t", "2026-11-23T10:05Z,+2s", "dir"), [10, 11],
              "-t on a directory")
    tap.equal(octets("-t", "2020-01-01,+1d", "dir"), [],
              "a time that no segment has")
    tap.equal(reader("--count", "dir", "dir").stdout, b"18\n", "twice")
    for n in (2, 3, 5, 7, 9, 10):
        tap.equal(octets("-H", str(n), "dir"),
                  [0, 1, 2, 10, 11, 12, 20, 21, 22][:n],
                  f"-H {n}: a directory is one log")
    v3 = write("one.v3", flow(77), flow(78))
    tap.equal(octets("-H", "1", v3, "dir", v3, "dir",
                     "dir/20261123T100500Z.flow",
                     "dir/20261123T101000Z.flow"),
              [77, 0, 77, 0, 10, 20], "-H: and each of several logs counts")
    tap.equal(octets("-H", "4", "-e", "octets > 9", "dir"), [10],
              "-H counts flows that do not pass, too")
    os.mkdir("none")
    r = reader("none")
    tap.ok(r.returncode == 1 and b"directory without segments" in r.stderr,
           "a directory that has none", r.stderr)
    r = reader("-q", "-o", "dir/20261123T100000Z.flow", "dir")
    tap.ok(r.returncode == 1 and b"is also an input" in r.stderr,
           "a segment that is read is not written", r.stderr)


def damage():
    blocks = [block(*[flow(100 * n + k, SEC + n) for k in range(100)],
                    to=("v4", "v4:lz4", "v4:none")[n % 3]) for n in range(6)]
    log = write("tail.flow", blocks[0], blocks[1][:-1])
    r = reader("--count", log)
    tap.equal((r.returncode, r.stdout, r.stderr), (0, b"100\n", b""),
              "a cut end is silent")
    r = reader("--check", log)
    tap.ok(r.returncode == 1 and b"cut" in r.stderr, "but for --check", r)
    r = reader("--check", write("ok.flow", *blocks))
    tap.equal((r.returncode, r.stdout, r.stderr),
              (0, b"ok.flow: 600 flows in 6 blocks, all whole\n", b""),
              "--check of what is whole")
    v3 = write("c.v3", flow(1), flow(2))
    tap.equal(reader("--check", v3).stdout,
              b"c.v3: 2 flows, all whole\n", "--check of version 3")
    r = reader("--check", write("d.v3", flow(1), b"\xff" * 100))
    tap.ok(r.returncode == 1 and b"1 flow is whole" in r.stdout and
           b"record 2" in r.stderr, "--check of a damaged one", r)
    r = reader("--repair", "-o", "r.v3", "d.v3", v3)
    tap.equal((r.returncode, octets("r.v3")), (0, [1, 1, 2]),
              "--repair goes on with the next log")
    r = reader("--repair", v3)
    tap.ok(r.returncode == 1 and b"--repair goes with -o" in r.stderr,
           "--repair alone is refused", r.stderr)
    zeros = write("z.flow", b"".join(blocks), bytes(4096))
    tap.equal((reader("--count", zeros).returncode, len(octets(zeros))),
              (1, 600), "zeros at the end are damage")


def damage_in_a_pipe():
    """--check of a pipe looks at every column, as it does of a file."""
    good, bad = block(flow(1)), block(*[flow(n) for n in range(100)])
    bad = bad.replace(bad[-60:], bytes(60))
    pieces = [good, bad, good]
    log = write("pipe.flow", *pieces)
    r = reader("--check", "-", input=read(log))
    tap.equal((r.returncode, r.stdout), (
        1, b"-: 2 flows in 2 blocks are whole, 1 place is damaged\n"),
        "--check of a damaged log from a pipe")
    tap.ok(b"-: offset %d: " % len(good) in r.stderr and
           b"; %d octets are lost" % len(bad) in r.stderr,
           "says where", r.stderr)
    r = reader("--check", log)
    tap.equal(r.stdout.replace(b"pipe.flow", b"-"),
              reader("--check", "-", input=read(log)).stdout, "as of a file")
    r = reader("--check", "-", input=good * 2000 + good[:-1])
    tap.ok(r.returncode == 1 and b"2000 flows in 2000 blocks" in r.stdout and
           b"offset %d: the last block is cut" % (2000 * len(good)) in
           r.stderr, "and of one that is cut", (r.stdout, r.stderr))
    tap.equal(reader("--info", "-", input=good * 2).stdout.split(b"\n")[1:],
              reader("--info", write("two.flow", good, good)).stdout
              .split(b"\n")[1:], "--info of a pipe")


def refusals():
    """What is refused changes nothing."""
    log = write("keep.v3", *[flow(n) for n in range(9)])
    reader("-q", "-o", "keep.flow", log)
    for name in (log, "keep.flow"):
        before = read(name)
        for given in (name, "./" + name):
            r = reader("-q", "-o", given, name)
            tap.ok(r.returncode == 1 and b"is also an input" in r.stderr and
                   read(name) == before,
                   f"{given} is read and not written", r)
    before = read("keep.flow")
    for given in (["missing"], [log, "missing"]):
        r = reader("-q", "-o", "keep.flow", *given)
        tap.ok(r.returncode == 1 and b"missing: No such file" in r.stderr and
               read("keep.flow") == before,
               f"nothing is emptied for what is not there: {given}", r)
    r = reader("--check", write("cut.v3", flow(1), flow(2)[:-1]))
    tap.equal((r.returncode, r.stdout, r.stderr), (
        1, b"cut.v3: 1 flow is whole, 1 place is damaged\n",
        b"flowd-reader: cut.v3: offset %d: the last record is cut; %d octets "
        b"are lost\n" % (len(flow(1)), len(flow(2)) - 1)),
        "--check tells of a cut record of version 3")


def instead_of_flows():
    """What --check and --info would pass over is refused."""
    log = write("all.flow", block(flow(1)))
    for args in (["--info"], ["-e", "tcp"], ["-f", log], ["-H", "1"],
                 ["--json"], ["--csv"], ["-c"], ["--count"], ["--exporters"],
                 ["--follow"], ["-o", "to.flow"]):
        r = reader("--check", *args, log)
        tap.ok((r.returncode, r.stdout) == (1, b"") and
               b"--check and --info" in r.stderr, f"--check {args[0]}", r)
    tap.equal(reader("--check", "-q", "-v", "-U", "-t", "today", log)
              .returncode, 0, "others have no effect")


def levels():
    run(["flowd-send", "-g", "65536", "--as", "5", "-w", "l.pcap"])
    size = []
    for to in ("v4", "v4:zstd", "v4:zstd:1", "v4:zstd:15"):
        reader("-q", "--to", to, "-o", "l.flow", "l.pcap")
        size.append(len(read("l.flow")))
        tap.equal(reader("--json", "l.flow").stdout,
                  reader("--json", "l.pcap").stdout, f"--to {to}")
    tap.ok(size[3] < size[2] < size[1] == size[0],
           "the level decides how small a log is", size)
    for bad in ("v4:zstd:0", "v4:zstd:20", "v4:zstd:", "v4:zstd:9x",
                "v4:lz4:3", "v4:zstd:-1"):
        r = reader("--to", bad, "-o", "l.flow", "l.pcap")
        tap.ok(r.returncode == 1 and b"--to wants" in r.stderr,
               f"refused: --to {bad}", r)


def long_texts():
    """A block whose text is larger than what waits to be written may be:
    control characters take six in JSON."""
    value = b"\1" * 1300
    record = b"\xff" + struct.pack("!H", len(value)) + value
    message = struct.pack("!HHHHHH", 2, 12, 300, 1, 96, 65535) + struct.pack(
        "!HH", 300, 4 + 48 * len(record)) + 48 * record
    message = struct.pack("!HHIII", 10, 16 + len(message), SEC, 0, 7) + message
    write("long.pcap", datagrams_pcap([(SEC * 10**9, "192.0.2.1", 9, message)]
                                      * 250))
    reader("-q", "-o", "long.flow", "long.pcap")
    r = reader("--json", "--fields", "other", "long.flow")
    tap.ok((r.stdout.count(b"\n"), r.returncode, r.stderr) ==
           (12000, 0, b"") and len(r.stdout) > 64 * 1024 * 1024,
           "flows that are long as text", (len(r.stdout), r.stderr))


def info():
    write("i.v3", *[flow(n, SEC + n) for n in range(100)])
    reader("-q", "-o", "i.flow", "i.v3")
    text = reader("--info", "i.flow").stdout.decode()
    for want in ("i.flow\n", "format version 4, zstd, sealed",
                 f"octets {os.path.getsize('i.flow')}, ",
                 "flows 100 in 1 block\n",
                 "times 2023-11-14T22:13:20.500Z to 2023-11-14T22:14:59.500Z",
                 "  dst_addr ", "(tables)"):
        tap.ok(want in text, f"--info: {want.strip()}", text)
    rows = re.findall(r"^  (?!column)[\w() ]+? +(\d+) +[\d.]+\b", text, re.M)
    tap.equal(sum(map(int, rows)), os.path.getsize("i.flow"),
              "--info: its columns and the index make up the whole")
    values = {m[1]: m[2] for m in re.finditer(
        r"^  (\w+) +\d+ +[\d.]+(?: (.*))?$", text, re.M)}
    for name, want in (
            ("octets", "0 to 99"), ("src_addr", "10.0.0.1"),
            ("dst_port", "443"), ("src_port", "0 to 99"),
            ("recv_time",
             "2023-11-14T22:13:20.500Z to 2023-11-14T22:14:59.500Z")):
        tap.equal(values.get(name), want, f"--info: values of {name}")
    write("six.v3", *[v3_record({
        "SRC_ADDR6": ip(f"2001:db8::{n}"), "DST_ADDR6": ip("fe80::1"),
        "AGENT_ADDR4": ip(f"192.0.2.{n}")}) for n in range(1, 4)])
    reader("-q", "-o", "six.flow", "six.v3", "i.v3")
    text = reader("--info", "six.flow").stdout.decode()
    tap.ok(re.search(r"^(  src_addr .* )10\.0\.0\.1\n {46} 2001:db8::1 to "
                     r"2001:db8::3\n", text, re.M) and
           re.search(r"  agent_addr .* 192\.0\.2\.1 to 192\.0\.2\.3\n", text),
           "--info: values of addresses", text)
    text = reader("--info", "i.v3").stdout.decode()
    tap.ok("format version 3" in text and "flows 100" in text,
           "--info of version 3", text)
    text = reader("--info", "-", input=read("i.flow")).stdout.decode()
    tap.ok("format version 4" in text and "flows 100" in text,
           "--info of a pipe", text)
    for args, given in ((["empty.flow"], b""), (["-"], b"")):
        write("empty.flow")
        tap.equal(reader("--info", *args, input=given).stdout,
                  f"{args[0]}\n  format none: it is empty\n  octets 0\n"
                  "  flows 0\n".encode(), f"--info: nothing in {args[0]}")
    cap = datagrams_pcap([(SEC * 10**9, "192.0.2.1", 9, v5_datagram([{}]))])
    tap.equal(reader("--info", "-", input=cap).stdout,
              b"-\n  format capture\n  flows 1\n  times 2023-11-14T22:13:20Z "
              b"to 2023-11-14T22:13:20Z\n", "--info of a capture from a pipe")


def while_written():
    """A log is read while it is written, in pieces that end anywhere."""
    rng = random.Random(8)
    data = b"".join(block(*[flow(50 * n + k, SEC + n) for k in range(50)])
                    for n in range(20))
    write("grows.flow")
    wrong, before, at = [], 0, 0
    with open("grows.flow", "ab", buffering=0) as f:
        while at < len(data):
            piece = data[at:at + rng.randrange(1, 400)]
            f.write(piece)
            at += len(piece)
            r = reader("--csv", "--fields", "octets", "grows.flow")
            got = list(map(int, r.stdout.split()[1:]))
            if (r.returncode, r.stderr) != (0, b"") or len(got) < before or \
                    got != list(range(len(got))):
                wrong.append((at, r))
            before = len(got)
    tap.equal((wrong[:2], before), ([], 1000),
              "a log is read while it is written")


def read_all(terminal):
    """What was written to a terminal that nobody has open any more."""
    seen = b""
    try:
        while piece := os.read(terminal, 4096):
            seen += piece
    except OSError:
        pass
    return seen


def progress():
    """Shown only after a second: of a log that grows for so long."""
    write("slow.flow", block(flow(1)))
    parent, child = pty.openpty()
    p = subprocess.Popen([program("flowd-reader"), "--count", "--follow",
                          "slow.flow"], stdout=subprocess.PIPE, stderr=child)
    os.close(child)
    time.sleep(1.3)
    with open("slow.flow", "ab") as f:
        f.write(block(flow(2)))
    time.sleep(0.5)
    p.terminate()
    p.wait(timeout=60)
    seen = read_all(parent)
    tap.ok(b"slow.flow: 100 %" in seen and seen.endswith(b"\r\033[K"),
           "progress is shown on a terminal and wiped out", seen)
    tap.equal(p.stdout.read(), b"2\n", "and the result is printed")
    p.stdout.close()
    os.close(parent)


def progress_of_what_prints_no_flows():
    """Also where standard output is the same terminal. A second goes by while
    the first file, a pipe, does not end."""
    log = write("long.flow", *[block(flow(n)) for n in range(9)])
    for args in (["--check"], ["--info"], ["--count"], ["-q", "-o", "to.flow"],
                 ["--json"]):
        parent, child = pty.openpty()
        p = subprocess.Popen([program("flowd-reader"), *args, "-", log],
                             stdin=subprocess.PIPE, stdout=child, stderr=child)
        os.close(child)
        time.sleep(1.3)
        p.stdin.close()
        p.wait(timeout=60)
        seen = read_all(parent)
        os.close(parent)
        shown = re.search(rb"\r\033\[Klong.flow: \d+ %\r\033\[K", seen)
        tap.ok((shown is None) == (args == ["--json"]),
               f"progress of {args[0]}", seen)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for part in (conversions, names_and_pipes, times, filters, skipping,
                 directories, damage, damage_in_a_pipe, refusals,
                 instead_of_flows, levels, long_texts, info, while_written,
                 progress,
                 progress_of_what_prints_no_flows):
        part()
    os.chdir("/")
tap.done()
