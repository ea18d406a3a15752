"""Put the numbers of the columns into flowd/column.h.

    column.py COLUMN.H.IN COLUMNS.DEF OUT

The line @COLUMNS@ becomes an enumerator for every column, with its type, its
unit and what it is.
"""
import re
import sys

ROW = re.compile(r'^COLUMN\(\s*(\d+),\s*(\w+),\s*(\w+),\s*(\w+),'
                 r'.*,\s*"([^"]*)"\)')
UNITS = {"NONE": "", "MS": ", ms", "PACKETS": ", packets",
         "OCTETS": ", octets"}
TYPES = {"BYTES": "OCTETS"}


def enumerators(path):
    with open(path, encoding="utf-8") as f:
        for m in filter(None, map(ROW.match, f)):
            number, name, kind, unit, text = m.groups()
            yield f"\t/* {text} */"
            yield (f"\tFLOWD_COL_{name} = {number}, "
                   f"/* {TYPES.get(kind, kind)}{UNITS[unit]} */")


if __name__ == "__main__":
    template, definitions, target = sys.argv[1:]
    with open(template, encoding="utf-8") as f:
        page = f.read()
    made = "\n".join(enumerators(definitions))
    assert "@COLUMNS@" in page and made
    with open(target, "w", encoding="utf-8") as f:
        f.write(page.replace("@COLUMNS@", made))
