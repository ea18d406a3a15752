"""flowd.conf(5): what it says is so.

Every configuration in flowd.conf(5), and examples/flowd.conf, is checked by
flowd -n; every field that the page names is one.
"""
import os
import re
import tempfile

from flowdtest import SOURCE, faults, run
from tap import Tap

tap = Tap()
PAGE = os.path.join(SOURCE, "man", "flowd.conf.5")
WHOLE = 'listen on 127.0.0.1:2055\nlogfile "/x"\n'


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def check(text, args=()):
    """flowd -n on a text, in a file of the name the page uses."""
    with tempfile.TemporaryDirectory() as tmp:
        with open(os.path.join(tmp, "flowd.conf"), "w",
                  encoding="utf-8") as f:
            f.write(text)
        return run(["flowd", "-n", "-f", "flowd.conf", *args], cwd=tmp)


def displays(page):
    """Literal displays of a page as they are printed, by section."""
    section, block = "", None
    for line in page.splitlines():
        if line.startswith((".Sh ", ".Ss ")):
            section = line[4:]
        elif line.startswith(".Bd -literal"):
            block = []
        elif line.startswith(".Ed"):
            yield section, "\n".join(block) + "\n"
            block = None
        elif block is not None:
            block.append(line.replace("\\e", "\\"))


def conf_page():
    page, count = read(PAGE), 0
    for section, text in displays(page):
        if section == "DIAGNOSTICS":
            wrong = WHOLE + text.splitlines()[1].strip() + "\n"
            tap.equal(faults(check(wrong)), text,
                      "DIAGNOSTICS: the errors are as shown")
            continue
        count += 1
        r = check(text)
        tap.ok((r.returncode, faults(r)) == (0, ""),
               f"{section}: configuration {count} is valid",
               text + r.stderr.decode())
    tap.ok(count >= 6, "there are configurations in the page")


def field_names():
    page = read(PAGE)
    section = page[page.index(".Ss Fields"):page.index(".Ss Limits")]
    names = re.findall(r"^\.It Cm (\w+)", section, re.M)
    for name in names:
        for spelling in (name, name.lower()):
            r = check(f"{WHOLE}store {spelling}\n")
            tap.ok(r.returncode == 0, f"store {spelling}", r.stderr.decode())
    for name in ("AGENT_ADDR", "SRC_ADDR", "DST_ADDR", "GATEWAY_ADDR"):
        for family in "46":
            r = check(f"{WHOLE}store {name}{family}\n")
            tap.ok(r.returncode == 0, f"store {name}{family}",
                   r.stderr.decode())
    source = read(os.path.join(SOURCE, "lib", "config", "store_field.c"))
    known = {n.rstrip("46") for n in re.findall(r'\{ "(\w+)", CLASSIC',
                                               source) if n != "CRC32"}
    tap.equal(set(names) - {"CRC32"}, known, "no field is left out")


def names():
    """Every name of a service, a protocol, an ICMP type is in the page."""
    page = read(PAGE)
    section = page[page.index(".Ss Names"):page.index(".Ss Tables")]
    conditions = page[page.index(".Ss Conditions"):page.index(".Ss Values")]
    source = read(os.path.join(SOURCE, "lib", "syntax", "service.c"))
    messages = read(os.path.join(SOURCE, "lib", "syntax", "icmp_name.c"))
    protocols = read(os.path.join(SOURCE, "lib", "syntax", "protocol.c"))
    known = re.findall(r'\{ "([\w-]+)", \d+ \},', source) + \
        re.findall(r'\{ \d+, "([\w.-]+)", "', protocols)
    tap.equal(set(re.findall(r"[\w.-]*\w", " ".join(
        re.findall(r"^\.Li (.*)", section, re.M)))), set(known),
        "the names of protocols and services")
    icmp = re.findall(r'\{ "(\w+)", -?\d+, -?\d+ \}', messages)
    tap.ok(icmp and all(name in conditions for name in icmp),
           "the names of ICMP types", icmp)
    fields = read(os.path.join(SOURCE, "lib", "filter", "filter_field.c"))
    words = re.findall(r'^\t\{ "(\w+)", FIELD_', fields, re.M)
    columns = read(os.path.join(SOURCE, "lib", "batch", "columns.def"))
    missing = [w for w in words if not re.search(rf"\b{w}\b", conditions)
               and not re.search(rf"\b{w},", columns)]
    tap.equal(missing, [], "the words of conditions")


def limits():
    """Every limit is in the page, with its default, and can be set."""
    page = read(PAGE)
    section = page[page.index(".Ss Limits"):page.index(".Sh FILES")]
    table, own = (re.findall(r'^LIMIT\((\w+),', read(os.path.join(
        SOURCE, path)), re.M) for path in (
            "lib/decode/tables/limits.def", "flowd/conf/conf_limits.def"))
    tap.equal(re.findall(r"^\.It Cm (\w+)", section, re.M), table + own,
              "the limits")
    for value in ("16Mi", "64Mi", "0x8000000", "100M"):
        r = check(f"{WHOLE}limit mailbox_octets {value}\n")
        tap.ok(r.returncode == 0, f"limit mailbox_octets {value}",
               r.stderr.decode())
    for name in table:
        r = check(f"{WHOLE}limit {name} 1000\n")
        tap.ok(r.returncode == 0, f"limit {name}", r.stderr.decode())
    for line, error in (
            ("limit exportrs 5", 'unknown limit "exportrs"; did you mean '
             '"exporters"?'),
            ("limit exporters 0",
             'limit exporters: "0" is not a number above 0'),
            ("limit exporters 5x", '"5x" is not a number above 0'),
            ("limit early_ms 5k", '"5k" is not a number above 0'),
            ("limit mailbox_octet 64Mi", 'did you mean "mailbox_octets"?'),
            ("limit mailbox_octets 0", 'mailbox_octets: "0" is not a number'),
            ("limit mailbox_octets 16777215", "limit mailbox_octets: 16777215 "
             "is not from 16Mi to "),
            ("limit mailbox_octets 5Gi", "limit mailbox_octets: 5Gi is not "
             "from 16Mi to "),
            ("limit metrics_exporters 2Mi", "2Mi is not from 1 to 1Mi"),
            ("limit exporters", "expected a number; the line ends here")):
        r = check(f"{WHOLE}{line}\n")
        tap.ok(r.returncode == 1 and error in r.stderr.decode() and
               b"^" in r.stderr,
               f"{line} is refused", r.stderr.decode())


def keywords():
    page = read(PAGE)
    section = page[page.index("are reserved"):page.index(".Ss Macros")]
    words = " ".join(re.findall(r"^\.Ic (.*)", section, re.M)).split()
    for word in (w for w in words if w != "."):
        r = check(f"{word} = x\n{WHOLE}")
        tap.ok(r.returncode == 1, f"{word} is reserved")


def example():
    path = os.path.join(SOURCE, "examples", "flowd.conf")
    r = check(read(path))
    tap.ok((r.returncode, faults(r)) == (0, ""), "examples/flowd.conf",
           r.stderr.decode())


def main():
    conf_page()
    field_names()
    names()
    limits()
    keywords()
    example()
    tap.done()


main()
