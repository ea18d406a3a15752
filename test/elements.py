"""Elements by lib/decode/tables/elements.def: what outputs call them, and how a value
looks that is easily told. For tests that read other than by our library."""
import ipaddress
import os
import re

from flowdtest import SOURCE

ROW = re.compile(r"ELEMENT(_NUMBER)?\s*\(\s*(\d+),\s*(\d+),\s*(\w+),\s*"
                 r"(\w+),")
# (enterprise, from this number on, stands for those of, reverse direction)
NUMBERINGS = [(0, 57472, 35632, False), (0, 32768, 9, False),
              (6871, 16384, 6871, True), (29305, 0, 0, True)]


def table():
    """{(enterprise, number): (name, type)} as outputs have them: some that
    are known have no name there."""
    found = {}
    with open(os.path.join(SOURCE, "lib", "decode", "tables", "elements.def"),
              encoding="utf-8") as f:
        for m in filter(None, map(ROW.match, f)):
            name = m[4] if m[1] is None else None
            found[int(m[2]), int(m[3])] = name, m[5]
    return found


TABLE = table()


def find(pen, number):
    """(name, type) of an element, or (None, None)."""
    if (pen, number) in TABLE:
        return TABLE[pen, number]
    for of, higher, to, reverse in NUMBERINGS:
        if pen == of and number >= higher:
            name, kind = TABLE.get((to, number - higher), (None, None))
            if reverse and name is not None:
                name = "reverse" + name[0].upper() + name[1:]
            return name, kind
    return None, None


def name(pen, number):
    """What JSON calls it."""
    known = find(pen, number)[0]
    return known or (f"{pen}.{number}" if pen else str(number))


def value(pen, number, octets):
    """What can be said of it without knowing more than its type, or None."""
    kind = find(pen, number)[1]
    if kind == "UNSIGNED" and 1 <= len(octets) <= 8:
        return int.from_bytes(octets, "big")
    if kind == "ADDR4" and len(octets) == 4:
        return str(ipaddress.ip_address(octets))
    if kind is None or kind in ("OCTETS", "LIST"):
        return octets.hex()
    return None
