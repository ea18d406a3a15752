"""flowd-stats: groups, measures, series, in text, CSV and JSON."""
import os
import random
import signal
import subprocess
import tempfile
import time

from columnar import block, flow, write
from flowdtest import datagrams_pcap, program, run, v5_datagram
from logdirs import put_segments
from stats import (SEC, columnar, log, objects, record, stats, table, text)
from tap import Tap

tap = Tap()


def flows():
    """The log of most tests."""
    return log(
        "flows.v3",
        record(src="10.0.0.1", octets=5000, packets=5, at=0, lasts=0),
        record(src="10.0.0.1", octets=3000, packets=30, at=9, lasts=9),
        record(src="10.0.0.2", octets=2000, packets=2, at=391, lasts=1,
               dport=53, protocol=17),
        record(src="2001:db8::1", dst="2001:db8::2", octets=1000, packets=1,
               at=390, dport=0x800, sport=0, protocol=58))


def outputs():
    path = flows()
    tap.equal(objects("-a", "flows,octets", path),
              [{"flows": 4, "octets": 11000}],
              "-o json -a prints one object")
    tap.equal(objects("-g", "src_addr", "-a", "octets,flows", path),
              [{"src_addr": "10.0.0.1", "octets": 8000, "flows": 2},
               {"src_addr": "10.0.0.2", "octets": 2000, "flows": 1},
               {"src_addr": "2001:db8::1", "octets": 1000, "flows": 1}],
              "-g: groups are ordered by the first measure")
    tap.equal(table("-g", "src_addr, protocol", "-a", "flows, octets", path),
              table("-g", "src_addr,protocol", "-a", "flows,octets", path),
              "lists may have blanks behind commas")
    tap.equal(table("-g", "src_addr/24", "-a", "packets", path),
              [["src_addr/24", "packets"], ["10.0.0.0/24", "37"],
               ["2001:db8::1", "1"]], "-o csv has a header")
    tap.equal(text("-g", "src_addr", "-a", "octets,bpp", "-n", "1", "-U",
                   path),
              [["src_addr", "octets", "%", "bpp"],
               ["10.0.0.1", "8.00", "kB", "72.7", "229", "B"],
               ["other", "3.00", "kB", "27.3", "1.00", "kB"],
               ["total", "11.0", "kB", "100.0", "289", "B"], [],
               "1 of 3 groups, 4 flows from 2023-11-14T22:13:20 to "
               "2023-11-14T22:19:51 (6 min 31 s)".split()],
              "text has units, shares, what is not shown, and the total")
    tap.equal(text("-g", "src_addr", "-a", "octets,duration", "--raw", path)[1],
              ["10.0.0.1", "8000", "72.7", "9"],
              "--raw prints plain numbers")
    tap.equal(text("-g", "protocol", "-a", "flows", path)[1:4],
              [["tcp", "2", "50.0"], ["udp", "1", "25.0"],
               ["ipv6-icmp", "1", "25.0"]], "protocols have names in text")
    tap.equal([o["service"] for o in objects("-g", "service", path)][2],
              "ipv6-icmp", "services: ICMP has no ports")
    tap.ok(text("-g", "service", "-a", "flows", path)[1][0] in
           ("https/tcp", "443/tcp"), "services are named as services(5) has")
    tap.equal(objects("-g", "octets", "-a", "octets", "-n", "1", path),
              [{"octets": 5000, "sum(octets)": 5000}],
              "a sum of what is a key is a column of another name")
    tap.equal(objects("-g", "weekday,hour,day", "-a", "flows", "-U", path),
              [{"weekday": 2, "hour": 22, "day": "2023-11-14", "flows": 4}],
              "weekday, hour and day")
    tap.equal(text("-g", "weekday,tcp_flags", "-a", "flows", path)[1][:2],
              ["Tuesday", "0x1b"], "weekdays have names, flags are in hex")


def keys_without_value():
    path = write("few.v3", record())
    tap.equal(objects("-g", "vlan,src_addr", "-a", "flows,avg(vlan)", path),
              [{"vlan": None, "src_addr": "10.0.0.1", "flows": 1,
                "avg(vlan)": None}], "JSON has null where there is no value")
    tap.equal(table("-g", "vlan", "-a", "flows", path)[1], ["", "1"],
              "CSV has nothing there")
    tap.equal(text("-g", "vlan", "-a", "flows", path)[1], ["-", "1", "100.0"],
              "text has a hyphen")


def customers():
    """Keys that are the entries of a table."""
    path = log("customers.v3",
               record(src="10.1.0.1", dst="10.2.0.1", octets=1),
               record(src="10.1.0.1", dst="10.1.0.2", octets=10),
               record(src="192.0.2.1", dst="10.2.0.1", octets=100),
               record(src="192.0.2.1", dst="198.51.100.1", octets=1000),
               record(src="2001:db8::1", dst="10.3.0.7", octets=10000))
    with open("prefixes", "w") as f:
        f.write("10.3.0.0/24 # the third\n2001:db8::/32\n")
    with open("customers.conf", "w") as f:
        f.write('table <acme> { 10.1.0.0/16 }\n'
                'table <example> { 10.2.0.0/16 }\n'
                'table <customers> { <acme>, <example> } file "prefixes"\n')
    def of(key, *args):
        return {o[key]: o["octets"] for o in objects(
            "-f", "customers.conf", "-g", key, *args, path)}
    for source in path, columnar("customers.v4", path):
        path = source
        tap.equal(of("src_addr:customers"),
                  {"acme": 11, None: 1100, "2001:db8::/32": 10000},
                  f"{source}: entries of source addresses")
        for key in "customers", "host:customers":
            tap.equal(of(key), {"acme": 11, "example": 101, None: 1000,
                                "2001:db8::/32": 10000,
                                "10.3.0.0/24": 10000},
                      f"{source}: -g {key}: a flow counts for the ends that "
                      "have an entry")
    tap.equal(table("-f", "customers.conf", "-g", "customers", "-a", "octets",
                    "-s", "octets:asc", "-n", "2", path),
              [["customers", "octets"], ["acme", "11"], ["example", "101"]],
              "CSV")
    tap.equal([line[:2] for line in
               text("-f", "customers.conf", "-g", "dst_addr:customers", "-a",
                    "octets", "--raw", path)[1:5]],
              [["10.3.0.0/24", "10000"], ["-", "1000"], ["example", "101"],
               ["acme", "10"]], "text")
    tap.equal([(o["src_addr:customers"], o["dst_addr:customers"], o["octets"])
               for o in objects("-f", "customers.conf", "--matrix",
                                "src_addr:customers,dst_addr:customers",
                                path)][:1],
              [("2001:db8::/32", "10.3.0.0/24", 10000)], "--matrix")
    tap.equal([(o["customers"], o["octets"]) for o in objects(
        "-f", "customers.conf", "-b", "1d", "-g", "customers", "-n", "1",
        path)], [("10.3.0.0/24", 10000), (None, 11112)],
        "a series of them, with the others")


def series():
    path = flows()
    tap.equal(objects("-b", "5m", "-a", "octets,flows", "-U", path),
              [{"time": "2023-11-14T22:10:00Z", "octets": 8000, "flows": 2},
               {"time": "2023-11-14T22:15:00Z", "octets": 3000, "flows": 2}],
              "-b makes a series, ordered by time")
    tap.equal([o["octets"] for o in objects("-b", "5s", "-a", "octets", path)],
              [6666, 1334, 3000], "flows are spread over the bins they span")
    tap.equal([o["octets"] for o in
               objects("-b", "5s", "--bin-by", "end", "-a", "octets", path)],
              [5000, 3000, 3000], "--bin-by end counts them where they end")
    tap.equal([(o["time"][14:19], o["src_addr"]) for o in
               objects("-b", "5m", "-g", "src_addr", path)],
              [("10:00", "10.0.0.1"), ("15:00", "10.0.0.2"),
               ("15:00", "2001:db8::1")], "-b with -g: groups of each bin")
    for how, want in (("octets", [8000, 3000]), ("octets:asc", [3000, 8000])):
        tap.equal([o["octets"] for o in objects("-b", "5m", "-s", how, path)],
                  want, f"-s {how} orders bins, too")
    tap.equal([o["octets"] for o in objects(
        "-b", "5m", "-s", "octets", "-n", "1", path)], [8000], "-n, too")
    tap.equal([o["octets"] for o in objects(
        "-b", "5m", "--having", "octets>5k", path)], [8000],
        "--having, too")
    for args, what in ((("-n", "1"), "by -n"),
                       (("-s", "octets", "-n", "1"), "by -s and -n"),
                       (("--having", "octets>5k"), "by --having")):
        tap.equal(text("-b", "5m", "-a", "octets", *args, path)[1:4],
                  [["2023-11-14T22:10:00", "8.00", "kB", "72.7"],
                   ["other", "3.00", "kB", "27.3"],
                   ["total", "11.0", "kB", "100.0"]],
                  f"bins that are left out {what} are in other")


def series_of_keys():
    """Which groups are shown, and the others of each bin."""
    path = log("series", *(
        record(src=f"10.0.0.{host}", octets=octets, at=60 * n)
        for n, row in enumerate(((10, 1, 50, 2), (10, 1, 0, 3), (10, 30, 0, 4)))
        for host, octets in enumerate(row) if octets))
    def shown(how):
        found = objects("-b", "1m", "-g", "src_addr", "-a", "octets", "-n",
                        "1", *how, path)
        return [(o["src_addr"][-1] if o["src_addr"] else "other", o["octets"])
                for o in found if o["octets"]], found
    for how, want in (
            ((), [("2", 50), ("other", 13), ("other", 14), ("other", 44)]),
            (("--series", "average"),
             [("2", 50), ("other", 13), ("other", 14), ("other", 44)]),
            (("--series", "max"),
             [("2", 50), ("other", 13), ("other", 14), ("other", 44)]),
            (("--series", "last"),
             [("1", 1), ("other", 62), ("1", 1), ("other", 13), ("1", 30),
              ("other", 14)]),
            (("--series", "each"),
             [("2", 50), ("other", 13), ("0", 10), ("other", 4), ("1", 30),
              ("other", 14)])):
        tap.equal(shown(how)[0], want, f"a series of groups {how}")
    tap.equal([o.get("other") for o in shown(())[1]],
              [None, True, True, True], "JSON says which are others")
    rows = table("-b", "1m", "-g", "src_addr", "-a", "octets", "-n", "1", path)
    tap.equal([rows[0][-1]] + [r[-1] for r in rows[1:]],
              ["other", "0", "1", "1", "1"], "and so does CSV")
    lines = text("-b", "1m", "-g", "src_addr", "-a", "octets", "-n", "1", path)
    tap.equal([line[1] for line in lines[1:5]],
              ["10.0.0.2", "other", "other", "other"], "and text")


def order():
    path = flows()
    first = lambda *a: objects("-g", "src_addr", *a, path)[0]["src_addr"]
    tap.equal(first("-s", "flows"), "10.0.0.1", "-s flows")
    tap.equal(first("-s", "octets:asc"), "2001:db8::1", "-s octets:asc")
    tap.equal(first("-s", "octets:desc"), "10.0.0.1", "-s octets:desc")
    tap.equal(list(objects("-g", "src_addr", "-a", "flows", "-s", "packets",
                           path)[0]), ["src_addr", "flows", "packets"],
              "a measure that orders is printed")
    tap.equal(len(objects("-g", "src_addr", "-n", "2", path)), 2, "-n 2")
    many = log("many.v3", *(record(dport=n, octets=n) for n in range(1, 31)))
    tap.equal(len(objects("-g", "dst_port", many)), 10, "-n is 10")
    tap.equal(len(objects("-g", "dst_port", "-n", "0", many)), 30,
              "-n 0 is all")


def having():
    path = flows()
    for test, want in (("octets>2k", 1), ("octets>=2k", 2), ("octets<2000", 1),
                       ("octets<=2000", 2), ("octets=2000", 1),
                       ("octets==2000", 1), ("octets!=2000", 2),
                       ("octets > 1.5k", 2), ("duration>=5s", 1),
                       ("duration=0", 1), ("duration<0.5s", 1),
                       ("duration<0.5h", 3), ("distinct(dst_port)>0", 3),
                       ("last>2023-11-14T22:15", 2)):
        tap.equal(len(objects("-U", "-g", "src_addr", "-a", "flows",
                              "--having", test, path)), want,
                  f"--having '{test}'")
    tap.equal([line[0] for line in text("-g", "src_addr", "--having",
                                        "octets>5k", path)[:4]],
              ["src_addr", "10.0.0.1", "other", "total"],
              "what does not pass is among the others")
    found = objects("-g", "src_addr", "-a", "flows", "--having", "octets>1k",
                    "--having", "packets<10", path)
    tap.equal(found, [{"src_addr": "10.0.0.2", "flows": 1}],
              "all tests have to hold; what they test is not printed")


def having_is_exact():
    path = log("exact", *(record(src=f"10.0.0.{n}", octets=2**53 + n)
                          for n in range(3)))
    for test, want in ((f"octets>{2**53}", [1, 2]),
                       (f"octets={2**53 + 1}", [1]),
                       (f"octets<={2**53 + 1}", [0, 1]),
                       (f"octets<{2**53}.5", [0]),
                       (f"octets!={2**53}.5", [0, 1, 2]),
                       (f"octets<{2**65}", [0, 1, 2]),
                       (f"octets>={2**64}", [])):
        found = objects("-g", "src_addr", "-s", "octets:asc", "--having", test,
                        path)
        tap.equal([int(o["src_addr"][-1]) for o in found], want,
                  f"--having '{test}'")
    found = objects("-g", "src_addr", "-s", "octets", path)
    tap.equal([int(o["src_addr"][-1]) for o in found], [2, 1, 0],
              "the order is exact")
    path = log("days", record(at=0), record(at=86400))
    for test, want in (("last=2023-11-14", 1), ("last<=2023-11-14", 1),
                       ("last>2023-11-14", 1), ("last>=2023-11-14", 2),
                       ("last<2023-11-14", 0), ("last!=2023-11-14", 1)):
        tap.equal(len(objects("-U", "-g", "recv_time", "-a", "flows",
                              "--having", test, path)), want,
                  f"--having '{test}': a day is all of it")
    for test, want in (("flows<1", [{"flows": 0}]), ("flows>=1", [])):
        tap.equal(objects("-U", "-t", "2024", "-a", "flows", "--having", test,
                          path), want, f"no flows, --having '{test}'")


def bins_in_order():
    path = log("bins", *(record(octets=2**53 + n, at=60 * (n * 3 % 4))
                         for n in range(4)))
    tap.equal([o["octets"] - 2**53 for o in
               objects("-b", "1m", "-s", "octets", "-a", "octets", path)],
              [3, 2, 1, 0], "the order of bins is exact")


def too_long():
    path = log("long", record(lasts=5000))
    r = stats("-o", "json", "-b", "1s", "-a", "octets", path)
    tap.equal((r.stdout.count(b"\n"), r.stderr),
              (1, b"flowd-stats: 1 flow longer than 4096 bins: counted in the "
               b"bin in which they end\n"), "a flow of too many bins is said")


def selection():
    path = flows()
    write("rules", b"discard all\naccept tag 7 proto udp\n")
    tap.equal(objects("-e", "port 53", "-a", "octets", path),
              [{"octets": 2000}], "-e")
    tap.equal(objects("-f", "rules", "-g", "tag", "-a", "octets", path),
              [{"tag": 7, "octets": 2000}], "-f, whose tags are keys")
    tap.equal(objects("-U", "-t", "2023-11-14T22:15,2023-11-14T22:30", "-a",
                      "flows", path), [{"flows": 2}], "-t")
    tap.equal(objects("-U", "-t", "2024", "-a", "flows,avg(octets)", path),
              [{"flows": 0, "avg(octets)": None}], "no flows are one object")
    tap.equal(objects("-U", "-t", "2024", "-g", "src_addr", path), [],
              "and no group")


def zone():
    path = flows()
    east = {"TZ": "UTC-14"}
    tap.equal(objects("-g", "day,hour", "-a", "flows", path, **east),
              [{"day": "2023-11-15", "hour": 12, "flows": 4}],
              "days and hours are of the local zone")
    tap.equal(objects("-U", "-g", "day,hour", "-a", "flows", path, **east),
              [{"day": "2023-11-14", "hour": 22, "flows": 4}], "or of UTC")
    tap.equal(text("-a", "first", path, **east)[1], ["2023-11-15T12:13:20"],
              "text has times of the local zone")


def paths():
    """All kinds of them are the same flows."""
    v3 = flows()
    columnar("flows.flow", v3)
    query = ("-g", "src_addr,dst_port", "-a", "octets,flows,first,last")
    want = stats("-o", "json", *query, v3).stdout
    tap.equal(stats("-o", "json", *query, "flows.flow").stdout, want,
              "a columnar log")
    with open(v3, "rb") as f:
        tap.equal(run(["flowd-stats", "-o", "json", *query, "-"],
                      input=f.read()).stdout, want, "standard input")
    tap.equal(objects("-a", "flows", v3, "flows.flow"), [{"flows": 8}],
              "several paths are one set")
    capture = write("c.pcap", datagrams_pcap(
        [(1, "192.0.2.1", 1, v5_datagram([{"octets": 7}, {"octets": 8}]))]))
    tap.equal(objects("-a", "flows,octets", capture),
              [{"flows": 2, "octets": 15}], "a capture")


def no_flows():
    """A capture without flows says why, as flowd-reader does."""
    write("none.pcap", datagrams_pcap([(1, "192.0.2.1", 1, b"nonsense")]))
    r, read = stats("-a", "flows", "-o", "json", "none.pcap"), \
        run(["flowd-reader", "-q", "none.pcap"])
    tap.equal(r.stdout, b'{"flows":0}\n', "a capture without flows")
    tap.ok(b": no flows: " in r.stderr and
           r.stderr.replace(b"flowd-stats", b"flowd-reader") == read.stderr,
           "says why", (r, read))


def directory():
    put_segments("segments", (SEC, SEC + 300), flows=10)
    tap.equal(objects("-a", "flows", "segments"), [{"flows": 20}],
              "a directory of segments")


def estimates():
    rng = random.Random(5)
    path = columnar("wide.flow", log("wide.v3", *(
        record(src=f"10.{n >> 12}.{n >> 6 & 63}.{n & 63}",
               octets=rng.randrange(10**6)) for n in range(6000))))
    query = ("-a", "distinct(src_addr),distinct(dst_addr),p50(octets)", path)
    found = objects(*query)[0]
    tap.equal((found["estimates"], found["distinct(dst_addr)"]),
              (["distinct(src_addr)", "p50(octets)"], 1),
              "JSON says what is an estimate")
    tap.ok(5800 < found["distinct(src_addr)"] < 6200, "it is near", found)
    rows = table(*query)
    tap.equal((rows[0][3:], rows[1][3:]),
              (["estimates"], ["distinct(src_addr) p50(octets)"]),
              "and so does CSV")
    words = text(*query)[1]
    tap.ok(words[0].startswith("~") and words[2] == "1", "and text", words)


def threads():
    path = columnar("t.flow", log("t.v3", *(
        record(src=f"10.0.{n % 7}.1", octets=n, at=n % 900)
        for n in range(20000))))
    query = ("-o", "json", "-g", "src_addr", "-b", "5m", "-a",
             "octets,flows,p95(octets)", path)
    want = stats(*query, "--threads", "1").stdout
    tap.ok(want.count(b"\n") > 20, "many groups")
    for n in "2", "4":
        tap.equal(stats(*query, "--threads", n).stdout, want,
                  f"--threads {n} gives the same")


def scale():
    path = write("s.pcap", datagrams_pcap([
        (1, "192.0.2.1", 1, v5_datagram([{"octets": 7}], sampling=1 << 14 | 10)),
        (2, "192.0.2.2", 1, v5_datagram([{"octets": 5}]))]))
    r = stats("--scale", "-o", "json", "-a", "octets", path)
    tap.equal(objects("-a", "octets", path), [{"octets": 12}], "as it is")
    tap.equal((r.returncode, r.stdout, r.stderr),
              (0, b'{"octets":75}\n',
               b"flowd-stats: 1 flow without a known sampling rate: counted "
               b"as they are\n"), "--scale, and what has no rate is said")


def damage():
    path = columnar("d.flow", log("d.v3", *(record(octets=n)
                                            for n in range(100))))
    with open(path, "rb") as f:
        good = f.read()
    with open("d2.flow", "wb") as f:
        f.write(good[:200] + b"\xff\xff" + good[202:])
    r = stats("-o", "json", "-a", "flows", "d2.flow", path)
    tap.equal((r.returncode, r.stdout), (1, b'{"flows":100}\n'),
              "what is damaged is passed over")
    tap.ok(r.stderr.startswith(b"flowd-stats: d2.flow: "), "and said", r)
    with open("d.v3", "rb") as f:
        good = f.read()
    write("d3.v3", good[:-20], b"\0" * 20)
    r = stats("-o", "json", "-a", "flows", "d3.v3")
    tap.equal((r.returncode, r.stdout), (1, b'{"flows":99}\n'),
              "also in a log of version 3")
    tap.equal(len(r.stderr.splitlines()), 1, "in a line")


def interrupt():
    """What is known so far is printed, and that it is partial."""
    child = subprocess.Popen(
        [program("flowd-stats"), "-a", "flows", "-"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child.stdin.write(record())
    child.stdin.flush()
    # It has read the record when it waits for the next.
    while child.poll() is None and not waits(child.pid):
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    tap.equal((child.returncode, out.split()[:2], err),
              (130, [b"flows", b"1"],
               b"flowd-stats: interrupted: the result is partial\n"),
              "an interrupt prints what is known so far")
    tap.ok(b"\npartial: 1 flow " in out, "text says that it is partial", out)


def waits(pid):
    """Has the process read all of its standard input, and sleeps?"""
    with open(f"/proc/{pid}/io", encoding="ascii") as f:
        read = int(f.readline().split()[1])
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        state = f.read().rsplit(")", 1)[1].split()[0]
    return state == "S" and read > 0 and os.path.basename(os.readlink(
        f"/proc/{pid}/exe")) == "flowd-stats"


def within(outer, inner):
    """A block whose data are damaged: another block lies in them."""
    head = int.from_bytes(outer[12:16], "little")
    assert head + len(inner) <= len(outer)
    return outer[:head] + inner + outer[head + len(inner):]


def two_tables_of_addresses():
    """Numbers of addresses of a block within a damaged one, and of a pipe,
    are of different tables, though one thread reads both."""
    large = block(*[flow(n * n * 7919, SEC, src=f"10.9.{n % 250}.{n // 250}")
                    for n in range(1, 400)], to="v4:none")
    small = block(*[flow(1, SEC, src=f"10.0.0.{n % 2 + 1}")
                    for n in range(6)], to="v4:none")
    piped = block(*[flow(1, SEC, src=f"10.0.{n // 200}.{n % 200}")
                    for n in range(20000)], to="v4:none")
    path = write("within", large * 20, within(large, small), large * 20)
    write("tables", b"table <one> { 10.0.0.0/24 10.9.0.0/16 }\n"
          b"table <two> { 10.0.1.0/24 }\ntable <t> { <one> <two> }\n")
    r = stats("-o", "csv", "-f", "tables", "-g", "src_addr:t", "-a", "flows",
              "-n", "0", "--threads", "2", path, "-", input=piped)
    tap.equal((r.returncode, sorted(r.stdout.decode().split()[1:])),
              (1, sorted([f"one,{40 * 399 + 6 + 200}", "two,200",
                          f",{20000 - 400}"])),
              "a block within a damaged one, and then a pipe")


with tempfile.TemporaryDirectory() as where:
    os.chdir(where)
    for test in (outputs, keys_without_value, customers, series,
                 series_of_keys, order, having, having_is_exact, bins_in_order,
                 too_long, selection, zone, paths, no_flows, directory,
                 estimates, threads, scale, damage,
                 two_tables_of_addresses, interrupt):
        test()
    os.chdir("/")
tap.done()
