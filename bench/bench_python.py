"""The Python module: flows a second of ten million, as columns, Arrow tables,
Flow objects; one thread, and two.

    bench_python.py BUILD

BENCH_FLOWS: another number of flows. NumPy and pyarrow come into a virtual
environment; where they cannot be had, columns are taken as memoryviews, and
there is no Arrow table. Each row has the time of the clock, of which the least
of some runs is taken, and the time of processors, as others may use the
machine, too.
"""
import os
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(sys.argv[1])
FLOWS = int(os.environ.get("BENCH_FLOWS", 10000000))
RUNS = 3
COLUMNS = ("recv_time,src_addr,dst_addr,src_port,dst_port,protocol,packets,"
           "octets")
MODULE = os.path.join(BUILD, "python")


def venv(folder):
    """Begin anew with a Python that has the packages, if they can be had."""
    python = os.path.join(folder, "bin", "python3")
    for command in ([sys.executable, "-m", "venv", folder],
                    [python, "-m", "pip", "install", "-q", "--retries", "0",
                     "--disable-pip-version-check", "--only-binary", ":all:",
                     "numpy", "pyarrow"]):
        try:
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, timeout=300)
        except (OSError, subprocess.SubprocessError):
            return sys.executable
    return python


def logs(folder):
    send = os.path.join(BUILD, "send", "flowd-send")
    reader = os.path.join(BUILD, "reader", "flowd-reader")
    capture = os.path.join(folder, "flows.pcap")
    subprocess.run([send, "-q", "-g", str(FLOWS), "--as", "5", "-r", "20000",
                    "-w", capture], check=True)
    for to in ("v3", "v4"):
        subprocess.run([reader, "-q", "--to", to, "-o",
                        os.path.join(folder, to), capture], check=True)
    os.unlink(capture)


def measure(name, call, target=None):
    best = None
    for _ in range(RUNS):
        wall, cpu = time.monotonic(), time.process_time()
        n = call()
        assert n == FLOWS, (name, n)
        took = (time.monotonic() - wall, time.process_time() - cpu)
        best = took if best is None else min(best, took)
    rate, by_cpu = (FLOWS / t / 1e6 for t in best)
    print(f"python {name:<38} {rate:7.2f} M flows/s, {by_cpu:7.2f} a CPU s"
          + (f"  target {target}" if target else ""), flush=True)
    return best[0]


def columns(flowd, path, names, threads, array):
    def call():
        n = 0
        for batch in flowd.scan(path, None, names, threads=threads):
            for name in batch.columns:
                array(batch[name])
            n += len(batch)
        return n
    return call


def flows(log, attributes=()):
    def call():
        n = 0
        for flow in log():
            for name in attributes:
                getattr(flow, name)
            n += 1
        return n
    return call


def bench(folder):
    sys.path.insert(0, MODULE)
    import flowd
    v3, v4 = (os.path.join(folder, to) for to in ("v3", "v4"))
    try:
        import numpy
        import pyarrow
        array, arrays = numpy.asarray, "NumPy"
    except ImportError:
        pyarrow, array, arrays = None, memoryview, "memoryviews"
    measure(f"2 columns into {arrays}",
            columns(flowd, v4, "dst_port,octets", 1, array), 20)
    one = measure(f"8 columns into {arrays}",
                  columns(flowd, v4, COLUMNS, 1, array), 20)
    two = measure(f"8 columns into {arrays}, 2 threads",
                  columns(flowd, v4, COLUMNS, 2, array))
    print(f"python two threads: {one / two:.2f} x one  target 1.6", flush=True)
    if pyarrow is None:
        print("python: no pyarrow: no Arrow tables")
    for form in ("text", "dictionary", "binary", "ipv4") if pyarrow else ():
        measure(f"8 columns into an Arrow table, {form}",
                lambda: pyarrow.table(flowd.scan(
                    v4, None, COLUMNS, threads=1, addresses=form)).num_rows,
                10)
    fast = measure("Flow objects", flows(lambda: flowd.FlowLog(v4)), 1)
    measure("Flow objects, 4 attributes", flows(
        lambda: flowd.FlowLog(v4),
        ("src_addr", "dst_addr", "dst_port", "octets")))
    old = measure("Flow objects of version 3",
                  flows(lambda: flowd.FlowLog(v3)))
    print(f"python version 3: {fast / old:.2f} x version 4  target 0.5")
    measure("count", lambda: flowd.scan(v4).count())


def main():
    if len(sys.argv) > 2:
        bench(sys.argv[2])
        return
    if not os.path.isdir(os.path.join(MODULE, "flowd")):
        print("python: the module is not built")
        return
    with tempfile.TemporaryDirectory() as tmp:
        python = venv(os.path.join(tmp, "venv"))
        logs(tmp)
        subprocess.run([python, os.path.abspath(__file__), BUILD, tmp],
                       check=True)


main()
