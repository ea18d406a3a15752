"""Logs of flowd beside those of the first flowd, for the same datagrams.

golden/wire: record by record, but for the time of reception and the checksum
(which is recomputed). Where ours is better the table below says why.
golden/crashers: what killed or hung the first one; the last flow is stored.
golden/opnsense: OPNsense's aggregator reads the logs by itself; its walk over
a record is written down anew here, and keeps every flow of ours that it can
use.
"""
import ipaddress
import json
import os
import signal
import socket
import struct
import subprocess
import tempfile

from daemon import free_port, wait_for
from flowdtest import V3_FIELDS, program, shared, v3_parse
from tap import Tap

tap = Tap()

SIZES = dict(V3_FIELDS)


def first_flowd(path):
    """A log of the first flowd: [{field: octets}], nothing checked."""
    with open(path, "rb") as f:
        data = f.read()
    records, at = [], 0
    while at < len(data):
        _, words, _, mask = struct.unpack_from("!BBHI", data, at)
        rec, pos = {}, at + 8
        for bit, (name, octets) in enumerate(V3_FIELDS):
            if mask >> bit & 1:
                rec[name] = data[pos:pos + octets]
                pos += octets
        if mask >> 30 & 1:
            rec["CRC32"] = data[pos:pos + 4]
        records.append(rec)
        at += 8 + words * 4
    return records


def collect(datagrams, agent, conf):
    """Send the datagrams to a flowd; gives its log and its exit status."""
    port = free_port(agent)
    with tempfile.TemporaryDirectory() as tmp:
        log, pid = os.path.join(tmp, "log"), os.path.join(tmp, "pid")
        listen = f"[{agent}]:{port}" if ":" in agent else f"{agent}:{port}"
        for name, value in (("@LOGFILE@", log), ("@PIDFILE@", pid),
                            ("@LISTEN@", listen)):
            conf = conf.replace(name, value)
        path = os.path.join(tmp, "flowd.conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write(conf)
        p = subprocess.Popen([program("flowd"), "-g", "-f", path],
                             stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE,
                             env=dict(os.environ, TZ="UTC"))
        wait_for(lambda: p.poll() is not None or os.path.exists(pid)
                 and os.path.getsize(pid) > 0)
        family = socket.AF_INET6 if ":" in agent else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            s.connect((agent, port))
            for d in datagrams:
                s.send(d)
        # What has arrived is stored before it goes.
        p.send_signal(signal.SIGTERM)
        try:
            _, err = p.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            p.kill()
            _, err = p.communicate()
        with open(log, "rb") as f:
            return f.read(), p.returncode, err.decode()


# What may differ from the first flowd's record.

def engine_order(ours, theirs):
    """v5: type and id were swapped octet by octet."""
    t, i = struct.unpack("<HH", theirs["FLOW_ENGINE_INFO"][:4])
    return ours["FLOW_ENGINE_INFO"] == (struct.pack("!HH", t, i)
                                        + theirs["FLOW_ENGINE_INFO"][4:])


def version(record):
    if "AGENT_INFO" not in record:
        return None
    return struct.unpack("!H", record["AGENT_INFO"][12:14])[0]


def uptime_made(ours, theirs):
    """IPFIX has no uptime: ours is made so that finish <= uptime."""
    if version(theirs) != 10:
        return False
    uptime, sec = struct.unpack("!II", ours["AGENT_INFO"][:8])
    want = struct.unpack("!I", theirs["AGENT_INFO"][4:8])[0]
    if ours["AGENT_INFO"][12:] != theirs["AGENT_INFO"][12:]:
        return False
    if "FLOW_TIMES" not in ours:
        return sec == want
    start, finish = struct.unpack("!II", ours["FLOW_TIMES"])
    return sec >= want and start <= finish <= uptime


def field_problem(case, name, ours, theirs):
    """None when the field is right, else what is wrong."""
    mine, golden = ours.get(name), theirs.get(name)
    if mine == golden or name in ("RECV_TIME", "CRC32"):
        return None
    if name == "FLOW_ENGINE_INFO" and golden is None and \
            version(theirs) == 10:
        return None         # IPFIX: sequence and domain were lost
    if name == "FLOW_ENGINE_INFO" and mine and golden and \
            engine_order(ours, theirs):
        return None
    if name == "AGENT_INFO" and mine and golden and uptime_made(ours, theirs):
        return None
    if name in BETTER_FIELDS.get(case, {}):
        return None
    return f"{name}: {mine and mine.hex()} for {golden and golden.hex()}"


BETTER_FIELDS = {  # case: {field: why}
    "v10-flow-ms-times": {
        "FLOW_TIMES": "flowStart/EndMilliseconds are stored"},
    "v9-post-and-ingress-fields": {
        "PACKETS": "totals and post counters are stored where there are no "
                   "others",
        "OCTETS": "the same"},
}

BETTER_COUNT = {  # case: (records, why)
    "v9-nine-templates": (9, "more than eight templates are kept"),
    "v10-varlen": (1, "fields of variable length are understood"),
    "daemon-flow-source-any": (1, "any lets everybody in"),
    "store-none": (2, "no store line means ALL"),
    "malformed": (2, "octets behind the counted records take none away: "
                  "in-07 of version 5, in-17 of version 7"),
    "v9-template-too-long": (2, "records may be longer than 1024 octets"),
}


EARLY = {  # case: the record more that we have, and why
    "v9-data-before-template": (0, "data waits for its template"),
    "v9-v10-separate-state": (0, "and for that of its own version"),
}


def compare(name, ours, theirs, asked_crc):
    """Problems between two lists of records."""
    problems = []
    if name in EARLY and len(ours) == len(theirs) + 1:
        ours = [r for n, r in enumerate(ours) if n != EARLY[name][0]]
    if len(ours) != len(theirs):
        problems.append(f"{len(ours)} records for {len(theirs)}")
    for n, (a, b) in enumerate(zip(ours, theirs)):
        for field in SIZES:
            p = field_problem(name, field, a, b)
            if p:
                problems.append(f"record {n}: {p}")
        if asked_crc and "CRC32" not in a:
            problems.append(f"record {n}: no checksum")
        if not asked_crc and "CRC32" in a:
            problems.append(f"record {n}: a checksum")
    return problems


def wire_case(name, case, folder):
    with open(os.path.join(folder, case["conf"]), encoding="utf-8") as f:
        conf = f.read()
    datagrams = [open_octets(os.path.join(folder, d)) for d in case["inputs"]]
    log, status, err = collect(datagrams, case["agent"], conf)
    tap.ok(status == 0, f"{name}: ends with 0", err)
    try:
        ours = v3_parse(log)
    except AssertionError as e:
        tap.ok(False, f"{name}: the log is sound", e)
        return
    if name in BETTER_COUNT:
        count, why = BETTER_COUNT[name]
        tap.equal(len(ours), count, f"{name}: {why}")
    elif "log" not in case:
        tap.equal(log, bytes.fromhex("6000000000000000") * 2,
                  f"{name}: as the contract says")
    else:
        crc = any(f"store {w}\n" in conf for w in ("ALL", "CRC32"))
        problems = compare(name, ours,
                           first_flowd(os.path.join(folder, case["log"])),
                           crc)
        tap.ok(not problems, f"{name}: the records of the first flowd",
               "\n".join(problems))
    if "store ALL" in conf:
        opnsense(name, log)


def open_octets(path):
    with open(path, "rb") as f:
        return f.read()


# OPNsense's walk over a record: 18 fields by fixed sizes, the rest skipped by
# the length; a flow is used when it has these.

NEEDED = ("RECV_TIME", "AGENT_INFO", "PACKETS", "OCTETS")


def opnsense_flows(log):
    at = 0
    while at < len(log):
        words = log[at + 1]
        mask = struct.unpack_from("!I", log, at + 4)[0]
        rec, pos = {}, at + 8
        for bit, (name, octets) in enumerate(V3_FIELDS):
            if mask >> bit & 1:
                rec[name] = log[pos:pos + octets]
                pos += octets
        at += 8 + words * 4
        src = rec.get("SRC_ADDR4") or rec.get("SRC_ADDR6")
        dst = rec.get("DST_ADDR4") or rec.get("DST_ADDR6")
        if src and dst and all(n in rec for n in NEEDED):
            yield opnsense_flow(rec, src, dst)


def opnsense_flow(rec, src, dst):
    """The flow with absolute times, or None when it would be dropped."""
    sec = struct.unpack("!I", rec["RECV_TIME"][:4])[0]
    uptime = struct.unpack("!I", rec["AGENT_INFO"][:4])[0]
    start = finish = uptime
    if "FLOW_TIMES" in rec:
        start, finish = struct.unpack("!II", rec["FLOW_TIMES"])
    if finish > uptime:
        return None
    return {"src": ipaddress.ip_address(src), "dst": ipaddress.ip_address(dst),
            "start": sec - (uptime - start) / 1000,
            "end": sec - (uptime - finish) / 1000}


# The exporter itself says that these flows ended in its future.
FUTURE = {"v1-extremes", "v5-extremes", "v7-extremes", "v9-ipv4-extremes",
          "v9-ipv6-extremes", "v10-ipv4-extremes"}


def opnsense(name, log):
    flows = list(opnsense_flows(log))
    kept = [f for f in flows if f]
    if name in FUTURE:
        return
    tap.equal(len(kept), len(flows),
              f"{name}: OPNsense keeps its {len(flows)} flows")
    tap.ok(all(f["start"] <= f["end"] for f in kept),
           f"{name}: and they end after they began", kept)


def wire():
    manifest = shared("compat", "golden", "wire", "manifest.json")
    if manifest is None:
        tap.skip("golden datagrams", "no shared data in this clone")
        return
    with open(manifest, encoding="utf-8") as f:
        cases = json.load(f)
    for name, case in cases.items():
        if case["agent"] == "::1" and not has_ipv6():
            tap.skip(name, "this system has no IPv6 loopback")
        else:
            wire_case(name, case, os.path.join(os.path.dirname(manifest),
                                               name))


def has_ipv6():
    try:
        return free_port("::1") > 0
    except OSError:
        return False


def crashers():
    manifest = shared("compat", "golden", "crashers", "manifest.json")
    if manifest is None:
        tap.skip("crashers", "no shared data in this clone")
        return
    with open(manifest, encoding="utf-8") as f:
        cases = json.load(f)["cases"]
    folder = os.path.dirname(manifest)
    for case in cases:
        datagrams = [open_octets(os.path.join(folder, d))
                     for d in case["inputs"]]
        log, status, err = collect(
            datagrams, "127.0.0.1", 'logfile "@LOGFILE@"\nstore ALL\n'
            'pidfile "@PIDFILE@"\nlisten on @LISTEN@\n')
        records = v3_parse(log)
        tap.ok(status == 0, f"crasher {case['name']}: survived", err)
        tap.ok(records and version(records[-1]) == 5,
               f"crasher {case['name']}: the valid flow is stored", records)


def main():
    wire()
    crashers()
    tap.done()


main()
