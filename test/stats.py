"""What the tests of flowd-stats share: logs of known flows, and their sums."""
import csv
import io
import json
import struct

from columnar import ip, write
from flowdtest import run, v3_record

SEC = 1700000000  # 2023-11-14T22:13:20Z


def stats(*args, **kw):
    return run(["flowd-stats", *args], **kw)


def objects(*args, **kw):
    """What -o json prints."""
    r = stats("-o", "json", *args, **kw)
    assert r.returncode == 0 and r.stderr == b"", (args, r)
    return [json.loads(line) for line in r.stdout.splitlines()]


def table(*args, **kw):
    """What -o csv prints, as lists."""
    return list(csv.reader(io.StringIO(
        stats("-o", "csv", *args, **kw).stdout.decode())))


def text(*args, **kw):
    """The lines for people, as words."""
    return [line.split() for line in
            stats(*args, **kw).stdout.decode().splitlines()]


def record(src="10.0.0.1", dst="198.51.100.9", sport=40000, dport=443,
           protocol=6, octets=1000, packets=10, at=0, lasts=0, if_in=1,
           if_out=2, flags=0x1b, agent="192.0.2.1"):
    """A flow that ends so many seconds behind SEC and lasts so many."""
    end = 100000000  # uptime of the exporter, ms
    fields = {
        "RECV_TIME": struct.pack("!II", SEC + int(at), 0),
        "PROTO_FLAGS_TOS": bytes([flags, protocol, 0, 0]),
        "AGENT_ADDR4": ip(agent),
        "SRCDST_PORT": struct.pack("!HH", sport, dport),
        "PACKETS": struct.pack("!Q", packets),
        "OCTETS": struct.pack("!Q", octets),
        "IF_INDICES": struct.pack("!II", if_in, if_out),
        "AGENT_INFO": struct.pack("!IIIHH", end, SEC + int(at), 0, 5, 0),
        "FLOW_TIMES": struct.pack("!II", end - int(lasts * 1000), end)}
    for name, value in (("SRC", src), ("DST", dst)):
        octets_of = ip(value)
        fields[f"{name}_ADDR{4 if len(octets_of) == 4 else 6}"] = octets_of
    return v3_record(fields)


def log(name, *records):
    """A log of version 3."""
    return write(name, *records)


def columnar(name, source):
    """The same flows as a log of version 4."""
    r = run(["flowd-reader", "-q", "--to", "v4", "-o", name, source])
    assert r.returncode == 0, r.stderr
    return name
