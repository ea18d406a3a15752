"""Scenarios: test/scenarios/*.txt, datagrams as text and what comes of them.

    datagram FROM[|PORT] [at SECONDS]   begins a datagram
      0005 0001 ...                     its octets in hexadecimal; # comments
      "text"                            octets as they are
      repeat N 00                       N times
    flow {...}                          a flow that must come, in this order:
                                        every key given must be equal; null
                                        says that a key must be absent
    counter NAME N                      of all exporters; malformed.WORD too
    zero-rest                           all other counters must be 0
"""
import json
import re


def octets(line):
    """The octets of one line of a datagram."""
    out = b""
    for part in re.findall(r'repeat \d+ [0-9a-fA-F]+|"[^"]*"|[0-9a-fA-F]+',
                           line):
        if part.startswith("repeat"):
            _, n, data = part.split()
            out += int(n) * bytes.fromhex(data)
        elif part.startswith('"'):
            out += part[1:-1].encode()
        else:
            out += bytes.fromhex(part)
    return out


def parse(path):
    """A scenario as datagrams, flows, counters and whether others are 0."""
    datagrams, flows, counters, rest = [], [], {}, False
    with open(path, encoding="utf-8") as f:
        for number, raw in enumerate(f, 1):
            line = raw.split("#")[0].rstrip()
            word = line.split()[0] if line.split() else ""
            if line.startswith((" ", "\t")):
                datagrams[-1][3] += octets(line)
            elif word == "datagram":
                m = re.fullmatch(
                    r"datagram (\S+?)(?:\|(\d+))?(?: at (\d+))?", line)
                assert m, (path, number)
                at = int(m[3] or 1700000000 + len(datagrams))
                datagrams.append([at * 10**9, m[1], int(m[2] or 2055), b""])
            elif word == "flow":
                flows.append(json.loads(line[5:]))
            elif word == "counter":
                counters[line.split()[1]] = int(line.split()[2])
            elif word == "zero-rest":
                rest = True
            else:
                assert not word, (path, number, line)
    return datagrams, flows, counters, rest
