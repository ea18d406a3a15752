"""flowd-reader from one format to another: nothing is lost on the way to
version 4, and what version 3 can hold comes back octet by octet."""
import glob
import itertools
import os
import random
import struct
import tempfile
import zlib

import captures
from columnar import read, reader, write
from flowdtest import V3_CRC, V3_FIELDS, run, shared
from tap import Tap

tap = Tap()
FORMATS = ("v4", "v4:lz4", "v4:none")
ZERO = {"PROTO_FLAGS_TOS": 3, "AGENT_INFO": 14, "AS_INFO": 10}
FAMILIES = [("AGENT_ADDR4", "AGENT_ADDR6"), ("SRC_ADDR4", "SRC_ADDR6"),
            ("DST_ADDR4", "DST_ADDR6"), ("GATEWAY_ADDR4", "GATEWAY_ADDR6")]


def masks():
    """Every set of fields that a record may have."""
    index = {name: n for n, (name, _) in enumerate(V3_FIELDS)}
    both = [1 << index[a] | 1 << index[b] for a, b in FAMILIES]
    return [m for m in range(1 << len(V3_FIELDS))
            if not any(m & b == b for b in both)]


def record(rng, mask, crc):
    """Random octets, but where the format wants zeros."""
    body = b""
    for bit, (name, size) in enumerate(V3_FIELDS):
        if mask >> bit & 1:
            n = ZERO.get(name, size)
            body += rng.randbytes(n) + bytes(size - n)
    head = struct.pack("!BBHI", 0x60, len(body) // 4 + crc, 0,
                       mask | crc << V3_CRC)
    if crc:
        body += struct.pack("!I", zlib.crc32(head + body, 0xffffffff) ^
                            0xffffffff)
    return head + body


def there_and_back(log, label):
    """Version 3 through each kind of version 4."""
    for to in FORMATS:
        r = reader("-q", "-o", "there.flow", "--to", to, log)
        back = reader("-q", "-o", "back.v3", "there.flow")
        tap.ok((r.returncode, back.returncode) == (0, 0) and
               read("back.v3") == read(log),
               f"{label} through {to} is the same", (r, back))


def every_mask():
    rng = random.Random(7)
    all_masks = masks()
    rng.shuffle(all_masks)
    for crc in (False, True):
        write("masks.v3", *[record(rng, m, crc) for m in all_masks])
        there_and_back("masks.v3", f"{len(all_masks)} sets of fields, "
                       f"{'with' if crc else 'without'} checksums")


def golden(top):
    """What the first flowd wrote: as flowd-reader copies it, for some are
    made to be copied otherwise, and most octet by octet."""
    same = 0
    for path in sorted(glob.glob(os.path.join(top, "**", "*.flowd"),
                                 recursive=True)):
        label = os.path.relpath(path, top)
        copied = reader("-q", "-o", "copy.v3", path)
        if copied.returncode != 0:
            r = reader("-q", "-o", "there.flow", path)
            back = reader("-q", "-o", "back.v3", "there.flow")
            tap.ok(r.returncode == 1 and back.returncode == 0 and
                   read("back.v3") == read("copy.v3"),
                   f"{label}: what is in front of the damage", (r, back))
            continue
        there_and_back("copy.v3", label)
        same += read("copy.v3") == read(path)
    tap.ok(same > 50, f"{same} logs are copied octet by octet")


def version2(top):
    for path in sorted(glob.glob(os.path.join(top, "**", "*.v2"),
                                 recursive=True)):
        label = os.path.relpath(path, top)
        want = reader("-L", "--json", path)
        r = reader("-L", "-q", "-o", "there.flow", path)
        got = reader("--json", "there.flow")
        tap.ok(r.returncode == want.returncode and got.returncode == 0 and
               got.stdout == want.stdout, f"{label} is the same in version 4",
               (r, got))
        reader("-L", "-q", "-o", "copy.v3", path)
        reader("-q", "-o", "back.v3", "there.flow")
        tap.equal(read("back.v3"), read("copy.v3"),
                  f"{label} is the same in version 3 by way of 4")


def printed():
    """What is printed of a capture is printed of the log made from it."""
    few = captures.collected(".")
    for name, path in itertools.chain(few, captures.generated(".", 5000)):
        want = reader("--json", path).stdout
        for to in FORMATS:
            r = reader("-q", "-o", "there.flow", "--to", to, path)
            got = reader("--json", "there.flow")
            tap.ok(r.returncode == 0 and got.returncode == 0 and
                   got.stdout == want, f"{name} is the same in {to}", r)
        r = reader("-q", "-o", "again.flow", "--to", "v4:none", "there.flow")
        tap.equal(reader("--json", "again.flow").stdout, want,
                  f"{name} is the same again")


def by_way_of_version_4():
    """A capture to version 3 is the same with and without version 4."""
    run(["flowd-send", "-g", "20000", "--as", "5", "-w", "five.pcap"])
    reader("-q", "-o", "copy.v3", "five.pcap")
    reader("-q", "-o", "there.flow", "five.pcap")
    reader("-q", "-o", "back.v3", "there.flow")
    tap.ok(read("back.v3") == read("copy.v3"),
           "a capture to version 3 by way of version 4")


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    every_mask()
    printed()
    by_way_of_version_4()
    old = shared("compat", "golden")
    if old is None:
        tap.skip("logs of the first flowd", "no shared data in this clone")
    else:
        golden(old)
        version2(old)
    os.chdir("/")
tap.done()
