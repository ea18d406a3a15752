"""A reader of columnar logs that was written from flowd-log(5) alone, and
shares nothing with flowd: slow, strict, and in the words of the page. What
the page leaves to others is theirs here, too: LZ4, Zstandard and XXH3 are
the libraries of the system.

    rows(octets, columns(page))       each flow as {name: value}

Values are integers, octets for addresses and for what is of type 7. Anything
that is not as the page has it raises Wrong.
"""
import ctypes
import ctypes.util
import re
import struct

MAGIC = bytes.fromhex("80 66 6c 6f 77 76 34 0a")
INDEX_END = bytes.fromhex("66 6c 6f 77 65 6e 64 0a")
WIDTH = {0: 1, 1: 2, 2: 4, 3: 8, 4: 8, 6: 8}
ADDRESS, OCTETS = 5, 7
TABLES = ADDRESSES = 0xff00
DATA, GAPS, CONSTANT, IPV4, IPV6, SUM = 1, 2, 4, 8, 16, 32
MULTIPLIERS = [0x243f6a89, 0x85a308d3, 0x13198a2f, 0x03707345,
               0xa4093823, 0x299f31d1, 0x082efa99, 0xec4e6c89]
TYPES = {"1 octet": 0, "2 octets": 1, "4 octets": 2, "8 octets": 3,
         "time": 4, "address": 5, "MAC address": 6, "octets": 7}
MET = set()  # what of the page's lists was read: ("stream", 3)


class Wrong(Exception):
    """Not as the page has it."""


def need(true, what):
    if not true:
        raise Wrong(what)


def library(name):
    return ctypes.CDLL(ctypes.util.find_library(name) or f"lib{name}.so")


XXHASH, LZ4, ZSTD = map(library, ("xxhash", "lz4", "zstd"))
XXHASH.XXH3_64bits.restype = ctypes.c_uint64
XXHASH.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
ZSTD.ZSTD_decompress.restype = ctypes.c_size_t
ZSTD.ZSTD_decompress.argtypes = [ctypes.c_char_p, ctypes.c_size_t,
                                 ctypes.c_char_p, ctypes.c_size_t]


def checksum(data):
    return XXHASH.XXH3_64bits(data, len(data))


def decompress(method, data, size):
    out = ctypes.create_string_buffer(size + 1)
    if method == 2:
        got = LZ4.LZ4_decompress_safe(data, out, len(data), size)
    else:
        got = ZSTD.ZSTD_decompress(out, size, data, len(data))
    need(got == size, "length of decompressed octets")
    return out.raw[:size]


def columns(page):
    """{id: (name, type)} of the table in the page."""
    found = {}
    for line in page.splitlines():
        m = re.fullmatch(r"\.It (\d+) Ta (\w+) Ta ([\w ]+)", line)
        if m and m[3] in TYPES:
            found[int(m[1])] = (m[2], TYPES[m[3]])
    return found


def predictors(page):
    """{number: column} of the table in the page."""
    return {int(m[1]): m[2] for m in re.finditer(
        r"^\.It (\d) Ta (\w+) Ta \w+ \\- ", page, re.M)}


class Source:
    """Octets from their beginning to their end, all of them used."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        need(self.at + n <= len(self.data), "cut")
        self.at += n
        return self.data[self.at - n:self.at]

    def uint(self, width):
        return int.from_bytes(self.take(width), "little")

    def end(self):
        need(self.at == len(self.data), "more than there is to read")

    def compressed(self, n):
        method = self.uint(1)
        MET.add(("compression", method))
        if method == 1:
            return self.take(1) * n
        data = self.take(self.uint(4))
        if method == 0:
            need(len(data) == n, "length of what is stored")
            return data
        need(method in (2, 3) and len(data) <= n, "method of compression")
        return decompress(method, data, n)

    def stream(self, n, depth=1):
        """n integers, modulo 2^64."""
        need(depth <= 4, "streams within streams")
        kind = self.uint(1)
        MET.add(("stream", kind))
        inner = depth + 1
        if kind == 0:
            return [self.uint(8)] * n
        if kind == 1:
            base, scale, planes = self.scaled(8)
            octets = [self.compressed(n) for _ in range(planes)]
            out = [sum(p[i] << 8 * k for k, p in enumerate(octets))
                   for i in range(n)]
            return [(base + v * scale) % 2**64 for v in out]
        if kind == 2:
            base, scale, bits = self.scaled(56)
            need(bits > 0, "integers of no bits")
            data = self.compressed((n * bits + 7) // 8 + 8)
            need(data[-8:] == bytes(8), "zeros behind packed integers")
            return [(base + scale * unpack(data, i * bits, bits)) % 2**64
                    for i in range(n)]
        if kind == 3:
            some = self.uint(4)
            values = self.stream(some, inner)
            places = self.stream(n, inner)
            need(all(p < some for p in places), "places in a dictionary")
            return [values[p] for p in places]
        if kind == 4:
            some = self.uint(4)
            lengths = self.stream(some, inner)
            values = self.stream(some, inner)
            need(sum(lengths) == n, "lengths of runs")
            return [v for v, k in zip(values, lengths) for _ in range(k)]
        need(kind == 5, "encoding of a stream")
        at, out = self.uint(8), []
        for d in self.stream(n, inner):
            at += -(d + 1 >> 1) if d % 2 else d >> 1
            out.append(at % 2**64)
        return out

    def scaled(self, most):
        base, ten, number = self.uint(8), self.uint(1), self.uint(1)
        need(ten <= 9 and number <= most, "scale")
        return base, 10**ten, number


def unpack(data, bit, bits):
    piece = int.from_bytes(data[bit // 8:(bit + bits + 7) // 8], "little")
    return piece >> bit % 8 & (1 << bits) - 1


class Entry:
    """One of a block's head, and its data."""

    def __init__(self, head):
        self.id, length = head.uint(2), head.uint(1)
        s = Source(head.take(length - 3))
        self.type, self.flags = s.uint(1), s.uint(1)
        self.length = self.sum = 0
        if self.flags & DATA:
            self.length, self.sum = s.uint(4), s.uint(8)
        self.values = []
        if self.id >= TABLES:
            self.number = s.uint(4)
        else:
            self.range(s)
        s.end()

    def range(self, s):
        """The least and the greatest value, or the only one."""
        number = 1 if self.flags & CONSTANT else 2
        if self.type in WIDTH:
            self.values = [s.uint(WIDTH[self.type]) for _ in range(number)]
        if self.flags & IPV4:
            self.values += [s.take(4)[::-1] for _ in range(number)]
        if self.flags & IPV6:
            self.values += [s.take(16) for _ in range(number)]
        self.total = s.uint(8) if self.flags & SUM else None

    def give(self, data):
        self.data = data.take(self.length)
        if self.flags & DATA:
            need(checksum(self.data) == self.sum, f"checksum of {self.id}")


class Block:
    """A block of flows, whose columns are read when they are asked for."""

    def __init__(self, head, nrows, data, page):
        self.names, self.predictors = page
        self.nrows = nrows
        self.entries = {}
        while head.at < len(head.data):
            entry = Entry(head)
            need(entry.id not in self.entries, "an id comes once")
            self.entries[entry.id] = entry
        data = Source(data)
        for entry in self.entries.values():
            entry.give(data)
        data.end()
        self.ids = {name: n for n, (name, _) in self.names.items()}
        self.read = {}
        self.addresses = self.address_table()

    def address_table(self):
        entry = self.entries.get(ADDRESSES)
        if entry is None:
            return []
        need(entry.type == ADDRESS, "type of the table of addresses")
        s = Source(entry.data)
        four = s.uint(4)
        six = entry.number - four
        out = [v.to_bytes(4, "big") for v in s.stream(four)] if four else []
        if six:
            upper, lower = s.stream(six), s.stream(six)
            out += [struct.pack("!QQ", *v) for v in zip(upper, lower)]
        s.end()
        return out

    def table(self, number, kind):
        entry = self.entries[number]
        need(number > ADDRESSES and entry.type == kind and
             entry.number == len(self.addresses), "a table")
        s = Source(entry.data)
        out = s.stream(entry.number)
        s.end()
        return out

    def column(self, name):
        """Its value in each flow, None where there is none."""
        if name not in self.read:
            entry = self.entries.get(self.ids[name])
            self.read[name] = [None] * self.nrows if entry is None else \
                self.open(entry)
        return self.read[name]

    def open(self, entry):
        need(self.names[entry.id][1] == entry.type, "type of a column")
        s = Source(entry.data)
        has = [True] * self.nrows
        if entry.flags & GAPS:
            bits = s.compressed((self.nrows + 63) // 64 * 8)
            has = [bits[i // 8] >> i % 8 & 1 for i in range(self.nrows)]
        n = sum(map(bool, has))
        if entry.flags & CONSTANT:
            values = entry.values * n
        else:
            values = self.layout(entry, s, n, has)
            self.check_range(entry, values)
        s.end()
        need(entry.total is None or entry.total == sum(values),
             f"sum of column {entry.id}")
        values = iter(values)
        return [next(values) if h else None for h in has]

    def check_range(self, entry, values):
        """The head has the least and the greatest."""
        for width in (4, 16):
            flag = IPV4 if width == 4 else IPV6
            if entry.type == ADDRESS and entry.flags & flag:
                some = [v for v in values if len(v) == width]
                at = 2 if width == 16 and entry.flags & IPV4 else 0
                need(entry.values[at:at + 2] == [min(some), max(some)],
                     "range of addresses")
        if entry.type == 4:
            values = [v - (v >> 63 << 64) for v in values]
            entry.values = [v - (v >> 63 << 64) for v in entry.values]
        if entry.type in WIDTH:
            need(entry.values == [min(values), max(values)],
                 f"range of column {entry.id}")

    def layout(self, entry, s, n, has):
        kind = s.uint(1)
        MET.add(("column", kind))
        if entry.type == OCTETS:
            return self.octets(kind, s, n)
        if kind == 0:
            values = s.stream(n)
        elif kind == 1:
            values = self.predicted(entry, s, n, has)
        else:
            need(kind == 2, "kind of a column's data")
            values = self.lookup(entry, s, n)
        if entry.type == ADDRESS:
            return [self.addresses[v] for v in values]
        return [v % (1 << 8 * WIDTH[entry.type]) for v in values]

    def octets(self, kind, s, n):
        if kind == 3:
            lengths = s.stream(n)
            data = Source(s.compressed(sum(lengths)))
            return [data.take(k) for k in lengths]
        need(kind == 4, "kind of octets")
        length = s.uint(4)
        data = s.compressed(n * length)
        return [data[i::n] for i in range(n)]

    def predicted(self, entry, s, n, has):
        number = s.uint(1)
        MET.add(("predictor", number))
        need(self.predictors[number] == self.names[entry.id][0], "a predictor")
        residuals = s.stream(n)

        def other(name):
            values = self.column(name)
            need([v is not None for v in values] == [bool(h) for h in has],
                 "flows of a prediction")
            return [v for v in values if v is not None]

        def uptimes(name):
            """Nanoseconds from then to the export."""
            out = []
            for a, b in zip(other("sys_uptime_ms"), other(name)):
                d = (a - b) % 2**32
                out.append((d - 2**32 if d >= 2**31 else d) * 10**6)
            return out

        if number in (1, 2, 3, 5, 7):
            base = other({1: "recv_time", 2: "sys_uptime_ms",
                          3: "flow_end_uptime_ms", 5: "agent_time",
                          7: "flow_end"}[number])
            return [a - b for a, b in zip(base, residuals)]
        back = uptimes({4: "flow_end_uptime_ms",
                        6: "flow_start_uptime_ms"}[number])
        return [t - b + k
                for t, b, k in zip(other("agent_time"), back, residuals)]

    def lookup(self, entry, s, n):
        number, key, some = s.uint(2), s.uint(2), s.uint(4)
        table = self.table(number, entry.type)
        keys = Source(self.entries[key].data)
        if self.entries[key].flags & GAPS:
            keys.compressed((self.nrows + 63) // 64 * 8)
        need(keys.uint(1) == 0, "the key is stored as 0")
        values = [table[k] for k in keys.stream(n)]
        if some:
            places, right = s.stream(some), s.stream(some)
            for at, v in zip(places, right):
                values[at] = v
        return values

    def rows(self):
        names = {name: self.column(name) for n, (name, _) in
                 self.names.items() if n in self.entries}
        for i in range(self.nrows):
            yield {k: v[i] for k, v in names.items() if v[i] is not None}


class Index:
    """What a sealed segment ends with."""

    @staticmethod
    def is_for(data, at):
        """It is not, where files were joined."""
        return int.from_bytes(data[8:16], "little") == at

    def __init__(self, data, blocks):
        need(checksum(data[8:]) == int.from_bytes(data[:8], "little"),
             "checksum of the index")
        s = Source(data)
        s.take(8)
        s.take(8)  # octets in front of it, which is_for() looks at
        need(s.uint(8) == sum(b[2] for b in blocks), "flows in the index")
        number, group = s.uint(4), s.uint(4)
        for block in blocks:
            got = s.uint(8), s.uint(4), s.uint(4), s.uint(8), s.uint(8)
            need(got == block, "a block in the index")
        groups = (number + group - 1) // group
        self.group = group
        self.all = s.take(32 * s.uint(4))
        self.groups = [s.take(32 * s.uint(4)) for _ in range(groups)]
        need(number == len(blocks), "blocks in the index")
        self.length = s.uint(4)
        need(s.take(8) == INDEX_END, "end of the index")
        s.end()


def may_have(filter_, address):
    """What a filter says of an address."""
    buckets = len(filter_) // 32
    if buckets == 0:
        return True
    h = checksum(address)
    at = (h >> 32) * buckets >> 32
    words = struct.unpack_from("<8I", filter_, 32 * at)
    return all(w >> ((h % 2**32) * m % 2**32 >> 27) & 1
               for w, m in zip(words, MULTIPLIERS))


def log(data, page):
    """The flows of each block, and its index if it ends with one."""
    page = columns(page), predictors(page)
    blocks, listed, index, at = [], [], None, 0
    while at < len(data):
        need(data[at:at + 8] == MAGIC, f"magic at {at}")
        kind, _, _, _, head_len, data_len, nrows, least, last, entries = \
            struct.unpack_from("<4BIIIQQH", data, at + 8)
        head = data[at:at + head_len]
        need(checksum(head[:-8]) == int.from_bytes(head[-8:], "little"),
             "checksum of a head")
        body = data[at + head_len:at + head_len + data_len]
        need(len(body) == data_len, "a block is cut")
        if kind == 2:
            if Index.is_for(body, at):
                index = Index(body, listed)
                need(index.length == len(head + body), "length of the index")
        else:
            block = Block(Source(head[44:-8]), nrows, body, page)
            need(kind == 1 and len(block.entries) == entries, "entries")
            listed.append((at, head_len + data_len, nrows, least, last))
            blocks.append(list(block.rows()))
            check_times(blocks[-1], least, last)
        at += head_len + data_len
    return blocks, index


def check_times(rows, least, last):
    """The range of the block has the times of its flows."""
    for row in rows:
        times = [row[k] for k in ("recv_time", "flow_end", "flow_start",
                                  "event_time", "agent_time") if k in row]
        low, high, at = (v - (v >> 63 << 64) for v in (
            least, last, times[0] if times else 1 << 63))
        need(low <= at <= high if times else
             (low, high) == (-2**63, 2**63 - 1), "range of times")


def others(value):
    """The elements of a value of the column "other"."""
    at = 0
    while at < len(value):
        pen, number, length = struct.unpack_from("!IHH", value, at)
        need(at + 8 + length <= len(value), "an element is cut")
        yield pen, number, value[at + 8:at + 8 + length]
        at += 8 + length
