"""What the Python tests share: where things are, captures, version 3 logs."""
import ipaddress
import json
import os
import struct
import subprocess

BUILD = os.path.abspath(os.environ.get("FLOWD_BUILD", "build"))
SOURCE = os.environ.get("FLOWD_SOURCE", os.getcwd())
SHARED = os.path.join(SOURCE, "..", "shared")


def program(name):
    """Path of a program of the build."""
    folder = {"flowd-reader": "reader", "flowd": "flowd",
              "flowd-send": "send", "flowd-stats": "stats",
              "flowctl": "ctl"}[name]
    return os.path.join(BUILD, folder, name)


def sanitized():
    """A sanitizer has memory and makes system calls of its own."""
    with open(program("flowd"), "rb") as f:
        return b"__asan_init" in f.read()


def sanitizer_library():
    """The library of the sanitizers, for a program that has none and loads
    what has. It is of the compiler that built it."""
    with open(os.path.join(BUILD, "compile_commands.json"),
              encoding="utf-8") as f:
        clang = "clang" in f.read(2000)
    cc, name = ("clang", f"libclang_rt.asan-{os.uname().machine}.so") \
        if clang else ("gcc", "libasan.so")
    r = subprocess.run([cc, f"-print-file-name={name}"], text=True,
                       stdout=subprocess.PIPE, check=True)
    return r.stdout.strip()


def run(args, **kw):
    """Run a program to its end; gives returncode, stdout and stderr as bytes."""
    kw.setdefault("stdin", subprocess.DEVNULL)
    kw.setdefault("timeout", 60)
    env = dict(os.environ, TZ=kw.pop("TZ", "UTC"))
    # Our programs have the sanitizers in them, with clang without a library.
    env.pop("LD_PRELOAD", None)
    if "input" in kw:
        kw.pop("stdin")
    kw.setdefault("stdout", subprocess.PIPE)
    return subprocess.run([program(args[0])] + list(args[1:]),
                          stderr=subprocess.PIPE, env=env, **kw)


def faults(r):
    """What flowd -n has printed, without what is of this machine only."""
    return "".join(
        line for line in r.stderr.decode("latin-1").splitlines(True)
        if not line.endswith("; flowd would not start now\n") and
        not line.startswith(("not root: cannot check whether root can ",
                             "on rotate: cannot execute ",
                             "cannot join group ")))


def reader_json(path, *args):
    """The flows that flowd-reader --json prints, and its result."""
    r = run(["flowd-reader", "--json", *args, path])
    return [json.loads(line) for line in r.stdout.splitlines()], r


# Captures: raw IP packets in a pcap with nanoseconds.

def ip_packet(src, dst, sport, dport, payload):
    """One UDP datagram in an IPv4 or IPv6 packet, without checksums."""
    udp = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload
    s, d = ipaddress.ip_address(src), ipaddress.ip_address(dst)
    if s.version == 4:
        return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17,
                           0) + s.packed + d.packed + udp
    return struct.pack("!IHBB", 6 << 28, len(udp), 17,
                       64) + s.packed + d.packed + udp


def pcap(packets, linktype=101):
    """A capture of (time_ns, packet) pairs; link type 101 is raw IP."""
    out = struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, linktype)
    for ns, packet in packets:
        out += struct.pack("<IIII", ns // 10**9, ns % 10**9, len(packet),
                           len(packet)) + packet
    return out


def fragments(packet, size, ident=77):
    """An IPv4 packet cut into fragments of at most size octets of payload."""
    head, body = packet[:20], packet[20:]
    out = []
    for off in range(0, len(body), size):
        piece = body[off:off + size]
        more = 0x2000 if off + size < len(body) else 0
        out.append(head[:2] + struct.pack("!HHH", 20 + len(piece), ident,
                                          more | off // 8) + head[8:] + piece)
    return out


def datagrams_pcap(datagrams):
    """A capture of (time_ns, exporter, port, payload); large ones in pieces."""
    packets = []
    for n, (ns, exporter, port, payload) in enumerate(datagrams):
        other = "192.0.2.254" if "." in exporter else "2001:db8::fe"
        if len(payload) + 28 <= 65535:
            packets.append((ns, ip_packet(exporter, other, port, 2055,
                                          payload)))
    return pcap(packets)


# Version 3 logs, written down anew from the contract.

V3_FIELDS = [  # name, octets
    ("TAG", 4), ("RECV_TIME", 8), ("PROTO_FLAGS_TOS", 4),
    ("AGENT_ADDR4", 4), ("AGENT_ADDR6", 16), ("SRC_ADDR4", 4),
    ("SRC_ADDR6", 16), ("DST_ADDR4", 4), ("DST_ADDR6", 16),
    ("GATEWAY_ADDR4", 4), ("GATEWAY_ADDR6", 16), ("SRCDST_PORT", 4),
    ("PACKETS", 8), ("OCTETS", 8), ("IF_INDICES", 8), ("AGENT_INFO", 16),
    ("FLOW_TIMES", 8), ("AS_INFO", 12), ("FLOW_ENGINE_INFO", 12)]
V3_CRC = 30


def v3_crc(data):
    """CRC-32, reflected, start value 0, no final inversion; bit by bit."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xedb88320 if crc & 1 else 0)
    return crc


def v3_record(fields, version=0x60, crc=True):
    """A record of {name: octets}."""
    mask, body = 0, b""
    for bit, (name, size) in enumerate(V3_FIELDS):
        if name in fields:
            assert len(fields[name]) == size, name
            mask |= 1 << bit
            body += fields[name]
    if crc:
        mask |= 1 << V3_CRC
    head = struct.pack("!BBHI", version, (len(body) + 4 * crc) // 4, 0, mask)
    if crc:
        body += struct.pack("!I", v3_crc(head + body))
    return head + body


def v3_parse(data):
    """Records as {name: octets}, with "CRC32" where present; strict."""
    records, at = [], 0
    while at < len(data):
        version, words, reserved, mask = struct.unpack_from("!BBHI", data, at)
        assert version == 0x60 and reserved == 0, (at, version, reserved)
        end = at + 8 + words * 4
        assert end <= len(data), ("torn record", at)
        rec, pos = {}, at + 8
        for bit, (name, size) in enumerate(V3_FIELDS):
            if mask >> bit & 1:
                rec[name] = data[pos:pos + size]
                pos += size
        if mask >> V3_CRC & 1:
            crc = struct.unpack_from("!I", data, pos)[0]
            assert crc == v3_crc(data[at:pos]), ("checksum", at)
            rec["CRC32"] = data[pos:pos + 4]
            pos += 4
        assert pos == end, ("length", at)
        records.append(rec)
        at = end
    return records


def v5_datagram(flows, uptime=3600000, sec=1700000000, nsec=0, seq=0,
                engine=0, sampling=0):
    """A NetFlow 5 datagram of dicts with a few keys; the rest is zero."""
    out = struct.pack("!HHIIIIHH", 5, len(flows), uptime, sec, nsec, seq,
                      engine, sampling)
    for f in flows:
        out += struct.pack(
            "!4s4s4sHHIIIIHHBBBBHHBBH",
            ipaddress.ip_address(f.get("src", "10.0.0.1")).packed,
            ipaddress.ip_address(f.get("dst", "10.0.0.2")).packed,
            ipaddress.ip_address(f.get("next_hop", "0.0.0.0")).packed,
            f.get("if_in", 0), f.get("if_out", 0), f.get("packets", 1),
            f.get("octets", 100), f.get("first", uptime - 2000),
            f.get("last", uptime - 1000), f.get("sport", 1), f.get("dport", 2),
            0, f.get("flags", 0), f.get("protocol", 17), f.get("tos", 0),
            f.get("src_as", 0), f.get("dst_as", 0), f.get("src_mask", 0),
            f.get("dst_mask", 0), 0)
    return out


def shared(*path):
    """A path in the shared data, or None in a clone that has none."""
    full = os.path.join(SHARED, *path)
    return full if os.path.exists(full) else None
