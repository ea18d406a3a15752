"""Seeds for fuzzing: run from the top of the tree, python3 fuzz/seed.py

decode: the datagrams of test/scenarios, as the target reads them.
state: items of a state, which the target puts into a frame.
report, frame: what goes between the daemon's processes and flowctl.
"""
import os
import struct
import sys

sys.path.insert(0, "test")
import scenario  # noqa: E402


def corpus(target, name, data):
    folder = os.path.join("fuzz/corpus", target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as f:
        f.write(data)


def decode():
    for file in sorted(os.listdir("test/scenarios")):
        data = b""
        for _, _, port, payload in scenario.parse(
                os.path.join("test/scenarios", file))[0]:
            data += struct.pack("!HB", len(payload), port << 3 & 0xf8 | 1)
            data += payload
        corpus("decode", file[:-4], data)


def item(kind, form, *values):
    body = struct.pack("!" + form, *values)
    return struct.pack("!HI", kind, len(body)) + body


TIME = 1700000000 * 10**9


def exporter(rank, address):
    return item(1, f"BQQQHBI{len(address)}s", rank, TIME, TIME + 9, TIME, 9,
                4 if len(address) == 4 else 6, 0, address)


def stream(version, port, domain, flags=5):
    return item(2, "HHIBIQI", version, port, domain, flags, 77, TIME, 3600)


def template(options, *words):
    return item(3, f"BQ{len(words)}H", options, TIME, *words)


def stated(kind, value, *scope):
    return item(8, "BQQB" + len(scope) * "IHQ", kind, TIME, value, len(scope),
                *(part for element in scope for part in element))


def name(kind, key, text):
    return item(9, f"BB{len(key)}s{len(text)}s", kind, len(key), key, text)


def state():
    v4, v6 = bytes([192, 0, 2, 1]), bytes([32, 1, 13, 184] + 12 * [1])
    v9 = stream(9, 2055, 7) + template(0, 256, 2, 4, 1, 48, 1) + \
        template(1, 258, 4, 8, 1, 4, 48, 1, 50, 4)
    ipfix = stream(10, 4739, 1, 0) + \
        template(0, 256, 2, 0x8301, 4, 0, 6871, 96, 65535) + \
        template(1, 300, 2, 1, 149, 4, 34, 4)
    corpus("state", "empty", b"")
    corpus("state", "v9", exporter(1, v4) + v9)
    corpus("state", "ipfix", exporter(2, v6) + ipfix + name(2, b"\1", b"red"))
    corpus("state", "sampling", exporter(1, v4) + v9 +
           item(4, "BQIB", 1, TIME, 1000, 2) + item(5, "QIB", 3, 100, 1))
    corpus("state", "stated", exporter(1, v4) + v9 +
           stated(0, 2 << 32 | 1000) + stated(1, TIME) +
           stated(0, 100, (0, 302, 3)) + stated(0, 0, (0, 145, 256)) +
           stated(0, 50, (0, 302, 3), (0xfffffff9, 2, 7)) + stream(9, 9, 7) +
           stated(0, 2000) + stream(9, 9, 8) + stated(0, 7, (0, 149, 7)))
    corpus("state", "names", exporter(0, v4) + stream(9, 2055, 7) +
           b"".join(name(k, bytes([k + 1]), b"eth0") for k in range(5)) +
           stream(9, 2056, 7) + name(0, b"\1", b"eth1") +
           stream(9, 2056, 8) + name(0, b"\1", b"eth2"))
    corpus("state", "names-of-exporters", exporter(0, v4) +
           item(6, "BBB4s", 0, 1, 1, b"eth0"))
    corpus("state", "name-without-stream", exporter(0, v4) +
           name(0, b"\1", b"eth0"))
    corpus("state", "two", exporter(1, v4) + v9 + stream(5, 9, 1) +
           exporter(2, v6) + ipfix + item(99, "I", 0))
    corpus("state", "bad-template", exporter(1, v4) + stream(9, 1, 7) +
           template(0, 256, 1, 8, 5) + template(0, 4, 1, 4, 1))
    corpus("state", "stream-without-exporter", v9)
    corpus("state", "version-5-template", exporter(1, v4) + stream(5, 9, 1) +
           template(0, 256, 1, 4, 1))


def text(value):
    return struct.pack("!H", len(value)) + value


def row(*cells):
    """Cells by their place in the row; None is one that is not there."""
    there = sum(1 << i for i, cell in enumerate(cells) if cell is not None)
    return struct.pack("!Q", there) + b"".join(c for c in cells if c)


def kinds():
    """(kind, [type of each field]) of lib/report/reports.def."""
    found = []
    with open("lib/report/reports.def", encoding="utf-8") as f:
        for line in f:
            if line.startswith("REPORT("):
                found.append((line[7:line.index(",")], []))
            elif line.startswith("FIELD("):
                found[-1][1].append(line.split(",")[2].strip())
    return found


def cell(kind, n):
    if kind == "TEXT":
        return text(b"192.0.2.%d" % (n % 2))
    if kind == "FLAG":
        return bytes([n % 2])
    return struct.pack("!Q", (1 << n % 64) - (n % 3))


def report():
    for number, (word, types) in enumerate(kinds()):
        full = [row(*(cell(t, n + i) for i, t in enumerate(types)))
                for n in (1, 2, 1)]
        half = row(*(cell(t, i) if i % 2 else None
                     for i, t in enumerate(types)))
        head = struct.pack("!BB", number, len(types))
        corpus("report", word.lower(), head + struct.pack("!I", 4) +
               b"".join(full) + half)
    corpus("report", "odd-texts", struct.pack("!BBI", 5, 4, 1) + row(
        text(b"a\x1b[2J\n\xff"), text(b'"\\'), cell("COUNT", 63), None))
    corpus("report", "rows-made-up", struct.pack("!BBI", 5, 4, 0xffffffff))


def frame(kind, body=b"", serial=7):
    return struct.pack("!HBBII", 0xf10d, 1, kind, serial, len(body)) + body


def frames():
    v6 = bytes([32, 1, 13, 184] + 12 * [1])
    corpus("frame", "asks", frame(1, b"\0\0\0\x0f\0") +
           frame(1, b"\0\0\0\1\4\xc0\0\2\1") +
           frame(1, b"\0\0\0\1\6" + v6))
    corpus("frame", "orders", b"".join(frame(k) for k in range(2, 7)))
    corpus("frame", "answers", frame(7, struct.pack("!BBI", 5, 4, 0)) +
           frame(8, b"text\n") + frame(9, bytes(12) + b"block") +
           frame(10, b"\1"))
    corpus("frame", "too-long", frame(8)[:8] + b"\xff\xff\xff\xff")
    corpus("frame", "half", frame(1, b"\0\0\0\x0f\0")[:-2])


decode()
state()
report()
frames()
