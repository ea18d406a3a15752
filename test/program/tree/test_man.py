"""The manual: it is clean mdoc, has every option, and its examples are true."""
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

from flowdtest import (BUILD, SOURCE, datagrams_pcap, program, run,
                       v3_record, v5_datagram)
from tap import Tap

sys.path.insert(0, os.path.join(SOURCE, "man"))
import columns  # noqa: E402

tap = Tap()
MAN = os.path.join(SOURCE, "man")
PROGRAMS = {"flowctl.8": "flowctl", "flowd.8": "flowd", "flowd-reader.8": "flowd-reader",
            "flowd-send.1": "flowd-send", "flowd-stats.1": "flowd-stats"}
PAGES = sorted(p for p in os.listdir(MAN) if re.search(r"\.[1-9]$", p))


def page_path(page):
    """Where it is as it is installed: some are made by the build."""
    built = os.path.join(BUILD, "man", page)
    return built if os.path.exists(built) else os.path.join(MAN, page)


def page_text(page):
    with open(page_path(page), encoding="utf-8") as f:
        return f.read()


def lint(page):
    if shutil.which("mandoc") is None:
        tap.skip(f"{page} is clean mdoc", "no mandoc")
        return
    r = subprocess.run(["mandoc", "-Tlint", "-Wwarning", page_path(page)],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       timeout=60)
    tap.equal((r.returncode, r.stdout), (0, b""), f"{page} is clean mdoc")


def quotes(page):
    """mdoc takes a delimiter that stands alone out of the quotes, wherever it
    is: what comes behind it would be in others."""
    alone = re.compile(r"\.(Sq|Dq|Qq|Ql) .*?(?<= )[][(),.:;?!|](?: +"
                       r"[^][(),.:;?! ].*)$")
    found = [line for line in page_text(page).splitlines()
             if alone.match(line)]
    tap.equal(found, [], f"{page}: what is quoted is in one pair of quotes")


def help_options(name):
    """What --help or -h lists at the beginning of its lines."""
    found = set()
    r = run([name, "-h"])
    for line in (r.stdout + r.stderr).decode().splitlines():
        if re.match(r"\s+-", line):
            names = re.split(r"\s{2,}", line.strip())[0]
            found |= set(re.findall(r"(?<![\w-])--?[A-Za-z][\w-]*", names))
    return found


def page_options(page):
    return {"-" + word for line in page_text(page).splitlines()
            if line.startswith(".It Fl") for word in
            re.findall(r"Fl (-?[A-Za-z][\w-]*)", line)}


def options(page, name):
    if not os.path.exists(program(name)):
        tap.skip(f"{page} has every option", f"{name} is not built")
        return
    # -h prints the same as --help, and is not in its list everywhere.
    listed = help_options(name) | ({"-h"} & page_options(page))
    tap.ok(listed != set(), f"{name} lists its options")
    tap.equal(sorted(listed - page_options(page)), [],
              f"{page} has every option")
    tap.equal(sorted(page_options(page) - listed), [],
              f"{page} has no option that is not there")


def column_table():
    text = page_text("flowd-reader.8")
    rows = columns.columns(os.path.join(SOURCE, "lib/batch/columns.def"))
    head = run(["flowd-reader", "--csv", "-"]).stdout.decode().strip()
    tap.equal([name for name, _ in rows], head.split(","),
              "the table of columns is that of the program")
    tap.equal([name for name, doc in rows
               if f".It Li {name}\n{doc}\n" not in text], [],
              "flowd-reader.8 describes every column")


def examples(page, name):
    """Lines of a page that a user is told to type, as far as they are ours;
    those of a table have no log."""
    lines = page_text(page).splitlines()
    return [line[len(".Dl $ "):] for line in lines
            if line.startswith(f".Dl $ {name}")] + [
        found[1] + " flow.log" for line in lines
        for found in re.findall(rf'Ta Li ("?)({name}[^"]*)', line)]


def example_files(folder):
    """Logs and captures of the names that the examples have."""
    address = bytes([192, 0, 2, 1])
    log = v3_record({"SRC_ADDR4": address, "DST_ADDR4": address,
                     "OCTETS": struct.pack("!Q", 7)})
    old = struct.pack("!IIIII4s", 0x012cf047, 2, 1, 0, 1 << 5, address)
    capture = datagrams_pcap([(0, "192.0.2.1", 1, v5_datagram([{}]))])
    for name, data in (("flowd.log", log), ("flowd.log.0", log * 2),
                       ("old.log", old), ("export.pcap", capture)):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)
    recording = os.path.join(SOURCE, "test/recordings/softflowd-v9.pcap")
    run(["flowd-reader", "-q", "--to", "v4", "-o",
         os.path.join(folder, "flow.log"), recording])
    with open(os.path.join(folder, "customers.conf"), "w") as f:
        f.write("\n".join(literal(page_text("flowd-stats.1"),
                                  "table <acme>")) + "\n")


def run_examples(page, name, least):
    found = examples(page, name)
    path = os.path.dirname(program(name)) + ":" + os.environ["PATH"]
    tap.ok(len(found) >= least, f"{page} has examples")
    for line in found:
        with tempfile.TemporaryDirectory() as folder:
            example_files(folder)
            run_example(line, folder, path)


def run_example(line, folder, path):
    # What earlier lines have written.
    if "log.flow" in line and "-o log.flow" not in line:
        run(["flowd-reader", "-q", "-o", "log.flow", "flowd.log"], cwd=folder)
    r = subprocess.run(["sh", "-c", line], cwd=folder, timeout=60,
                       env=dict(os.environ, PATH=path),
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE)
    written = re.search(r"-o (\S+\.\w+)", line)
    did = r.stdout if written is None else \
        os.path.getsize(os.path.join(folder, written[1]))
    tap.ok(r.returncode == 0 and r.stderr == b"" and did,
           f"example: {line}", (r.returncode, r.stdout, r.stderr))


def literal(text, first):
    """The lines of the literal display that begins with this line."""
    block = text[text.index(first):]
    return block[:block.index(".Ed")].splitlines()


def example_octets(first):
    """The octets that a literal display shows in front of what they are."""
    return bytes.fromhex("".join(
        re.match(r"(?:[0-9a-f]{2} {1,2})*[0-9a-f]{2}(?= |$)", line)[0]
        for line in literal(page_text("flowd-log.5"), first)))


def block_example():
    """The columnar log of flowd-log(5) is read and written as it says."""
    octets = example_octets("80 66 6c 6f  77")
    lines = literal(page_text("flowd-log.5"), '{"recv_time"')
    shown = "".join(lines).replace("}", "}\n")
    r = run(["flowd-reader", "--json", "-"], input=octets)
    tap.equal((r.returncode, r.stdout.decode()), (0, shown),
              "the example of a columnar log in flowd-log(5)")
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "copy")
        run(["flowd-reader", "-q", "-o", copy, "--to", "v4:none", "-"],
            input=octets)
        with open(copy, "rb") as f:
            tap.equal(f.read(len(octets)).hex(), octets.hex(),
                      "its flows are written as these octets")


def record_example():
    """The record of flowd-log(5), octet for octet, is printed as it says."""
    text = page_text("flowd-log.5")
    octets = example_octets("60 0c 00")
    shown = " ".join(literal(text, "FLOW recv_time"))
    r = run(["flowd-reader", "-U", "-"], input=octets)
    tap.equal((r.returncode, r.stdout.decode()), (0, shown + " \n"),
              "the example of flowd-log(5)")


for man_page in PAGES:
    lint(man_page)
    quotes(man_page)
    if man_page in PROGRAMS:
        options(man_page, PROGRAMS[man_page])
column_table()
run_examples("flowd-reader.8", "flowd-reader", 8)
run_examples("flowd-stats.1", "flowd-stats", 12)
record_example()
block_example()
tap.done()
