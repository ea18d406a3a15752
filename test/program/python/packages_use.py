"""What test_python_packages.py runs in a virtual environment:

    packages_use.py FLOWD-STATS FLOWD-READER LOG...
"""
import csv
import datetime
import io
import json
import os
import subprocess
import sys
import tempfile

import duckdb
import numpy
import pandas
import polars
import pyarrow
import pyarrow.compute
import pyarrow.parquet
import flowd
import flowd.dataset
import flowd.polars

STATS, READER, *LOGS = sys.argv[1:]
number = 0
failed = 0

# Ten queries: keys, measures, the condition for flowd and as SQL, and the
# measures as SQL.
QUERIES = [
    ("src_addr", "octets", None, None, "sum(octets)"),
    ("dst_addr", "packets", None, None, "sum(packets)"),
    ("dst_port", "flows", "proto tcp", "protocol = 6", "count(*)"),
    ("protocol", "octets", None, None, "sum(octets)"),
    ("src_addr,dst_addr", "octets", "dst port 443", "dst_port = 443",
     "sum(octets)"),
    ("src_port,protocol", "packets", "octets > 1000", "octets > 1000",
     "sum(packets)"),
    ("tcp_flags", "flows", None, None, "count(*)"),
    ("if_in,if_out", "octets", None, None, "sum(octets)"),
    ("src_as", "octets", "not proto udp",
     "(protocol <> 17 OR protocol IS NULL)", "sum(octets)"),
    ("next_hop", "flows", "dst port { 53, 80 }", "dst_port IN (53, 80)",
     "count(*)"),
]


def ok(good, name, detail=""):
    global number, failed
    number += 1
    name = " ".join(name.split())
    print(f"{'ok' if good else 'not ok'} {number} - {name}", flush=True)
    if not good:
        failed += 1
        print(detail)


def stats(log, keys, measure, where):
    """Groups of flowd-stats, as {key: measure}."""
    args = [STATS, "-o", "csv", "-n", "0", "-g", keys, "-a", measure]
    if where:
        args += ["-e", where]
    text = subprocess.run([*args, log], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    rows = list(csv.reader(io.StringIO(text)))
    n = len(keys.split(","))
    return {tuple(r[:n]): int(r[n]) for r in rows[1:]}


def text(value):
    return "" if value is None or value != value else str(value)


def groups(rows, n):
    return {tuple(text(v) for v in r[:n]): int(r[n]) for r in rows}


def query(log, keys, measure, where, condition, sql):
    names = keys.split(",")
    want = stats(log, keys, measure, where)
    name = f"{os.path.basename(log)}: {measure} by {keys}, {where}"
    columns = list(dict.fromkeys(
        names + ["octets", "packets", "protocol", "dst_port"]))
    scan = flowd.scan(log, where, columns)
    n = len(names)
    ok(groups(flowd.query(log, keys, measure, where=where), n) == want,
       f"{name}: flowd.query()")
    statement = f"SELECT {keys}, {sql} FROM flows {{}} GROUP BY ALL"
    flows = flowd.scan(log, None, columns)
    con = duckdb.connect()
    con.register("flows", flows)
    got = con.sql(statement.format(
        "WHERE " + condition if condition else "")).fetchall()
    ok(groups(got, n) == want, f"{name}: DuckDB", [got[:3], list(want)[:3]])
    con = duckdb.connect()
    con.register("flows", flowd.dataset.dataset(log))
    got = con.sql(statement.format(
        "WHERE " + condition if condition else "")).fetchall()
    ok(groups(got, n) == want, f"{name}: DuckDB, a dataset")
    aggregate = polars.len() if measure == "flows" else \
        polars.col(measure).sum()
    frame = polars.DataFrame(scan)
    ok(isinstance(frame, polars.DataFrame) and groups(
        frame.group_by(names).agg(aggregate.alias("m")).rows(), n) == want,
       f"{name}: polars")
    lazy = flowd.polars.scan(log, columns=columns)
    if condition:
        lazy = lazy.filter(polars.sql_expr(condition))
    ok(groups(lazy.group_by(names).agg(aggregate.alias("m")).collect().rows(),
              n) == want, f"{name}: polars, lazy")
    table = pyarrow.table(scan)
    how = ([], "count_all") if measure == "flows" else (measure, "sum")
    got = table.group_by(names).aggregate([how])
    ok(groups(zip(*(got[c].to_pylist() for c in names),
                  got[got.num_columns - 1 if got.column_names[0] in names
                      else 0].to_pylist()), n) == want, f"{name}: pyarrow")
    pandas_groups(table, names, measure, want, name)


def pandas_groups(table, names, measure, want, name):
    frame = table.to_pandas(types_mapper=pandas.ArrowDtype)
    got = frame.groupby(names, dropna=False)
    got = got.size() if measure == "flows" else got[measure].sum()
    rows = [(*(k if isinstance(k, tuple) else (k,)), v)
            for k, v in got.items()]
    rows = [tuple(None if v is pandas.NA else v for v in r) for r in rows]
    ok(groups(rows, len(names)) == want, f"{name}: pandas")


def arrays(log):
    """NumPy sees the memory of the batch."""
    total = n = 0
    for batch in flowd.scan(log, columns="octets,recv_time,src_addr"):
        a = numpy.asarray(batch["octets"])
        b = numpy.asarray(batch["octets"])
        same = a.ctypes.data == b.ctypes.data
        ok(a.dtype == numpy.uint64 and same and not a.flags.writeable,
           "an array of NumPy is not a copy") if n == 0 else None
        times = numpy.asarray(batch["recv_time"]).view("datetime64[ns]")
        n += len(times)
        total += int(a.sum())
        wide = numpy.frombuffer(batch["src_addr"].addr16(), "u1")
        ok(wide.reshape(-1, 16).shape == (len(batch), 16),
           "addresses of 16 octets") if n == len(batch) else None
        if n == len(batch):
            valid = numpy.unpackbits(
                numpy.asarray(batch["octets"].valid).view("u1"),
                bitorder="little")[:len(batch)]
            ok(int(valid.sum()) == len(batch) - batch["octets"].null_count,
               "bits of rows that have a value")
    ok((n, total) == tuple(sum(stats(log, "protocol", m, None).values())
                           for m in ("flows", "octets")),
       "NumPy: the number of flows, and the sum of octets")


def forms(log):
    """Addresses in each form."""
    columns = "src_addr,dst_addr,octets"
    plain = pyarrow.table(flowd.scan(log, None, columns))
    ok(plain.schema.field("src_addr").type == pyarrow.string(), "text")
    table = pyarrow.table(flowd.scan(log, None, columns,
                                     addresses="dictionary"))
    ok(pyarrow.types.is_dictionary(table.schema.field("src_addr").type) and
       table["src_addr"].to_pylist() == plain["src_addr"].to_pylist(),
       "dictionary")
    table = pyarrow.table(flowd.scan(log, None, columns, addresses="binary"))
    ok(table.schema.field("src_addr").type == pyarrow.binary(16) and
       b"".join(x or bytes(16) for x in table["src_addr"].to_pylist()) ==
       b"".join(b["src_addr"].addr16()
                for b in flowd.scan(log, None, columns)), "binary")
    table = pyarrow.table(flowd.scan(log, None, columns, addresses="ipv4"))
    ok(table.schema.field("src_addr").type == pyarrow.uint32() and
       [x is None for x in table["src_addr"].to_pylist()] ==
       [x is None or ":" in x for x in plain["src_addr"].to_pylist()], "ipv4")
    for form in ("text", "dictionary", "binary", "ipv4"):
        frame = polars.DataFrame(flowd.scan(log, None, columns,
                                            addresses=form))
        rows = duckdb.sql("SELECT count(*) FROM frame").fetchall()
        ok(len(frame) == plain.num_rows == rows[0][0],
           f"{form}: polars and DuckDB take it")
    ok(pyarrow.schema(flowd.scan(log)).field("recv_time").type ==
       pyarrow.timestamp("ns", "UTC"), "times are timestamp[ns, UTC]")
    batch = next(flowd.scan(log))
    ok(pyarrow.record_batch(batch).num_rows == len(batch) and
       polars.DataFrame(batch).shape == (len(batch), len(batch.columns)),
       "a batch alone")


def parquet(log):
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "flows.parquet")
        reader = pyarrow.RecordBatchReader.from_stream(flowd.scan(log))
        with pyarrow.parquet.ParquetWriter(path, reader.schema) as w:
            for batch in reader:
                w.write_batch(batch)
        back = pyarrow.parquet.read_table(path)
        ok(back.equals(pyarrow.table(flowd.scan(log))),
           "a Parquet file reads back equal")


def pushdown(log):
    """What goes down to the scan, and what comes back."""
    import flowd._pushdown as down
    epoch = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    col = polars.col
    for expression, where in (
            (col("dst_port") == 443, "dst_port 443"),
            ((col("octets") > 500) & (col("protocol") == 6),
             "(octets > 500 and protocol 6)"),
            ((col("octets") > 500) & col("src_addr").str.contains("1"),
             "(octets > 500)"),
            ((col("octets") > 500) | col("src_addr").str.contains("1"), None),
            (~(col("octets") > 500), None),
            (col("src_addr") == "10.0.0.1", "src_addr 10.0.0.1"),
            (col("src_addr") == "ten", None),
            (col("octets").is_between(5, 9),
             "(octets >= 5 and octets <= 9)"),
            (col("recv_time") >= epoch, "recv_time >= 2020-01-01T00:00:00Z"),
            (col("recv_time") < epoch, "recv_time <= 2020-01-01T00:00:01Z"),
            (col("octets") + 1 > 5, None), (col("octets") == -1, None)):
        got = down.where_of(down.of_polars(expression))
        ok(got == where, f"polars: {expression} is {where}", got)
        lazy = flowd.polars.scan(log).filter(expression)
        ok(len(lazy.collect()) ==
           len(polars.DataFrame(flowd.scan(log)).filter(expression)),
           f"polars: as many flows: {expression}")
    field = pyarrow.compute.field
    for expression, where in (
            (field("dst_port") == 443, "dst_port 443"),
            ((field("octets") > 500) & field("octets").is_valid(),
             "(octets > 500)"),
            ((field("octets") > 500) | field("octets").is_valid(), None),
            (~(field("octets") > 500), None),
            (field("src_addr") == "10.0.0.1", "src_addr 10.0.0.1"),
            (field("dst_port").isin([53, 443]), None)):
        got = down.where_of(down.of_arrow(expression))
        ok(got == where, f"Arrow: {expression} is {where}", got)
        data = flowd.dataset.dataset(log)
        ok(data.to_table(filter=expression).num_rows ==
           pyarrow.table(flowd.scan(log)).filter(expression).num_rows,
           f"Arrow: as many flows: {expression}")
    lazy = flowd.polars.scan(log)
    ok(lazy.head(5).collect().height == 5 and
       lazy.select("octets").collect().columns == ["octets"] and
       lazy.select(polars.len()).collect().item() ==
       flowd.scan(log).count(), "polars: head, select, len")
    ok(flowd.dataset.dataset(log).count_rows() == flowd.scan(log).count(),
       "a dataset is counted")


def main():
    for log in LOGS:
        for q in QUERIES:
            query(log, *q)
    arrays(LOGS[0])
    forms(LOGS[0])
    parquet(LOGS[0])
    pushdown(LOGS[0])
    print(json.dumps({"numpy": numpy.__version__,
                      "pyarrow": pyarrow.__version__,
                      "polars": polars.__version__,
                      "duckdb": duckdb.__version__,
                      "pandas": pandas.__version__}))
    sys.exit(failed > 0)


main()
