"""The flows of a capture as nfcapd stores them, which gets them over loopback:
for benchmarks that ask nfdump the same as flowd.
"""
import os
import shutil
import signal
import socket
import subprocess
import time

RATE = 20000  # datagrams a second


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def flows_of(file):
    text = subprocess.run(["nfdump", "-I", "-r", file], check=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout
    for line in text.splitlines():
        if line.startswith("Flows:"):
            return int(line.split(":")[1])
    return 0


def collect(send, capture, folder, *options):
    """The file of nfcapd, and how many flows it has; None and 0 where there is
    no nfcapd. send: flowd-send."""
    if shutil.which("nfcapd") is None:
        return None, 0
    os.mkdir(folder)
    port = str(free_port())
    nfcapd = subprocess.Popen(
        ["nfcapd", "-b", "127.0.0.1", "-p", port, "-w", folder, "-t", "3600",
         "-B", "16777216", *options], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(1)
    subprocess.run([send, "--rate", str(RATE), "127.0.0.1:" + port, capture],
                   check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(1)
    nfcapd.send_signal(signal.SIGTERM)
    nfcapd.wait(timeout=60)
    files = [os.path.join(folder, f) for f in os.listdir(folder)
             if f.startswith("nfcapd.2")]
    if len(files) != 1:
        return None, 0
    return files[0], flows_of(files[0])
