"""Is flowd-log(5) enough to read columnar logs by? A reader that was written
from it alone (test/logpage.py) finds the flows that flowd-reader prints."""
import datetime
import ipaddress
import json
import os
import re
import struct
import tempfile

import captures
import elements
import logpage
from columnar import flow, read, reader, write
from flowdtest import BUILD
from tap import Tap

tap = Tap()
HIDDEN = {"crc32", "recv_time_carry", "agent_time_carry"}
EPOCH = datetime.datetime(1970, 1, 1)


def page_text():
    with open(os.path.join(BUILD, "man", "flowd-log.5"),
              encoding="utf-8") as f:
        return f.read()


PAGE = page_text()
TYPE = dict(logpage.columns(PAGE).values())


def nanoseconds(text):
    """Of a time in JSON."""
    m = re.fullmatch(r"(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)(?:\.(\d+))?Z",
                     text)
    since = datetime.datetime(*map(int, m.groups()[:6])) - EPOCH
    return (since.days * 86400 + since.seconds) * 10**9 + int(
        ((m[7] or "") + "0" * 9)[:9])


def printed(name, value):
    """A value of the log as JSON has it, but times as an integer."""
    if TYPE[name] == logpage.ADDRESS:
        return str(ipaddress.ip_address(value))
    if TYPE[name] == 6:
        return ":".join(f"{b:02x}" for b in value.to_bytes(6, "big"))
    if TYPE[name] == 4:
        return value - (value >> 63 << 64)
    return value


def other_differs(value, got):
    """Names, how often each comes, and the values that are easily told."""
    want = {}
    for pen, number, octets in logpage.others(value):
        want.setdefault(elements.name(pen, number), []).append(
            elements.value(pen, number, octets))
    if set(want) != set(got):
        return f"{sorted(want)} are {sorted(got)}"
    for name, values in want.items():
        have = got[name] if len(values) > 1 else [got[name]]
        if len(have) != len(values) or any(
                v is not None and v != h for v, h in zip(values, have)):
            return f"{name}: {values} are {have}"
    return None


def differs(row, got):
    row = {k: v for k, v in row.items() if k not in HIDDEN}
    if set(row) != set(got):
        return f"{sorted(row)} are {sorted(got)}"
    for name, value in row.items():
        have = got[name]
        if name == "other":
            why = other_differs(value, have)
            if why is not None:
                return why
            continue
        if TYPE[name] == 4:
            have = nanoseconds(have)
        elif TYPE[name] == logpage.ADDRESS:
            have = str(ipaddress.ip_address(have))
        if printed(name, value) != have:
            return f"{name}: {printed(name, value)} is {have}"
    return None


def compare(name, log):
    """The flows of a log by both."""
    want = [json.loads(x) for x in reader("--json", log).stdout.splitlines()]
    try:
        blocks, index = logpage.log(read(log), PAGE)
    except logpage.Wrong as e:
        tap.ok(False, f"{name}: as the page has it", e)
        return [], None
    rows = [row for b in blocks for row in b]
    wrong = [f"flow {n}: {why}" for n, why in enumerate(map(
        differs, rows, want)) if why is not None]
    tap.ok(len(rows) == len(want) and not wrong,
           f"{name}: {len(rows)} flows are read as the page says",
           wrong[:3] or (len(rows), len(want)))
    return blocks, index


def check_index(name, blocks, index):
    """No address is denied that is there, and most of the others are."""
    wrong, denied = [], 0
    for n, rows in enumerate(blocks):
        group = index.groups[n // index.group]
        for row in rows:
            for addr in filter(None, map(row.get, ("src_addr", "dst_addr"))):
                if not (logpage.may_have(index.all, addr) and
                        logpage.may_have(group, addr)):
                    wrong.append(addr)
    for n in range(1000):
        addr = bytes([127, 9, n // 256, n % 256])
        denied += not (logpage.may_have(index.all, addr) and
                       logpage.may_have(index.groups[0], addr))
    tap.ok(not wrong and denied > 900,
           f"{name}: the filter says what the page says", (wrong[:3], denied))


def index_that_lies(log):
    """--check finds that the filters of the index lack what blocks have."""
    tap.equal(reader("--check", log).returncode, 0, "an index that is right")
    data = bytearray(read(log))
    at = len(data) - struct.unpack("<I", data[-12:-8])[0]
    at += struct.unpack_from("<I", data, at + 12)[0]  # behind its head
    nblocks = struct.unpack_from("<I", data, at + 24)[0]
    filters = at + 32 + 32 * nblocks
    lengths = struct.unpack_from("<II", data, filters)
    tap.ok(nblocks == 1 and lengths[0] == 0 and lengths[1] > 0,
           "one filter, of the group", (nblocks, lengths))
    data[filters + 8:-12] = bytes(len(data) - 12 - filters - 8)
    struct.pack_into("<Q", data, at, logpage.checksum(bytes(data[at + 8:])))
    r = reader("--check", write("lies.flow", bytes(data)))
    tap.ok(r.returncode == 1 and b"the index lacks addresses" in r.stderr,
           "an index that lies", r)
    tap.equal(reader("-q", "--count", "-e", "src 10.7.0.1",
                     "lies.flow").stdout, b"0\n", "which skips blocks")


def main():
    for name, capture in captures.collected("."):
        reader("-q", "-o", "log.flow", capture)
        compare(name, "log.flow")
    for name, capture in captures.generated(".", 3000):
        for to in ("v4", "v4:lz4", "v4:none"):
            reader("-q", "-o", "log.flow", "--to", to, capture)
            blocks, index = compare(f"{name} {to}", "log.flow")
        check_index(name, blocks, index)
    records = [flow(n, 1700000000 + n, f"10.{n % 200}.0.1") for n in
               range(2000)]
    write("rows.v3", *records)
    reader("-q", "-o", "log.flow", "rows.v3")
    compare("a log of version 3", "log.flow")
    index_that_lies("log.flow")
    write("both.flow", read("log.flow") * 2)
    compare("two logs that are joined", "both.flow")
    tap.equal(sorted(logpage.MET), sorted(
        [("stream", n) for n in range(6)] +
        [("compression", n) for n in range(4)] +
        [("column", n) for n in range(5)] +
        [("predictor", n) for n in range(1, 8)]),
        "all that the page has was met")


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    main()
    os.chdir("/")
tap.done()
