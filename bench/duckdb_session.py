"""DuckDB for duckdb_flows.py, as a process of its own: its Python is the one
that has the module duckdb.

    duckdb_session.py DATABASE THREADS

Reads requests, a line of JSON each, and answers with a line:

    {"sql": "...", "runs": 5}
    {"names": ["src_addr", ...], "rows": [[...], ...], "seconds": [...]}

The statement is run once before the runs that are timed, each with all of its
rows fetched; without "runs" it is run once and not timed. An error is
{"error": "..."}.
"""
import json
import sys
import time

import duckdb


def fetch(con, sql):
    cursor = con.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    return names, cursor.fetchall()


def answer(con, request):
    names, rows = fetch(con, request["sql"])
    seconds = []
    for _ in range(request.get("runs", 0)):
        begin = time.monotonic()
        fetch(con, request["sql"])
        seconds.append(time.monotonic() - begin)
    return {"names": names, "rows": rows, "seconds": seconds}


def main():
    database, threads = sys.argv[1:]
    con = duckdb.connect(database)
    con.execute(f"SET threads = {int(threads)}")
    print(json.dumps({"version": duckdb.__version__}), flush=True)
    for line in sys.stdin:
        try:
            reply = answer(con, json.loads(line))
        except duckdb.Error as e:
            reply = {"error": str(e)}
        print(json.dumps(reply, default=str), flush=True)


main()
