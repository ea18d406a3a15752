"""A flowd with logdirs, and what is in them."""
import json
import os
import re
import shutil
import tempfile
import time

from daemon import Flowd
from flowdtest import run

NAME = re.compile(r"\d{8}T\d{6}Z(-\d+)?\.flow")


def segments(folder):
    """Names, the oldest first; [] while there is no folder."""
    try:
        return sorted(n for n in os.listdir(folder) if NAME.fullmatch(n))
    except OSError:
        return []


class Dirs(Flowd):
    """A flowd with logdirs; {name} in the text is a folder of its own."""

    def __init__(self, text, names=("a", "b"), start=True, **kw):
        super().__init__(start=False, **kw)
        self.folder = {n: self.path(n) for n in names}
        self.text = text
        self.write_dirs()
        if start:
            self.start()

    def write_dirs(self, text=None):
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write(f'pidfile "{self.pid}"\nlisten on {self.listen()}\n' +
                    (text or self.text).format(**self.folder,
                                               dir=self.dir.name))

    def __getitem__(self, name):
        return self.folder[name]


def put_segments(folder, starts, flows=10):
    """Segments of these times, as a collector of then would have left them."""
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory() as d:
        pcap, log = os.path.join(d, "t.pcap"), os.path.join(d, "log")
        run(["flowd-send", "-g", str(flows), "--as", "5", "-w", pcap])
        run(["flowd-reader", "-q", "--to", "v4:none", "-o", log, pcap])
        names = [time.strftime("%Y%m%dT%H%M%SZ.flow", time.gmtime(t))
                 for t in starts]
        for name, t in zip(names, starts):
            shutil.copy(log, os.path.join(folder, name))
            os.utime(os.path.join(folder, name), (t + 300, t + 300))
    return names


def told_of(f):
    """What flowctl says of the first logdir."""
    r = run(["flowctl", "-s", f.path("pid.sock"), "-j", "logs"])
    return next(row for row in map(json.loads, r.stdout.splitlines())
                if row["log"] == "logdir")
