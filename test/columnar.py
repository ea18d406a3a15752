"""Columnar logs for the Python tests, made by flowd-reader from records of
version 3 in the current folder."""
import ipaddress
import json
import struct

from flowdtest import run, v3_record

SEC = 1700000000  # 2023-11-14T22:13:20Z
MAGIC = b"\x80flowv4\n"


def write(name, *pieces):
    with open(name, "wb") as f:
        f.write(b"".join(pieces))
    return name


def read(name):
    with open(name, "rb") as f:
        return f.read()


def reader(*args, **kw):
    return run(["flowd-reader", *args], **kw)


def flows(*args, **kw):
    """What --json prints, as objects."""
    return [json.loads(x) for x in
            reader("--json", *args, **kw).stdout.splitlines()]


def octets(*args, **kw):
    return [f["octets"] for f in flows(*args, **kw)]


def ip(text):
    return ipaddress.ip_address(text).packed


def flow(n, sec=None, src="10.0.0.1", dst="198.51.100.9", crc=True):
    f = {"OCTETS": struct.pack("!Q", n), "SRC_ADDR4": ip(src),
         "DST_ADDR4": ip(dst), "PROTO_FLAGS_TOS": bytes([0, 17, 0, 0]),
         "SRCDST_PORT": struct.pack("!HH", n % 65536, 443)}
    if sec is not None:
        f["RECV_TIME"] = struct.pack("!II", sec, 500000)
    return v3_record(f, crc=crc)


def unseal(data):
    """Without its index."""
    assert data.endswith(b"flowend\n")
    return data[:-struct.unpack("<I", data[-12:-8])[0]]


def block(*records, to="v4"):
    """Records of version 3 as a block of version 4."""
    write("block.v3", *records)
    r = reader("-q", "--to", to, "-o", "-", "block.v3")
    assert r.returncode == 0 and r.stdout.startswith(MAGIC), r.stderr
    return unseal(r.stdout)
