"""Put the tables of keys and measures into a manual page.

    measures.py PAGE KEY.DEF MEASURE.DEF OUT

A line of the page that is .\\" KEYS becomes a list of the words of keys, and one
that is .\\" MEASURES a list of measures, with the text of each.
"""
import re
import sys

ROW = re.compile(r'^(\w+)\((\w+),.*?"([^"]*)"\)$', re.M)


def rows(path):
    """(macro, word, text) of each row."""
    with open(path, encoding="utf-8") as f:
        return ROW.findall(re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S))


def listed(items):
    out = [".Bl -tag -width conversation -compact"]
    for word, text in items:
        out += [f".It {word}", text]
    return "\n".join(out + [".El"])


def keys(path):
    return listed([(f"Li {word}", text) for _, word, text in rows(path)])


def measures(path):
    found = [(f"Li {word}" if macro == "MEASURE"
              else f"Li {word} Ns Pq Ar column", text)
             for macro, word, text in rows(path)]
    return listed(found + [(
        "Li p50 Ns Pq Ar column",
        "the percentile of this number, 0.1 to 99.9; ~ if it is an estimate")])


if __name__ == "__main__":
    page, key_def, measure_def, target = sys.argv[1:]
    with open(page, encoding="utf-8") as f:
        text = f.read()
    for mark, made in (("KEYS", keys(key_def)),
                       ("MEASURES", measures(measure_def))):
        assert f'\n.\\" {mark}\n' in text, (page, mark)
        text = text.replace(f'\n.\\" {mark}\n', f"\n{made}\n")
    with open(target, "w", encoding="utf-8") as f:
        f.write(text)
