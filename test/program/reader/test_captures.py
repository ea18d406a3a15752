"""The shared captures through flowd-reader --json."""
import os
import tempfile

import capture_expect
from flowdtest import datagrams_pcap, reader_json
from tap import Tap

tap = Tap()
count = 0
with tempfile.TemporaryDirectory() as tmp:
    for name, case in capture_expect.cases():
        count += 1
        path = os.path.join(tmp, name + ".pcap")
        with open(path, "wb") as f:
            f.write(datagrams_pcap(capture_expect.payloads(name, case)))
        flows, r = reader_json(path)
        tap.ok(r.returncode == 0, f"{name} is read", r.stderr.decode())
        problems = capture_expect.compare(case, flows)
        tap.ok(not problems, f"{name} decodes to its flows", problems)
if count == 0:
    tap.skip("captures", "no shared data in this clone")
tap.done()
