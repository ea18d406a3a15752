"""flowd-stats: elements that fill no column are keys, by name and number."""
import os
import struct
import tempfile

from flowdtest import datagrams_pcap, run
from stats import columnar, objects, stats, table, text
from tap import Tap

tap = Tap()

SEC = 1700000000
# element, octets of its values (65535: variable), by enterprise 0 but for one
FIELDS = [(96, 65535, 0), (136, 1, 0), (95, 4, 0), (276, 1, 0), (336, 4, 0),
          (131, 1, 0), (40, 2, 32473), (272, 8, 0), (1, 8, 0)]


def flow(name, reason, app, reliable, limit, number, octets):
    """131 is exporterIPv6Address, of a length that no address has."""
    return bytes([len(name)]) + name + bytes([reason]) + \
        struct.pack("!I", app) + bytes([reliable]) + \
        struct.pack("!fBHQQ", limit, 9, number, SEC * 1000 + 250, octets)


FLOWS = [flow(b"web", 1, 0x03000050, 1, .5, 7, 1000),
         flow(b"mail", 2, 0x03000019, 2, .5, 7, 200),
         flow(b"web\0\0", 1, 0x03000050, 1, .25, 8, 30),
         flow(b"\0", 3, 0x03000050, 1, .25, 8, 4),
         flow(b"\x1b[2J,\"\xff\xc3\xa9", 3, 0x03000050, 1, .25, 8, 1)]


def ipfix(*sets):
    body = b"".join(struct.pack("!HH", number, 4 + len(data)) + data
                    for number, data in sets)
    return struct.pack("!HHIII", 10, 16 + len(body), SEC, 0, 1) + body


def template(number, fields):
    return struct.pack("!HH", number, len(fields)) + b"".join(
        struct.pack("!HH", ie, size) if pen == 0 else
        struct.pack("!HHI", ie | 0x8000, size, pen)
        for ie, size, pen in fields)


def capture(name, *messages):
    with open(name, "wb") as f:
        f.write(datagrams_pcap([(SEC * 10**9 + n, "192.0.2.1", 4000, data)
                                for n, data in enumerate(messages)]))
    return name


def by(key, path, *args):
    return {o[key]: o["octets"] for o in objects(
        "-g", key, "-a", "octets", "-n", "0", *args, path)}


def elements(path):
    tap.equal(by("applicationName", path),
              {"web": 1030, "mail": 200, "": 4, "?[2J,\"?é": 1, None: 50000},
              f"{path}: texts, without zeros that fill them up")
    for key in "flowEndReason", "136":
        tap.equal(by(key, path), {1: 1030, 2: 200, 3: 5, None: 50000},
                  f"{path}: {key}: numbers")
    tap.equal(by("applicationId", path),
              {"03000050": 1035, "03000019": 200, None: 50000},
              f"{path}: octets are hexadecimal")
    tap.equal(by("dataRecordsReliability", path),
              {"true": 1035, "false": 200, None: 50000},
              f"{path}: truth")
    tap.equal(by("upperCILimit", path),
              {"0.5": 1200, "0.25": 35, None: 50000}, f"{path}: fractions")
    tap.equal(by("minFlowStartMilliseconds", path),
              {"2023-11-14T22:13:20.250Z": 1235, None: 50000},
              f"{path}: times")
    for key in "32473:40", "32473.40":
        tap.equal(by(key, path), {"0007": 1200, "0008": 35, None: 50000},
                  f"{path}: {key}: by enterprise and number")
    tap.equal(objects("-g", "applicationName,flowEndReason,protocol", "-a",
                      "octets", "-n", "2", path)[1],
              {"applicationName": "web", "flowEndReason": 1, "protocol": None,
               "octets": 1030}, f"{path}: several keys")
    tap.equal(table("-g", "applicationName", "-a", "octets", "-s",
                    "octets:asc", "-n", "1", path)[1], ["?[2J,\"?é", "1"],
              f"{path}: CSV")
    tap.equal([line[:2] for line in text("-g", "applicationName", "-a",
                                         "octets", "--raw", path)[2:4]],
              [["web", "1030"], ["mail", "200"]], f"{path}: text")
    tap.equal([(o["time"][:10], o["applicationName"]) for o in objects(
        "-b", "1d", "-g", "applicationName", "-n", "2", "-U", path)][:2],
        [("2023-11-14", None), ("2023-11-14", "web")], f"{path}: a series")
    ties = [[o["applicationName"] for o in objects(
        "-g", "applicationName", "-a", "flows", "-n", "0",
        "--threads", n, path)] for n in ("1", "4")]
    tap.equal(ties[0], ["web", None, "", "?[2J,\"?é", "mail"],
              f"{path}: equal groups are ordered by their octets")
    tap.equal(ties[1], ties[0], f"{path}: by any number of threads")


def missing():
    """What no flow has is said."""
    run(["flowd-reader", "-q", "--to", "v3", "-o", "flows.v3", "all.pcap"])
    for path, key in (("flows.v3", "applicationName"),
                      ("all.pcap", "selectorName"),
                      ("all.pcap", "ingressVRFID")):
        r = stats("-o", "csv", "-g", key, "-a", "flows", path)
        tap.equal((r.returncode, r.stdout.decode(), r.stderr.decode()),
                  (0, f"{key},flows\n,6\n", f"flowd-stats: no flow has {key}; "
                   "logs of version 3 hold columns alone\n"),
                  f"{path}: no flow has {key}")


def wrong():
    for key, want in (
            ("applicationNam", "applicationNam: is no key; do you mean "
             "applicationName?"),
            ("vlanId", "vlanId: is the column vlan"),
            ("applicationName/24", "applicationName/24: is no address, so it "
             "has no networks"),
            ("0", "0: is no key"), ("6871:", "6871: is no key"),
            ("70000", "70000: is no key")):
        r = stats("-g", key, "all.pcap")
        tap.equal((r.returncode, r.stdout, r.stderr.decode()),
                  (1, b"", f"flowd-stats: -g: {want}\n"), f"-g {key}")


def memory():
    """Values are bounded as groups are."""
    rows = [struct.pack("!B", 200) + b"%0200d" % n + struct.pack("!Q", 1)
            for n in range(20000)]
    many = capture("many.pcap", ipfix((2, template(300, [(96, 65535, 0),
                                                         (1, 8, 0)]))),
                   *(ipfix((300, b"".join(rows[n:n + 5])))
                     for n in range(0, len(rows), 5)))
    tap.equal(len(objects("-g", "applicationName", "-n", "0", many)), 20000,
              "many values")
    r = stats("--memory", "2M", "-g", "applicationName", many)
    tap.equal((r.returncode, r.stdout, r.stderr),
              (1, b"", b"flowd-stats: values of elements take more memory than "
               b"they may\n"), "--memory: one error")


with tempfile.TemporaryDirectory() as where:
    os.chdir(where)
    capture("all.pcap", ipfix((2, template(256, FIELDS)),
                              (256, b"".join(FLOWS))),
            ipfix((2, template(257, [(1, 8, 0)])),
                  (257, struct.pack("!Q", 50000))))
    elements("all.pcap")
    elements(columnar("all.v4", "all.pcap"))
    missing()
    wrong()
    memory()
    os.chdir("/")
tap.done()
