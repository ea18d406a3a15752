"""flowd -nv: the printed form of a configuration parses back to itself."""
import grp
import json
import os
import socket
import tempfile

from flowdtest import run, shared
from tap import Tap

OWN = {
    "every statement": """
log = "'/var/log/flowd'"
listen on 127.0.0.1:2055 bufsize 65536   # macros and comments go
listen on [::1]:2055
flow source any
flow source 192.0.2.0/24
flow source 2001:db8::/32
exporter 192.0.2.7 sampling 1000
exporter 2001:db8::/32 sampling 0x10
listen on 127.0.0.1:2056 bufsize 64M on "wg-home"
backlog 16M
workers 4
join group ff05::114
join group 239.1.1.1 on eth0.7
join group 239.1.1.1 on 192.0.2.1
forward to [2001:db8::1]:9
forward to 192.0.2.1:9 spoof
logsock "/tmp/s" bufsize 8192
control socket none
control socket "none"
control socket "/run/flowd control" group %GROUP%
control socket "/s" group "%GROUP%"
metrics listen on 127.0.0.1:9995
metrics listen on [::1]:9995
logfile $log
logdir "/var/flow"
logdir '/var/f "2"' name voip on rotate '/bin/sh "x"' "-c" "" rotate 90m \\
    keep 1w keep free 5% max 1.5Ti compress lz4 flush 0.25s
logdir "/var/z" compress zstd level 9
pidfile '/a "b"'
pidfile "/a" "" "b  c" "" ""
pidfile "it's" '"quoted" log' "a\\" "b"
accept (tag 5)
accept quick (tag 5 and tcp) or udp
accept tag 6 log voip quick tcp
accept log { "voip", 'voip' } (tag 5)
discard (all and tcp)
accept not all or (all or udp)
accept recv_time > 1970-01-01T00:00+01:00 recv_time 2261-12-31T23-01:00
limit exporters 20k
limit early_ms 1m30s
limit mailbox_octets 128Mi
store recv_time
store SRC_ADDR4
store packets
store vlan
store ie applicationName
store ie 6871:40
""",
    "every clause": """
logfile "/x"
listen on 127.0.0.1:1
accept tag 7 quick agent ! 192.0.2.1 in_ifndx 1 out_ifndx ! 2 ! inet \\
    src ! 10.0.0.0/8 port ! 1 dst any port 2 proto tcp tos ! 0xff \\
    tcp_flags mask 0x12 ! equals 2 days fri-mon after 08:00 before 17:30:15 \\
    after date 2024 before date 20250102
discard proto ! udp before date 203012312359
discard quick all
accept
""",
}
GROUP = grp.getgrgid(os.getgid()).gr_name  # one that is there
OWN = {name: text.replace("%GROUP%", GROUP) for name, text in OWN.items()}
tap = Tap()


def printed(text, tmp, macros=()):
    path = os.path.join(tmp, "t.conf")
    with open(path, "w", encoding="latin-1", newline="") as f:
        f.write(text)
    return run(["flowd", "-nv", "-f", path, *macros])


def check(name, text, tmp, macros=()):
    once = printed(text, tmp, macros)
    tap.ok(once.returncode == 0 and once.stdout, f"{name}: is printed",
           once.stderr.decode())
    twice = printed(once.stdout.decode("latin-1"), tmp)
    tap.equal((twice.returncode, twice.stdout), (0, once.stdout),
              f"{name}: prints back to itself")


def golden(tmp):
    manifest = shared("compat", "golden", "conf", "manifest.json")
    if manifest is None:
        tap.skip("golden configurations", "no shared data in this clone")
        return
    with open(manifest, encoding="utf-8") as f:
        cases = json.load(f)["tests"]
    for case in cases:
        macros = [a for d in case.get("D", []) for a in ("-D", d)]
        if printed(case["conf"], tmp, macros).returncode == 0:
            check(case["name"], case["conf"], tmp, macros)


def scopes(tmp):
    """The interface of an address stays as it was written: its number is
    another one after the next start of the system."""
    number, name = socket.if_nameindex()[0]
    lines = ['logfile "/x"'] + [line for scope in (name, number) for line in (
        f"listen on [fe80::1%{scope}]:{2055 if scope == name else 2056}",
        f"metrics listen on [fe80::2%{scope}]:{9 if scope == name else 10}",
        f"forward to [fe80::3%{scope}]:2055",
        f"flow source fe80::%{scope}/64",
        f"join group ff02::1%{scope}",
        f"table <t{scope}> {{ fe80::%{scope}/64, ! fe80::4%{scope}/128 }}",
        f"accept src fe80::5%{scope}/128",
        f"accept src {{ fe80::5%{scope}/128, <t{scope}> }}")]
    text = "\n".join(lines) + "\n"
    r = printed(text, tmp)
    tap.equal((r.returncode, r.stdout.decode()), (0, text),
              "interfaces are printed as they were written")


def main():
    with tempfile.TemporaryDirectory() as tmp:
        for name, text in OWN.items():
            check(name, text, tmp)
        r = printed(OWN["every clause"], tmp)
        tap.equal(r.stdout.decode().splitlines()[2:], [
            "accept tag 7 quick agent ! 192.0.2.1/32 in_ifndx 1 out_ifndx ! 2 "
            "! inet src ! 10.0.0.0/8 port ! 1 dst any port 2 proto 6 "
            "tos ! 0xff tcp_flags mask 0x12 ! equals 0x02 "
            "days sun,mon,fri,sat after 08:00:00 before 17:30:15 "
            "after date 20240101000000 before date 20250102000000",
            "discard proto ! 17 before date 20301231235900",
            "discard quick", "accept"], "rules are printed canonically")
        r = printed(OWN["every statement"], tmp)
        lines = r.stdout.decode().splitlines()
        for line in (
                'logdir "/var/flow"',
                "logdir '/var/f \"2\"' name \"voip\" rotate 90m keep 7d "
                "keep free 5% max 1536Gi compress lz4 flush 250ms on rotate "
                "'/bin/sh \"x\"' \"-c\" \"\"",
                'accept log "voip" tag 6 quick proto 6',
                'accept log { "voip", "voip" } (tag 5)',
                'store ie "applicationName"'):
            tap.ok(line in lines, "is printed: " + line, r.stdout.decode())
        scopes(tmp)
        bad = printed("lisen\n", tmp)
        tap.equal((bad.returncode, bad.stdout), (1, b""),
                  "a file with errors prints nothing")
        golden(tmp)
    tap.done()


main()
