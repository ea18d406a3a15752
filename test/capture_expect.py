"""The expectations of the shared captures, against flows as JSON.

Core keys must be equal; the others as far as there are columns; times within
a millisecond. "optional" and "accept" are as the collection's README says.
"""
import datetime
import json
import os

import elements
from flowdtest import shared

CORE = ["src_addr", "dst_addr", "src_port", "dst_port", "protocol", "octets",
        "packets", "tcp_flags", "tos", "if_in", "if_out"]
OTHER_KEYS = ["next_hop", "bgp_next_hop", "src_as", "dst_as", "src_mask",
              "dst_mask", "vlan", "dst_vlan", "src_mac", "dst_mac",
              "post_src_mac", "post_dst_mac", "direction", "icmp_type",
              "icmp_code", "post_nat_src_addr", "post_nat_dst_addr",
              "post_nat_src_port", "post_nat_dst_port", "nat_event",
              "sampling_interval", "sampling_algorithm", "sampler_id"]
TIMES = {"flow_start_ms": "flow_start", "flow_end_ms": "flow_end",
         "event_time_ms": "event_time"}
# Elements that have a column here but stand in "other" in the collection.
COLUMN_OF = {"engineId": "engine_id", "engineType": "engine_type",
             "flowStartSysUpTime": "flow_start_uptime_ms",
             "flowEndSysUpTime": "flow_end_uptime_ms",
             "reverseOctetDeltaCount": "rev_octets",
             "reversePacketDeltaCount": "rev_packets",
             "reverseOctetTotalCount": "rev_octets",
             "reversePacketTotalCount": "rev_packets",
             "initiatorOctets": "octets", "initiatorPackets": "packets",
             "responderOctets": "rev_octets",
             "responderPackets": "rev_packets"}
# What a version 3 log can hold of a flow.
V3_KEYS = CORE + ["next_hop", "src_as", "dst_as", "src_mask", "dst_mask"]


def cases():
    """(name, case) of every case but sFlow; none without the collection."""
    top = shared("captures")
    if top is None:
        return
    for name in sorted(os.listdir(top)):
        path = os.path.join(top, name, "case.json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                case = json.load(f)
            if case["protocol"] != "sflow5":
                yield name, case


def payloads(name, case):
    """(time_ns, exporter, port, octets) of a case, in sending order."""
    for n, p in enumerate(case["payloads"]):
        with open(shared("captures", name, p["file"]), "rb") as f:
            ms = p.get("time_ms", 1700000000000 + n)
            yield ms * 1000000, p["exporter"], p["port"], f.read()


def milliseconds(text):
    """RFC 3339 to milliseconds since 1970, cut."""
    head, _, frac = text.rstrip("Z").partition(".")
    t = datetime.datetime.strptime(head, "%Y-%m-%dT%H:%M:%S").replace(
        tzinfo=datetime.timezone.utc)
    return int(t.timestamp()) * 1000 + int((frac + "000")[:3])


def values(want, key):
    """All values that are right for a key."""
    more = want.get("accept", {}).get(key, [])
    return [want[key]] + (more if isinstance(more, list) else [more])


def difference(want, got, v3=False):
    """What of the expected record the flow lacks or has otherwise; or None."""
    for key in V3_KEYS if v3 else CORE + OTHER_KEYS:
        have = got.get(key)
        if v3 and key == "tcp_flags" and key in want:
            have = (have or 0) & 0xff
            want = dict(want, tcp_flags=want[key] & 0xff)
        if key in want and have not in values(want, key):
            return f"{key}: got {have!r}, want {values(want, key)!r}"
        if key in CORE and key not in want and key in got and not v3:
            return f"{key}: got {got[key]!r}, want none"
    for key, column in TIMES.items():
        if key not in want or (v3 and key == "event_time_ms"):
            continue
        if column not in got:
            return f"{column}: missing"
        if abs(milliseconds(got[column]) - want[key]) > 1:
            return f"{column}: got {got[column]}, want {want[key]}"
    return None if v3 else difference_other(want, got)


def ours(item):
    """An element of the collection as we print it: that has vendors' elements
    by their numbers, and octets where it knows no type."""
    number, value = item
    pen, _, last = number.rpartition(".")
    if not last.isdigit() or (pen and not pen.isdigit()):
        return item
    pen, last = int(pen or 0), int(last)
    if elements.find(pen, last)[0] is None:
        return item
    if isinstance(value, str):
        value = elements.value(pen, last, bytes.fromhex(value))
    return elements.name(pen, last), value


def difference_other(want, got):
    """Missing flow times must be missing, and other elements be there."""
    if "not derivable" in want.get("time_basis", ""):
        for column in ("flow_start", "flow_end"):
            if column in got:
                return f"{column}: got {got[column]}, but it is not derivable"
    for name, value in map(ours, want.get("other", {}).items()):
        if COLUMN_OF.get(name) in got:
            have = got[COLUMN_OF[name]]
        else:
            have = got.get("other", {}).get(name)
        if have != value and not (isinstance(have, list) and value in have):
            return f"other {name}: got {have!r}, want {value!r}"
    return None


def compare(case, flows, v3=False):
    """Text of what does not match, empty when all does."""
    left, problems = list(flows), []
    for want, needed in ([(w, True) for w in case["expect"]] +
                         [(w, False) for w in case.get("optional", [])]):
        reasons = []
        for got in left:
            why = difference(want, got, v3)
            if why is None:
                left.remove(got)
                break
            reasons.append(why)
        else:
            if needed:
                problems.append(f"{want['at']}: {reasons[:3]}")
    problems += [f"not expected: {json.dumps(got)[:300]}" for got in left]
    return "\n".join(problems[:8])
