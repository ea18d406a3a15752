"""Many exporters on one machine: every address of 127/8 is one. Their
templates and flows are of NetFlow 9. For tests and bench/bench_loss.py.
"""
import os
import re
import socket
import struct

from processes import started_by

FIELDS = (8, 12, 15, 10, 14, 2, 1, 22, 21, 7, 11, 6, 4, 5, 16, 17, 9, 13)
LENGTHS = {8: 4, 12: 4, 15: 4, 10: 4, 14: 4, 2: 8, 1: 8, 22: 4, 21: 4, 7: 2,
           11: 2, 6: 1, 4: 1, 5: 1, 16: 4, 17: 4, 9: 1, 13: 1}
RECORD = sum(LENGTHS.values())
FLOWS = 10  # in a datagram of data
STATE_SECONDS = 6  # after which an engine has kept what it knows


def address(n):
    return f"127.1.{n >> 8 & 255}.{n & 255}"


def v9(sets, seq, source_id=7):
    return struct.pack("!HHIIII", 9, 1, 3600000, 1700000000, seq,
                       source_id) + sets


def templates(first, n):
    """A set of n templates with different numbers."""
    body = b""
    for number in range(first, first + n):
        # No two of them are the same.
        fields = FIELDS[number % 7:] + FIELDS[:number % 7]
        body += struct.pack("!HH", number, len(fields))
        for field in fields:
            body += struct.pack("!HH", field, LENGTHS[field])
    return struct.pack("!HH", 0, 4 + len(body)) + body


def data(number, seed):
    """A set of flows of a template."""
    body = b"".join(struct.pack("!I", seed * FLOWS + n) * (RECORD // 4) +
                    bytes(RECORD % 4) for n in range(FLOWS))
    return struct.pack("!HH", number, 4 + len(body)) + body


def all_of(n, seed):
    """n templates, 10 in a datagram, and data of each."""
    return ([templates(256 + k, min(10, n - k)) for k in range(0, n, 10)] +
            [data(256 + k, seed) for k in range(n)])


class Exporter:
    """One of them; its socket is open only while it sends. Behind an address
    that it shares with others it has a port of its own."""

    def __init__(self, n, behind=None):
        self.address, self.n, self.seq = behind or address(n), n, 0
        self.port = 30000 + n if behind else 0

    def send(self, f, *sets):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind((self.address, self.port))
            self.port = s.getsockname()[1]
            for one in sets:
                s.sendto(v9(one, self.seq), (f.host, f.port))
                self.seq += 1


def memory(pid):
    """{word: octets} of a daemon's processes: their proportional share of
    what they hold, so that what is shared counts once."""
    found = {}
    for word, one in [("parent", pid), *started_by(pid)]:
        with open(f"/proc/{one}/smaps_rollup", encoding="ascii") as f:
            kib = re.search(r"^Pss:\s+(\d+) kB", f.read(), re.MULTILINE)[1]
        found[word] = found.get(word, 0) + int(kib) * 1024
    return found
