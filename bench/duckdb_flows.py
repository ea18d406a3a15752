"""The flows of a log in DuckDB, which runs as duckdb_session.py."""
import importlib.util
import json
import os
import subprocess
import sys

SESSION = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       "duckdb_session.py")
INSTALL_SECONDS = 300

# Columns that NetFlow 5 fills, and their types in DuckDB.
COLUMNS = {
    "recv_time": "TIMESTAMP", "agent_addr": "UINTEGER",
    "netflow_version": "USMALLINT", "sys_uptime_ms": "UINTEGER",
    "agent_time": "TIMESTAMP", "engine_type": "UTINYINT",
    "engine_id": "UTINYINT", "sequence": "UINTEGER", "src_addr": "UINTEGER",
    "dst_addr": "UINTEGER", "next_hop": "UINTEGER", "src_port": "USMALLINT",
    "dst_port": "USMALLINT", "protocol": "UTINYINT", "tcp_flags": "UTINYINT",
    "tos": "UTINYINT", "packets": "UINTEGER", "octets": "UINTEGER",
    "if_in": "USMALLINT", "if_out": "USMALLINT", "src_as": "USMALLINT",
    "dst_as": "USMALLINT", "src_mask": "UTINYINT", "dst_mask": "UTINYINT",
    "flow_start": "TIMESTAMP", "flow_end": "TIMESTAMP",
    "flow_start_uptime_ms": "UINTEGER", "flow_end_uptime_ms": "UINTEGER"}
DERIVED = "flow_start_uptime_ms, flow_end_uptime_ms"  # from the times
ADDRESSES = ("agent_addr", "src_addr", "dst_addr", "next_hop")


class Missing(Exception):
    """Why there is no DuckDB."""


def last_line(text):
    return (text.strip().splitlines() or ["it does not say why"])[-1]


def duckdb_python(tmp):
    """A Python that has the module duckdb."""
    if importlib.util.find_spec("duckdb") is not None:
        return sys.executable
    environment = os.path.join(tmp, "venv")
    python = os.path.join(environment, "bin", "python")
    for command in ([sys.executable, "-m", "venv", environment],
                    [python, "-m", "pip", "install", "-q", "--retries", "1",
                     "--timeout", "15", "--disable-pip-version-check",
                     "duckdb"]):
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, timeout=INSTALL_SECONDS,
                check=False)
        except (OSError, subprocess.TimeoutExpired) as e:
            raise Missing(str(e)) from e
        if done.returncode != 0:
            raise Missing(last_line(done.stdout))
    return python


def address(name):
    """SQL that makes a number of the text of an IPv4 address."""
    return "(" + " + ".join(
        f"split_part({name}, '.', {i + 1})::UBIGINT * {256 ** (3 - i)}"
        for i in range(4)) + f")::UINTEGER AS {name}"


class DuckDB:
    """A database of one log: the table flows, and the view parquet. reader:
    flowd-reader."""
    def __init__(self, python, threads, tmp, reader, log):
        self.database = os.path.join(tmp, "flows.db")
        self.file = os.path.join(tmp, "flows.parquet")
        self.process = subprocess.Popen(
            [python, SESSION, self.database, str(threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.version = self.reply()["version"]
        self.load(os.path.join(tmp, "flows.csv"), reader, log)

    def reply(self):
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": "it has ended"}
        if "error" in answer:
            sys.exit(f"DuckDB: {answer['error']}")
        return answer

    def ask(self, sql, runs=0):
        request = {"sql": sql, "runs": runs}
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return self.reply()

    def load(self, text, reader, log):
        with open(text, "wb") as f:
            subprocess.run([reader, "--csv", "--fields", ",".join(COLUMNS),
                            log], check=True, stdin=subprocess.DEVNULL,
                           stdout=f)
        types = {name: "VARCHAR" if name in ADDRESSES else kind
                 for name, kind in COLUMNS.items()}
        columns = ", ".join(address(name) if name in ADDRESSES else name
                            for name in COLUMNS)
        self.ask(f"CREATE TABLE flows AS SELECT {columns} FROM "
                 f"read_csv('{text}', header = true, columns = {types})")
        os.unlink(text)
        self.ask("CHECKPOINT")
        self.write_parquet("flows", self.file)
        self.ask(f"CREATE VIEW parquet AS SELECT * FROM '{self.file}'")

    def write_parquet(self, source, file):
        self.ask(f"COPY {source} TO '{file}' "
                 f"(FORMAT parquet, COMPRESSION zstd)")

    def parquet_sizes(self):
        """Names and octets of the file, and of one without what is derived."""
        file = self.file + ".less"
        self.write_parquet(f"(SELECT * EXCLUDE ({DERIVED}) FROM flows)", file)
        less = os.path.getsize(file)
        os.unlink(file)
        return (("Parquet", os.path.getsize(self.file)),
                ("without uptimes", less))

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        os.unlink(self.database)
        os.unlink(self.file)


def plain(name, value):
    """A value of DuckDB as flowd-stats prints it in CSV."""
    if name in ADDRESSES:
        return ".".join(str(b) for b in value.to_bytes(4, "big"))
    if name == "time":
        return value.replace(" ", "T") + "Z"
    return str(value)
