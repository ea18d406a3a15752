"""What shells complete: bash and fish are asked; of all three everything is
there that the programs list.
"""
import os
import re
import shutil
import subprocess
import tempfile

from flowdtest import BUILD, run
from tap import Tap

tap = Tap()
WHERE = os.path.join(BUILD, "packaging", "completion")
PROGRAMS = ("flowd", "flowctl", "flowd-reader", "flowd-send", "flowd-stats")

# As readline has it: words, of which = and : are some of their own.
BASH = """
source "$1"; name=$2; shift 2
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_${name//-/_} "$name" "${COMP_WORDS[COMP_CWORD]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def bash(line, cwd):
    """What may stand in the place of the last word of a line."""
    name = line.split()[0]
    words = [w for part in line.split(" ")
             for w in re.findall(r"[=:]|[^=:]+", part) or [""]]
    r = subprocess.run(["bash", "-c", BASH, "bash", os.path.join(WHERE, name),
                        name, *words], stdin=subprocess.DEVNULL, cwd=cwd,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       timeout=60)
    if r.stderr:
        return [r.stderr.decode()]
    return sorted(filter(None, r.stdout.decode().split("\n")))


def fish(line, cwd):
    name, home = line.split()[0], os.path.dirname(cwd)
    r = subprocess.run(
        ["fish", "--no-config", "-c", 'source $argv[1]; complete -C $argv[2]',
         os.path.join(WHERE, name + ".fish"), line],
        stdin=subprocess.DEVNULL, cwd=cwd, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=60,
        env={**os.environ, "HOME": home, "XDG_DATA_HOME": home,
             "XDG_CONFIG_HOME": home})
    if r.stderr:
        return [r.stderr.decode()]
    return sorted(o.split("\t")[0] for o in r.stdout.decode().splitlines())


def listed(name):
    """The options that --help lists, and whether they have values."""
    found = {}
    for line in run([name, "--help"]).stdout.decode().splitlines():
        m = re.match(r"  ( {4}|-\w(, )?)(--[\w-]+)?( [A-Z=]+)? ", line)
        if m and ("-" in m[1] or m[3]):
            for option in (m[1].strip(" ,"), m[3]):
                if option:
                    found[option] = m[4] is not None
    return found


def everything(name, cwd):
    """All options, by all shells."""
    want = listed(name)
    tap.ok(len(want) > 7, f"{name} lists options", want)
    tap.equal(bash(f"{name} -", cwd), sorted(want),
              f"bash: {name} - gives all options")
    with open(os.path.join(WHERE, "_" + name), encoding="utf-8") as f:
        zsh = f.read()
    tap.equal({o: bool(value) for o, value in re.findall(
        r"^\t'(?:\([^)]*\))?(--?[\w-]+?)([+=]?)\[", zsh, re.M)}, want,
        f"zsh: {name} has all options, and which of them have values")
    tap.ok(zsh.startswith(f"#compdef {name}\n"), f"zsh: {name} is named")
    with open(os.path.join(WHERE, name + ".fish"), encoding="utf-8") as f:
        text = f.read()
    found = re.findall(r"(?: -s (\w))?(?: -l ([\w-]+))?( -rF| -x)?"
                       r"(?: -a '[^']*')? -d ", text)
    tap.equal({o: bool(value) for letter, word, value in found
               for o in ([f"-{letter}"] * bool(letter) +
                         [f"--{word}"] * bool(word))}, want,
              f"fish: {name} has all options, and which of them have values")


def syntax(name):
    for shell, file in (("bash", name), ("zsh", "_" + name),
                        ("fish", name + ".fish")):
        if shutil.which(shell) is None:
            tap.skip(f"{shell} reads its completion of {name}",
                     f"no {shell}")
            continue
        r = subprocess.run([shell, "-n", os.path.join(WHERE, file)],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           timeout=60)
        tap.equal((r.returncode, r.stdout), (0, b""),
                  f"{shell} reads its completion of {name}")


def asked(shell, ask, cwd):
    words = ["collectors", "counters", "exporters", "listeners", "logs",
             "metrics", "rates", "reload", "rotate", "rules", "status", "tail",
             "templates"]
    for line, want in (
            ("flowctl ", words),
            ("flowctl re", ["reload"]),
            ("flowctl -j ro", ["rotate"]),
            ("flowctl -s x ro", ["rotate"]),
            ("flowctl --socket=x ro", ["rotate"]),
            ("flowctl --js", ["--json"]),
            ("flowctl exporters ", []),
            ("flowctl -s fi", ["file1", "file2"]),
            ("flowd -f fi", ["file1", "file2"]),
            ("flowd --fil", ["--file"]),
            ("flowd -X ", ["INSECURE"]),
            ("flowd -gf fi", ["file1", "file2"]),
            ("flowd --ver", ["--version"]),
            ("flowd-reader fi", ["file1", "file2"]),
            ("flowd-reader --to v4:l", ["v4:lz4"]),
            ("flowd-reader -H ", []),
            ("flowd-reader --fields src_p", ["src_port"]),
            ("flowd-reader --fields octets,src_p", ["octets,src_port"]),
            ("flowd-stats -g ho", ["host", "hour"]),
            ("flowd-stats -g src_addr,ser", ["src_addr,service"]),
            ("flowd-stats --matrix src_a", ["src_addr", "src_as"]),
            ("flowd-stats -a octets,fl", ["octets,flows"]),
            ("flowd-send -a ", ["10", "5", "9"]),
            ("flowd-send 192.0.2.1:2055 fi", ["file1", "file2"])):
        got = ask(line, cwd)
        # bash puts what stands behind the colon in the place of that.
        if shell == "bash" and ":" in line.split()[-1]:
            want = [w.split(":")[1] for w in want]
        tap.equal(got, want, f"{shell}: {line!r}")


def bash_alone(cwd):
    """What readline does to = and :, and files with blanks."""
    for line, want in (
            ("flowd-reader --to=v", ["v3", "v4", "v4:lz4", "v4:none",
                                     "v4:zstd"]),
            ("flowd-reader --to=v4:", ["lz4", "none", "zstd"]),
            ("flowd-reader --to v4:", ["lz4", "none", "zstd"]),
            ("flowd-reader --fields=octets,tag,dst_m",
             ["octets,tag,dst_mac", "octets,tag,dst_mask"]),
            ("flowd --file=fi", ["file1", "file2"]),
            ("flowd-reader a", ["a b"])):
        tap.equal(bash(line, cwd), want, f"bash: {line!r}")


def main():
    with tempfile.TemporaryDirectory() as home:
        cwd = os.path.join(home, "cwd")
        os.mkdir(cwd)
        for name in ("file1", "file2", "a b"):
            with open(os.path.join(cwd, name), "wb"):
                pass
        for name in PROGRAMS:
            syntax(name)
            if shutil.which("bash") is not None:
                everything(name, cwd)
        if shutil.which("bash") is None:
            tap.skip("what bash completes", "no bash")
        else:
            asked("bash", bash, cwd)
            bash_alone(cwd)
        if shutil.which("fish") is None:
            tap.skip("what fish completes", "no fish")
        else:
            asked("fish", fish, cwd)
    tap.done()


main()
