#!/usr/bin/env python3
"""Print logs, a flow on a line, as flowd-reader does.

    reader.py [-v] [-u] LOG...

    -v  all fields        -u  times in UTC
"""
import getopt
import sys

import flowd


def usage():
    sys.exit(__doc__.strip())


def main():
    try:
        options, paths = getopt.getopt(sys.argv[1:], "hvu")
    except getopt.GetoptError as e:
        sys.exit(f"reader.py: {e}")
    options = dict(options)
    if "-h" in options or not paths:
        usage()
    mask = flowd.DISPLAY_ALL if "-v" in options else flowd.DISPLAY_BRIEF
    utc = "-u" in options
    for path in paths:
        print("LOGFILE", path)
        log = flowd.FlowLog_fromfile(sys.stdin.buffer) if path == "-" \
            else flowd.FlowLog(path)
        for flow in log:
            print(flow.format(utc, mask))


try:
    main()
except (OSError, ValueError) as why:
    sys.exit(f"reader.py: {why}")
