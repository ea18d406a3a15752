"""Seeds for fuzzing: run from the top of the tree, python3 fuzz/seed.py

decode: the datagrams of test/scenarios, as the target reads them.
state: items of a state, which the target puts into a frame.
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


def name(kind, key, text):
    return item(6, f"BB{len(key)}s{len(text)}s", kind, len(key), key, text)


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
    corpus("state", "names", exporter(0, v4) +
           b"".join(name(k, bytes([k + 1]), b"eth0") for k in range(5)))
    corpus("state", "two", exporter(1, v4) + v9 + stream(5, 9, 1) +
           exporter(2, v6) + ipfix + item(99, "I", 0))
    corpus("state", "bad-template", exporter(1, v4) + stream(9, 1, 7) +
           template(0, 256, 1, 8, 5) + template(0, 4, 1, 4, 1))
    corpus("state", "stream-without-exporter", v9)
    corpus("state", "version-5-template", exporter(1, v4) + stream(5, 9, 1) +
           template(0, 256, 1, 4, 1))


decode()
state()
