#!/usr/bin/env python3
"""Print flows as they come through the socket of "logsock" in flowd.conf(5).

    sockclient.py [-v] [-u] PATH

    -v  all fields        -u  times in UTC

The socket is made at PATH, and removed in the end.
"""
import getopt
import os
import signal
import socket
import sys

import flowd

RECORD_MAX = 1024


def main():
    try:
        options, paths = getopt.getopt(sys.argv[1:], "hvu")
    except getopt.GetoptError as e:
        sys.exit(f"sockclient.py: {e}")
    options = dict(options)
    if "-h" in options or len(paths) != 1:
        sys.exit(__doc__.strip())
    mask = flowd.DISPLAY_ALL if "-v" in options else flowd.DISPLAY_BRIEF
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(paths[0])
        try:
            while True:
                flow = flowd.Flow(s.recv(RECORD_MAX))
                print(flow.format("-u" in options, mask), flush=True)
        except KeyboardInterrupt:
            pass
        finally:
            os.unlink(paths[0])


try:
    main()
except OSError as why:
    sys.exit(f"sockclient.py: {why}")
