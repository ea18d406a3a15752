"""Put the table of columns into a manual page.

    columns.py PAGE COLUMNS.DEF OUT

A line of the page that is .\\" COLUMNS becomes a list with the name and the
text of every column that is an output, and one that is .\\" COLUMN IDS a table
of what each is in columnar logs.
"""
import re
import sys

ROW = re.compile(r'^COLUMN\(\s*\d+,\s*(\w+),.*?(\w+),\s*"([^"]*)"\)')
ID_ROW = re.compile(r"^COLUMN\(\s*(\d+),\s*(\w+),\s*(\w+),")
TYPES = {"U8": "1 octet", "U16": "2 octets", "U32": "4 octets",
         "U64": "8 octets", "TIME": "time", "ADDR": "address",
         "MAC": "MAC address", "BYTES": "octets"}


def columns(path):
    """(name, text) of each column that is printed."""
    with open(path, encoding="utf-8") as f:
        rows = [m.groups() for m in map(ROW.match, f) if m]
    return [(name, text) for name, flags, text in rows if flags != "RECORD"]


def table(rows):
    out = [".Pp", ".Bl -tag -width flow_start_uptime_ms -compact"]
    for name, text in rows:
        out += [f".It Li {name}", text]
    return "\n".join(out + [".El"])


def id_table(path):
    """The id, name and type of each column in columnar logs."""
    out = ['.Bl -column "id" "flow_start_uptime_ms" "type" -offset indent',
           ".It Sy id Ta Sy name Ta Sy type"]
    with open(path, encoding="utf-8") as f:
        for m in filter(None, map(ID_ROW.match, f)):
            out.append(f".It {m[1]} Ta {m[2]} Ta {TYPES[m[3]]}")
    return "\n".join(out + [".El"])


if __name__ == "__main__":
    page, definitions, target = sys.argv[1:]
    with open(page, encoding="utf-8") as f:
        text = f.read()
    for mark, made in (("COLUMNS", table(columns(definitions))),
                       ("COLUMN IDS", id_table(definitions))):
        text = text.replace(f'\n.\\" {mark}\n', f"\n{made}\n")
    assert '\n.\\" COLUMN' not in text, page
    with open(target, "w", encoding="utf-8") as f:
        f.write(text)
