"""Put the table of columns into a manual page.

    columns.py PAGE COLUMNS.DEF OUT

A line of the page that is .\\" COLUMNS becomes a list with the name and the
text of every column that is an output.
"""
import re
import sys

ROW = re.compile(r'^COLUMN\(\s*\d+,\s*(\w+),.*?(\w+),\s*"([^"]*)"\)')


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


if __name__ == "__main__":
    page, definitions, target = sys.argv[1:]
    with open(page, encoding="utf-8") as f:
        text = f.read()
    assert '\n.\\" COLUMNS\n' in text, page
    with open(target, "w", encoding="utf-8") as f:
        f.write(text.replace('.\\" COLUMNS', table(columns(definitions))))
