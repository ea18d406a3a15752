"""flowd-reader -e: the filter language, case by case.

Every case is an expression of flowd.conf(5) and the same in Python, over what
flowd-reader --json shows of some sixty flows: both must keep the same ones.
"""
import datetime
import ipaddress
import json
import os
import struct
import tempfile

from flowdtest import datagrams_pcap, reader_json, run
from tap import Tap

tap = Tap()
START = 1790000000  # 2026-09-21 14:13:20 UTC, a Monday

# (element, octets, value of flow n): the columns that all flows have.
COMMON = [
    (4, 1, lambda n: (6, 17, 1, 6, 47, 58)[n % 6]),
    (7, 2, lambda n: (1024 + 997 * n) % 65536 if n % 6 != 2 else 0),
    (11, 2, lambda n: (80, 53, 8 << 8, 443, 0, 135 << 8 | 2)[n % 6]
     if n % 12 < 6 else (22, 8080, 3 << 8 | 1, 20, 0, 128 << 8)[n % 6]),
    (6, 1, lambda n: (0x02, 0x12, 0x00, 0x1b, 0x04, 0x10)[n % 6]
     if n % 6 in (0, 3) else 0),
    (5, 1, lambda n: (0, 0x10, 0xb8)[n % 3]),
    (1, 8, lambda n: (40, 1500, 10**6, 10**6 + 1, 5 * 10**9)[n % 5] + n),
    (2, 8, lambda n: 1 + n % 7),
    (10, 4, lambda n: 1 + n % 4),
    (14, 4, lambda n: (0, 70000)[n % 2]),
    (16, 4, lambda n: (64512, 65000, 4200000000)[n % 3]),
    (17, 4, lambda n: 64512 + n % 2),
    (152, 8, lambda n: (START - 100 + n) * 1000),
    (153, 8, lambda n: (START - 100 + n) * 1000 +
     (0, 1, 1000, 60000, 90000)[n % 5]),
]
V4 = [
    (8, 4, lambda n: int(ipaddress.ip_address("10.0.%d.%d" % (n % 5, n)))),
    (12, 4, lambda n: int(ipaddress.ip_address(
        ("10.0.1.1", "192.0.2.9", "255.255.255.255", "0.0.0.0")[n % 4]))),
    (58, 2, lambda n: (10, 20, 4094)[n % 3]),
    (56, 6, lambda n: 0x001b21000000 + n % 3),
]
V6 = [
    (27, 16, lambda n: int(ipaddress.ip_address(
        "2001:db8:%x::%x" % (n % 3, n)))),
    (28, 16, lambda n: int(ipaddress.ip_address(
        ("fd00::1", "2001:db8:1::7", "::", "ffff:" * 7 + "ffff")[n % 4]))),
]


def ipfix(template, fields, flows, when):
    """One IPFIX message: a template of the fields, and the flows."""
    sets = struct.pack("!HHHH", 2, 8 + 4 * len(fields), template, len(fields))
    sets += b"".join(struct.pack("!HH", ie, size) for ie, size, _ in fields)
    records = b"".join(value(n).to_bytes(size, "big")
                       for n in flows for _, size, value in fields)
    sets += struct.pack("!HH", template, 4 + len(records)) + records
    return struct.pack("!HHIII", 10, 16 + len(sets), when, 0, 7) + sets


def v5(flows, when):
    """NetFlow 5: ICMP is in the port, no VLAN, no MAC."""
    out = struct.pack("!HHIIIIBBH", 5, len(flows), 10**6, when, 0, 0, 0, 0, 0)
    for n in flows:
        proto, port = ((1, 11 << 8), (1, 0), (17, 53), (6, 25))[n % 4]
        out += struct.pack("!4s4s4sHHIIIIHHBBBBHHBBH", bytes([172, 16, 0, n]),
                           bytes([10, 0, 0, n]), bytes(4), 5, 6, 3, 300,
                           900000, 900000 + 500 * n, 53 if proto == 17 else 0,
                           port, 0, 0x13 if proto == 6 else 0, proto, 0, 1, 2,
                           8, 24, 0)
    return out


def capture():
    # From a Monday on, in steps of five hours: all hours, all weekdays.
    out = []
    for i in range(10):
        when = START + i * 5 * 3600
        flows = range(4 * i, 4 * i + 4)
        fields = COMMON + (V4 if i % 3 else V6)
        out.append((when * 10**9 + i, "192.0.2.%d" % (1 + i % 3), 4000,
                    ipfix(256 + i, fields, flows, when)))
    for i in range(3):
        when = START + 300000 + i * 40000
        out.append((when * 10**9, "198.51.100.1", 4001,
                    v5(range(4 * i, 4 * i + 4), when)))
    return datagrams_pcap(out)


# What the cases below say of a flow; what it lacks is 0, or no address.

def num(f, key):
    value = f.get(key, 0)
    return int(value, 16) if isinstance(value, str) else value


def inside(f, key, *prefixes):
    if key not in f:
        return False
    a = ipaddress.ip_address(f[key])
    return any(a in ipaddress.ip_network(p) for p in prefixes
               if ipaddress.ip_network(p).version == a.version)


def src(*prefixes):
    return lambda f: inside(f, "src_addr", *prefixes)


def dst(*prefixes):
    return lambda f: inside(f, "dst_addr", *prefixes)


def either(*prefixes):
    return lambda f: src(*prefixes)(f) or dst(*prefixes)(f)


def port(test):
    return lambda f: test(num(f, "src_port")) or test(num(f, "dst_port"))


def when(f, key):
    """A time as nanoseconds; 0 when it is missing."""
    if key not in f:
        return 0
    text = f[key].rstrip("Z")
    head, _, part = text.partition(".")
    t = datetime.datetime.fromisoformat(head + "+00:00")
    return int(t.timestamp()) * 10**9 + int(part.ljust(9, "0") or 0)


def span(f):
    if "flow_start" in f and "flow_end" in f:
        return max(0, when(f, "flow_end") - when(f, "flow_start"))
    return num(f, "flow_end_uptime_ms") * 10**6 - \
        num(f, "flow_start_uptime_ms") * 10**6


def rate(f, n):
    return n * 10**9 // span(f) if span(f) else 0


def received(f):
    return datetime.datetime.fromtimestamp(when(f, "recv_time") // 10**9,
                                           datetime.timezone.utc)


def clock(f):
    t = received(f)
    return t.hour * 3600 + t.minute * 60 + t.second


def icmp(f):
    """(type, code), or None of a flow that is not of ICMP."""
    if "icmp_type" in f:
        return f["icmp_type"], f.get("icmp_code", 0)
    if f.get("protocol") not in (1, 58):
        return None
    return num(f, "dst_port") >> 8, num(f, "dst_port") & 255


def icmp_named(f, t4, t6):
    return icmp(f) is not None and \
        (f["protocol"], icmp(f)[0]) in ((1, t4), (58, t6))


ALL = ("all", lambda f: True)
CASES = [ALL]


def case(text, test):
    CASES.append((text, test))


def same(test, *texts):
    for text in texts:
        case(text, test)


# Numbers: every comparison, list and unit, of several columns.
for col in ("octets", "packets", "if_in", "src_as", "dst_port", "protocol",
            "tcp_flags", "tos", "vlan", "src_mask", "sequence"):
    for n in (1, 6, 1500, 64512):
        if col in ("protocol", "tos", "src_mask") and n > 255:
            continue
        same(lambda f, c=col, n=n: num(f, c) == n,
             f"{col} {n}", f"{col} = {n}")
        case(f"{col} ! {n}", lambda f, c=col, n=n: num(f, c) != n)
        case(f"{col} != {n}", lambda f, c=col, n=n: num(f, c) != n)
        case(f"{col} < {n}", lambda f, c=col, n=n: num(f, c) < n)
        case(f"{col} <= {n}", lambda f, c=col, n=n: num(f, c) <= n)
        case(f"{col} > {n}", lambda f, c=col, n=n: num(f, c) > n)
        case(f"{col} >= {n}", lambda f, c=col, n=n: num(f, c) >= n)
same(lambda f: num(f, "octets") >= 10**6, "octets >= 1M", "octets >= 1000k",
     "octets >= 1000K", "octets >= 0.001G", "octets >= 1000000",
     "octets >= 0xf4240", "not octets < 1M")
same(lambda f: num(f, "octets") > 2**20, "octets > 1Mi", "octets > 1024Ki")
same(lambda f: num(f, "octets") > 5 * 10**9, "octets > 5G",
     "octets > 0.005T", "octets>5G")
same(lambda f: 40 <= num(f, "octets") <= 1510, "octets 40-1510",
     "octets 40 - 1510", "octets { 40-1510 }", "octets >= 40 octets <= 1510",
     "octets >= 40 and octets <= 1510", "octets = 40-1510")
same(lambda f: num(f, "vlan") in (10, 4094), "vlan { 10, 4094 }",
     "vlan { 10 4094 }", "vlan {10,4094}", "vlan { 10, 4094, }",
     "vlan 10 or vlan 4094", "vlan {\n 10 # office\n 4094\n}")
same(lambda f: num(f, "vlan") not in (10, 4094), "vlan ! { 10, 4094 }",
     "not vlan { 10, 4094 }", "vlan != { 10, 4094 }",
     "not (vlan 10 or vlan 4094)", "vlan ! 10 and vlan ! 4094")
same(lambda f: num(f, "vlan") in (10, 20) or num(f, "vlan") > 4000,
     "vlan { 10, 15-20, > 4000 }", "vlan { >4000 <=20 } vlan > 0")
same(lambda f: num(f, "vlan") in range(10, 21), "vlan 10-20")
same(lambda f: num(f, "octets") % 2 ** 64 > 0 and num(f, "octets") < 2000,
     "octets > 0 octets < 2k")

# Ports.
same(lambda f: num(f, "dst_port") == 80, "dst port 80", "dst port http",
     "dst_port 80", "dst_port http", "dst any port 80", "dst port = 80",
     "dst any port http")
same(port(lambda p: p == 80), "port 80", "port http", "src dst port 80",
     "src port 80 or dst port 80", "port www")
same(lambda f: not port(lambda p: p == 80)(f), "port ! 80", "not port 80",
     "port != http", "! port 80")
same(port(lambda p: p > 1023), "port > 1023")
# The ends of what a column holds, and behind them.
same(lambda f: False, "port > 65535", "src_as > 4294967295", "tos > 255",
     "port { 1, 2, 3, 4, 5, > 65535 }", "tcp_flags > 255",
     "src_as { 10, 20, 30, 40, 50, > 4294967295 }")
same(lambda f: True, "tos <= 255", "src_as <= 4294967295", "tos >= 0",
     "not tos > 255", "tos { 1, 2, 3, 4, >= 5, < 2 }")
same(port(lambda p: p in (80, 443) or 8000 <= p <= 8999),
     "port { 80, 443, 8000-8999 }", "port { http, https, 8000 - 8999 }")
same(lambda f: num(f, "dst_port") == 20, "dst port ftp-data",
     "dst port { ftp-data }", "dst port 'ftp-data'")
same(lambda f: 20 <= num(f, "dst_port") <= 25, "dst port 20-25",
     "dst port ftp-data-smtp", "dst port 20-smtp")
case("src port > 60000", lambda f: num(f, "src_port") > 60000)
case("src port domain and dst port domain",
     lambda f: num(f, "src_port") == 53 and num(f, "dst_port") == 53)
case("port < 1024 proto { tcp, udp }",
     lambda f: port(lambda p: p < 1024)(f) and f["protocol"] in (6, 17))

# Protocols.
same(lambda f: f["protocol"] == 6, "proto tcp", "tcp", "proto TCP",
     "protocol tcp", "protocol 6", "proto 6", "proto = tcp", "proto \"tcp\"")
same(lambda f: f["protocol"] != 6, "proto ! tcp", "not tcp", "! tcp",
     "proto ! { tcp }", "protocol != 6")
same(lambda f: f["protocol"] in (6, 17), "proto { tcp, udp }", "tcp or udp",
     "proto { 6 17 }", "proto 6 or proto udp")
same(lambda f: f["protocol"] in (1, 58), "icmp or icmp6",
     "proto { icmp, icmp6 }", "proto { icmp ipv6-icmp }")
case("gre", lambda f: f["protocol"] == 47)
case("protocol > 17", lambda f: f["protocol"] > 17)
case("proto 1-17", lambda f: 1 <= f["protocol"] <= 17)

# Addresses.
same(src("10.0.0.0/8"), "src 10.0.0.0/8", "src 10/8", "src net 10.0.0.0/8",
     "src host 10/8", "src_addr 10/8", "src { 10/8 }", "src_addr = 10/8",
     "src { 10.0/9, 10.128/9 }", "src { 10.0/9, 10.128/9, 10.1.2/24 }")
same(lambda f: not src("10.0.0.0/8")(f), "src ! 10/8", "not src 10/8",
     "src ! { 10/8 }", "src_addr != 10/8")
same(dst("192.0.2.9/32"), "dst 192.0.2.9", "dst host 192.0.2.9",
     "dst_addr 192.0.2.9", "dst 192.0.2.9/32")
same(either("10.0.1.1/32"), "host 10.0.1.1", "net 10.0.1.1",
     "src dst 10.0.1.1", "dst src 10.0.1.1", "src 10.0.1.1 or dst 10.0.1.1",
     "src dst host 10.0.1.1")
same(lambda f: not either("10.0.1.0/24")(f), "host ! 10.0.1/24",
     "not net 10.0.1.0/24", "not host 10.0.1/24",
     "src ! 10.0.1/24 and dst ! 10.0.1/24")
same(either("2001:db8:1::/48"), "net 2001:db8:1::/48",
     "net [2001:db8:1::]/48", "host { 2001:db8:1::/48, 203.0.113.1 }")
same(lambda f: src("10.0.0.0/8")(f) and not src("10.0.1.0/24")(f),
     "src { 10/8, ! 10.0.1/24 }", "src { ! 10.0.1/24 10/8 }",
     "src 10/8 and not src 10.0.1/24", "src 10/8 and src ! 10.0.1/24")
same(lambda f: src("10.0.0.0/8")(f) and not src("10.0.1.0/24")(f)
     or src("10.0.1.11/32")(f),
     "src { 10/8, ! 10.0.1/24, 10.0.1.11 }")
same(lambda f: src("10.0.0.0/8")(f) and not src("10.0.0.0/16")(f),
     "src { 10/8, ! 10.0/16 }")
same(dst("0.0.0.0/0"), "dst 0/0", "dst { 0/0 }", "dst { 0/1 128/1 }",
     "dst 0.0.0.0/0")
same(dst("::/0"), "dst ::/0", "dst { ::/0 }", "dst { ::/1, 8000::/1 }")
same(dst("255.255.255.255/32"), "dst 255.255.255.255",
     "dst { 255.255.255.255 }",
     "dst { 255.255.255.254/31, ! 255.255.255.254 }")
same(dst("0.0.0.0/32"), "dst 0.0.0.0", "dst { 0.0.0.0 }")
same(dst("::/128"), "dst ::", "dst { :: }")
same(dst("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"),
     "dst ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
     "dst { ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff }")
same(lambda f: ":" in f["src_addr"] or ":" in f["dst_addr"], "inet6",
     "! inet", "not inet", "src ::/0")
same(lambda f: ":" not in f["src_addr"], "inet", "! inet6", "not inet6")
case("agent 192.0.2.2", lambda f: inside(f, "agent_addr", "192.0.2.2/32"))
case("agent { 192.0.2.1 192.0.2.2 }",
     lambda f: inside(f, "agent_addr", "192.0.2.1/32", "192.0.2.2/32"))
case("agent_addr ! 192.0.2/24",
     lambda f: not inside(f, "agent_addr", "192.0.2.0/24"))
case("next_hop 0.0.0.0", lambda f: inside(f, "next_hop", "0.0.0.0/32"))
case("next_hop ! 0.0.0.0", lambda f: not inside(f, "next_hop", "0.0.0.0/32"))
same(lambda f: src("10.0.0.0/8")(f) and num(f, "src_port") > 5000,
     "src 10/8 port > 5000", "src 10/8 and src port > 5000",
     "src port > 5000 src 10/8")
same(lambda f: either("10.0.1.1/32")(f) and port(lambda p: p == 80)(f),
     "host 10.0.1.1 port 80", "host 10.0.1.1 and port 80",
     "port 80 host 10.0.1.1")

# Classic clauses.
case("in_ifndx 2", lambda f: num(f, "if_in") == 2)
case("out_ifndx ! 2", lambda f: num(f, "if_out") != 2)
case("in_ifndx { 1, 3-4 }", lambda f: num(f, "if_in") in (1, 3, 4))
case("tos 0x10", lambda f: num(f, "tos") == 16)
case("tos ! 0", lambda f: num(f, "tos") != 0)
same(lambda f: num(f, "tcp_flags") & 0x12 == 2,
     "tcp_flags mask 0x12 equals 2", "flags S/SA", "flags ! A/A flags S/S",
     "not tcp_flags mask 0x12 ! equals 2")
same(lambda f: num(f, "tcp_flags") & 0xff == 0x1b, "tcp_flags equals 0x1b",
     "tcp_flags 0x1b", "flags FSPA/FSRPAUEW", "tcp_flags = 27")
same(lambda f: num(f, "tcp_flags") & 7 == 0, "flags /FSR",
     "tcp_flags mask 7 equals 0")
case("flags ! S/SA", lambda f: num(f, "tcp_flags") & 0x12 != 2)
case("flags A/A", lambda f: num(f, "tcp_flags") & 0x10)

# ICMP: in its column, or in the port.
same(lambda f: icmp_named(f, 8, 128), "icmp_type echoreq",
     "icmp_type { echoreq }", "icmp_type = echoreq")
case("icmp_type unreach", lambda f: icmp_named(f, 3, 1))
case("icmp_type { unreach, timex }",
     lambda f: icmp_named(f, 3, 1) or icmp_named(f, 11, 3))
case("icmp_type echorep", lambda f: icmp_named(f, 0, 129))
case("icmp_type neighbrsol", lambda f: icmp_named(f, -1, 135))
case("icmp_type 8", lambda f: icmp(f) and icmp(f)[0] == 8)
case("icmp_type 0", lambda f: icmp(f) and icmp(f)[0] == 0)
case("icmp_type > 127", lambda f: icmp(f) and icmp(f)[0] > 127)
case("icmp_type ! 8", lambda f: not (icmp(f) and icmp(f)[0] == 8))
case("icmp_code 1", lambda f: icmp(f) and icmp(f)[1] == 1)
case("icmp_code > 0", lambda f: icmp(f) and icmp(f)[1] > 0)
case("icmp icmp_type 3 icmp_code 1", lambda f: f["protocol"] == 1 and
     icmp(f) == (3, 1))

# Derived columns.
same(lambda f: span(f) > 0, "duration > 0", "duration > 0s",
     "duration ! 0", "not duration 0")
same(lambda f: span(f) >= 10**9, "duration >= 1s", "duration >= 1",
     "duration >= 1000ms", "duration >= 0.5s and duration > 1ms "
     "and duration ! 0.5s and duration >= 1s")
same(lambda f: span(f) > 60 * 10**9, "duration > 60s", "duration > 1m",
     "duration > 60", "duration > 0.5m30s")
same(lambda f: 10**6 <= span(f) <= 60 * 10**9, "duration 1ms-1m",
     "duration 1ms - 60s", "duration { 1ms-1m }")
same(lambda f: span(f) == 90 * 10**9, "duration 1m30s", "duration = 90s",
     "duration 1.5m")
case("duration > 1h", lambda f: span(f) > 3600 * 10**9)
case("duration < 1w", lambda f: True)
same(lambda f: rate(f, 8 * num(f, "octets")) > 10**6, "bps > 1M",
     "bps > 1000k")
case("bps 0", lambda f: rate(f, 8 * num(f, "octets")) == 0)
case("bps >= 100k bps < 10G",
     lambda f: 10**5 <= rate(f, 8 * num(f, "octets")) < 10**10)
case("pps > 2", lambda f: rate(f, num(f, "packets")) > 2)
case("pps { 1-3, > 1000 }", lambda f: rate(f, num(f, "packets")) in (1, 2, 3)
     or rate(f, num(f, "packets")) > 1000)
case("bpp > 1000", lambda f: num(f, "packets") and
     num(f, "octets") // num(f, "packets") > 1000)
case("bpp 100", lambda f: num(f, "packets") and
     num(f, "octets") // num(f, "packets") == 100)

# Time.
for days, which in (("mon", {0}), ("tue-thu", {1, 2, 3}),
                    ("sat,sun", {5, 6}), ("fri-mon", {4, 5, 6, 0}),
                    ("mon,wed-thu", {0, 2, 3}), ("SUNDAY", {6})):
    case(f"days {days}", lambda f, w=which: received(f).weekday() in w)
    case(f"days ! {days}", lambda f, w=which: received(f).weekday() not in w)
case("after 12:00", lambda f: clock(f) >= 43200)
case("before 12:00:00", lambda f: clock(f) <= 43200)
case("after 08:00 before 17:00", lambda f: 28800 <= clock(f) <= 61200)
same(lambda f: clock(f) >= 22 * 3600 or clock(f) <= 6 * 3600,
     "after 22:00 before 06:00", "before 06:00 after 22:00",
     "after 22:00 or before 06:00")
same(lambda f: 6 * 3600 < clock(f) < 22 * 3600,
     "not (after 22:00 before 06:00)")
case("after 14:13:20 before 14:13:19", lambda f: True)
DAY = datetime.datetime(2026, 9, 22, tzinfo=datetime.timezone.utc)
NS = int(DAY.timestamp()) * 10**9
same(lambda f: NS <= when(f, "recv_time") < NS + 86400 * 10**9,
     "recv_time 2026-09-22", "recv_time = 2026-09-22",
     "recv_time 2026-09-22T00 - 2026-09-22T23",
     "recv_time >= 2026-09-22 recv_time < 2026-09-23",
     "recv_time 2026-09-22T00:00:00Z - 2026-09-22T23:59:59Z",
     "recv_time 20260922", "recv_time \"2026-09-22 00\" - \"2026-09-22 23\"",
     "recv_time 2026-09-22T02:00+02:00 - 2026-09-22T23:59")
case("recv_time > 2026-09-22",
     lambda f: when(f, "recv_time") >= NS + 86400 * 10**9)
case("recv_time <= 2026-09-22T14",
     lambda f: when(f, "recv_time") < NS + 15 * 3600 * 10**9)
case("recv_time 2026-09", lambda f: True)
case("recv_time 2025-2026", lambda f: True)
case("recv_time 2025", lambda f: False)
case("flow_start < 2026", lambda f: when(f, "flow_start") < 1767225600 * 10**9)
case("flow_start ! 2026-09-21", lambda f: not (
    NS - 86400 * 10**9 <= when(f, "flow_start") < NS))
case("after date 20260922", lambda f: when(f, "recv_time") // 10**9 >
     NS // 10**9)
case("after date 20260922 before date 20260923",
     lambda f: NS // 10**9 < when(f, "recv_time") // 10**9 <
     NS // 10**9 + 86400)

# Presence, MAC addresses.
for col in ("vlan", "src_mac", "icmp_type", "flow_start", "sys_uptime_ms",
            "next_hop", "tag", "src_addr"):
    case(f"has {col}", lambda f, c=col: c in f)
    case(f"not has {col}", lambda f, c=col: c not in f)
case("has vlan vlan < 20", lambda f: "vlan" in f and f["vlan"] < 20)
same(lambda f: f.get("src_mac") == "00:1b:21:00:00:01",
     "src_mac 00:1b:21:00:00:01", "src_mac 0:1b:21:0:0:1",
     "src_mac = 00:1B:21:00:00:01")
case("src_mac { 00:1b:21:00:00:00, 00:1b:21:00:00:02 }",
     lambda f: f.get("src_mac", "").endswith((":00", ":02")))
case("src_mac ! 00:1b:21:00:00:01",
     lambda f: f.get("src_mac") != "00:1b:21:00:00:01")

# and, or, not, parentheses: "and" binds more.
same(lambda f: f["protocol"] == 6 or
     (f["protocol"] == 17 and num(f, "dst_port") == 53),
     "tcp or udp dst port 53", "tcp or udp and dst port 53",
     "tcp or (udp and dst port 53)", "tcp or (udp dst port 53)",
     "(tcp) or ((udp) and (dst port 53))", "not (not tcp and not (udp "
     "dst port 53))")
same(lambda f: f["protocol"] in (6, 17) and num(f, "dst_port") in (53, 443),
     "(tcp or udp) and dst port { 53, 443 }",
     "(tcp or udp) dst port { domain https }",
     "dst port 53 (tcp or udp) or dst port 443 (tcp or udp)")
same(lambda f: not (f["protocol"] == 6 and num(f, "tos") == 0),
     "not (tcp tos 0)", "not tcp or tos ! 0", "! (tcp and tos 0)")
same(lambda f: True, "all", "tcp or not tcp", "octets >= 0",
     "tcp\n or\n not tcp", "has agent_addr", "dst any", "")
same(lambda f: False, "icmp_type > 255", "icmp_code > 255",
     "after date 20260922000000 before date 20260922000001",
     "src { ! 10/8 }")
same(lambda f: num(f, "dst_port") in (20, 22, 25, 53, 80, 443),
     "dst port { 20, 22, 25, 53, 80, 443 }",
     "dst port { 443, 80, 53-53, 20, 25, 22, 22-22 }")
same(lambda f: num(f, "dst_port") not in (20, 22, 25, 53, 80, 443),
     "dst port ! { 20, 22, 25, 53, 80, 443 }")
same(lambda f: num(f, "vlan") < 11 or num(f, "vlan") > 4000,
     "vlan { 0, 1-3, 2-8, 9, 10, > 4000 }", "vlan { < 11, 4094, 4001 - 5000 "
     ", 4002, > 4000 }")
same(lambda f: False, "not all", "not (all)", "tcp and not tcp",
     "octets < 0", "tcp and udp",
     "vlan > 65534 vlan < 3")
case("host 10.0.1.1 and not (tcp or port 53) or gre octets > 1k",
     lambda f: (either("10.0.1.1/32")(f) and not (
         f["protocol"] == 6 or port(lambda p: p == 53)(f))) or
     (f["protocol"] == 47 and num(f, "octets") > 1000))

# Mistakes: what is said, and where.
WRONG = [
    ("prot tcp", '-e:1:1: unknown clause "prot"; did you mean "proto"?'),
    ("proto tpc", '-e:1:7: "tpc" is not a protocol; did you mean "tcp"?'),
    ("port htpps", '-e:1:6: "htpps" is not a port or a service; did you mean '
     '"https"?'),
    ("port 65536", "-e:1:6: 65536 is not from 1 to 65535"),
    ("port 80-65536", "-e:1:6: 65536 is not from 1 to 65535"),
    ("port 90-80", "-e:1:6: the range begins behind its end"),
    ("port { 80", "-e:1:6: this is not closed by '}'"),
    ("port { }", "-e:1:8: the list is empty"),
    ("port {80;90}", '-e:1:7: "80;90" is not a port or a service'),
    ("(tcp", "-e:1:1: this is not closed by ')'"),
    ("tcp)", "-e:1:4: expected \"and\", \"or\" or another test, not ')'"),
    ("tcp and", "-e:1:8: expected a test; the text ends here"),
    ("tcp or or udp", '-e:1:8: expected a test, not "or"'),
    ("octets > 1m", '-e:1:10: "1m" is not a number'),
    ("octets > 1.5", '-e:1:10: "1.5" is not a number'),
    ("octets > -1", "-e:1:10: expected a number, not '-'"),
    ("octets > 18446744073709551616",
     '-e:1:10: "18446744073709551616" is out of range'),
    ("octets > 20000000000000000000T",
     '-e:1:10: "20000000000000000000T" is out of range'),
    ("octets > 5-6", "-e:1:10: one number is expected behind < and >"),
    ("octets >", "-e:1:9: expected a number; the text ends here"),
    ("duration > 5x",
     '-e:1:12: "5x" is not a span of time, 1h30m say'),
    ("recv_time 2026-13",
     '-e:1:11: "2026-13" is not a time: 2026-11-23T10:05, 10:05, '
     '@1795428300, -15m, today, now'),
    ("recv_time 2026-02-29", '-e:1:11: "2026-02-29" is not a time: '
     '2026-11-23T10:05, 10:05, @1795428300, -15m, today, now'),
    ("recv_time 1969", '-e:1:11: "1969" is out of range: a time is of '
     'the years 1970 to 2261'),
    ("src_mac 00:11:22:33:44", '-e:1:9: "00:11:22:33:44" is not a MAC '
     'address'),
    ("src_mac 00:11:22:33:44:55:66", '-e:1:9: "00:11:22:33:44:55:66" is not '
     'a MAC address'),
    ("flags S", "-e:1:8: expected / and the flags to look at: S/S for S "
     "among others, S/SA for S without A; the text ends here"),
    ("flags SX/SA", "-e:1:7: 'X' is not a flag; they are FSRPAUEW"),
    ("flags S/A", "-e:1:7: flags that are not looked at: those in front of "
     "the / must be behind it, too"),
    ("has vlna", '-e:1:5: no column "vlna"; did you mean "vlan"?'),
    ("src 10.0.0.1/8", '-e:1:5: invalid address/masklength "10.0.0.1/8": '
     'bits behind the mask are set'),
    ("src 10.0.0.0/33", '-e:1:5: could not parse address "10.0.0.0/33"'),
    ("src <lan>", "-e:1:5: table <lan> is not defined; write table <lan> "
     "{ ... } in front of this line"),
    ("src 10/8 dst ::/0", "-e:1:1: src and dst address families do not "
     "match"),
    ("icmp_type ping", '-e:1:11: "ping" is not an ICMP type'),
    ("icmp_type > echoreq",
     "-e:1:13: one number is expected behind < and >"),
    ("tos 256", "-e:1:5: 256 is not from 0 to 255"),
    ("src 10/8 src 11/8", "-e:1:10: \"src\" is given twice; a list takes "
     "several values, and \"and\" joins two tests of the same"),
    ("tcp && port 80", '-e:1:5: "&" is not a test here; write "and"'),
    ("tcp || udp", '-e:1:5: "|" is not a test here; write "or"'),
    ("dst port 80,443", '-e:1:12: "," is not a test here; write the list in '
     'braces'),
    ("bytes > 5", '-e:1:1: "bytes" is not a test here; write "octets"'),
    ("from 10/8", '-e:1:1: "from" is not a test here; write "src"'),
    ("src 10/8 to 11/8", '-e:1:10: "to" is not a test here; write "dst"'),
    ("ip 10.0.0.1", '-e:1:1: "ip" is not a test here; write "host" for an '
     'address'),
    ("in_if 3", '-e:1:1: "in_if" is not a test here; write "if_in"'),
    ("src not 10/8", "-e:1:5: \"not\" is not a value here; write '!' in front "
     "of a value"),
    ("ip6 tcp", '-e:1:1: "ip6" is not a test here; write "inet6"'),
    ("octets > 1 M", '-e:1:12: "M" is not a test here; a unit follows its '
     'number without a blank'),
    ("other 5", '-e:1:1: expected a test, not "other"'),
    ("\"tcp\"", '-e:1:1: expected a test, not "tcp"'),
    ("tcp\x01", "-e:1:4: stray octet 0x01"),
    ("(" * 65 + "tcp" + ")" * 65, "-e:1:65: more than 64 levels"),
    (" or ".join(["tcp"] * 4097), "-e:1:28673: more than 4096 tests in a "
     "rule; a list or a table takes more"),
]


def check_case(path, flows, text, test):
    kept, r = reader_json(path, "-e", text)
    name = " ".join(text.split())
    if not tap.ok(r.returncode == 0, f"-e '{name}' is taken",
                  r.stderr.decode()):
        return
    want = [f for f in flows if test(f)]
    tap.ok(kept == want, f"-e '{name}' keeps {len(want)} of {len(flows)}",
           f"kept {len(kept)}\nfirst difference: " + json.dumps(
               next((pair for pair in zip(kept + [None], want + [None])
                     if pair[0] != pair[1]), None)))


def check_wrong(path, text, error):
    r = run(["flowd-reader", "-e", text, path])
    said = r.stderr.decode("utf-8", "replace").splitlines()
    name = " ".join(text.split())[:40].encode("unicode_escape").decode()
    tap.ok(r.returncode == 1 and said[:1] == [error],
           f"-e '{name}' is refused",
           f"want {error}\ngot  {said[:1]}")


# Words of tcpdump, nfdump, SiLK and Wireshark: what stands there, the hint, and
# what it leads to.
THEIRS = [
    ("ipv6", 'write "inet6"', "inet6"),
    ("ipv4", 'write "inet"', "inet"),
    ("ip6 host ::1", 'write "inet6"', "inet6 host ::1"),
    ("ip host 10.0.0.1", 'write "host"', "host 10.0.0.1"),
    ("src ip 10.0.0.1", 'after "src"', "src 10.0.0.1"),
    ("dst ip 10.0.0.1", 'after "dst"', "dst 10.0.0.1"),
    ("src dst ip 10.0.0.1", 'or "host"', "src dst 10.0.0.1"),
    ("host ip 10.0.0.1", 'or "host"', "host 10.0.0.1"),
    ("gateway 192.0.2.1", 'write "next_hop"', "next_hop 192.0.2.1"),
    ("next hop 192.0.2.1", 'write "next_hop"', "next_hop 192.0.2.1"),
    ("router ip 192.0.2.1", 'write "agent"', "agent 192.0.2.1"),
    ("in if 3", 'write "if_in"', "if_in 3"),
    ("out if 3", 'write "if_out"', "if_out 3"),
    ("if 3", '"if_in" or "if_out"', "if_in 3 or if_out 3"),
    ("bytes > 1M", 'write "octets"', "octets > 1M"),
    ("pkts > 5", 'write "packets"', "packets > 5"),
    ("src as 64512", 'write "src_as"', "src_as 64512"),
    ("dst as 64512", 'write "dst_as"', "dst_as 64512"),
    ("as 64512", '"src_as" or "dst_as"', "src_as 64512 or dst_as 64512"),
    ("src mask 24", 'write "src_mask"', "src_mask 24"),
    ("dst mac 0:1:2:3:4:5", 'write "dst_mac"', "dst_mac 0:1:2:3:4:5"),
    ("src vlan 7", 'write "vlan"', "vlan 7"),
    ("dst vlan 7", 'write "dst_vlan"', "dst_vlan 7"),
    ("icmp-type 8", "icmp_type", "icmp_type 8"),
    ("engine-id 8", '"engine_id"', "engine_id 8"),
    ("portrange 1-100", '"port 8000-8999"', "port 1-100"),
    ("dst portrange 1-100", 'write "dst port', "dst port 1-100"),
    ("less 100", 'write "octets <="', "octets <= 100"),
    ("greater 100", 'write "octets >="', "octets >= 100"),
    ("multicast", "224.0.0.0/4", "dst { 224.0.0.0/4, ff00::/8 }"),
    ("inbound", 'write "direction 0"', "direction 0"),
    ("flags S", "S/S", "flags S/S"),
    ("tcpflags S", 'write "flags"', "flags S/SA"),
    ("tcp_flags S", 'write "flags S/S"', "flags S/S"),
    ("tcp_flags SA", 'write "flags SA/SA"', "flags SA/SA"),
    ("src localhost", "write 127.0.0.1 or ::1", "src 127.0.0.1"),
    ("dst www.example.org", "host names are not looked up", "dst 192.0.2.1"),
    ("sip 10.0.0.1", 'write "src"', "src 10.0.0.1"),
    ("daddress 10.0.0.1", 'write "dst"', "dst 10.0.0.1"),
    ("aport 80", 'write "port"', "port 80"),
    ("nhip 10.0.0.1", 'write "next_hop"', "next_hop 10.0.0.1"),
    ("stime > 2026-11-23", 'write "flow_start"', "flow_start > 2026-11-23"),
    ("ip.addr == 10.0.0.1", 'write "host"', "host == 10.0.0.1"),
    ("tcp.port == 80", 'write "tcp port"', "tcp port == 80"),
    ("tcp && port 80", 'write "and"', "tcp and port 80"),
    ("tcp || port 80", 'write "or"', "tcp or port 80"),
    ("tcp AND port 80", 'did you mean "and"', "tcp and port 80"),
    ("SRC 10.0.0.1", 'did you mean "src"', "src 10.0.0.1"),
    ("port 80 or 443", "{ 80, 443 }", "port { 80, 443 }"),
    ("10.0.0.1", 'write "host"', "host 10.0.0.1"),
    ("2001:db8::1", 'write "host"', "host 2001:db8::1"),
    ("port in [80 443]", "braces", "port { 80 443 }"),
    ("src in (10/8)", "braces", "src { 10/8 }"),
    ("port not 80", "'!' in front", "port ! 80"),
    ("octets gt 80", "write >", "octets > 80"),
    ("octets > 1 M", "without a blank", "octets > 1M"),
    ("proto ipencap and ipv6", '"proto ipv6"', "proto ipv6"),
    ("syn", 'write "flags S/S"', "flags S/S"),
]

# What works as it is written there.
OURS = ["src host 10.0.0.1", "dst net 10/8", "host 10.0.0.1 and port 80",
        "tcp port 80", "udp dst port 53", "not port 80", "! port 80",
        "proto 6", "proto tcp", "protocol = 6", "inet6", "icmp", "icmp6",
        "packets > 10", "duration > 5", "bps > 1k", "vlan 7", "tos 8",
        "(tcp or udp) and not host 10.0.0.1", "dst port == 80",
        "src net 2001:db8::/32", "port 80-90", "port >= 1024"]


def check_theirs(path):
    for text, hint, right in THEIRS:
        r = run(["flowd-reader", "-q", "-e", text, path])
        tap.ok(r.returncode == 1 and hint in r.stderr.decode(),
               f"-e '{text}' says what to write: {hint}", r.stderr)
        r = run(["flowd-reader", "-q", "-e", right, path])
        tap.ok(r.returncode == 0, f"which works: {right}", r.stderr)
    for text in OURS:
        r = run(["flowd-reader", "-q", "-e", text, path])
        tap.ok(r.returncode == 0, f"-e '{text}' is taken", r.stderr)


def check_printed(tmp, text):
    """The rule of a case, printed and read again, is printed the same."""
    name = " ".join(text.split())
    path = os.path.join(tmp, "t.conf")
    printed = "listen on 127.0.0.1:1\nlogfile '/x'\naccept " + text.replace(
        "\n", " ").replace("# office", "") + "\n"
    out = []
    for _ in range(2):
        with open(path, "w", encoding="utf-8") as f:
            f.write(printed)
        r = run(["flowd", "-nv", "-f", path])
        if r.returncode != 0:
            # What only an expression may say: a classic rule wants more.
            tap.ok(b"only allowed for" in r.stderr or out == [],
                   f"'{name}' prints what can be read", r.stderr.decode())
            return None
        printed = r.stdout.decode()
        out.append(printed)
    tap.equal(out[1], out[0], f"'{name}' prints back to itself")
    return out[0].splitlines()[2][len("accept"):].strip()


def store_log(tmp, capture_path):
    """The flows of the capture as a version 3 log."""
    conf, log = os.path.join(tmp, "l.conf"), os.path.join(tmp, "flows.log")
    with open(conf, "w", encoding="utf-8") as f:
        f.write(f"logfile '{log}'\nstore ALL\n")
    r = run(["flowd", "-r", capture_path, "-f", conf])
    tap.equal(r.returncode, 0, "the flows are stored")
    return log


def check_counted(log, text):
    """What is only counted is read with no column but those of the test."""
    kept, _ = reader_json(log, "-e", text)
    r = run(["flowd-reader", "-q", "--count", "-e", text, log])
    tap.equal(r.stdout.decode().strip(), str(len(kept)),
              f"-q -e '{' '.join(text.split())}' counts {len(kept)}")


def main():
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "flows.pcap")
        with open(path, "wb") as f:
            f.write(capture())
        flows, r = reader_json(path)
        tap.equal((r.returncode, len(flows)), (0, 52), "the flows are there")
        tap.ok(len(CASES) + len(WRONG) >= 300,
               f"{len(CASES)} cases and {len(WRONG)} mistakes are tried")
        for text, test in CASES:
            check_case(path, flows, text, test)
        log = store_log(tmp, path)
        for text, _ in CASES:
            check_counted(log, text)
        check_theirs(path)
        for text, error in WRONG:
            check_wrong(path, text, error)
        for text, test in CASES:
            again = check_printed(tmp, text)
            if again:
                check_case(path, flows, again, test)
    tap.done()


if __name__ == "__main__":
    main()
