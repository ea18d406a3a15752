"""The classic names of the Python module: constants, Flow, FlowLog, texts;
against the golden logs and what flowd-reader prints of them."""
import gc
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import weakref

from flowdtest import run, shared
from pyflowd import environment, flowd
from tap import Tap

tap = Tap()
GOLDEN = shared("compat", "golden")

CONSTANTS = {
    "TAG": 1, "RECV_TIME": 2, "PROTO_FLAGS_TOS": 4, "AGENT_ADDR4": 8,
    "AGENT_ADDR6": 0x10, "SRC_ADDR4": 0x20, "SRC_ADDR6": 0x40,
    "DST_ADDR4": 0x80, "DST_ADDR6": 0x100, "GATEWAY_ADDR4": 0x200,
    "GATEWAY_ADDR6": 0x400, "SRCDST_PORT": 0x800, "PACKETS": 0x1000,
    "OCTETS": 0x2000, "IF_INDICES": 0x4000, "AGENT_INFO": 0x8000,
    "FLOW_TIMES": 0x10000, "AS_INFO": 0x20000, "FLOW_ENGINE_INFO": 0x40000,
    "CRC32": 0x40000000, "RESERVED": 0x80000000, "ALL": 0x4007ffff,
    "AGENT_ADDR": 0x18, "SRC_ADDR": 0x60, "DST_ADDR": 0x180,
    "SRCDST_ADDR": 0x1e0, "GATEWAY_ADDR": 0x600}

# Attributes, and the greatest number of each.
NUMBERS = {
    "fields": 2**32 - 1, "tag": 2**32 - 1, "recv_sec": 2**32 - 1,
    "recv_usec": 2**32 - 1, "tcp_flags": 255, "protocol": 255, "tos": 255,
    "src_port": 65535, "dst_port": 65535, "if_ndx_in": 2**32 - 1,
    "if_ndx_out": 2**32 - 1, "sys_uptime_ms": 2**32 - 1,
    "agent_sec": 2**32 - 1, "agent_usec": 2**32 - 1, "netflow_ver": 65535,
    "flow_start": 2**32 - 1, "flow_finish": 2**32 - 1, "src_as": 2**32 - 1,
    "dst_as": 2**32 - 1, "src_mask": 255, "dst_mask": 255,
    "engine_type": 65535, "engine_id": 65535, "flow_sequence": 2**32 - 1,
    "source_id": 2**32 - 1, "crc32": 2**32 - 1, "flow_ver": 255,
    "octets": 2**64 - 1, "packets": 2**64 - 1}
ADDRESSES = ("src_addr", "dst_addr", "agent_addr", "gateway_addr")


def raises(kind, call, *args, **kw):
    """The text of the exception that a call ends with; None: with none."""
    try:
        call(*args, **kw)
    except kind as e:
        return str(e)
    return None


def read(*path):
    with open(os.path.join(*path), "rb") as f:
        return f.read()


# --- Names ---

def test_constants():
    got = {name: getattr(flowd, "FIELD_" + name, None) for name in CONSTANTS}
    tap.equal(got, CONSTANTS, "FIELD_*")
    tap.equal((flowd.DISPLAY_ALL, flowd.DISPLAY_BRIEF), (0x4007ffff, 0x39ff),
              "DISPLAY_*")
    tap.equal((flowd.STORE_VER_MAJOR, flowd.STORE_VER_MINOR,
               flowd.STORE_VERSION), (3, 0, 0x60), "STORE_*")
    version = run(["flowd-reader", "--version"]).stdout.decode()
    tap.ok(flowd.__version__ in version, "__version__", version)
    tap.equal([n for n in flowd.__all__ if not hasattr(flowd, n)], [],
              "what __all__ names is there")


def test_times():
    tap.equal([flowd.interval_time(t) for t in
               (0, 59, 60, 3600, 4382567, 31449600, 31449599)],
              ["0s", "59s", "1m0s", "1h0s", "7w1d17h22m47s", "1y0s",
               "51w6d23h59m59s"], "interval_time()")
    tap.equal(flowd.iso_time(1700000000, 1), "2023-11-14T22:13:20",
              "iso_time() in UTC")
    tap.equal(flowd.iso_time(time=0, utc_flag=True), "1970-01-01T00:00:00",
              "iso_time() takes keywords")
    os.environ["TZ"] = "AEST-10"
    time.tzset()
    tap.equal(flowd.iso_time(1700000000), "2023-11-15T08:13:20",
              "iso_time() in local time")
    os.environ["TZ"] = "UTC"
    time.tzset()


# --- Flow ---

def test_attributes():
    f = flowd.Flow()
    tap.equal((f.format(), f.fields, f.flow_ver, f.data, f.octets,
               f.src_addr, f.src_addr_af),
              ("FLOW ", 0, 0x60, {}, None, None, 0), "an empty flow")
    for name, greatest in NUMBERS.items():
        setattr(f, name, greatest)
        good = getattr(f, name) == greatest
        setattr(f, name, 0)
        tap.ok(good and getattr(f, name) == 0 and
               raises(OverflowError, setattr, f, name, greatest + 1) and
               raises(OverflowError, setattr, f, name, -1) and
               raises(TypeError, setattr, f, name, "1") and
               raises(TypeError, setattr, f, name, 1.5),
               f"{name} is a number up to {greatest}, and no other")
    for name in ADDRESSES:
        for text, family in (("192.0.2.1", socket.AF_INET),
                             ("2001:db8::1", socket.AF_INET6)):
            setattr(f, name, text)
            tap.equal((getattr(f, name), getattr(f, name + "_af")),
                      (text, family), f"{name} is {text}")
            bad = raises(ValueError, setattr, f, name, "1.2.3.4.5")
            tap.equal((bad, getattr(f, name)), (f'Invalid "{name}"', text),
                      f"{name} stays when it is set to no address")
        tap.ok(raises(ValueError, setattr, f, name + "_af", socket.AF_INET),
               f"{name}_af of another family")
        setattr(f, name, "")
        tap.equal((getattr(f, name), getattr(f, name + "_af")), (None, 0),
                  f"{name} is taken away")
    tap.ok(raises(AttributeError, setattr, f, "source", 1),
           "there are no other attributes")
    f.octets = f.packets = None
    tap.ok(raises(TypeError, setattr, f, "packets", "many"),
           "a bad counter is a TypeError")


def test_data():
    f = flowd.Flow()
    f.data["host"] = "a"
    f.data["n"] = 1
    tap.equal(f.data, {"host": "a", "n": 1}, "data keeps what is put in")
    f.data = {"flow": f}
    tap.ok(f.data["flow"] is f, "also itself")

    class Thing:
        pass

    f.data["thing"] = thing = Thing()
    thing.flow = f
    ref = weakref.ref(thing)
    del f, thing
    gc.collect()
    tap.ok(ref() is None, "a flow in a circle of objects is freed")


def test_fields():
    f = flowd.Flow()
    tap.ok(raises(ValueError, f.has_field, 0), "has_field(0)")
    tap.ok(raises(TypeError, f.has_field, "1"), "has_field() of a text")
    tap.equal(f.has_field(flowd.FIELD_OCTETS), False, "no octets yet")
    f.octets = 0
    f.src_addr = "192.0.2.1"
    tap.equal([f.has_field(x) for x in
               (flowd.FIELD_OCTETS, flowd.FIELD_SRC_ADDR,
                flowd.FIELD_SRC_ADDR4, flowd.FIELD_SRC_ADDR6,
                flowd.FIELD_SRCDST_ADDR, flowd.FIELD_TAG)],
              [True, True, True, True, False, False],
              "has_field() wants all bits; an address has both families")
    tap.equal(f.fields, flowd.FIELD_OCTETS | flowd.FIELD_SRC_ADDR,
              "and fields were derived")
    f.octets = None
    tap.equal(f.has_field(field=flowd.FIELD_OCTETS), False,
              "octets that are None are no field")
    f.fields |= flowd.FIELD_TAG
    f.tag = 9
    tap.equal(f.format(mask=flowd.DISPLAY_ALL), "FLOW tag 9 src [192.0.2.1] ",
              "format() of what is set")
    tap.equal(f.format(mask=flowd.FIELD_TAG), "FLOW tag 9 ",
              "format() with a mask")
    tap.equal(f.format(0, 0), "FLOW ", "format() with none")
    back = flowd.Flow(f.serialise())
    tap.equal((back.tag, back.src_addr, back.dst_addr, back.octets),
              (9, "192.0.2.1", None, None), "serialise() and back")
    tap.equal((f.tag, f.src_addr), (9, "192.0.2.1"),
              "serialise() leaves the flow as it is")


def test_blobs():
    f = flowd.Flow()
    f.fields, f.source_id = flowd.FIELD_FLOW_ENGINE_INFO, 0x01020304
    f.octets = 2**64 - 1
    blob = f.serialise()
    tap.equal(flowd.Flow(blob).source_id, 0x01020304,
              "source_id has 32 bits")
    for kind in (bytearray, memoryview):
        tap.equal(flowd.Flow(blob=kind(blob)).octets, 2**64 - 1,
                  f"a record as {kind.__name__}")
    tap.equal([n for n in range(len(blob))
               if not raises(ValueError, flowd.Flow, blob[:n])], [],
              "a record that is cut anywhere is a ValueError")
    tap.ok(raises(ValueError, flowd.Flow, blob + bytes(9000)),
           "so are more than 8192 octets")
    for wrong in ("text", 7, object(), [1, 2, "x"]):
        tap.ok(raises(TypeError, flowd.Flow, wrong),
               f"Flow({type(wrong).__name__}) is a TypeError")


# --- Logs ---

def lines(log, utc=0, mask=flowd.DISPLAY_BRIEF):
    """The lines of a log, and why it ends early."""
    out = []
    try:
        for f in log:
            out.append(f.format(utc, mask) + "\n")
    except ValueError as e:
        return "".join(out), str(e)
    return "".join(out), None


def records(path):
    """Records of a log of version 3, by their lengths."""
    octets, out, at = read(path), [], 0
    while at + 8 <= len(octets) and \
            at + 8 + octets[at + 1] * 4 <= len(octets):
        end = at + 8 + octets[at + 1] * 4
        out.append(octets[at:end])
        at = end
    return out


def test_wire():
    with open(os.path.join(GOLDEN, "wire", "manifest.json"),
              encoding="utf-8") as f:
        cases = json.load(f)
    for name in cases:
        folder = os.path.join(GOLDEN, "wire", name)
        log = os.path.join(folder, "log.flowd")
        if not os.path.exists(os.path.join(folder, "reader.brief.txt")):
            continue
        for file, utc, mask in (("brief", 0, flowd.DISPLAY_BRIEF),
                                ("U", 1, flowd.DISPLAY_BRIEF),
                                ("vU", 1, flowd.DISPLAY_ALL)):
            file = f"reader.{file}.txt"
            if not os.path.exists(os.path.join(folder, file)):
                continue
            want = read(folder, file).decode()
            want = "".join(line for line in want.splitlines(True)
                           if not line.startswith("LOGFILE"))
            got = lines(flowd.FlowLog(log), utc, mask)
            if got != (want, None):
                tap.equal(got, (want, None), f"wire/{name}: {file}")
                break
        else:
            tap.ok([f.serialise() for f in flowd.FlowLog(log)] ==
                   records(log), f"wire/{name}: lines and records")


def test_reader():
    folder = os.path.join(GOLDEN, "reader")
    with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as f:
        cases = json.load(f)["cases"]
    n = 0
    for case in cases:
        options = [a for a in case["args"] if a.startswith("-")]
        files = [a for a in case["args"] if not a.startswith("-")]
        if set(options) - {"-v", "-U", "-L"} or len(files) != 1 or \
                not os.path.isfile(os.path.join(folder, files[0])) or \
                case["name"].startswith("legacy-noL"):
            continue
        os.environ["TZ"] = case.get("TZ", "UTC")
        time.tzset()
        want = read(folder, case["stdout_file"]).decode() \
            if "stdout_file" in case else case.get("stdout", "")
        want = "".join(line for line in want.splitlines(True)
                       if not line.startswith("LOGFILE"))
        got, why = lines(
            flowd.FlowLog(os.path.join(folder, files[0])), "-U" in options,
            flowd.DISPLAY_ALL if "-v" in options else flowd.DISPLAY_BRIEF)
        # A log of version 2 is known here without being told.
        if case["name"] in ("bad-v2-file", "v3-with-L"):
            want, failed = got, why is not None
        else:
            failed = case["rc"] != 0
        n += 1
        tap.ok(got == want and failed == (why is not None),
               f"reader/{case['name']}", f"got  {got}\nwant {want}\n{why}")
    os.environ["TZ"] = "UTC"
    time.tzset()
    tap.ok(n > 30, "golden logs were read", n)


def test_writing(tmp):
    source = os.path.join(GOLDEN, "reader", "three.flowd")
    path = os.path.join(tmp, "copy")
    with flowd.FlowLog(path, "wb") as out:
        for f in flowd.FlowLog(source):
            out.write_flow(f)
    tap.ok(read(path) == read(source), "a log that is copied is the same")
    with flowd.FlowLog(path, mode="ab") as out:
        out.write_flow(flow=f, fieldmask=flowd.FIELD_SRC_ADDR |
                       flowd.FIELD_OCTETS)
    last = list(flowd.FlowLog(path))[-1]
    tap.equal((last.src_addr, last.octets, last.packets, last.dst_addr),
              (f.src_addr, f.octets, None, None),
              "it is appended to, with a mask of fields")
    tap.ok(raises(OSError, flowd.FlowLog, os.path.join(tmp, "none")),
           "a log that is not there is an OSError")
    with flowd.FlowLog(path) as log:
        tap.equal(log.file.name, path, "a log has its file")


def test_files():
    path = os.path.join(GOLDEN, "reader", "three.flowd")
    want = lines(flowd.FlowLog(path))
    tap.equal(lines(flowd.FlowLog_fromfile(io.BytesIO(read(path)))), want,
              "FlowLog_fromfile() of an object with read()")
    with open(path, "rb") as f:
        f.seek(len(records(path)[0]))
        tap.equal(len(list(flowd.FlowLog_fromfile(file=f))), 2,
                  "it begins where the file stands")
    r = subprocess.run(
        [sys.executable, "-c", "import sys, flowd\n"
         "for f in flowd.FlowLog_fromfile(sys.stdin.buffer):\n"
         "    print(f.format(0))"], input=read(path), env=environment(),
        stdout=subprocess.PIPE, check=False)
    tap.equal(r.stdout.decode(), want[0], "sys.stdin.buffer")
    tap.ok(raises(TypeError, flowd.FlowLog_fromfile(io.StringIO("x")
                                                    ).read_flow),
           "a file of text is a TypeError")


def test_growing():
    """A log that another program writes to."""
    all_records = records(os.path.join(GOLDEN, "reader", "three.flowd"))
    file = io.BytesIO()
    log = flowd.FlowLog_fromfile(file)
    seen = []
    for octets in (b"", all_records[0][:3], all_records[0][3:],
                   all_records[1] + all_records[2][:20],
                   all_records[2][20:]):
        at = file.tell()
        file.seek(0, io.SEEK_END)
        file.write(octets)
        file.seek(at)
        n = 0
        while log.read_flow() is not None:
            n += 1
        seen.append(n)
    tap.equal(seen, [0, 0, 1, 1, 1],
              "read_flow() goes on when the log has grown")


def test_formats(tmp):
    """Logs of version 4 and captures give the lines that flowd-reader
    prints."""
    capture = os.path.join(tmp, "flows.pcap")
    for model in (["--as", "5"], ["--as", "9"],
                  ["--as", "10", "--ipv6", "50"]):
        run(["flowd-send", "-q", "--generate", "700", *model, "--dump",
             capture])
        paths = [capture]
        for to in ("v3", "v4"):
            paths.append(os.path.join(tmp, "flows." + to))
            run(["flowd-reader", "-q", "-o", paths[-1], "--to", to, capture])
        for path in paths:
            want = run(["flowd-reader", "-v", path]).stdout.decode()
            want = want.split("\n", 1)[1]
            name = f"{' '.join(model)}: {os.path.basename(path)}"
            tap.ok(lines(flowd.FlowLog(path), 0, flowd.DISPLAY_ALL) ==
                   (want, None), name + ": lines as of flowd-reader")
            with open(path, "rb") as f:
                tap.ok(lines(flowd.FlowLog_fromfile(io.BytesIO(f.read())), 0,
                             flowd.DISPLAY_ALL) == (want, None),
                       name + ": of octets in memory, too")
        tap.ok(b"".join(f.serialise() for f in flowd.FlowLog(paths[2])) ==
               read(paths[1]), f"{' '.join(model)}: records of version 4")
    tap.equal(os.listdir(tempfile.gettempdir()).count("flowd-"), 0,
              "no file is left behind")


def main():
    test_constants()
    test_times()
    test_attributes()
    test_data()
    test_fields()
    test_blobs()
    with tempfile.TemporaryDirectory() as tmp:
        if GOLDEN is None:
            tap.skip("golden logs", "no shared data in this clone")
        else:
            test_wire()
            test_reader()
            test_writing(tmp)
            test_files()
            test_growing()
        test_formats(tmp)
    tap.done()


main()
