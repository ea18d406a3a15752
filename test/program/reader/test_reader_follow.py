"""flowd-reader --follow: what is appended comes, whatever becomes of the file,
what is missed is told, and it ends when nothing can come any more."""
import json
import os
import signal
import subprocess
import tempfile
import time

from columnar import SEC, block, flow, octets, read, reader, write
from flowdtest import program
from tap import Tap

tap = Tap()


def next_line(p):
    return json.loads(p.stdout.readline())["octets"]


def follow():
    os.mkdir("live")
    first, second = "live/20261123T100000Z.flow", "live/20261123T100500Z.flow"
    write(first, block(flow(1, SEC)))
    p = subprocess.Popen([program("flowd-reader"), "--json", "--follow",
                          "live"], stdout=subprocess.PIPE)
    tap.equal(next_line(p), 1, "--follow prints what is there")
    data = block(flow(2, SEC))
    with open(first, "ab") as f:
        f.write(data[:40])
        f.flush()
        time.sleep(0.2)
        f.write(data[40:])
        f.flush()
        tap.equal(next_line(p), 2, "and a block when it is whole")
        more = block(flow(4, SEC))
        f.write(block(flow(3, SEC)))
    # Nothing is appended to a segment when the next one has begun.
    write(second, more)
    tap.equal([next_line(p), next_line(p)], [3, 4],
              "and goes on with the next segment")
    p.send_signal(signal.SIGINT)
    tap.equal((p.wait(timeout=60), p.stdout.read()), (0, b""),
              "until it is stopped")
    p.stdout.close()
    log = write("grow.v3", flow(1))
    p = subprocess.Popen([program("flowd-reader"), "--json", "--follow", log],
                         stdout=subprocess.PIPE)
    tap.equal(next_line(p), 1, "--follow on version 3")
    with open(log, "ab") as f:
        f.write(flow(2))
    tap.equal(next_line(p), 2, "prints a record when it comes")
    p.terminate()
    tap.equal(p.wait(timeout=60), 0, "and ends in an orderly way")
    p.stdout.close()
    write(first, block(flow(5, SEC)))
    p = subprocess.Popen([program("flowd-reader"), "-q", "--follow", "-o",
                          "copy.flow", first])
    time.sleep(0.5)
    p.terminate()
    p.wait(timeout=60)
    tap.equal(octets("copy.flow"), [5], "--follow -o writes what it has")


def follow_the_first():
    """-H with --follow: of all segments of a directory, and then it ends."""
    os.mkdir("first")
    write("first/20261123T100000Z.flow", block(flow(1), flow(2)))
    p = followed("-H", "4", "first")
    tap.equal([next_line(p), next_line(p)], [1, 2], "-H --follow")
    write("first/20261123T100500Z.flow", block(flow(3)))
    tap.equal(next_line(p), 3, "goes on with the next segment")
    write("first/20261123T101000Z.flow", block(flow(4), flow(5)))
    tap.equal((next_line(p), ended(p, None)), (4, (b"", 0, b"")),
              "and ends when so many are read")
    log = write("first.v3", flow(1))
    p = followed("-H", "2", log)
    tap.equal(next_line(p), 1, "-H --follow of a file")
    with open(log, "ab") as f:
        f.write(flow(2) + flow(3))
    tap.equal((next_line(p), ended(p, None)), (2, (b"", 0, b"")),
              "ends when so many are read, too")


def followed(*args, cwd=None):
    """flowd-reader --json --follow; no line is in a buffer of ours."""
    return subprocess.Popen([program("flowd-reader"), "--json", "--follow",
                             *args], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, bufsize=0)


def ended(p, sig=signal.SIGTERM):
    """What is left of its output, its exit code and what it said."""
    if sig is not None:
        p.send_signal(sig)
    out, err = p.communicate(timeout=60)
    return out, p.returncode, err


def follow_what_begins_empty():
    """A log or a directory that is there before anything is in it."""
    for name, data in (("begin.flow", block(flow(1))), ("begin.v3", flow(1))):
        write(name)
        p = followed(name)
        time.sleep(0.3)
        with open(name, "ab") as f:
            f.write(data)
        tap.equal(next_line(p), 1, f"--follow of an empty {name}")
        tap.equal(ended(p), (b"", 0, b""), "ends well")
    os.mkdir("begins")
    p = followed("begins")
    time.sleep(0.3)
    first = write("begins/20261123T100000Z.flow")
    time.sleep(0.3)
    with open(first, "ab") as f:
        f.write(block(flow(1)))
    tap.equal(next_line(p), 1, "--follow of an empty directory")
    second = write("begins/20261123T100500Z.flow")
    time.sleep(0.3)
    with open(second, "ab") as f:
        f.write(block(flow(2)))
    tap.equal(next_line(p), 2, "and of a segment that begins empty")
    tap.equal(ended(p), (b"", 0, b""), "and ends well")


def follow_what_is_sealed():
    """A segment is sealed beneath: another file takes its name."""
    os.mkdir("sealed")
    first = write("sealed/20261123T100000Z.flow", block(flow(1)))
    p = followed("sealed")
    tap.equal(next_line(p), 1, "--follow of a segment")
    with open(first, "ab") as f:
        f.write(block(flow(2)))
    reader("-q", "--to", "v4", "-o", "sealed/new", first)
    os.rename("sealed/new", first)
    write("sealed/20261123T100500Z.flow", block(flow(3)))
    tap.equal([next_line(p), next_line(p)], [2, 3],
              "that is sealed meanwhile goes on with the next one")
    reader("-q", "--to", "v4", "-o", "sealed/new", first)
    os.rename("sealed/new", first)
    write("sealed/20261123T100500Z-1.flow", block(flow(4)))
    tap.equal(next_line(p), 4, "also one begun in the same second")
    tap.equal(ended(p), (b"", 0, b""), "and nothing comes twice")
    reader("-q", "--to", "v4", "-o", "joined.flow", first)
    p = followed("-e", "host 10.0.0.1", "joined.flow")
    tap.equal([next_line(p), next_line(p)], [1, 2], "a sealed log")
    with open("joined.flow", "ab") as f:
        f.write(block(flow(3, src="10.0.0.9")) + block(flow(4)))
    tap.equal(next_line(p), 4, "to which is appended is looked at anew")
    tap.equal(ended(p), (b"", 0, b""), "and ends well")


def stopped(p, state):
    """Stop it, or let it go on; when it is."""
    p.send_signal(signal.SIGSTOP if state else signal.SIGCONT)
    while state != (open(f"/proc/{p.pid}/stat", encoding="ascii").read()
                    .rpartition(")")[2].split()[0] == "T"):
        time.sleep(0.01)


def append(name, data):
    with open(name, "ab") as f:
        f.write(data)


def kinds():
    """Names of logs of both kinds, and a log of flows."""
    return (("v3", lambda *n: b"".join(flow(k) for k in n)),
            ("flow", lambda *n: block(*[flow(k) for k in n])))


def follow_what_is_renamed():
    """As logrotate does: the old one gets more until the new one has some."""
    for kind, log in kinds():
        name = f"turn.{kind}"
        write(name, log(1))
        p = followed(name)
        tap.equal(next_line(p), 1, f"--follow of {name}")
        os.rename(name, f"{name}.0")
        append(f"{name}.0", log(2))
        tap.equal(next_line(p), 2, "that is renamed, and gets more")
        write(name)
        append(f"{name}.0", log(3))
        tap.equal(next_line(p), 3, "also when there is an empty new one")
        append(f"{name}.0", log(4))
        append(name, log(5))
        tap.equal([next_line(p), next_line(p)], [4, 5],
                  "ends, and the new one follows")
        append(name, log(6))
        tap.equal(next_line(p), 6, "and gets more")
        os.rename(name, f"{name}.1")
        write("beside", log(7))
        os.rename("beside", name)
        tap.equal(next_line(p), 7, "and is renamed, too")
        os.unlink(name)
        write(name, log(8))
        tap.equal(next_line(p), 8, "or removed and made again")
        tap.equal(ended(p), (b"", 0, b""), "and nothing comes twice")
    write("h.v3", flow(1))
    p = followed("-H", "3", "h.v3")
    tap.equal(next_line(p), 1, "-H")
    os.rename("h.v3", "h.v3.0")
    write("h.v3", flow(2) + flow(3) + flow(4))
    tap.equal((next_line(p), next_line(p), ended(p, None)),
              (2, 3, (b"", 0, b"")), "counts over files of one name")


def follow_what_is_renamed_often():
    """What had the name in between is read, too, in its order."""
    for kind, log in kinds():
        name = f"often.{kind}"
        write(name, log(1))
        for n in (3, 2, 1):
            write(f"{name}.{n}", log(90 + n))
            time.sleep(0.02)
        write(f"other-{name}.1", log(95))
        p = followed(name)
        tap.equal(next_line(p), 1, f"--follow of {name}")
        stopped(p, True)
        append(name, log(2))
        for n in (3, 5, 7):
            for old in range(9, 0, -1):
                if os.path.exists(f"{name}.{old}"):
                    os.rename(f"{name}.{old}", f"{name}.{old + 1}")
            os.rename(name, f"{name}.1")
            time.sleep(0.05)
            write(name, log(n))
            append(f"{name}.bak", log(96))
            append(name, log(n + 1))
        stopped(p, False)
        tap.equal([next_line(p) for _ in range(7)], [2, 3, 4, 5, 6, 7, 8],
                  "that is renamed three times meanwhile")
        append(name, log(9))
        tap.equal((next_line(p), ended(p)), (9, (b"", 0, b"")),
                  "leaves nothing out, and reads no other")


def follow_what_is_emptied():
    """As copytruncate does; what was in it may not all have been read."""
    for kind, log in kinds():
        name = f"short.{kind}"
        write(name, log(1, 2, 3))
        p = followed(name)
        tap.equal([next_line(p) for _ in range(3)], [1, 2, 3],
                  f"--follow of {name}")
        os.truncate(name, 0)
        time.sleep(0.5)
        append(name, log(4))
        tap.equal(next_line(p), 4, "that is emptied goes on")
        tap.equal(ended(p), (b"", 1, (
            f"flowd-reader: {name}: became shorter while it was followed: "
            "it is read from its beginning\n").encode()), "and says so")


def follow_a_range():
    """It ends when no flow of it can come any more."""
    now = int(time.time())
    for kind in ("v3", "flow"):
        name = write(f"range.{kind}", *(
            [flow(1, now - 100), flow(2, now - 40)] if kind == "v3" else
            [block(flow(1, now - 100)), block(flow(2, now - 40))]))
        p = followed("-t", f"@{now - 120},@{now - 60}", name)
        tap.equal((next_line(p), ended(p, None)), (1, (b"", 0, b"")),
                  f"-t and --follow of a {kind}")
    os.mkdir("range")
    tap.equal(ended(followed("-t", "-2m,-1m", "range"), None),
              (b"", 0, b""), "of a directory that has nothing")

    def segment(ago, n):
        at = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now - ago))
        write(f"range/{at}.flow", block(flow(n, now - ago)))

    segment(20000, 1)
    segment(10000, 2)
    segment(100, 3)
    segment(50, 4)
    tap.equal(ended(followed("-t", f"@{now - 120},@{now - 60}", "range"),
                    None)[1:], (0, b""), "of a directory")
    tap.equal([json.loads(x)["octets"] for x in ended(followed(
        "-t", f"@{now - 120},@{now - 60}", "range"), None)[0].splitlines()],
        [3], "which has some")
    tap.equal(octets("--follow", "-t", f"@{now - 20100},@{now - 9000}",
                     "range"), [1, 2], "of long ago")
    p = followed("-t", f"@{now - 120},@{now + 3600}", "range")
    tap.equal([next_line(p), next_line(p)], [3, 4],
              "one that has not ended")
    segment(10, 5)
    tap.equal(next_line(p), 5, "goes on")
    tap.equal(ended(p), (b"", 0, b""), "until it is stopped")


def follow_too_slowly():
    """Segments that are removed before they are read are told of."""
    os.mkdir("slow")

    def segment(n):
        return f"slow/20261123T1000{n:02}Z.flow"

    def noted(*names):
        with open("slow/.removed", "a", encoding="ascii") as f:
            for n, flows in names:
                f.write(f"removed {segment(n)[5:]} {flows}\n")

    for n in range(3):
        write(segment(n), block(flow(n)))
    noted((0, 5))
    os.unlink(segment(0))
    p = followed("slow")
    tap.equal([next_line(p), next_line(p)], [1, 2], "what is there is read")
    write(segment(3), block(flow(3)))
    tap.equal(next_line(p), 3, "and what comes")
    stopped(p, True)
    noted((1, 1), (2, 1), (3, 1), (4, 4000), (5, 552))
    for n in (1, 2, 3):
        os.unlink(segment(n))
    write(segment(6), block(flow(6)))
    stopped(p, False)
    tap.equal(next_line(p), 6, "after some that it has not seen")
    write(segment(7), block(flow(7)))
    tap.equal(next_line(p), 7, "it goes on")
    tap.equal(ended(p), (b"", 1, b"flowd-reader: slow: 2 segments with 4552 "
                         b"flows were removed before they were read\n"),
              "and says how many flows it has missed")
    write(segment(8), block(flow(8)))
    os.unlink(segment(6))
    p = followed("slow")
    tap.equal(([next_line(p), next_line(p)], ended(p)), ([7, 8], (b"", 0, b"")),
              "what another one has missed is not told again")


def segment_name(folder, sec, number=0):
    at = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(sec))
    return f"{folder}/{at}{f'-{number}' if number else ''}.flow"


def follow_a_clock_that_goes_back():
    """The next segment has an earlier name than the one in use."""
    for back in (1, 3600, 86400):
        folder = f"back{back}"
        os.mkdir(folder)
        now = int(time.time()) // 300 * 300

        def put(sec, n, number=0):
            return write(segment_name(folder, sec, number), block(flow(n)))

        put(now - 600, 1)
        current = put(now, 2)
        p = followed(folder)
        tap.equal([next_line(p), next_line(p)], [1, 2],
                  f"a clock that goes back by {back} s")
        earlier = put(now - back, 3)
        tap.equal(next_line(p), 3, "the earlier segment is read")
        append(earlier, block(flow(4)))
        tap.equal(next_line(p), 4, "and what is appended to it")
        append(current, block(flow(5)))
        tap.equal(next_line(p), 5, "and to the one before, if its writer is "
                  "late")
        put(now - back, 6, 1)
        tap.equal(next_line(p), 6, "and the next one, with a number")
        put(now + 300, 7)
        tap.equal(next_line(p), 7, "and those of when the clock is right")
        reader("-q", "--to", "v4", "-o", f"{folder}/new", earlier)
        os.rename(f"{folder}/new", earlier)
        put(now + 600, 8)
        tap.equal((next_line(p), ended(p)), (8, (b"", 0, b"")),
                  "each of them once")


def follow_one_in_use_of_an_earlier_name():
    """The clock went back before: what is in use is not the last by name."""
    os.mkdir("inuse")
    now = int(time.time()) // 300 * 300
    used = write(segment_name("inuse", now), block(flow(1)))
    write(segment_name("inuse", now + 7200), block(flow(2)))
    p = followed("inuse")
    tap.equal([next_line(p), next_line(p)], [1, 2], "a segment in use")
    append(used, block(flow(3), flow(4)))
    tap.equal([next_line(p), next_line(p)], [3, 4],
              "in front of another one is read on")
    stopped(p, True)
    append(used, block(flow(5)))
    reader("-q", "--to", "v4", "-o", "inuse/new", used)
    os.rename("inuse/new", used)
    write(segment_name("inuse", now, 1), block(flow(6)))
    stopped(p, False)
    tap.equal([next_line(p), next_line(p)], [5, 6],
              "and to its end when it is sealed meanwhile")
    tap.equal(ended(p), (b"", 0, b""), "and nothing comes twice")
    # What is before the range grows all the same.
    os.mkdir("inrange")
    used = write(segment_name("inrange", now - 20000),
                 block(flow(1, now - 19000)))
    write(segment_name("inrange", now - 10000), block(flow(2, now - 100)))
    p = followed("-t", f"@{now - 7000}", "inrange")
    tap.equal(next_line(p), 2, "of a range")
    append(used, block(flow(3, now - 50)))
    tap.equal((next_line(p), ended(p)), (3, (b"", 0, b"")),
              "what comes is read, wherever it is")


def follow_an_order_that_is_unknown():
    """Several segments between two looks, and the clock went back."""
    os.mkdir("order")
    now = int(time.time()) // 300 * 300 - 86400
    write(segment_name("order", now), block(flow(1)))
    p = followed("order")
    tap.equal(next_line(p), 1, "a follower that is stopped")
    stopped(p, True)
    for n in (2, 3, 4):
        write(segment_name("order", now + n * 300), block(flow(n)))
    stopped(p, False)
    tap.equal([next_line(p) for _ in range(3)], [2, 3, 4],
              "reads what has come in its order")
    stopped(p, True)
    write(segment_name("order", now + 3000), block(flow(5)))
    write(segment_name("order", now - 3600), block(flow(6)))
    write(segment_name("order", now - 3600, 1), block(flow(7)))
    stopped(p, False)
    tap.equal(sorted(next_line(p) for _ in range(3)), [5, 6, 7],
              "and all of it when the clock went back")
    tap.equal(ended(p), (b"", 1, b"flowd-reader: order: the clock went back: "
                         b"3 segments are maybe not read in the order in "
                         b"which they were begun\n"), "and says so")


def follow_what_is_removed():
    """The segment in use is removed, by hand or by retention."""
    os.mkdir("gone")
    now = int(time.time()) // 300 * 300
    current = write(segment_name("gone", now), block(flow(1)))
    p = followed("gone")
    tap.equal(next_line(p), 1, "the segment in use")
    os.unlink(current)
    append("gone/.removed", f"removed {current[5:]} 1\n".encode())
    current = write(segment_name("gone", now - 60), block(flow(2)))
    tap.equal(next_line(p), 2, "that is removed is followed by an earlier one")
    os.unlink(current)
    write("beside.flow", block(flow(3)))
    os.rename("beside.flow", current)
    tap.equal(next_line(p), 3, "and by another one of its name")
    stopped(p, True)
    for n in (4, 5):
        os.unlink(write(segment_name("gone", now + n), block(flow(n))))
    append("gone/.removed", f"removed {current[5:]} 1\n".encode())
    write(segment_name("gone", now + 600), block(flow(6)))
    stopped(p, False)
    tap.equal(next_line(p), 6, "one that is never seen")
    tap.equal(ended(p), (b"", 0, b""), "without a list is not known of")
    # Those that were seen, and not read.
    os.mkdir("unread")
    size = 400000
    first = write(segment_name("unread", now), *[block(*[
        flow(n) for n in range(1000)])] * (size // 1000))
    second = write(segment_name("unread", now + 300), block(flow(2)))
    p = followed("unread")
    next_line(p)
    stopped(p, True)
    os.unlink(second)
    os.unlink(first)
    stopped(p, False)
    out, code, err = ended(p)
    tap.equal((len(out.splitlines()), code, err), (size - 1, 1, (
        b"flowd-reader: unread: at least 1 segments with 0 flows were removed "
        b"before they were read\n")), "what is open is read to its end, and "
              "others are missed")


def follow_hostile_names():
    """What is no segment of flowd does not keep it from reading on."""
    os.mkdir("hostile")
    now = int(time.time()) // 300 * 300
    write(segment_name("hostile", now), block(flow(1)))
    write("hostile/99991231T235959Z.flow", block(flow(2)))
    write("hostile/99991231T235959Z-4294967295.flow")
    p = followed("hostile")
    tap.equal([next_line(p), next_line(p)], [1, 2], "the last name of all")
    for name in ("20261123T100000Z-0.flow", "20261123T100000Z-01.flow",
                 "20261123T100000Z-4294967296.flow", "100001231T000000Z.flow",
                 "20261123T100000Z-.flow", "20261123T100000Z.flow.tmp",
                 "20261399T100000Z.flow", "\n.flow", "-20261T100000Z.flow"):
        write(f"hostile/{name}", block(flow(99)))
    os.mkfifo("hostile/20261123T100000Z.flow")
    os.mkdir("hostile/20261123T100001Z.flow")
    write("beside.flow", block(flow(98)))
    os.symlink("../beside.flow", "hostile/20261123T100002Z.flow")
    write("hostile/20261123T100003Z.flow")
    write("hostile/20261123T100003Z-4294967295.flow", block(flow(3)))
    tap.equal(next_line(p), 3, "does not hide what comes")
    write(segment_name("hostile", now + 300), block(flow(4)))
    tap.equal(next_line(p), 4, "and goes on")
    write("hostile/20261123T100004Z.flow", b"no flow log at all\n")
    out, code, err = ended(p, None)
    tap.equal((out, code), (b"", 1), "one that is no log ends it")
    tap.ok(b"20261123T100004Z.flow" in err, "and is named", err)


def follow_what_is_written_in_part():
    """A block or record that cannot be written whole is taken back."""
    for kind, log in kinds():
        name = f"part.{kind}"
        whole = log(1, 2)
        write(name, whole, log(3)[:-10])
        p = followed(name)
        tap.equal([next_line(p), next_line(p)], [1, 2],
                  f"--follow of {name}, cut at its end")
        time.sleep(0.3)
        os.truncate(name, len(whole))
        time.sleep(0.3)
        append(name, log(4))
        tap.equal((next_line(p), ended(p)), (4, (b"", 0, b"")),
                  "which is taken back, reads on and nothing twice")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for part in (follow, follow_the_first, follow_what_begins_empty,
                     follow_what_is_sealed, follow_what_is_renamed,
                     follow_what_is_renamed_often,
                     follow_what_is_emptied, follow_a_range,
                     follow_too_slowly, follow_a_clock_that_goes_back,
                     follow_one_in_use_of_an_earlier_name,
                     follow_an_order_that_is_unknown,
                     follow_what_is_removed, follow_hostile_names,
                     follow_what_is_written_in_part):
            part()
        os.chdir("/")
    tap.done()


main()
