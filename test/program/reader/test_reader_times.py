"""Times that people name, in -t and -e: one grammar, and the hours at which
clocks are set."""
import datetime
import os
import tempfile

from columnar import octets, reader, write
from flowdtest import datagrams_pcap, run, v5_datagram
from tap import Tap

tap = Tap()

BERLIN = {"TZ": "CET-1CEST,M3.5.0,M10.5.0/3"}
BACK = 1792890000  # 2026-10-25T01:00Z, from 03:00 to 02:00
FORWARD = 1774746000  # 2026-03-29T01:00Z, from 02:00 to 03:00


def make(name, begin, n):
    """A flow each ten minutes; its octets are its number."""
    write(f"{name}.pcap", datagrams_pcap([
        ((begin + 600 * k) * 10**9, "192.0.2.7", 9,
         v5_datagram([{"octets": k}], sec=begin + 600 * k))
        for k in range(n)]))
    reader("-q", "-o", f"{name}.flow", f"{name}.pcap")
    reader("-q", "-o", f"{name}.v3", f"{name}.pcap")


def finds(log, args, want, why, **env):
    for kind in ("flow", "v3"):
        tap.equal(octets(*args, f"{log}.{kind}", **{**BERLIN, **env}),
                  list(want), f"{why}: {' '.join(args)} of a .{kind}")


def the_hour_that_comes_twice():
    make("back", BACK - 5 * 3600, 36 * 6)
    two = range(24, 36)  # 00:00Z to 01:50Z, 02:00 to 02:50 twice
    for args in (["-t", "2026-10-25T02:00,2026-10-25T03:00"],
                 ["-t", "2026-10-25T02,2026-10-25T03"],
                 ["-t", "2026-10-25T02:00,03:00"],
                 ["-t", "2026-10-25T02:00+02:00,2026-10-25T03:00+01:00"],
                 ["-e", "recv_time = 2026-10-25T02"],
                 ["-e", "recv_time 2026-10-25T02:00 - 2026-10-25T02:59"],
                 ["-e", "recv_time { 2026-10-25T02, 2026-12-01 }"],
                 ["-e", "recv_time >= 2026-10-25T02:00 "
                        "recv_time < 2026-10-25T03:00"],
                 ["-e", "after date 2026-10-25T01:59:59 "
                        "before date 20261025030000"],
                 ["-e", "after 02:00 before 02:59:59",
                  "-t", "2026-10-25,2026-10-26"]):
        finds("back", args, two, "all of the hour")
    finds("back", ["-e", "recv_time = 2026-10-25T02:30"], [27, 33],
          "a minute of it")
    finds("back", ["-e", "recv_time != 2026-10-25T02:30"],
          [n for n in range(216) if n not in (27, 33)], "all but that")
    finds("back", ["-e", "recv_time { 2026-10-25T02:30, 2026-10-25T05:00 }"],
          [27, 33, 48], "in a list")
    finds("back", ["-t", "2026-10-25T02:30,2026-10-25T02:40"], range(27, 34),
          "what it begins with is the first, what it ends with the last")
    for args, want in (
            (["-e", "recv_time <= 2026-10-25T02:30"], range(34)),
            (["-e", "recv_time < 2026-10-25T02:30"], range(33)),
            (["-e", "recv_time > 2026-10-25T02:30"], range(28, 216)),
            (["-e", "recv_time >= 2026-10-25T02:30"], range(27, 216))):
        finds("back", args, want, "a comparison")
    finds("back", ["-t", "2026-10-25T02:00+02:00,2026-10-25T02:00+01:00"],
          range(24, 30), "the first of the two")
    finds("back", ["-t", "2026-10-25T01:00Z,2026-10-25T02:00Z"],
          range(30, 36), "the second of the two")
    day = range(12, 162)  # 22:00Z to 22:50Z
    for args in (["-t", "2026-10-25,2026-10-26"], ["-t", "2026-10-25,+1d"],
                 ["-t", "2026-10-25,24:00"], ["-e", "recv_time 2026-10-25"],
                 ["-e", "recv_time 2026-10-25 - +1d"]):
        finds("back", args, day, "a day of 25 hours")
    finds("back", ["-t", "2026-10-25,+24h"], range(12, 156), "24 hours")
    finds("back", ["-U", "-t", "2026-10-25T02,2026-10-25T03"],
          range(36, 42), "with -U")
    finds("back", ["-U", "-e", "recv_time 2026-10-25T02"], range(36, 42),
          "with -U")


def the_hour_that_is_skipped():
    make("forward", FORWARD - 5 * 3600, 36 * 6)
    for args in (["-t", "2026-03-29T02:00,2026-03-29T03:00"],
                 ["-t", "2026-03-29T02:10,2026-03-29T02:20"],
                 ["-e", "recv_time = 2026-03-29T02"],
                 ["-e", "recv_time = 2026-03-29T02:30"],
                 ["-e", "recv_time 2026-03-29T02:00 - 2026-03-29T02:59"],
                 ["-e", "recv_time { 2026-03-29T02, 2026-12-01 }"],
                 ["-e", "after date 2026-03-29T02:00 "
                        "before date 2026-03-29T02:30"]):
        finds("forward", args, [], "nothing")
    finds("forward", ["-t", "2026-03-29T02:30,+1h"], range(30, 36),
          "as a start it is when clocks are set")
    finds("forward", ["-t", "2026-03-29T01:30,2026-03-29T02:30"],
          range(27, 30), "as an end, too")
    for args in (["-t", "2026-03-29,+1d"], ["-e", "recv_time 2026-03-29"]):
        finds("forward", args, range(18, 156), "a day of 23 hours")


def one_grammar():
    """What -t takes, -e does, and finds the same."""
    ten = 1795428000  # 2026-11-23T10:00Z
    make("ten", ten - 3600, 18)
    for at in ("2026-11-23T10:00", "2026-11-23T10", "20261123100000",
               "2026112310", "20261123T100000Z", "2026-11-23 10:00",
               "2026-11-23T12:00+02:00", "2026-11-23T11:00+01",
               "2026-11-23T05:00-0500",
               "@1795428000", "1795428000", "@1795428000.0",
               "2026-11-23T10:00:00.000000000Z"):
        tap.equal(octets("-t", at, "ten.flow", TZ="UTC"),
                  list(range(6, 18)), f"-t {at}")
        quoted = f'"{at}"' if " " in at else at
        tap.equal(octets("-e", f"recv_time >= {quoted}", "ten.flow",
                         TZ="UTC"), list(range(6, 18)),
                  f"-e 'recv_time >= {at}'")
    now = int(datetime.datetime.now().timestamp())
    write("now.pcap", datagrams_pcap([
        ((now - ago) * 10**9, "192.0.2.7", 9,
         v5_datagram([{"octets": ago}])) for ago in (6000, 4000, 86400 * 2)]))
    for at, want in (("-1.5h", [4000]), ("-90m", [4000]),
                     ("-1d", [6000, 4000]), ("-3d", [6000, 4000, 172800]),
                     ("now", []), ("tomorrow", [])):
        tap.equal(octets("-t", at, "now.pcap"), want, f"-t {at}")
        tap.equal(octets("-e", f"recv_time >= {at}", "now.pcap"), want,
                  f"-e 'recv_time >= {at}'")
    tap.equal(octets("-e", "recv_time -2h - -90m", "now.pcap"), [6000],
              "a range of spans")


def refusals():
    """What is offered is taken."""
    write("r.v3")
    for bad, word in (
            (",+1h", b"there is none"), ("x", b"is not a time: "),
            ("2026-02-30", b"is not a time: "),
            ("11:00,10:00", b"ends before it begins"),
            ("9:00-10:00", b"9:00,10:00"),
            ("1995-13-01,+x", b"is not a time: "),
            ("2300-01-01", b"1970 to 2261"), ("-5", b"is not a time: "),
            ("1h", b"write -1h for 1h ago"),
            ("10:00,1h", b"+1h for 1h after the start"),
            ("90m,30m", b"write -90m"), ("1795428000000", b"@")):
        r = reader("-t", bad, "r.v3")
        tap.ok(r.returncode == 1 and word in r.stderr,
               f"-t {bad} is refused", r.stderr)
        for offer in r.stderr.partition(b"is not a time: ")[2].split(b", "):
            offer = offer.decode().strip()
            given = f"now,{offer}" if bad.partition(",")[2] else offer
            if offer and not offer.startswith("+"):
                tap.ok(b"is not a time" not in
                       reader("-t", given, "r.v3").stderr,
                       f"{offer} is taken")
    for text, word in (
            ("accept recv_time >= -1d\n", b"here a time has its date"),
            ("accept recv_time >= 10:00\n", b"here a time has its date"),
            ("accept after date today\n", b"here a time has its date"),
            ("accept after 10:00Z\n", b"is local time"),
            ("accept after 2026-10-25\n", b'after "date"'),
            ("accept after date 2026-10-25T10:00:00.5\n", b"whole seconds"),
            ("accept recv_time 2026-10-25 - 2026-10-24\n", b"behind its")):
        write("r.conf", b'logfile "/tmp/x"\nlisten on 127.0.0.1:2055\n' +
              text.encode())
        r = run(["flowd", "-n", "-f", "r.conf"])
        tap.ok(r.returncode == 1 and word in r.stderr,
               f"refused: {text.strip()}", r.stderr)


def printed_again():
    """The canonical text means the same, also of an hour that comes twice."""
    for text, want in (
            ("after date 2026-10-25T02:30+02:00", "20261025023000"),
            ("after date 2026-10-25T02:30+01:00", "@1792891800"),
            ("before date 2026-10-25T02:30+02:00", "@1792888200"),
            ("before date 2026-10-25T02:30+01:00", "20261025023000"),
            ("after date @1792888200", "20261025023000"),
            ("recv_time 2026-03-29T02:30",
             "recv_time 2026-03-29T01:00:00.000000000Z - "
             "2026-03-29T00:59:59.999999999Z")):
        write("p.conf", b'logfile "/tmp/x"\nlisten on 127.0.0.1:2055\n'
              b"discard " + text.encode() + b"\n")
        once = run(["flowd", "-n", "-v", "-f", "p.conf"], **BERLIN)
        write("p.conf", once.stdout)
        again = run(["flowd", "-n", "-v", "-f", "p.conf"], **BERLIN)
        tap.ok(want.encode() in once.stdout and once.stdout == again.stdout,
               f"{text} prints back to itself", (once, again))


def main():
    with tempfile.TemporaryDirectory() as tmp:
        os.chdir(tmp)
        for test in (the_hour_that_comes_twice, the_hour_that_is_skipped,
                     one_grammar, refusals, printed_again):
            test()
        os.chdir("/")
    tap.done()


main()
