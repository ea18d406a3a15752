"""flowd-send: what it sends, read from a socket and from its captures."""
import gzip
import os
import resource
import signal
import socket
import struct
import subprocess
import tempfile

from flowdtest import ip_packet, pcap, program, run, v3_record, v5_datagram
from tap import Tap

tap = Tap()


class Receiver:
    """A UDP socket that is sent to; everything is there once sending ended."""

    def __init__(self, family=socket.AF_INET, host="127.0.0.1"):
        self.sock = socket.socket(family, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.sock.bind((host, 0))
        self.port = self.sock.getsockname()[1]
        self.to = (f"[{host}]" if ":" in host else host) + f":{self.port}"

    def all(self):
        """What has come, as (payload, sender), until nothing comes."""
        out = []
        self.sock.settimeout(0.3)
        try:
            while True:
                data, sender = self.sock.recvfrom(65536)
                out.append((data, sender[:2]))
        except TimeoutError:
            return out
        finally:
            self.sock.close()


def send(*args, **kw):
    return run(["flowd-send", *map(str, args)], **kw)


def sent(*args, **kw):
    """The payloads that come from a run that must succeed, and its result."""
    r = Receiver()
    result = send(*args[:-1], r.to, *args[-1], **kw)
    return [data for data, _ in r.all()], result


def write(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as f:
        f.write(data)
    return path


# What is written by --dump, read without the program's own code.

def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def ip_parse(packet):
    """(source, destination, payload) of a UDP packet; checks its lengths."""
    if packet[0] >> 4 == 4:
        assert len(packet) == struct.unpack_from("!H", packet, 2)[0]
        assert packet[0] == 0x45 and packet[9] == 17
        assert checksum(packet[:20]) == 0xffff, "IPv4 checksum"
        src, dst, udp = packet[12:16], packet[16:20], packet[20:]
        family = socket.AF_INET
    else:
        assert len(packet) == 40 + struct.unpack_from("!H", packet, 4)[0]
        assert packet[6] == 17
        src, dst, udp = packet[8:24], packet[24:40], packet[40:]
        family = socket.AF_INET6
    sport, dport, size, _ = struct.unpack_from("!HHHH", udp)
    assert size == len(udp)
    pseudo = src + dst + struct.pack("!HH", 17, size)
    assert checksum(pseudo + udp) == 0xffff, "UDP checksum"
    return ((socket.inet_ntop(family, src), sport),
            (socket.inet_ntop(family, dst), dport), udp[8:])


def pcap_parse(path):
    """[(time_ns, source, destination, payload)] of a capture from --dump."""
    with open(path, "rb") as f:
        data = f.read()
    magic, major, minor = struct.unpack_from("!IHH", data)
    assert (magic, major, minor) == (0xa1b23c4d, 2, 4)
    assert struct.unpack_from("!I", data, 20)[0] == 101
    out, at = [], 24
    while at < len(data):
        sec, nsec, cut, size = struct.unpack_from("!IIII", data, at)
        assert cut == size and nsec < 10**9
        out.append((sec * 10**9 + nsec,
                    *ip_parse(data[at + 16:at + 16 + size])))
        at += 16 + size
    assert at == len(data)
    return out


def dumped(folder, *args):
    """The packets of a --dump with these arguments, and the result."""
    path = os.path.join(folder, "dumped.pcap")
    r = send("--dump", path, *args)
    assert r.returncode == 0, r.stderr
    return pcap_parse(path), r


# A small decoder of each version, written from the RFCs.

def v5_flows(payloads):
    """All records as tuples; checks headers and sequence numbers."""
    flows, want = [], 0
    for p in payloads:
        version, count = struct.unpack_from("!HH", p)
        sequence = struct.unpack_from("!I", p, 16)[0]
        assert version == 5 and len(p) == 24 + 48 * count
        assert 0 < count <= 30 and sequence == want, (sequence, want)
        want += count
        for i in range(count):
            flows.append(struct.unpack_from("!4s4s4sHHIIIIHHBBBBHHBBH", p,
                                            24 + 48 * i))
    return flows


def sets(payload, at):
    while at < len(payload):
        ident, size = struct.unpack_from("!HH", payload, at)
        assert size >= 4 and at + size <= len(payload)
        yield ident, payload[at + 4:at + size]
        at += size


def templates_of(body, templates):
    """Learn the templates of a set; returns how many."""
    n = at = 0
    while at < len(body):
        ident, count = struct.unpack_from("!HH", body, at)
        fields = [struct.unpack_from("!HH", body, at + 4 + 4 * i)
                  for i in range(count)]
        assert ident >= 256 and count > 0
        templates[ident] = fields
        at += 4 + 4 * count
        n += 1
    return n


def records_of(body, fields):
    """Records as {element: octets}; what is left over must be padding."""
    size = sum(length for _, length in fields)
    out, at = [], 0
    while at + size <= len(body):
        rec, pos = {}, at
        for element, length in fields:
            rec[element] = body[pos:pos + length]
            pos += length
        out.append(rec)
        at += size
    assert len(body) - at < 4 and not any(body[at:])
    return out


class Templated:
    """The records of NetFlow 9 or IPFIX payloads of one exporter."""

    def __init__(self, payloads, version, domain=0):
        self.flows, self.with_templates = [], []
        self.templates = {}
        for n, p in enumerate(payloads):
            before = len(self.flows)
            count = self.header(p, version, domain, n)
            ntemplates = self.message(p, 20 if version == 9 else 16, version)
            if ntemplates:
                self.with_templates.append(n)
            if version == 9:
                assert count == len(self.flows) - before + ntemplates

    def header(self, p, version, domain, n):
        if version == 9:
            got, count, _, _, sequence, source = struct.unpack_from(
                "!HHIIII", p)
            assert (got, sequence, source) == (9, n, domain), n
            return count
        got, size, _, sequence, source = struct.unpack_from("!HHIII", p)
        assert (got, size, source) == (10, len(p), domain)
        assert sequence == len(self.flows)
        return None

    def message(self, p, at, version):
        ntemplates = 0
        for ident, body in sets(p, at):
            if ident == (0 if version == 9 else 2):
                ntemplates += templates_of(body, self.templates)
            else:
                assert ident in self.templates, "data before its template"
                self.flows += records_of(body, self.templates[ident])
        return ntemplates


def number(octets):
    return int.from_bytes(octets, "big")


# The tests.

def test_payloads(tmp):
    one, two = b"\0\5one", bytes(range(256)) * 80
    a = write(tmp, "a.dat", one)
    b = write(tmp, "b.payload", two)
    empty = write(tmp, "empty.dat", b"")
    got, r = sent("-q", [b, a, empty, b])
    tap.equal((got, r.returncode, r.stderr), ([two, one, b"", two], 0, b""),
              "files are sent as they are, in the order given")
    nothing = write(tmp, "nothing", b"")
    got, r = sent([nothing, a, nothing])
    tap.equal((got, r.returncode), ([one], 0),
              "an empty file that is no .dat is no datagram")
    for args in (["-l", 0, [nothing]], [["-"]]):
        got, r = sent(*args, input=b"")
        tap.equal((got, r.returncode, r.stderr),
                  ([], 1, b"flowd-send: there was nothing to send\n"),
                  "and alone it is told that there is nothing")
    for data, word in ((gzip.compress(two), b"zcat"),
                       (b"\x0c\xa5\1\0" + bytes(99), b"nfcapd"),
                       (b"no datagram\n", b"is a text")):
        got, r = sent([write(tmp, "other", data)])
        tap.ok((got, r.returncode) == ([], 1) and word in r.stderr,
               "a file of another program is no payload", r.stderr)
        got, r = sent([write(tmp, "other.dat", data)])
        tap.equal((got, r.returncode), ([data], 0), "but for a .dat")
    got, r = sent(["-"], input=two)
    tap.equal((got, r.returncode), ([two], 0), "standard input is a file")
    got, _ = sent("--loop", 3, [a, b])
    tap.equal(got, [one, two] * 3, "--loop sends everything again")
    magic = write(tmp, "magic.dat", b"\xa1\xb2\xc3\xd4")
    tap.equal(sent([magic])[0], [b"\xa1\xb2\xc3\xd4"],
              "a .dat is a payload whatever it begins with")


def test_folder(tmp):
    folder = os.path.join(tmp, "case")
    os.mkdir(folder)
    for name in ("10.dat", "02.dat", "01.dat", "case.json", ".hidden"):
        write(folder, name, name.encode())
    got, _ = sent([folder])
    tap.equal(got, [b"01.dat", b"02.dat", b"10.dat"],
              "of a folder the .dat are sent, by name")


def test_capture(tmp):
    first = v5_datagram([{}, {}])
    ns = 1700000000 * 10**9
    packets = [
        (ns, ip_packet("192.0.2.1", "192.0.2.2", 4000, 2055, first)),
        (ns + 2 * 10**6, b"\x45\0\0\x14" + bytes(5) + b"\6" + bytes(10)),
        (ns + 5 * 10**6 + 7,
         ip_packet("2001:db8::1", "2001:db8::2", 4001, 2056, b"six")),
    ]
    path = write(tmp, "in.pcap", pcap(packets))
    tap.equal(sent([path])[0], [first, b"six"],
              "the payloads of a capture are sent")
    tap.equal(sent("--realtime", [path])[0], [first, b"six"],
              "--realtime sends the same")
    out, _ = dumped(tmp, path)
    tap.equal(out, [
        (ns, ("192.0.2.1", 4000), ("192.0.2.2", 2055), first),
        (ns + 5 * 10**6 + 7, ("2001:db8::1", 4001), ("2001:db8::2", 2056),
         b"six")], "--dump of a capture keeps addresses and times")
    cut = write(tmp, "cut.pcap", pcap(packets)[:-1])
    got, r = sent([cut])
    tap.ok(got == [first] and r.returncode == 1 and b"cut.pcap" in r.stderr,
           "a cut capture is told after what is whole was sent", r.stderr)


def test_dump_of_payloads(tmp):
    path = write(tmp, "x.dat", b"x" * 1001)
    out, _ = dumped(tmp, "--start", 1700000000, "--rate", 10, path, path)
    tap.equal([p[0] for p in out],
              [1700000000 * 10**9, 1700000000 * 10**9 + 10**8],
              "a payload gets the time of its turn")
    tap.equal([p[1:] for p in out],
              [(("127.0.0.1", 2055), ("127.0.0.1", 2055), b"x" * 1001)] * 2,
              "and goes from loopback to loopback")
    out, _ = dumped(tmp, "--source", "[2001:db8::7]:99", path)
    tap.equal(out[0][1:3], (("2001:db8::7", 99), ("::1", 2055)),
              "--source says where it comes from")
    r = send("--dump", "-", path)
    with open(os.path.join(tmp, "stdout.pcap"), "wb") as f:
        f.write(r.stdout)
    tap.equal(pcap_parse(f.name)[0][3], b"x" * 1001,
              "--dump - writes to standard output")


def v3_fields(n, v6=False):
    """A flow of a log, with numbers that follow from n."""
    sec = 1700000000 + n // 10
    fields = {
        "TAG": struct.pack("!I", n),
        "RECV_TIME": struct.pack("!II", sec, 5),
        "PROTO_FLAGS_TOS": struct.pack("!BBBx", 0x1b, 6, 8),
        "AGENT_ADDR4": bytes([192, 0, 2, 1]),
        "SRCDST_PORT": struct.pack("!HH", 1000 + n, 443),
        "PACKETS": struct.pack("!Q", 10 + n),
        "OCTETS": struct.pack("!Q", 2**33 + n if n == 7 else 1000 + n),
        "AGENT_INFO": struct.pack("!IIIHxx", 500000, sec, 0, 9),
        "FLOW_TIMES": struct.pack("!II", 400000 + n, 450000 + n),
    }
    size = 16 if v6 else 4
    fields["SRC_ADDR6" if v6 else "SRC_ADDR4"] = n.to_bytes(size, "big")
    fields["DST_ADDR6" if v6 else "DST_ADDR4"] = (99).to_bytes(size, "big")
    return fields


def test_log(tmp):
    flows = [v3_fields(n, v6=n % 5 == 4) for n in range(100)]
    path = write(tmp, "log", b"".join(map(v3_record, flows)))
    for version in (9, 10):
        payloads, r = sent("--as", version, "--domain", 77, [path])
        t = Templated(payloads, version, 77)
        tap.equal([number(f[7]) for f in t.flows],
                  [1000 + n for n in range(100)],
                  f"a log is sent as version {version}, flow by flow")
        tap.equal([number(f.get(8, f.get(27))) for f in t.flows],
                  list(range(100)), f"version {version} has both families")
        tap.equal((number(t.flows[7][1]), r.returncode, r.stderr),
                  (2**33 + 7, 0, b""), f"version {version} has large counters")
        tap.ok(not any(e in f for f in t.flows for e in (10, 16, 15)),
               f"version {version} has no field that the log has not")
    starts = [1700000000000 + n // 10 * 1000 - 100000 + n for n in range(100)]
    tap.equal([number(f[152]) for f in t.flows], starts,
              "IPFIX has the times of flows to the millisecond")
    payloads, r = sent("--as", 5, [path])
    tap.equal([f[9] for f in v5_flows(payloads)],
              [1000 + n for n in range(100) if n % 5 != 4 and n != 7],
              "NetFlow 5 has the flows that it can hold")
    tap.ok(r.returncode == 0 and b"21 flows left out" in r.stderr,
           "and tells how many it cannot", r.stderr)
    tap.equal([struct.unpack_from("!I", p, 8)[0] for p in payloads],
              [1700000000 + n for n in range(10)],
              "datagrams have the exporter's times")
    first, records = len(v3_record(flows[0])), b"".join(map(v3_record, flows))
    cut = write(tmp, "cut.log", records[:-3])
    payloads, r = sent("--as", 9, [cut])
    tap.equal((len(Templated(payloads, 9).flows), r.returncode), (99, 0),
              "a log that is cut short is sent up to there")
    damaged = bytearray(records)
    damaged[first + 20] ^= 1
    payloads, r = sent("--as", 9, [write(tmp, "damaged.log", damaged)])
    tap.ok(len(Templated(payloads, 9).flows) == 1 and r.returncode == 1 and
           f"damaged.log: offset {first}".encode() in r.stderr,
           "a damaged record is told with its place", r.stderr)
    payloads, _ = sent("--as", 10, "--loop", 2, [path])
    tap.equal(len(Templated(payloads, 10).flows), 200,
              "sequence numbers go on from loop to loop")


def columnar(tmp, name, numbers, to="v4"):
    """A columnar log of one block with these flows."""
    log = write(tmp, "block.v3", b"".join(v3_record(v3_fields(n, n % 5 == 4))
                                          for n in numbers))
    path = os.path.join(tmp, name)
    run(["flowd-reader", "-q", "-o", path, "--to", to, log])
    with open(path, "rb") as f:
        data = f.read()
    # Without the index behind it.
    return data[:-struct.unpack("<I", data[-12:-8])[0]]


def numbers_of(payloads, version=9):
    return [number(f[7]) - 1000 for f in Templated(payloads, version).flows]


def test_columnar(tmp):
    log = write(tmp, "log.v3", b"".join(v3_record(v3_fields(n, n % 5 == 4))
                                        for n in range(5000)))
    for to in ("v4", "v4:lz4", "v4:none"):
        path = os.path.join(tmp, "log.flow")
        run(["flowd-reader", "-q", "-o", path, "--to", to, log])
        for version in (5, 9, 10):
            rows, r = sent("--as", version, [path])
            like = sent("--as", version, [log])[0]
            tap.ok(rows == like and len(rows) > 100 and r.returncode == 0,
                   f"a columnar log ({to}) is sent as one of version 3 is, "
                   f"as version {version}", r.stderr)
    with open(path, "rb") as f:
        tap.equal(sent("--as", 10, ["-"], input=f.read())[0], like,
                  "and from standard input")
    payloads, r = sent("--as", 10, "--loop", 2, [path])
    tap.equal(len(Templated(payloads, 10).flows), 10000,
              "sequence numbers go on from loop to loop")
    path = write(tmp, "unnamed", b"".join(
        columnar(tmp, "block.flow", range(n, n + 30), to)
        for n, to in ((0, "v4"), (30, "v4:none"), (60, "v4:lz4"))))
    payloads, r = sent([path])
    tap.equal((numbers_of(payloads), r.returncode), (list(range(90)), 0),
              "several blocks, whatever the name of the file")


def test_columnar_damaged(tmp):
    blocks = [columnar(tmp, "block.flow", range(n, n + 100), "v4:none")
              for n in range(0, 400, 100)]
    whole = b"".join(blocks)
    payloads, r = sent([write(tmp, "cut.flow", whole[:-9])])
    tap.equal((numbers_of(payloads), r.returncode, r.stderr),
              (list(range(300)), 0, b""),
              "a columnar log that is cut is sent up to there")
    after = write(tmp, "after.dat", b"after")
    for what, at in (("a head", 20), ("a column", len(blocks[1]) - 3)):
        spoiled = bytearray(whole)
        spoiled[len(blocks[0]) + at] ^= 0xff
        path = write(tmp, "spoiled.flow", spoiled)
        payloads, r = sent([path, after])
        tap.ok(numbers_of(payloads) == [*range(100), *range(200, 400)] and
               r.returncode == 1 and r.stderr.count(b"\n") == 1 and
               f"{path}: offset {len(blocks[0])}: ".encode() in r.stderr and
               f"; {len(blocks[1])} octets are passed over".encode()
               in r.stderr,
               f"what is whole beside {what} that is damaged is sent, and "
               "the damage is told", r.stderr)
    spoiled[len(whole) - 3] ^= 0xff
    payloads, r = sent(["-"], input=bytes(spoiled))
    tap.ok(numbers_of(payloads) == [*range(100), *range(200, 300)] and
           r.returncode == 1 and b"2 places are damaged" in r.stderr and
           b"standard input: offset" in r.stderr,
           "two places, from standard input", r.stderr)


def test_segments(tmp):
    folder = os.path.join(tmp, "log")
    os.mkdir(folder)
    times = [f"20260101T0{h}0000Z" for h in range(4)]
    for n in (2, 0, 3, 1):
        write(folder, times[n] + ".flow",
              columnar(tmp, "block.flow", range(10 * n, 10 * n + 10)))
    write(folder, "other", b"not a segment")
    write(folder, "20260101T000000Z.flow.part", b"not a segment")
    payloads, r = sent([folder])
    tap.equal((numbers_of(payloads), r.returncode), (list(range(40)), 0),
              "of a folder the segments are sent, by their times")
    write(folder, "a.dat", b"payload")
    tap.equal(sent([folder])[0], [b"payload"], "but .dat come first")
    os.remove(os.path.join(folder, "a.dat"))
    # The FIFO is opened when all files have been looked for.
    fifo = os.path.join(tmp, "1.dat")
    os.mkfifo(fifo)
    receiver = Receiver()
    p = subprocess.Popen([program("flowd-send"), receiver.to, fifo, folder],
                         stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    with open(fifo, "wb") as f:
        os.remove(os.path.join(folder, times[1] + ".flow"))
        f.write(b"first")
    _, err = p.communicate(timeout=60)
    payloads = [data for data, _ in receiver.all()]
    tap.equal((payloads[0], numbers_of(payloads[1:]), p.returncode, err),
              (b"first", [n for n in range(40) if n // 10 != 1], 0, b""),
              "a segment that is removed meanwhile is passed over")


GENERATED = ("--start", 1700000000, "--rate", 1000)


def test_fifo(tmp):
    """Who writes to it must not see it closed before it is read."""
    fifo = os.path.join(tmp, "fifo")
    log = os.path.join(tmp, "log.v3")
    write(tmp, log, b"".join(v3_record(v3_fields(n)) for n in range(5000)))
    os.mkfifo(fifo)
    out = os.path.join(tmp, "fifo.pcap")
    p = subprocess.Popen([program("flowd-send"), "-w", out, fifo],
                         stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    with open(log, "rb") as f, open(fifo, "wb", buffering=0) as to:
        try:
            left = memoryview(f.read())
            while left:
                left = left[to.write(left):]
        except BrokenPipeError:
            pass
    try:
        _, err = p.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        p.kill()
        _, err = p.communicate()
    tap.ok((len(left), p.returncode) == (0, 0), "a FIFO is read to its end",
           err)


def test_generate_v5(tmp):
    n = 50000
    packets, _ = dumped(tmp, *GENERATED, "-a", 5, "-g", n)
    payloads = [p[3] for p in packets]
    flows = v5_flows(payloads)
    tap.equal(len(flows), n, "as many flows are made as asked for")
    tap.equal(len({(f[0], f[1], f[9], f[10], f[13]) for f in flows}), n,
              "no flow is there twice")
    tap.ok(all(f[5] > 0 and f[6] >= 40 * f[5] and f[7] <= f[8]
               for f in flows), "counters and times make sense")
    times = [p[0] for p in packets]
    tap.ok(times == sorted(times) and
           times[-1] // 10**9 == 1700000000 + (n - 1) // 30000,
           "the clock of the model follows --rate", times[-1])
    again = dumped(tmp, *GENERATED, "-a", 5, "-g", n)[0]
    tap.ok(again == packets, "the same seed makes the same datagrams")
    other = dumped(tmp, *GENERATED, "-a", 5, "-g", n, "--seed", 2)[0]
    tap.ok(v5_flows([p[3] for p in other]) != flows, "another does not")
    few = dumped(tmp, *GENERATED, "-a", 5, "-g", 100, "-n", 7)[0]
    tap.equal([(len(p[3]) - 24) // 48 for p in few], [7] * 14 + [2],
              "--records is how many are in a datagram")


def test_generate_templated(tmp, version):
    args = (*GENERATED, "--as", version, "--ipv6", 25, "-g", 20000,
            "--refresh", 50, "--domain", 5)
    payloads = [p[3] for p in dumped(tmp, *args)[0]]
    t = Templated(payloads, version, 5)
    tap.equal(len(t.flows), 20000, f"version {version} has all flows")
    v6 = sum(27 in f for f in t.flows)
    tap.ok(4500 < v6 < 5500, f"version {version} has its share of IPv6", v6)
    tap.equal(len({(f.get(8, f.get(27)), f.get(12, f.get(28)), f[7], f[11],
                    f[4]) for f in t.flows}), 20000,
              f"version {version}: no flow is there twice")
    refreshed = [n for n in t.with_templates if n % 50 == 0]
    tap.equal(refreshed, list(range(0, len(payloads), 50)),
              f"version {version}: templates come first, and again")
    tap.ok(max(map(len, payloads)) <= 1472,
           f"version {version}: a datagram fits into a packet")


def test_generate_same_flows(tmp):
    """All versions say the same flows."""
    args = (*GENERATED, "-g", 3000)
    v5 = v5_flows([p[3] for p in dumped(tmp, *args, "--as", 5)[0]])
    want = [(f[0], f[1], f[9], f[10], f[5], f[6], f[12], f[13]) for f in v5]
    for version in (9, 10):
        t = Templated([p[3] for p in dumped(tmp, *args, "--as", version)[0]],
                      version)
        got = [(f[8], f[12], number(f[7]), number(f[11]), number(f[2]),
                number(f[1]), number(f[6]), number(f[4])) for f in t.flows]
        tap.ok(got == want, f"version {version} says what version 5 says")


def test_network(tmp):
    r = Receiver()
    port = Receiver()
    result = send("-g", 3000, "-a", 5, "--source", f"127.0.0.1:{port.port}",
                  r.to)
    tap.ok(result.returncode == 1 and b"from that address" in result.stderr,
           "a source port in use is told", result.stderr)
    free = port.port
    port.sock.close()
    result = send("-g", 3000, "-a", 5, "-s", f"127.0.0.1:{free}", "-v", r.to)
    got = r.all()
    tap.equal((len(v5_flows([p for p, _ in got])), result.returncode),
              (3000, 0), "the model is sent over a socket")
    tap.equal({sender for _, sender in got}, {("127.0.0.1", free)},
              "--source is where it comes from")
    tap.ok(b"100 datagrams, 3000 flows" in result.stderr,
           "-v tells a summary", result.stderr)
    try:
        r = Receiver(socket.AF_INET6, "::1")
    except OSError as e:
        tap.skip("flows are sent over IPv6", f"no IPv6 here: {e}")
        return
    result = send("-g", 90, "-a", 5, "--rate", 0, r.to)
    tap.equal((len(v5_flows([p for p, _ in r.all()])), result.returncode),
              (90, 0), "flows are sent over IPv6")


def test_refused(tmp):
    r = Receiver()
    r.sock.close()
    path = write(tmp, "refused.dat", b"nobody")
    result = send("--rate", 100, "--loop", 5, r.to, path)
    tap.ok(result.returncode == 1 and b"refused" in result.stderr and
           result.stderr.count(b"\n") == 1,
           "nobody listening is told once, and a failure", result.stderr)


def test_interrupt():
    r = Receiver()
    p = subprocess.Popen([program("flowd-send"), "-v", "-a", "5", "-g", "30",
                          "-l", "0", "-r", "50", r.to],
                         stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    r.sock.settimeout(20)
    got = [r.sock.recv(65536) for _ in range(3)]
    p.send_signal(signal.SIGINT)
    _, err = p.communicate(timeout=60)
    got += [data for data, _ in r.all()]
    flows = v5_flows(got)
    tap.equal(len({(f[0], f[1], f[9], f[10], f[13]) for f in flows}),
              30 * len(got), "--loop 0 goes on with new flows")
    tap.ok(p.returncode == 0 and f"{len(got)} datagrams".encode() in err,
           "an interrupt ends it with a summary", err)


def test_errors(tmp):
    ok = write(tmp, "ok.dat", b"x")
    missing = os.path.join(tmp, "missing")
    empty = os.path.join(tmp, "empty")
    os.mkdir(empty)
    large = write(tmp, "large.bin", bytes(65508))
    text = write(tmp, "text.pcap", b"\xa1\xb2\xc3\xd4 no capture at all")
    none = write(tmp, "none.pcap", pcap([]))
    to = "127.0.0.1:2055"
    for args, word in [
            ([], "no destination"),
            ([to], "nothing to send"),
            (["nonsense", ok], "nonsense"),
            (["127.0.0.1", ok], "127.0.0.1"),
            (["127.0.0.1:0", ok], "127.0.0.1:0"),
            (["127.0.0.1:70000", ok], "127.0.0.1:70000"),
            (["127.0.0.1:20x", ok], "127.0.0.1:20x"),
            (["::1:2055", ok], "::1:2055"),
            (["[127.0.0.1]:2055", ok], "[127.0.0.1]:2055"),
            (["localhost:2055", ok], "localhost:2055"),
            ([to, ok, missing], missing + ": No such file"),
            ([to, empty], empty),
            ([to, large], large),
            ([to, text], text),
            ([to, none], "nothing to send"),
            ([to, "-", "-"], "standard input"),
            (["-l", "2", to, "-"], "standard input"),
            (["--rate", "fast", to, ok], "--rate: \"fast\""),
            (["--rate", "-1", to, ok], "--rate: \"-1\""),
            (["--rate", "", to, ok], "--rate: \"\""),
            (["--generate", "0", to], "--generate: \"0\""),
            (["--ipv6", "101", "-g", "1", to], "--ipv6: \"101\""),
            (["--as", "7", to, ok], "--as: \"7\""),
            (["--domain", "4294967296", to, ok], "--domain"),
            (["-a", "5", "--ipv6", "1", "-g", "1", to], "--ipv6"),
            (["-a", "5", "-n", "31", "-g", "1", to], "--records"),
            (["-g", "1", to, ok], "--generate"),
            (["-R", "-r", "5", to, ok], "--realtime"),
            (["-R", "-g", "5", to], "--realtime"),
            (["-s", "nowhere", to, ok], "--source: \"nowhere\""),
            (["-s", "[::1]", to, ok], "family"),
            (["-l", "0", "-w", missing, ok], "--loop 0"),
            (["-w", os.path.join(missing, "x"), ok], missing),
            (["--no-such-option", to, ok], "no-such-option")]:
        r = send(*args)
        tap.ok(r.returncode == 1 and word.encode() in r.stderr and
               r.stderr.startswith((b"flowd-send: ",
                                    program("flowd-send").encode())),
               f"{' '.join(args).replace(tmp, '')} is refused",
               f"{r.returncode} {r.stderr}")
    r = send("-g", 1000, "-w", os.path.join(tmp, "limited"),
             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE,
                                                   (9999, 9999)))
    tap.ok(r.returncode == 1 and b"limited: File too large" in r.stderr,
           "a file that may not grow is told", f"{r.returncode} {r.stderr}")
    r = send("--help")
    tap.ok(r.returncode == 0 and b"--generate" in r.stdout and
           len(r.stdout.splitlines()) < 25, "--help fits on a screen")
    tap.ok(send("--version").stdout.startswith(b"flowd-send "), "--version")


def test_dump_is_no_input(tmp):
    """A capture is not emptied by dumping into it."""
    path = os.path.join(tmp, "x.pcap")
    send("-g", "10", "--dump", path)
    with open(path, "rb") as f:
        before = f.read()
    r = send("--dump", path, path)
    with open(path, "rb") as f:
        tap.ok(r.returncode == 1 and b"is also an input" in r.stderr and
               f.read() == before, "--dump FILE FILE is refused", r.stderr)


def main():
    for fn in (test_dump_is_no_input,
               test_payloads, test_folder, test_capture,
               test_dump_of_payloads, test_log, test_columnar,
               test_columnar_damaged, test_segments, test_fifo,
               test_generate_v5,
               lambda tmp: test_generate_templated(tmp, 9),
               lambda tmp: test_generate_templated(tmp, 10),
               test_generate_same_flows, test_network, test_refused,
               test_errors):
        with tempfile.TemporaryDirectory() as tmp:
            fn(tmp)
    test_interrupt()
    tap.done()


main()
