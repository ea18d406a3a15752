"""The truth for tests of flowd-stats: flows of a log in SQLite, which groups
and orders them. Keys, shares of bins and measures are worked out here, in
Python's integers, a flow at a time.

A query (test_stats_reference.py) has keys, either, width, by_end, berlin,
measures, having, order, asc and passes().
"""
import datetime
import functools
import ipaddress
import re
import socket
import sqlite3
import time

from flowdtest import reader_json

# Clocks of Berlin by their rules, as a machine may have no table of zones.
BERLIN = "CET-1CEST,M3.5.0,M10.5.0/3"
U64 = 2**64 - 1
SECOND = 10**9
BINS_OF_A_FLOW = 4096


# --- Flows ---

@functools.lru_cache(maxsize=None)
def ns_of(text):
    """Nanoseconds since 1970 of a time with its zone."""
    date, clock, zone = text[:10], text[11:19], text[19:]
    digits = ""
    if zone[0] == ".":
        digits = zone[1:].rstrip("Z").split("+")[0].split("-")[0]
        zone = zone[1 + len(digits):]
    days = datetime.date.fromisoformat(date).toordinal() - \
        datetime.date(1970, 1, 1).toordinal()
    h, m, sec = map(int, clock.split(":"))
    sec += days * 86400 + h * 3600 + m * 60
    if zone != "Z":
        east = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
        sec -= east if zone[0] == "+" else -east
    return sec * SECOND + int(digits.ljust(9, "0"))


def ns_of_seconds(text):
    """Of a number with up to nine decimals."""
    head, _, digits = str(text).partition(".")
    return int(head) * SECOND + int(digits.ljust(9, "0"))


TIME_COLUMNS = ("recv_time", "flow_end", "flow_start", "event_time",
                "agent_time")


def flows_of(path):
    """What a log has, with times in ns and addresses as octets."""
    flows, r = reader_json(path)
    assert r.returncode == 0, r.stderr
    for f in flows:
        for key, value in f.items():
            if key in TIME_COLUMNS:
                f[key] = ns_of(value)
            elif key.endswith("_addr") or key == "next_hop":
                f[key] = ipaddress.ip_address(value)
            elif key.endswith("_mac"):
                f[key] = int(value.replace(":", ""), 16)
        f["time"] = next((f[k] for k in TIME_COLUMNS if k in f), None)
        f["end"] = f.get("flow_end", f["time"])
        f["begin"] = f.get("flow_start", f["time"])
        if "flow_start" in f and "flow_end" in f:
            f["duration"] = max(0, f["flow_end"] - f["flow_start"]) // 1000
    return flows


# --- Values for SQLite, which are ordered as results are ---

def whole(n):
    """An integer; one that SQLite has none for as octets, which are more."""
    return n if n is None or n < 2**63 else n.to_bytes(16, "big")


def unwhole(v):
    return int.from_bytes(v, "big") if isinstance(v, bytes) else v


def estimate(n):
    return f"~{n}"


def packed(a):
    """An address: IPv4 first."""
    return None if a is None else bytes([a.version]) + a.packed


def network(a, len4, len6):
    if a is None:
        return None
    length = len4 if a.version == 4 else len6
    n = int(a) >> (a.max_prefixlen - length) << (a.max_prefixlen - length)
    return type(a)(n)


# --- Keys: name, value of a side, how it is printed ---

def column(name):
    return lambda f, side: f.get(name)


def sided(what):
    return lambda f, side: f.get(("src_" if side == 0 else "dst_") + what)


def addresses(name, get, len4=32, len6=128, text=""):
    @functools.lru_cache(maxsize=None)
    def show(octets):
        a = ipaddress.ip_address(octets[1:])
        length = len4 if a.version == 4 else len6
        return str(a) + ("" if length == a.max_prefixlen else f"/{length}")
    return (name + text, lambda f, side: packed(
        network(get(f, side), len4, len6)), show)


def numbers(name, get):
    return (name, lambda f, side: whole(get(f, side)), unwhole)


def mac(name, get):
    return (name, lambda f, side: whole(get(f, side)),
            lambda v: ":".join("%02x" % b for b in
                               v.to_bytes(6, "big")))


def moment(name):
    return (name, lambda f, side: whole(f.get(name)), unwhole)


PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 47: "gre", 58: "ipv6-icmp"}


def service_of(f, side):
    protocol, ports = f.get("protocol", 0), [
        p for p in (f.get("src_port", 0), f.get("dst_port", 0)) if p]
    port = min(ports, default=0)
    if protocol in (1, 58):
        port = 0
    return protocol << 16 | port if protocol and port < 49152 else None


@functools.lru_cache(maxsize=None)
def service_text(v):
    protocol, port = v >> 16, v & 65535
    name = PROTOCOLS.get(protocol, str(protocol))
    if port == 0:
        return name
    try:
        return f"{socket.getservbyport(port, name)}/{name}"
    except OSError:
        return f"{port}/{name}"


def civil(f, berlin):
    """What clocks show, or None."""
    if f["time"] is None:
        return None
    sec = f["time"] // SECOND
    return time.localtime(sec) if berlin else time.gmtime(sec)


def clock_key(name, berlin, get, show=unwhole):
    def value(f, side):
        t = civil(f, berlin)
        return None if t is None else whole(get(t))
    return (name, value, show)


def pair_of(conversation, len4=32, len6=128, text=""):
    """The two parts; of a conversation the lesser address is first."""
    def end(which):
        def get(f, side):
            both = [network(f.get(k), len4, len6)
                    for k in ("src_addr", "dst_addr")]
            if conversation:
                both.sort(key=lambda a: packed(a) or b"")
            return both[which]
        return get
    names = ("addr_a", "addr_b") if conversation else ("src_addr", "dst_addr")
    return [addresses(name, end(n), len4, len6, text)
            for n, name in enumerate(names)]


# A file of -f, and what its last table has: tables in their order, then
# prefixes by their addresses.
TABLES = """\
table <acme> { 10.0.0.0/8, ! 10.0.1.0/24, 2001:db8::/64 }
table <example> { 10.0.0.0/16, 255.255.255.255 }
table <nobody> { 10.0.0.78 }
table <customers> {
    <acme>, 10.0.2.0/25, <example>, 0.0.0.0/32, ! <nobody>,
    2001:db8:0:1::/64, 10.0.2.64/26, ! 2001:db8:0:1::1, ! 255.0.0.0/8
}
"""
ENTRIES = ["acme", "example", "0.0.0.0", "10.0.2.0/25", "10.0.2.64/26",
           "2001:db8:0:1::/64"]
BOTH_ENDS = ("customers", "host:customers")


def inside(a, *networks):
    return any(a in ipaddress.ip_network(n) for n in networks)


@functools.lru_cache(maxsize=None)
def entry_of(a):
    """The number of the entry, or None."""
    if a is None or inside(a, "10.0.0.78/32"):
        return None
    own = [n for n in range(2, len(ENTRIES)) if inside(a, ENTRIES[n])]
    if own and not inside(a, "2001:db8:0:1::1/128"):
        return own[-1]
    if inside(a, "10.0.0.0/8", "2001:db8::/64") and \
            not inside(a, "10.0.1.0/24"):
        return 0
    return 1 if inside(a, "10.0.0.0/16", "255.255.255.255/32") else None


def entries(name, get):
    return (name, lambda f, side: entry_of(get(f, side)), ENTRIES.__getitem__)


@functools.lru_cache(maxsize=None)
def keys(berlin):
    """{what -g says: (parts, whether a flow counts for both ends)}."""
    days = datetime.date(1970, 1, 1).toordinal()
    one = {name: numbers(name, column(name)) for name in (
        "protocol", "tcp_flags", "tos", "src_port", "dst_port", "octets",
        "packets", "if_in", "if_out", "src_as", "dst_as", "vlan", "tag",
        "direction", "sampling_interval", "netflow_version")}
    one.update({name: addresses(name, column(name)) for name in (
        "src_addr", "dst_addr", "agent_addr", "next_hop")})
    one["src_mac"] = mac("src_mac", column("src_mac"))
    one.update({name: moment(name) for name in (
        "recv_time", "flow_end", "agent_time")})
    one["service"] = ("service", lambda f, side: whole(service_of(f, side)),
                      service_text)
    one["hour"] = clock_key("hour", berlin, lambda t: t.tm_hour)
    one["weekday"] = clock_key("weekday", berlin,
                               lambda t: (t.tm_wday + 1) % 7)
    one["day"] = clock_key(
        "day", berlin, lambda t: datetime.date(*t[:3]).toordinal() - days,
        lambda v: datetime.date.fromordinal(v + days).isoformat())
    for text, len4, len6 in (("/24", 24, 128), ("/48", 32, 48), ("/0", 0, 128),
                             ("/26,/65", 26, 65), ("/9,/33", 9, 33)):
        for name in ("src_addr", "dst_addr"):
            one[name + text] = addresses(name, column(name), len4, len6, text)
    found = {text: ([part], False) for text, part in one.items()}
    for text, len4, len6 in (("", 32, 128), ("/25", 25, 128),
                             ("/8,/60", 8, 60)):
        found["pair" + text] = (pair_of(False, len4, len6, text), False)
        found["conversation" + text] = (pair_of(True, len4, len6, text), False)
        found["host" + text] = ([addresses("host", sided("addr"), len4, len6,
                                           text)], True)
    found["src_addr:customers"] = (
        [entries("src_addr:customers", column("src_addr"))], False)
    for name in BOTH_ENDS:
        found[name] = ([entries(name, sided("addr"))], True)
    found["port"] = ([numbers("port", sided("port"))], True)
    found["as"] = ([numbers("as", sided("as"))], True)
    found["mac"] = ([mac("mac", sided("mac"))], True)
    found["interface"] = ([numbers("interface", lambda f, side: f.get(
        ("if_in", "if_out")[side]))], True)
    return found


# --- Bins: {bin: (from, to, of)} of a flow ---

def bin_begin(ns, width, berlin):
    """When the bin begins that a time is in."""
    day = 86400 * SECOND
    if not berlin:
        return ns // width * width
    if width % day:
        ahead = time.localtime().tm_gmtoff * SECOND
        return (ns + ahead) // width * width - ahead
    t = time.localtime(ns // SECOND)
    first = datetime.date(1970, 1, 1).toordinal()
    n = (datetime.date(*t[:3]).toordinal() - first) // (width // day)
    return midnight(n * (width // day) + first)


def midnight(ordinal):
    d = datetime.date.fromordinal(ordinal)
    return int(time.mktime((d.year, d.month, d.day, 0, 0, 0, 0, 0, -1))) * \
        SECOND


def bin_after(begin, width, berlin):
    """When the next one begins."""
    day = 86400 * SECOND
    if not berlin or width % day:
        return begin + width
    return midnight(datetime.date(*time.localtime(begin // SECOND)[:3])
                    .toordinal() + width // day)


def parts_of(f, width, by_end, berlin):
    begin, end = f["begin"], f["end"]
    if end is None:
        return []
    if by_end or begin is None or begin >= end:
        return [(bin_begin(end, width, berlin), 0, 0, 0)]
    first = bin_begin(begin, width, berlin)
    last = bin_begin(end - 1, width, berlin)
    # By how many bins they are apart, whatever clocks do.
    if first == last or (last - first + width // 2) // width >= BINS_OF_A_FLOW:
        return [(last, 0, 0, 0)]
    parts, at = [], first
    while at <= last:
        after = bin_after(at, width, berlin)
        parts.append((at, max(at, begin) - begin, min(after, end) - begin,
                      end - begin))
        at = after
    return parts


def share(v, begin, end, of):
    return v * end // of - v * begin // of


# --- Measures, as aggregate functions for SQLite ---

class Sum:
    def __init__(self):
        self.n = 0

    def step(self, v, begin, end, of):
        if v is not None:
            v = unwhole(v)
            self.n += v if of == 0 else share(v, begin, end, of)

    def total(self):
        return min(self.n, U64)

    def finalize(self):
        return whole(self.total())


class SpanSum(Sum):
    """Microseconds, as seconds are printed: in ns, as far as they go."""
    def finalize(self):
        return whole(min(self.total() * 1000, 2**63 - 1)
                     if self.total() <= (2**63 - 1) // 1000 else 2**63 - 1)


class Values:
    def __init__(self):
        self.v = []

    def step(self, v, *rest):
        if v is not None:
            self.v.append(unwhole(v))


class Average(Sum):
    def __init__(self):
        super().__init__()
        self.count = 0

    def step(self, v, begin, end, of):
        super().step(v, begin, end, of)
        self.count += v is not None

    def finalize(self):
        return float(self.total()) / float(self.count) if self.count else None


class SpanAverage(Average):
    def finalize(self):
        return whole(self.total() // self.count * 1000) if self.count else None


class Percentile(Values):
    permille = 0
    factor = 1

    def finalize(self):
        """The value by nearest rank, and whether it may be an estimate."""
        if not self.v:
            return None
        self.v.sort()
        n = self.v[max(0, -(-len(self.v) * self.permille // 1000) - 1)]
        n *= self.factor
        return estimate(n) if len(self.v) > 1024 else whole(n)


class Distinct:
    def __init__(self):
        self.v = set()

    def step(self, v, *rest):
        if v is not None:
            self.v.add(v)

    def finalize(self):
        return estimate(len(self.v)) if len(self.v) > 4096 else len(self.v)


class Rate(Sum):
    """bin is the width of the bin in ns, or NULL."""
    factor = 1

    def __init__(self):
        super().__init__()
        self.first, self.last, self.width = None, None, None

    def step(self, v, begin, end, of, first, last, width):
        super().step(v, begin, end, of)
        self.width = width
        if first is not None:
            self.first = first if self.first is None else min(first,
                                                              self.first)
        if last is not None:
            self.last = last if self.last is None else max(last, self.last)

    def finalize(self):
        ns = self.width
        if ns is None:
            ns = (self.last or 0) - (self.first or 0)
        return float(self.total()) * self.factor / (ns / 1e9) if ns > 0 \
            else None


class BitRate(Rate):
    factor = 8


class Ratio:
    def __init__(self):
        self.a, self.b = Sum(), Sum()

    def step(self, a, b, begin, end, of):
        self.a.step(a, begin, end, of)
        self.b.step(b, begin, end, of)

    def finalize(self):
        return float(self.a.total()) / float(self.b.total()) \
            if self.b.total() else None


class Span:
    def __init__(self):
        self.first, self.last = [], []

    def step(self, first, last):
        self.first += [first] if first is not None else []
        self.last += [last] if last is not None else []

    def finalize(self):
        if not self.first or max(self.last) < min(self.first):
            return None
        return whole(max(self.last) - min(self.first))


PERCENTILES = {"p50": 500, "p95": 950, "p99.9": 999, "p0.1": 1}
SHARE = "f, t, o"


def measures():
    """{what -a says: (SQL, kind)}: number, time, span, or real."""
    m = {"flows": (f"a_sum(1, {SHARE})", "number"),
         "bps": (f"a_bits(v_octets, {SHARE}, begin, fin, width)", "real"),
         "pps": (f"a_rate(v_packets, {SHARE}, begin, fin, width)", "real"),
         "bpp": (f"a_ratio(v_octets, v_packets, {SHARE})", "real"),
         "duration": ("a_span(begin, fin)", "span"),
         "first": ("min(begin)", "time"), "last": ("max(fin)", "time"),
         "sum(duration)": (f"a_spansum(v_duration, {SHARE})", "span"),
         "avg(duration)": (f"a_spanavg(v_duration, {SHARE})", "span"),
         "min(duration)": ("a_us(min(v_duration))", "span"),
         "max(duration)": ("a_us(max(v_duration))", "span")}
    for c in ("octets", "packets"):
        m[c] = (f"a_sum(v_{c}, {SHARE})", "number")
    for c in ("octets", "packets", "src_port", "tos", "vlan", "src_as"):
        m[f"sum({c})"] = (f"a_sum(v_{c}, {SHARE})", "number")
        m[f"min({c})"] = (f"min(v_{c})", "number")
        m[f"max({c})"] = (f"max(v_{c})", "number")
        m[f"avg({c})"] = (f"a_avg(v_{c}, {SHARE})", "real")
        for p in PERCENTILES:
            m[f"{p}({c})"] = (f"a_{p.replace('.', '_')}(v_{c})", "number")
    for p in ("p50", "p95"):
        m[f"{p}(duration)"] = (f"a_{p}_us(v_duration)", "span")
    for c in ("flow_end", "recv_time"):
        m[f"min({c})"] = (f"min(v_{c})", "time")
        m[f"max({c})"] = (f"max(v_{c})", "time")
    for c in ("src_addr", "dst_addr", "dst_port", "octets", "packets",
              "src_mac", "flow_end", "duration", "protocol"):
        m[f"distinct({c})"] = (f"a_distinct(v_{c})", "number")
    return m


MEASURES = measures()
# What they are of no flows: SQLite calls no function then.
NOTHING = {m: 0 for m in MEASURES
           if m.startswith(("flows", "octets", "packets", "sum", "distinct"))}
VALUES = sorted({c for sql, _ in MEASURES.values()
                 for c in re.findall(r"v_(\w+)", sql)})


def aggregates(db):
    for name, n, cls in (
            ("sum", 4, Sum), ("spansum", 4, SpanSum), ("avg", 4, Average),
            ("spanavg", 4, SpanAverage), ("distinct", 1, Distinct),
            ("rate", 7, Rate), ("bits", 7, BitRate), ("ratio", 5, Ratio),
            ("span", 2, Span)):
        db.create_aggregate("a_" + name, n, cls)
    for p, permille in PERCENTILES.items():
        for end, factor in (("", 1), ("_us", 1000)):
            db.create_aggregate(
                "a_" + p.replace(".", "_") + end, 1,
                type(p, (Percentile,), {"permille": permille,
                                        "factor": factor}))
    db.create_function("a_us", 1, lambda v: None if v is None else
                       whole(unwhole(v) * 1000), deterministic=True)


class Reference:
    """Flows of a log in SQLite."""

    def __init__(self, path):
        self.flows = flows_of(path)
        self.db = sqlite3.connect(":memory:")
        aggregates(self.db)
        names = [f"v_{c}" for c in VALUES]
        self.db.execute("CREATE TABLE flows (id INTEGER PRIMARY KEY, begin, "
                        "fin, " + ", ".join(names) + ")")
        self.db.executemany(
            f"INSERT INTO flows VALUES ({', '.join('?' * (3 + len(names)))})",
            ([n, f["begin"], f["end"]] + [self.value(f.get(c)) for c in VALUES]
             for n, f in enumerate(self.flows)))
        self.parts, self.keys = {}, {}

    @staticmethod
    def value(v):
        if isinstance(v, (ipaddress.IPv4Address, ipaddress.IPv6Address)):
            return packed(v)
        return whole(v)

    def cut(self, q):
        """The table of parts of flows; without bins each is one."""
        config = (q.width, q.by_end, q.berlin)
        if config in self.parts:
            return self.parts[config]
        table = f"parts{len(self.parts)}"
        self.parts[config] = table
        self.db.execute(f"CREATE TABLE {table} (id, bin, width, f, t, o)")
        rows = []
        for n, f in enumerate(self.flows):
            if not q.width:
                rows.append((n, None, None, 0, 0, 0))
            for at, *part in (parts_of(f, q.width, q.by_end, q.berlin)
                              if q.width else ()):
                after = bin_after(at, q.width, q.berlin)
                rows.append((n, at, after - at, *part))
        self.db.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?)",
                            rows)
        return table

    def fill_keys(self, q):
        """The keys of flows that pass, once for each side that counts."""
        columns = ["id"] + [f"k{n}" for n in range(len(q.keys))]
        sides = [list(zip(*[self.key_values(q, key, side) for key in q.keys]))
                 or [()] * len(self.flows)
                 for side in ((0, 1) if q.either else (0,))]
        rows = []
        entry = [n for n, key in enumerate(q.keys) if key[0] in BOTH_ENDS]
        for n, f in enumerate(self.flows):
            if not q.passes(f):
                continue
            ends = dict.fromkeys(side[n] for side in sides)
            with_entry = [end for end in ends
                          if any(end[e] is not None for e in entry)]
            rows += [(n, *end) for end in with_entry or ends]
        self.db.execute("DROP TABLE IF EXISTS keyed")
        self.db.execute(f"CREATE TABLE keyed ({', '.join(columns)})")
        self.db.executemany("INSERT INTO keyed VALUES (" + ", ".join(
            "?" * len(columns)) + ")", rows)

    def key_values(self, q, key, side):
        """Of all flows; they are worked out once."""
        name, value, _ = key
        if (name, q.berlin, side) not in self.keys:
            self.keys[name, q.berlin, side] = [
                value(f, side) for f in self.flows]
        return self.keys[name, q.berlin, side]

    def rows(self, q):
        """Groups that having lets pass, in order: (bin, keys, measures)."""
        parts = self.cut(q)
        self.fill_keys(q)
        ks = [f"k{n}" for n in range(len(q.keys))]
        group = (["bin"] if q.width else []) + ks
        sql = "SELECT bin, " + "".join(k + ", " for k in ks) + ", ".join(
            f"{MEASURES[m][0]} AS m{n}" for n, m in enumerate(q.measures))
        sql += f" FROM keyed JOIN {parts} USING (id) JOIN flows USING (id)"
        if group:
            sql += " GROUP BY " + ", ".join(group)
        if q.having:
            sql += " HAVING " + " AND ".join(
                f"{MEASURES[m][0]} {test} ?" for m, test, _ in q.having)
        order = ["bin"] if q.width else []
        if q.order:
            by = MEASURES[q.order][0]
            order += [f"{by} IS NULL", by + (" ASC" if q.asc else " DESC")]
        if group:
            sql += " ORDER BY " + ", ".join(order + ks)
        rows = self.db.execute(sql, [v for _, _, v in q.having]).fetchall()
        if not group and not self.db.execute(
                f"SELECT 1 FROM keyed JOIN {parts} USING (id)").fetchone():
            return [(None, *(NOTHING.get(m) for m in q.measures))]
        return rows
