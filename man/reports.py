"""Put the tables of reports into a manual page.

    reports.py PAGE REPORTS.DEF OUT

A line of the page that is .\\" REPORTS becomes a part for each kind of report,
with the key, the metric and the text of each of its fields.
"""
import re
import sys

STATEMENT = re.compile(r"^(REPORT|FIELD)\(((?:[^\"()]|\"(?:[^\"\\]|\\.)*\"|\n)*)\)",
                       re.M)
PART = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s,"]+)')


def reports(path):
    """[(word, text, [(name, metric or None, text)])] of each kind."""
    found = []
    with open(path, encoding="utf-8") as f:
        text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    for kind, inside in STATEMENT.findall(text):
        parts = [re.sub(r"\\(.)", r"\1", quoted) or bare
                 for quoted, bare in PART.findall(inside)]
        assert len(parts) == (4 if kind == "REPORT" else 9), parts
        if kind == "REPORT":
            _, word, _, about = parts
            found.append((word, about, []))
        else:
            name, metric = parts[1], parts[7]
            if parts[4] == "HIDDEN":
                continue
            found[-1][2].append(
                (name, None if metric == "NULL" else metric, parts[8]))
    return found


def tables(path):
    out = []
    for word, about, fields in reports(path):
        out += [f".Ss {word}", f"{about}.",
                ".Bl -tag -width exporters_evicted"]
        for name, metric, text in fields:
            out += [f".It Li {name}", text + ("" if metric is None else ".")]
            if metric is not None:
                out += [f".br", f".Li {metric}"]
        out.append(".El")
    return "\n".join(out)


if __name__ == "__main__":
    page, definitions, target = sys.argv[1:]
    with open(page, encoding="utf-8") as f:
        text = f.read()
    mark = '\n.\\" REPORTS\n'
    assert mark in text, page
    with open(target, "w", encoding="utf-8") as f:
        f.write(text.replace(mark, f"\n{tables(definitions)}\n"))
