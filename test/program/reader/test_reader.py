"""flowd-reader: each option, each kind of input, each way to fail."""
import bz2
import csv
import gzip
import io
import ipaddress
import json
import lzma
import os
import pty
import struct
import subprocess
import tempfile
import time

from flowdtest import (datagrams_pcap, program, run, v3_parse, v3_record,
                       v5_datagram)
from tap import Tap

tap = Tap()
BRIEF = (b"FLOW recv_time 2023-11-14T22:13:20.250000 proto 6 tcpflags 1b "
         b"tos 10 agent [192.0.2.1] src [10.1.2.3]:40000 "
         b"dst [198.51.100.9]:443 packets 12 octets 3456 \n")
FULL = (b"FLOW recv_time 2023-11-14T22:13:20.250000 proto 6 tcpflags 1b "
        b"tos 10 agent [192.0.2.1] src [10.1.2.3]:40000 "
        b"dst [198.51.100.9]:443 gateway [10.0.0.254] packets 12 octets 3456 "
        b"in_if 3 out_if 4 sys_uptime_ms 1h0s.000 "
        b"time_sec 2023-11-14T22:13:20 time_nanosec 5 netflow ver 5 "
        b"flow_start 59m50s.000 flow_finish 59m59s.000 src_AS 64512 "
        b"src_masklen 24 dst_AS 65000 dst_masklen 16 engine_type 1 "
        b"engine_id 2 seq 77 source 0 crc32 ")
CSV_HEAD = (b"#:unix_secs,unix_nsecs,sysuptime,exaddr,dpkts,doctets,first,"
            b"last,engine_type,engine_id,srcaddr,dstaddr,nexthop,input,output,"
            b"srcport,dstport,prot,tos,tcp_flags,src_mask,dst_mask,src_as,"
            b"dst_as\n")


def ip(text):
    return ipaddress.ip_address(text).packed


def fields(**change):
    """The fields of a flow, as octets; change replaces or adds some."""
    f = {
        "RECV_TIME": struct.pack("!II", 1700000000, 250000),
        "PROTO_FLAGS_TOS": bytes([0x1b, 6, 0x10, 0]),
        "AGENT_ADDR4": ip("192.0.2.1"),
        "SRC_ADDR4": ip("10.1.2.3"),
        "DST_ADDR4": ip("198.51.100.9"),
        "GATEWAY_ADDR4": ip("10.0.0.254"),
        "SRCDST_PORT": struct.pack("!HH", 40000, 443),
        "PACKETS": struct.pack("!Q", 12),
        "OCTETS": struct.pack("!Q", 3456),
        "IF_INDICES": struct.pack("!II", 3, 4),
        "AGENT_INFO": struct.pack("!IIIHH", 3600000, 1700000000, 5, 5, 0),
        "FLOW_TIMES": struct.pack("!II", 3590000, 3599000),
        "AS_INFO": struct.pack("!IIBBH", 64512, 65000, 24, 16, 0),
        "FLOW_ENGINE_INFO": struct.pack("!HHII", 1, 2, 77, 0),
    }
    f.update(change)
    return f


def octets(n):
    return {"OCTETS": struct.pack("!Q", n)}


def write(name, *pieces):
    with open(name, "wb") as f:
        f.write(b"".join(pieces))
    return name


def read(name):
    with open(name, "rb") as f:
        return f.read()


def reader(*args, **kw):
    return run(["flowd-reader", *args], **kw)


def outcome(r):
    return r.returncode, r.stdout, r.stderr


def says(r, name, *words):
    """It failed with one line on standard error that has these words."""
    lines = r.stderr.decode().splitlines()
    return tap.ok(r.returncode == 1 and len(lines) == 1 and
                  lines[0].startswith("flowd-reader: ") and
                  all(w in lines[0] for w in words), name,
                  f"rc {r.returncode}\n{r.stderr.decode()}\nwants {words}")


def v2_log(records):
    """A version 2 log; each record is {name: octets} with v2's widths."""
    bits = ["TAG", "RECV_TIME", "PROTO_FLAGS_TOS", "AGENT_ADDR4",
            "AGENT_ADDR6", "SRC_ADDR4", "SRC_ADDR6", "DST_ADDR4", "DST_ADDR6",
            "GATEWAY_ADDR4", "GATEWAY_ADDR6", "SRCDST_PORT", "PACKETS",
            "OCTETS"]
    out = struct.pack("!IIII", 0x012cf047, 2, 1700000000, 0)
    for rec in records:
        mask = sum(1 << bits.index(k) for k in rec)
        out += struct.pack("!I", mask)
        out += b"".join(rec[k] for k in bits if k in rec)
    return out


def outputs():
    log = write("a.log", v3_record(fields()))
    crc = read(log)[-4:].hex().encode()
    tap.equal(outcome(reader(log)), (0, BRIEF, b""), "text is brief")
    tap.equal(outcome(reader("-v", log)),
              (0, b"LOGFILE a.log\n" + FULL + crc + b" \n", b""),
              "-v prints every field and the name of the file")
    tap.equal(reader("-U", log, TZ="AEST-10").stdout, BRIEF,
              "-U prints times in UTC")
    tap.equal(reader(log, TZ="AEST-10").stdout,
              BRIEF.replace(b"14T22", b"15T08"), "times are local")
    row = (b"1700000000,5,3600000,192.0.2.1,12,3456,3590000,3599000,1,2,"
           b"10.1.2.3,198.51.100.9,10.0.0.254,3,4,40000,443,6,16,27,24,16,"
           b"64512,65000\n")
    tap.equal(outcome(reader("-c", log)), (0, CSV_HEAD + row, b""),
              "-c prints CSV of flow-tools")
    tap.equal(reader("-c", "-v", log, log).stdout,
              b"LOGFILE a.log\n" + CSV_HEAD + row + b"LOGFILE a.log\n" + row,
              "-c prints its header once, -v names files there too")
    tap.equal(reader("-c", "-q", log).stdout, CSV_HEAD + row, "-c beats -q")
    tap.equal(outcome(reader("-q", log)), (0, b"", b""), "-q prints nothing")
    tap.equal(reader("-v", "-q", log).stdout, b"", "-q after -v is quiet")
    tap.equal(reader("-q", "-v", log).stdout,
              reader("-v", log).stdout, "-v after -q is verbose")
    tap.equal(outcome(reader("-d", log)), (0, BRIEF, b""),
              "-d has nothing to say of a log")


def json_output():
    log = write("j.log", v3_record(fields()),
                v3_record(fields(TAG=b"\0\0\0\7")),
                v3_record({"SRC_ADDR6": ip("2001:db8::1"),
                           "DST_ADDR6": ip("::ffff:192.0.2.9")}),
                v3_record({}))
    r = reader("--json", log, TZ="AEST-10")
    flows = [json.loads(line) for line in r.stdout.splitlines()]
    tap.equal(flows[0], {
        "recv_time": "2023-11-14T22:13:20.250Z", "agent_addr": "192.0.2.1",
        "netflow_version": 5, "sys_uptime_ms": 3600000,
        "agent_time": "2023-11-14T22:13:20.000000005Z", "engine_type": 1,
        "engine_id": 2, "sequence": 77, "source_id": 0,
        "src_addr": "10.1.2.3", "dst_addr": "198.51.100.9",
        "next_hop": "10.0.0.254", "src_port": 40000, "dst_port": 443,
        "protocol": 6, "tcp_flags": 27, "tos": 16, "packets": 12,
        "octets": 3456, "if_in": 3, "if_out": 4, "src_as": 64512,
        "dst_as": 65000, "src_mask": 24, "dst_mask": 16,
        "flow_start": "2023-11-14T22:13:10.000000005Z",
        "flow_end": "2023-11-14T22:13:19.000000005Z",
        "flow_start_uptime_ms": 3590000, "flow_end_uptime_ms": 3599000},
        "--json prints every column, times in UTC")
    tap.equal(flows[1].get("tag"), 7, "--json: a tag")
    tap.equal(flows[2], {"src_addr": "2001:db8::1",
                         "dst_addr": "::ffff:192.0.2.9"},
              "--json leaves out what a flow has not")
    tap.equal(flows[3:], [{}], "--json: a flow without any field")
    r = reader("--json", "--fields", "octets,src_addr,tag,octets", log)
    tap.equal(r.stdout.splitlines()[1],
              b'{"octets":3456,"src_addr":"10.1.2.3","tag":7}',
              "--fields keeps its order, each column once")
    tap.equal(reader("-v", "--json", log).stdout, reader("--json", log).stdout,
              "-v does not disturb JSON")
    tap.equal(reader("--json", "-q", log).stdout, b"", "--json and -q")


def csv_output():
    log = write("c.log", v3_record(fields()), v3_record(fields(**octets(5))))
    r = reader("--csv", log, log)
    rows = list(csv.DictReader(io.StringIO(r.stdout.decode())))
    tap.equal([row["octets"] for row in rows], ["3456", "5"] * 2,
              "--csv prints one header for all files")
    tap.equal((rows[0]["src_addr"], rows[0]["tag"], rows[0]["flow_end"]),
              ("10.1.2.3", "", "2023-11-14T22:13:19.000000005Z"),
              "--csv: values, and none")
    columns = r.stdout.split(b"\n")[0].decode().split(",")
    tap.ok(set(json.loads(reader("--json", log).stdout.split(b"\n")[0])) <
           set(columns) and len(columns) == len(set(columns)) and
           "recv_time_carry" not in columns,
           "--csv has every column once", columns)
    tap.equal(reader("--csv", "--fields", "dst_port,src_addr", log).stdout,
              b"dst_port,src_addr\n443,10.1.2.3\n443,10.1.2.3\n",
              "--csv --fields")
    tap.equal(reader("--csv", "--fields=tag", write("none.log")).stdout,
              b"tag\n", "--csv: an empty log has a header")


def counting():
    many = [v3_record(fields(**octets(n))) for n in range(300)]
    a, b = write("n.log", *many), write("m.log", *many[:7])
    tap.equal(outcome(reader("--count", a, b)), (0, b"307\n", b""),
              "--count counts all files")
    tap.equal(reader("--count", "--json", a).stdout, b"300\n",
              "--count prints nothing else")
    tap.equal(reader("--count", "-H", "5", a, b, b).stdout, b"15\n",
              "-H counts in each file")
    tap.equal(reader("-H", "2", a, b).stdout.count(b"FLOW"), 4,
              "-H stops each file")
    tap.equal(reader("--count", "-H", "299", a).stdout, b"299\n",
              "-H within a batch")
    bad = write("h.log", many[0], many[1], b"\0" * 8)
    tap.equal(outcome(reader("--count", "-H", "2", bad)), (0, b"2\n", b""),
              "-H does not look behind its last flow")
    r = reader("--count", bad)
    tap.equal(r.stdout, b"2\n", "--count counts what was good")
    says(r, "and says what was not", "h.log: offset 232: record 3: ")


def several_batches():
    """More flows than a batch holds and than one piece of input."""
    one = [v3_record(fields(**octets(n)), crc=False) for n in range(16)]
    log = write("big.log", b"".join(one) * 1000)
    r = reader("--json", "--fields", "octets", log)
    tap.equal([json.loads(x)["octets"] for x in r.stdout.splitlines()],
              list(range(16)) * 1000, "a log of many pieces")
    tap.equal(reader(log).stdout.count(b"\n"), 16000, "as text, too")


def writing():
    a = write("w-in.log", v3_record(fields()), v3_record(fields(TAG=b"abcd")),
              v3_record({"SRC_ADDR4": ip("10.1.2.3")}, crc=False))
    r = reader("-q", "-o", "w.log", a)
    tap.equal((outcome(r), read("w.log")), ((0, b"", b""), read(a)),
              "-o writes the log as it was")
    tap.equal(os.stat("w.log").st_mode & 0o777, 0o600,
              "a log is the owner's to read")
    write("w.log", b"x" * 10000)
    reader("-q", "-o", "w.log", a)
    tap.equal(read("w.log"), read(a), "-o empties the file first")
    r = reader("-o", "w.log", a)
    tap.equal((r.stdout.count(b"FLOW"), read("w.log")), (3, read(a)),
              "-o without -q prints as well")
    tap.equal(outcome(reader("-v", "-o", "-", a)), (0, read(a), b""),
              "-o - is a log on standard output, and nothing else")
    tap.equal(reader("-d", "-o", "-", a).stdout.count(b"FLOW "), 3,
              "but with -d")
    reader("-q", "-o", "w.log", "-H", "1", a, a)
    tap.equal(read("w.log"), v3_record(fields()) * 2, "-o with -H")
    says(reader("-q", "-o", a, a), "-o refuses to empty what it reads", a)
    os.link(a, "other-name.log")
    says(reader("-q", "-o", "other-name.log", a), "by another name, too",
         "other-name.log")
    tap.equal(len(v3_parse(read(a))), 3, "which is still there")
    says(reader("-q", "-o", "/nonexistent/w.log", a),
         "-o into a missing directory", "/nonexistent/w.log", "No such file")
    says(reader("-q", "-o", "/dev/full", a), "-o on a full disk", "/dev/full",
         "No space left")


def terminal():
    a = write("t.log", v3_record(fields()))
    parent, child = pty.openpty()
    r = subprocess.run([program("flowd-reader"), "-o", "-", a], stdout=child,
                       stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                       timeout=60)
    os.close(child)
    os.close(parent)
    says(r, "-o - refuses a terminal", "terminal")


def broken_outputs():
    a = write("b.log", v3_record(fields()) * 20000)
    for args in ([], ["--json"], ["--count"], ["-o", "-"]):
        with open("/dev/full", "wb") as full:
            r = subprocess.run([program("flowd-reader"), *args, a],
                               stdin=subprocess.DEVNULL, stdout=full,
                               stderr=subprocess.PIPE, timeout=60)
        says(r, f"standard output is full: {args}", "standard output",
             "No space left")
        parent, child = os.pipe()
        os.close(parent)
        r = subprocess.run([program("flowd-reader"), *args, a],
                           stdin=subprocess.DEVNULL, stdout=child,
                           stderr=subprocess.PIPE, timeout=60)
        os.close(child)
        tap.equal((r.returncode, r.stderr), (1, b""),
                  f"a closed pipe is no news: {args}")


def inputs():
    rec = v3_record(fields())
    a = write("i.log", rec)
    tap.equal(outcome(reader("-", input=rec)), (0, BRIEF, b""),
              "- is standard input")
    tap.equal(reader("-v", "-", input=rec).stdout.split(b"\n")[0],
              b"LOGFILE -", "and its name is -")
    tap.equal(reader(a, "-", a, input=rec).stdout, BRIEF * 3, "among files")
    tap.equal(outcome(reader("-v", write("e.log"))),
              (0, b"LOGFILE e.log\n", b""), "an empty log is no failure")
    for cut in (1, 7, 8, 9, 115):
        tap.equal(outcome(reader(write("cut.log", rec, rec[:cut]))),
                  (0, BRIEF, b""), f"a cut end is silent: {cut} octets")
    says(reader("missing.log"), "a missing file", "missing.log",
         "No such file")
    r = reader(a, "missing.log", a)
    tap.equal((r.returncode, r.stdout), (1, BRIEF),
              "files before it are printed, and none after it")
    says(reader("."), "a directory", ".: ", "directory")
    unreadable(a)


def unreadable(log):
    """Root reads everything, so it is nobody who tries."""
    name = "a file that may not be read"
    other = {"user": 65534} if os.geteuid() == 0 else {}
    os.chmod(log, 0)
    os.chmod(".", 0o755)
    try:
        says(reader(log, **other), name, log, "denied")
    except PermissionError:
        tap.skip(name, "the build is not for everybody to run")


def damaged():
    rec, n = v3_record(fields()), len(v3_record(fields()))
    flipped = bytearray(rec)
    flipped[30] ^= 1
    for name, bad, why in (
            ("a wrong checksum", bytes(flipped), "checksum"),
            ("another version", b"\x80" + rec[1:], "version 4"),
            ("unknown fields", rec[:4] + b"\x60" + rec[5:], "unknown fields"),
            ("two families", rec[:7] + bytes([rec[7] | 0x10]) + rec[8:],
             "both an IPv4 and an IPv6 agent"),
            ("a body shorter than its fields",
             rec[:1] + b"\2" + rec[2:], "shorter"),
            ("a body that is too long", b"\x60\xff" + rec[2:], "too long")):
        log = write("bad.log", rec, rec, bad, rec)
        r = reader(log)
        tap.equal(r.stdout, BRIEF * 2, f"{name}: flows before it are printed")
        says(r, f"{name}: said with its place",
             f"bad.log: offset {2 * n}: record 3: ", why)
    says(reader("-", input=bytes(flipped)), "damage on standard input",
         "standard input: offset 0: record 1: ")


def others():
    """What is no log is named, and nothing of it is a flow."""
    plain = write("plain.v3", v3_record({"OCTETS": bytes(8)}) * 9)
    for data, word in (
            (gzip.compress(read(plain)), "gzip: zcat other | flowd-reader -"),
            (bz2.compress(read(plain)), "bzip2: bzcat other |"),
            (lzma.compress(read(plain)), "xz: xzcat other |"),
            (b"\x28\xb5\x2f\xfd\x04\x58", "zstd: zstdcat other |"),
            (b"\x0c\xa5\x01\x00" + bytes(300), "nfcapd file of nfdump"),
            (b"root:x:0:0:root:/root:/bin/sh\n" * 30, "is a text"),
            (b"a text\n" * 99, "is a text"), (b"Many words", "is a text"),
            (b"\nempty line", "is a text"),
            (reader("--json", plain).stdout * 99, "is a text"),
            (b"q\x09\x01\x02" + bytes(99), "neither a flow log nor a")):
        pipe = data[:1] not in (b"M", b"\n")  # they may begin a capture
        write("other", data)
        for args in ([], ["--count"], ["--check"], ["--info"], ["--json"],
                     ["--count", "-t", "today"], ["-q", "-o", "to.v3"]):
            r = reader(*args, "other")
            says(r, f"{data[:6]} {args}", "other", word)
            tap.ok(r.stdout in (b"", b"0\n") and
                   len(r.stderr.splitlines()) == 1, "and prints no flow", r)
        r = reader("-", input=data)
        says(r, f"{data[:6]} from a pipe", "standard input",
             word.replace("other", "FILE") if pipe else "not a capture")
    for n in range(8):
        tap.equal(outcome(reader("--count", "-", input=read(plain)[:n])),
                  (0, b"0\n", b""), f"{n} octets of a log are none yet")
    write("few", b"few octets")
    for args in ([], ["-U", "-v"], ["-q"], ["-t", "today"]):
        r = reader(*args, "few")
        tap.equal((r.returncode, r.stderr), (0, b""), f"{args}: a text that "
                  "is shorter than a record is a log of the first flowd")
    for args in (["--count"], ["--json"], ["--csv"], ["-e", "tcp"],
                 ["--check"], ["--info"], ["--csv", "--fields", "octets"],
                 ["-q", "-o", "few.v3"]):
        for data in (b"hello", b"few octets", b"`0 a record?"):
            r = reader(*args, write("few", data))
            says(r, f"{args} of {data}", "few", "is a text")
    tap.ok(b"which flowd-reader -L reads" in reader(write("old.v2", v2_log(
        [{"OCTETS": bytes(8)}] * 40))).stderr, "version 2 says -L")


def legacy():
    rec = {"RECV_TIME": struct.pack("!I", 1700000000),
           "AGENT_ADDR4": ip("192.0.2.1"), "SRC_ADDR4": ip("10.1.2.3"),
           "DST_ADDR4": ip("198.51.100.9"), "OCTETS": struct.pack("!Q", 9)}
    log = write("old.log", v2_log([rec] * 40))
    line = (b"FLOW recv_time 2023-11-14T22:13:20.00000 agent [192.0.2.1] "
            b"src [10.1.2.3] dst [198.51.100.9] octets 9 \n")
    tap.equal(outcome(reader("-L", log)), (0, line * 40, b""),
              "-L reads version 2")
    tap.equal(reader("-L", "-v", "-H", "1", log).stdout,
              b"LOGFILE old.log started at 2023-11-14T22:13:20\n" + line,
              "-L -v says when the log was begun")
    tap.equal(reader("-L", "-", input=read(log)).stdout, line * 40,
              "-L on standard input")
    says(reader(log), "without -L its version is refused", "old.log", "-L")
    says(reader("-L", write("new.log", v3_record(fields()))),
         "-L refuses version 3", "new.log", "version 2")
    says(reader("-L", write("short.log", read(log)[:10])),
         "-L: a file shorter than its head", "short.log")
    tap.equal(outcome(reader("-L", write("cut2.log", read(log)[:-1]))),
              (0, line * 39, b""), "-L: a cut end is silent")
    reader("-L", "-q", "-o", "conv.log", log)
    tap.equal(reader("conv.log").stdout, line * 40, "-L -o converts")


def captures():
    flows = [{"src": "10.0.0.1", "dst": "10.0.0.2", "octets": 700 + n,
              "protocol": 17} for n in range(30)]
    grams = [(1700000000 * 10**9 + n, "192.0.2.1", 9999,
              v5_datagram(flows, seq=30 * n)) for n in range(200)]
    cap = write("c.pcap", datagrams_pcap(grams))
    r = reader("--json", cap)
    got = [json.loads(x) for x in r.stdout.splitlines()]
    tap.equal((r.returncode, [f["octets"] for f in got]),
              (0, [700 + n for n in range(30)] * 200),
              "a capture of export datagrams")
    tap.equal((got[0]["agent_addr"], got[0]["recv_time"], got[31]["sequence"]),
              ("192.0.2.1", "2023-11-14T22:13:20Z", 30),
              "has the exporter, the time and the sequence number")
    tap.equal(reader("--count", "-", input=read(cap)).stdout, b"6000\n",
              "a capture on standard input")
    tap.equal(reader("--count", "-H", "31", cap).stdout, b"31\n",
              "-H on a capture")
    tap.equal(reader("-v", "-H", "1", cap).stdout.count(b"crc32"), 0,
              "flows that come from no log have no checksum to print")
    r = reader("-q", "-o", "cap.log", cap)
    recs = v3_parse(read("cap.log"))
    tap.equal((outcome(r), len(recs), "CRC32" in recs[0]),
              ((0, b"", b""), 6000, True), "-o makes a log of a capture")
    tap.equal(reader("-q", "-d", cap).stderr.split(b"\n")[0],
              b"flowd-reader: c.pcap: packets 200, datagrams 200, "
              b"fragments 0, not UDP 0, truncated 0, incomplete 0",
              "-d counts what was in a capture")
    r = reader("--exporters", cap)
    dump = [json.loads(x) for x in r.stdout.splitlines()]
    tap.ok(r.returncode == 0 and len(dump) == 1 and
           b"192.0.2.1" in r.stdout and b"FLOW" not in r.stdout,
           "--exporters prints what is known of the exporter", r.stdout)
    says(reader("--exporters", write("x.log", v3_record(fields()))),
         "--exporters wants captures", "x.log", "capture")
    r = reader("--count", write("cut.pcap", read(cap)[:-10]))
    tap.equal(r.stdout, b"5970\n", "a capture that is cut: its whole packets")
    says(r, "and the cut is said", "cut.pcap")
    says(reader(write("no.pcap", b"\xd4hello, world, this is no capture")),
         "what only begins like a capture", "no.pcap")


def unstorable():
    """IPFIX with a source only: version 3 cannot hold what has no target."""
    sets = struct.pack("!HHHHHHHH", 2, 16, 256, 2, 8, 4, 1, 4)
    sets += struct.pack("!HH4sI", 256, 12, ip("10.0.0.1"), 99)
    gram = struct.pack("!HHIII", 10, 16 + len(sets), 1700000000, 0, 1) + sets
    cap = write("u.pcap",
                datagrams_pcap([(1700000000 * 10**9, "192.0.2.1", 1, gram)]))
    tap.equal(json.loads(reader("--json", "--fields", "src_addr,dst_addr",
                                cap).stdout), {"src_addr": "10.0.0.1"},
              "a flow with one address is printed")
    r = reader("-q", "-o", "u.log", cap)
    says(r, "and left out of a log, which is said", "u.log: 1 flow")
    tap.equal(read("u.log"), b"", "the log is empty")


def live():
    """What comes through a pipe is printed when it comes."""
    p = subprocess.Popen([program("flowd-reader"), "-U", "-"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    p.stdin.write(v3_record(fields()))
    p.stdin.flush()
    tap.equal(p.stdout.readline(), BRIEF, "a flow is printed as it comes")
    p.stdin.write(v3_record(fields())[:50])
    p.stdin.flush()
    time.sleep(0.05)
    p.stdin.write(v3_record(fields())[50:])
    p.stdin.flush()
    tap.equal(p.stdout.readline(), BRIEF, "one that comes in pieces, too")
    p.stdin.close()
    tap.equal((p.stdout.read(), p.wait(timeout=60)), (b"", 0), "to the end")
    p.stdout.close()
    p = subprocess.Popen([program("flowd-reader"), "--json", "-"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    p.stdin.write(datagrams_pcap([(0, "192.0.2.1", 1, v5_datagram([{}]))]))
    p.stdin.flush()
    tap.equal(json.loads(p.stdout.readline())["agent_addr"], "192.0.2.1",
              "a datagram is printed as it comes")
    p.stdin.close()
    tap.equal((p.stdout.read(), p.wait(timeout=60)), (b"", 0), "to the end")
    p.stdout.close()


def no_standard_error():
    """What is printed there is not written into the log."""
    rec = v3_record(fields())
    reader("-q", "-o", "alone", write("before", rec, rec[:-4], b"bad!"),
           preexec_fn=lambda: os.close(2))
    tap.equal(read("alone"), rec, "without standard error")


def output_is_no_input():
    """A log is not emptied or grown by reading it, by whatever name."""
    data = v3_record(fields()) * 5
    a = write("same.log", data)
    with open(a, "rb") as f:
        r = run(["flowd-reader", "-q", "-o", a, "-"], stdin=f)
    tap.ok(r.returncode == 1 and b"is also an input" in r.stderr,
           "-o FILE - < FILE is refused", r.stderr)
    with open(a, "ab") as f:
        p = subprocess.run([program("flowd-reader"), "-o", "-", a], stdout=f,
                           stderr=subprocess.PIPE, check=False, timeout=60)
    tap.ok(p.returncode == 1 and b"is also an input" in p.stderr,
           "-o - FILE >> FILE is refused", p.stderr)
    with open(a, "rb") as f:
        tap.equal(f.read(), data, "and the file is as it was")


def usage():
    a = write("o.log", v3_record(fields()))
    for args, words in (
            (["-x", a], ["-x", "--help"]),
            (["-f", "rules", a], ["rules", "No such file"]),
            (["--jsno", a], ["--jsno", "did you mean --json?"]),
            (["--nothing-like-it", a], ["--nothing-like-it"]),
            (["--json=yes", a], ["--json"]),
            (["--fields"], ["--fields wants a value"]),
            (["-H"], ["-H wants a value"]),
            (["-H", "0", a], ["-H", '"0"']),
            (["-H", "-1", a], ["-H", '"-1"']),
            (["-H", "1x", a], ["-H", '"1x"']),
            (["-H", "99999999999999999999", a], ["-H"]),
            (["--json", "--fields", "src_adr", a],
             ['"src_adr"', 'did you mean "src_addr"?']),
            (["--json", "--fields", "recv_time_carry", a],
             ['"recv_time_carry"']),
            (["--json", "--fields", ",", a], ["--fields"]),
            (["--fields", "tag", a], ["--fields", "--json"]),
            (["-c", "--fields", "tag", a], ["--fields", "--json"]),
            (["-o", "-", "--count", a], ["-o -", "--count"]),
            (["-r", a], ["-r: files are named without an option"]),
            (["-w", "x", a], ["-w: -o FILE"]),
            (["--filter", "tcp", a], ["-e EXPR"]),
            (["--csv", "--fields", "src", a], ['did you mean "src_addr"']),
            (["--csv", "--fields", "bytes", a], ['did you mean "octets"']),
            ([], ["no file"])):
        r = reader(*args)
        says(r, f"refused: {args[:-1] or args}", *words)
        tap.equal(r.stdout, b"", "with nothing on standard output")
    r = reader("--help")
    tap.ok(r.returncode == 0 and r.stdout.startswith(b"Usage: flowd-reader")
           and r.stderr == b"" and len(r.stdout.splitlines()) <= 24 and
           max(map(len, r.stdout.splitlines())) <= 80,
           "--help fits a screen", r.stdout)
    tap.equal(outcome(reader("-h")), (0, b"", r.stdout),
              "-h prints it on standard error")
    r = reader("--version")
    tap.ok(r.returncode == 0 and r.stdout.startswith(b"flowd-reader "),
           "--version", r.stdout)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for part in (outputs, json_output, csv_output, counting, several_batches,
                 writing, terminal, broken_outputs, inputs, damaged, others,
                 legacy,
                 captures, unstorable, live, output_is_no_input,
                 no_standard_error,
                 usage):
        part()
    os.chdir("/")
tap.done()
