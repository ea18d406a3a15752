"""What the module of the first flowd had: logs, flows and their fields."""
from __future__ import annotations

import tempfile
import time as _time
import typing
from collections.abc import Iterator

from . import _flowd
from ._scan import _CLASSIC_COLUMNS, Path, Scan, _arguments

FIELD_TAG = 1 << 0
FIELD_RECV_TIME = 1 << 1
FIELD_PROTO_FLAGS_TOS = 1 << 2
FIELD_AGENT_ADDR4 = 1 << 3
FIELD_AGENT_ADDR6 = 1 << 4
FIELD_SRC_ADDR4 = 1 << 5
FIELD_SRC_ADDR6 = 1 << 6
FIELD_DST_ADDR4 = 1 << 7
FIELD_DST_ADDR6 = 1 << 8
FIELD_GATEWAY_ADDR4 = 1 << 9
FIELD_GATEWAY_ADDR6 = 1 << 10
FIELD_SRCDST_PORT = 1 << 11
FIELD_PACKETS = 1 << 12
FIELD_OCTETS = 1 << 13
FIELD_IF_INDICES = 1 << 14
FIELD_AGENT_INFO = 1 << 15
FIELD_FLOW_TIMES = 1 << 16
FIELD_AS_INFO = 1 << 17
FIELD_FLOW_ENGINE_INFO = 1 << 18
FIELD_CRC32 = 1 << 30
FIELD_RESERVED = 1 << 31
FIELD_ALL = (1 << 19) - 1 | FIELD_CRC32
FIELD_AGENT_ADDR = FIELD_AGENT_ADDR4 | FIELD_AGENT_ADDR6
FIELD_SRC_ADDR = FIELD_SRC_ADDR4 | FIELD_SRC_ADDR6
FIELD_DST_ADDR = FIELD_DST_ADDR4 | FIELD_DST_ADDR6
FIELD_SRCDST_ADDR = FIELD_SRC_ADDR | FIELD_DST_ADDR
FIELD_GATEWAY_ADDR = FIELD_GATEWAY_ADDR4 | FIELD_GATEWAY_ADDR6
DISPLAY_ALL = FIELD_ALL
DISPLAY_BRIEF = 0x39ff
STORE_VER_MAJOR = 3
STORE_VER_MINOR = 0
STORE_VERSION = STORE_VER_MAJOR << 5 | STORE_VER_MINOR

Flow = _flowd.Flow

_CHUNK = 65536
_ROWS = 4096  # of a batch
_V2_MAGIC = bytes.fromhex("012cf047")
_HEAD = 8


def iso_time(time: float, utc_flag: int = 0) -> str:
    """Seconds since 1970-01-01 UTC as YYYY-MM-DDTHH:MM:SS, in local time or
    in UTC."""
    parts = _time.gmtime(time) if utc_flag else _time.localtime(time)
    return _time.strftime("%Y-%m-%dT%H:%M:%S", parts)


def interval_time(time: int) -> str:
    """Seconds as text: "7w17h2m47s"; a year has 364 days."""
    text = ""
    for letter, seconds in (("y", 31449600), ("w", 604800), ("d", 86400),
                            ("h", 3600), ("m", 60)):
        n, time = divmod(time, seconds)
        if n:
            text += f"{n}{letter}"
    return f"{text}{time}s"


class FlowLog:
    """A log of flows, read or written one flow after the other.

    Logs of versions 2, 3 and 4 and captures are read, and version 3 is
    written. mode is "rb", "wb" or "ab". It is iterable, and a context manager.

    OSError: the file cannot be opened. ValueError: the log is damaged; flows
    in front of the damage were returned before.
    """

    def __init__(self, path: Path, mode: str = "rb") -> None:
        if "b" not in mode:
            mode += "b"
        self._begin(open(path, mode), path)

    def _begin(self, file: typing.Any, path: Path | None = None) -> None:
        self.file = file
        self._path = path
        self._octets = b""
        self._at = 0
        self._known = False  # the format was looked at
        self._flows: Iterator[Flow] = iter(())
        self._scan: Scan | None = None
        self._spool: typing.Any = None

    # --- Reading ---

    def _more(self) -> Iterator[Flow] | None:
        """Flows that come next, as an iterator; None at the end."""
        if self._scan is None and self._is_other():
            self._scan = self._scan_of_file()
        if self._scan is not None:
            return self._scan._next_flows()
        return self._more_records()

    def _more_records(self) -> Iterator[Flow] | None:
        """The same of version 3: records, as far as they are whole."""
        while True:
            flows, self._at = _flowd.records(self._octets, self._at)
            if flows:
                return iter(flows)
            chunk = self.file.read(_CHUNK)
            if not chunk:
                return None
            self._octets = self._octets[self._at:] + chunk
            self._at = 0

    def _is_other(self) -> bool:
        """Is it anything but records of version 3?"""
        if self._known:
            return False
        while len(self._octets) < _HEAD:
            chunk = self.file.read(_CHUNK)
            if not isinstance(chunk, (bytes, type(None))):
                raise TypeError("a log is read from a file of octets, such as "
                                "sys.stdin.buffer")
            if not chunk:
                break
            self._octets += chunk
        self._known = len(self._octets) >= _HEAD
        return bool(self._octets) and self._octets[0] >> 5 != STORE_VER_MAJOR

    def _scan_of_file(self) -> Scan:
        """A scan of a file that is not of version 3. What has no name is
        copied to a file first."""
        legacy = self._octets.startswith(_V2_MAGIC)
        path = self._path
        if path is None:
            self._spool = tempfile.NamedTemporaryFile(prefix="flowd-")
            self._spool.write(self._octets)
            while chunk := self.file.read(_CHUNK):
                self._spool.write(chunk)
            self._spool.flush()
            path = self._spool.name
        columns = ",".join(_CLASSIC_COLUMNS)
        return Scan(_arguments(path, None, columns, rows=_ROWS,
                               legacy=legacy), "text", _CLASSIC_COLUMNS)

    def read_flow(self) -> Flow | None:
        """The next Flow, or None at the end of the log."""
        while True:
            for flow in self._flows:
                return flow
            self._flows = iter(())
            flows = self._more()
            if flows is None:
                return None
            self._flows = flows

    def __iter__(self) -> Iterator[Flow]:
        while True:
            yield from self._flows
            self._flows = iter(())
            flows = self._more()
            if flows is None:
                return
            self._flows = flows

    # --- Writing ---

    def write_flow(self, flow: Flow, fieldmask: int = DISPLAY_ALL) -> None:
        """Append a Flow, those of its fields that are in the mask."""
        self.file.write(flow.serialise(fieldmask))

    def close(self) -> None:
        """Close the file, too."""
        if self._scan is not None:
            self._scan.close()
        if self._spool is not None:
            self._spool.close()
        self.file.close()

    def __enter__(self) -> FlowLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def FlowLog_fromfile(file: typing.Any) -> FlowLog:
    """A FlowLog of an open file: any object that has read(), or write(), of
    octets, such as sys.stdin.buffer."""
    log = FlowLog.__new__(FlowLog)
    log._begin(file)
    return log


__all__ = [name for name in globals()
           if name.startswith(("FIELD_", "DISPLAY_", "STORE_"))] + [
    "FlowLog", "FlowLog_fromfile", "interval_time", "iso_time"]
