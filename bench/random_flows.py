"""Flows whose values are independent of each other, for benchmarks: what the
model of flowd-send(1) has not. A capture of NetFlow 5, 30 flows a datagram.

What a shape is made of is a table: rows of an offset in the record, and for
each octet from there the values that a random octet stands for.
"""
import random
import struct

RECORDS = 30  # flows in a datagram
RECORD, HEADER = 48, 24
FRONT = 16 + 20 + 8 + HEADER  # of pcap, IPv4, UDP, NetFlow
DATAGRAM = FRONT + RECORDS * RECORD
CHUNK = 1000  # datagrams made at a time
UPTIME_MS = 1 << 28  # of the exporter at the first datagram
FIRST, LAST = 24, 28  # offsets of the times in a record

ANY = bytes(range(256))


def only(*values):
    """These values, as often the one as the other."""
    return bytes(values[i % len(values)] for i in range(256))


def octets(offset, *values):
    """Rows of octets that are independent of each other."""
    return [(offset + i, v) for i, v in enumerate(values)]


COUNTERS = [  # packets, octets
    *octets(18, ANY, only(*range(1, 256, 2))), *octets(21, ANY, ANY, ANY)]

SHAPES = {
    # 16.7 million hosts on either side, all ports
    "independent": [
        *octets(0, only(10), ANY, ANY, ANY),
        *octets(4, only(100), ANY, ANY, ANY),
        *octets(8, only(192), only(0), only(2), only(*range(1, 9))),
        *octets(12, only(0), only(*range(8)), only(0), only(*range(8))),
        *COUNTERS,
        *octets(32, ANY, ANY, ANY, ANY),
        *octets(37, ANY, only(6, 17, 47), ANY),
        *octets(40, ANY, ANY, ANY, ANY),
        *octets(44, only(*range(8, 25)), only(*range(8, 25)))],
    # 64 clients talk to 64 servers of four services
    "few hosts": [
        *octets(0, only(10), only(0), only(0), only(*range(64))),
        *octets(4, only(10), only(0), only(1), only(*range(64))),
        *octets(8, only(192), only(0), only(2), only(1)),
        *octets(12, only(0), only(1), only(0), only(2)),
        *COUNTERS,
        *octets(32, only(*range(128, 256)), ANY),
        # 443, 80, 53, 22: both octets of one draw
        (34, only(1, 0, 0, 0), only(187, 80, 53, 22)),
        *octets(37, ANY, only(6))]}


def checksum(header):
    """RFC 791 of an IPv4 header."""
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def front():
    """What is in front of the records, with a time of 0."""
    size = DATAGRAM - 16
    addresses = bytes([127, 0, 0, 1]) * 2
    ip = struct.pack(">BBHHHBBH", 0x45, 0, size, 0, 0, 64, 17, 0) + addresses
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return struct.pack("<IIII", 0, 0, size, size) + ip + \
        struct.pack(">HHHH", 2055, 2055, size - 20, 0) + \
        struct.pack(">HH", 5, RECORDS) + bytes(HEADER - 4)


def put_times(chunk, first, count, start, per_second):
    """The headers of datagrams, and the upper halves of the times of their
    flows: these begin one to three minutes before the datagram, and end within
    the two minutes before it."""
    halves = []
    for i in range(count):
        ms = (first + i) * 1000 // per_second
        at, seconds, ns = i * DATAGRAM, start + ms // 1000, \
            ms % 1000 * 1000000
        struct.pack_into("<II", chunk, at, seconds, ns)
        struct.pack_into(">IIII", chunk, at + FRONT - HEADER + 4,
                         UPTIME_MS + ms, seconds, ns, (first + i) * RECORDS)
        halves.append(UPTIME_MS + ms >> 16)
    for offset, before in ((FIRST, 2), (LAST, 1)):
        upper = bytes((h - before) >> 8 for h in halves)
        lower = bytes((h - before) & 255 for h in halves)
        for k in range(RECORDS):
            at = FRONT + k * RECORD + offset
            chunk[at::DATAGRAM] = upper
            chunk[at + 1::DATAGRAM] = lower


def put_values(chunk, count, rows, draw):
    for offset, *values in rows:
        for k in range(RECORDS):
            random_octets = draw(count)
            for i, value in enumerate(values):
                at = FRONT + k * RECORD + offset + i
                chunk[at::DATAGRAM] = random_octets.translate(value)


def write_capture(path, shape, flows, start, per_second, seed=1):
    """As many flows, rounded up to whole datagrams; returns their number. The
    first datagram is of this second since 1970, and there are per_second."""
    draw = random.Random(seed).randbytes
    rows = SHAPES[shape] + octets(FIRST + 2, ANY, ANY) + \
        octets(LAST + 2, ANY, ANY)
    datagrams = -(-flows // RECORDS)
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 101))
        for first in range(0, datagrams, CHUNK):
            count = min(CHUNK, datagrams - first)
            chunk = bytearray((front() + bytes(RECORDS * RECORD)) * count)
            put_times(chunk, first, count, start, per_second)
            put_values(chunk, count, rows, draw)
            f.write(chunk)
    return datagrams * RECORDS
