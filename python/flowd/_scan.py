"""Scans: the flows of logs and captures, as columns, rows or Flow objects."""
from __future__ import annotations

import datetime
import os
import typing
from collections.abc import Iterable, Iterator

from . import _flowd

# enum flowd_scan_flags
_LEGACY, _FOLLOW, _SALVAGE, _MMAP, _UTC = 1, 2, 4, 8, 16

_INT64 = 1 << 63
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
Path = typing.Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]",
                    int]
Time = typing.Union[datetime.datetime, int, str, None]
Addresses = typing.Literal["text", "dictionary", "binary", "ipv4"]

_ADDRESSES = ("text", "dictionary", "binary", "ipv4")


class Column(typing.NamedTuple):
    """What a column is."""
    name: str
    number: int
    type: str
    unit: str
    record: bool
    text: str


COLUMNS = {c[0]: Column(*c) for c in _flowd.columns_list()}
_FLOW_COLUMNS = tuple(c.name for c in COLUMNS.values() if not c.record)
# Those that Flow objects are made of: numbers up to that of event_time.
_CLASSIC_COLUMNS = tuple(
    c.name for c in COLUMNS.values()
    if c.record or c.number <= COLUMNS["event_time"].number)


def _paths(paths: Path | Iterable[Path]
           ) -> tuple[tuple[bytes, ...], tuple[int, ...]]:
    """Paths as bytes, and descriptors: of one of these, or of several."""
    if isinstance(paths, (str, bytes, os.PathLike, int)):
        paths = (paths,)
    paths = tuple(paths)
    return (tuple(os.fsencode(p) for p in paths if not isinstance(p, int)),
            tuple(p for p in paths if isinstance(p, int)))


def _check(paths: tuple[bytes, ...]) -> None:
    """FileNotFoundError now, not when it is the turn of the path."""
    for path in paths:
        if path != b"-":
            os.stat(path)


def _names(columns: str | Iterable[str]) -> tuple[str, ...]:
    """Names of columns, of a text or of several, as a tuple."""
    if isinstance(columns, str):
        columns = columns.split(",")
    return tuple(str.strip(c) for c in columns)


def _ns(time: Time, utc: bool) -> int:
    """A datetime or an int as nanoseconds since 1970-01-01 UTC."""
    if isinstance(time, datetime.datetime):
        if time.tzinfo is None:
            time = time.replace(tzinfo=datetime.timezone.utc) if utc \
                else time.astimezone()
        past = time - _EPOCH
        return ((past.days * 86400 + past.seconds) * 10**6 +
                past.microseconds) * 1000
    if isinstance(time, int):
        return time
    raise TypeError("a time is a datetime, an int in nanoseconds since "
                    f"1970-01-01 UTC, or a str, not {time!r}")


def _times(start: Time, end: Time, utc: bool
           ) -> tuple[str | None, int, int]:
    """Both as the library takes them: (text, start_ns, end_ns)."""
    if isinstance(start, str) or isinstance(end, str):
        for time in (start, end):
            if not isinstance(time, (str, type(None))):
                raise TypeError("start and end are both texts, or neither is")
        text = f"{start or ''},{end}" if end else str(start)
        return text, 0, 0
    if start is None and end is None:
        return None, 0, 0
    after = 0 if start is None else _ns(start, utc)
    before = 0 if end is None else _ns(end, utc)
    if start is not None and end is not None and before <= after:
        raise ValueError("end is not after start")
    # To the library, 0 is no limit.
    if end is not None and before == 0:
        before = -1
    for ns in (after, before):
        if not -_INT64 <= ns < _INT64:
            raise ValueError("a time is out of range")
    return None, after, before


def _count(name: str, number: int) -> int:
    if not isinstance(number, int):
        raise TypeError(f"{name}: an int is wanted")
    if not 0 <= number < 1 << 31:
        raise ValueError(f"{name}: {number} is out of range")
    return number


def _arguments(paths: Path | Iterable[Path], where: object | None,
               columns: str | None, *, start: Time = None, end: Time = None,
               rules: str | bytes | os.PathLike[str] | None = None,
               threads: int = 0, utc: bool = False,
               flows_max: int = 0, rows: int = 0, legacy: bool = False,
               follow: bool = False, salvage: bool = False,
               mapped: bool | None = None) -> tuple[typing.Any, ...]:
    """What a scan reads, as the extension takes it."""
    if mapped is None:
        mapped = _count("threads", threads) > 1
    flags = (_LEGACY * bool(legacy) | _FOLLOW * bool(follow) |
             _SALVAGE * bool(salvage) | _MMAP * bool(mapped or follow) |
             _UTC * bool(utc))
    text, after, before = _times(start, end, utc)
    if where is not None:
        where = str(where)
    if rules is not None:
        rules = os.fsdecode(rules)
    names, fds = _paths(paths)
    if not follow:
        _check(names)
    return (names, where, rules, text, columns, after, before, flags,
            _count("threads", threads), _count("flows_max", flows_max),
            _count("rows", rows), fds)


class Scan:
    """The flows of logs and captures for which an expression holds.

    An iterator of Batch objects, in the order of the files, that is read once:

        with flowd.scan("/var/flow", where="dst port 443",
                        columns="src_addr,octets") as scan:
            for batch in scan:
                total += numpy.asarray(batch["octets"]).sum()

    To Arrow it is a stream that begins with the first flow whenever somebody
    asks for it: pyarrow.table(scan), polars.DataFrame(scan),
    duckdb.sql("from scan").

    One thread at a time may read from it; RuntimeError says that another one
    does. cancel() may be called by any, and ends it with Canceled. After
    close(): ValueError.
    """

    def __init__(self, arguments: tuple[typing.Any, ...], addresses: str,
                 names: tuple[str, ...]) -> None:
        if addresses not in _ADDRESSES:
            raise ValueError(f"addresses: \"{addresses}\" is none; there are "
                             + ", ".join(_ADDRESSES))
        self._arguments = arguments
        self._addresses = addresses
        self._names = names
        self._native = _flowd.Scan(arguments, _ADDRESSES.index(addresses))

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of its batches."""
        return self._names

    @property
    def warnings(self) -> int:
        """How many warnings there were: damage that was left out, flows that
        were missed. Each is a FlowdWarning, too."""
        return self._native.warnings

    @property
    def closed(self) -> bool:
        return self._native.closed

    def __iter__(self) -> Scan:
        return self

    def __next__(self) -> _flowd.Batch:
        batch = self._native.next()
        if batch is None:
            raise StopIteration
        return batch

    def rows(self) -> Iterator[tuple[typing.Any, ...]]:
        """Iterate over the flows that are left, as tuples of the values of
        columns; see Batch.rows()."""
        for batch in self:
            yield from batch.rows()

    def flows(self) -> Iterator[_flowd.Flow]:
        """Iterate over all flows, as Flow objects. They have the fields of a
        log of version 3, whatever the columns of the scan are."""
        arguments = (self._arguments[:4] + (",".join(_CLASSIC_COLUMNS),) +
                     self._arguments[5:])
        if self._native.closed:
            raise ValueError("the scan is closed")
        with Scan(arguments, self._addresses, _CLASSIC_COLUMNS) as scan:
            # A batch that nobody holds any more is filled again.
            while (flows := scan._next_flows()) is not None:
                yield from flows
                del flows

    def _next_flows(self) -> Iterator[_flowd.Flow] | None:
        batch = self._native.next()
        return batch.flows() if batch is not None else None

    def count(self) -> int:
        """How many flows pass, of all; what was read before does not matter.
        Faster than reading them."""
        return self._native.count()

    def cancel(self) -> None:
        """End the scan soon: who reads from it gets Canceled. One that follows
        reads what is there, and is at its end."""
        self._native.cancel()

    def close(self) -> None:
        """Give files and memory back. Batches live on."""
        self._native.close()

    def __enter__(self) -> Scan:
        if self._native.closed:
            raise ValueError("the scan is closed")
        return self

    def __exit__(self, *_: object) -> None:
        self._native.close()

    def __arrow_c_schema__(self) -> typing.Any:
        """The type of the flows, as a PyCapsule."""
        return self._native.arrow_schema()

    def __arrow_c_stream__(self, requested_schema: object | None = None
                           ) -> typing.Any:
        """All flows, as a PyCapsule. The requested schema is a wish that has
        no effect."""
        return self._native.arrow_stream()

    def __repr__(self) -> str:
        paths = ", ".join([*map(os.fsdecode, self._arguments[0]),
                           *map(str, self._arguments[-1])])
        return f"<flowd.Scan of {paths}>"


def scan(paths: Path | Iterable[Path], where: object | None = None,
         columns: str | Iterable[str] | None = None, *, start: Time = None,
         end: Time = None, addresses: Addresses = "text",
         **options: typing.Any) -> Scan:
    """Open a scan of flows; see Scan.

    paths       a path or several, or open descriptors: logs of versions 2, 3 and 4, captures of
                NetFlow and IPFIX datagrams, directories that flowd writes to;
                "-" is standard input
    where       an expression as in flowd.conf(5), "proto tcp dst port 443", or
                a Filter
    columns     names, as a list or "src_addr,octets"; by default all, see
                COLUMNS
    start, end  flows of this time, from start on and before end: a datetime,
                an int in nanoseconds since 1970-01-01 UTC, or a text as
                flowd-reader -t has it
    addresses   what addresses are in Arrow: "text", the default, as it is
                the one form that everybody can show, compare and join;
                "dictionary", the same with each text once in a batch, which
                is faster and smaller; "binary", 16 octets in network order,
                IPv4 as ::ffff:192.0.2.1; "ipv4", uint32, and null for IPv6

    Keywords:
    rules       a file of rules, as flowd-reader -f has it
    threads     how many read, at most, where logs are mapped; 0, the default:
                as many as is fast
    utc         times without a zone are in UTC, not in local time
    flows_max   flows to read of each path, passing or not; 0: all
    rows        of a batch, at most, up to 1048576; by default 65536
    legacy      logs are of version 2
    salvage     a damaged log of version 2 or 3 is warned of, and the next one
                is read; else ValueError
    mapped      logs of version 4 are mapped, which threads and the search by
                an index want; by default if threads are more than one. A
                mapped file that somebody makes shorter ends the program by
                SIGBUS; flowd itself never makes one shorter

    ValueError: the expression, a name or a time is none; a log is damaged.
    OSError: a path is not there or cannot be read.
    """
    if columns is None:
        names = _FLOW_COLUMNS
    else:
        names = _names(columns)
    arguments = _arguments(paths, where, ",".join(names), start=start,
                           end=end, **options)
    return Scan(arguments, addresses, names)


def follow(path: Path, where: object | None = None,
           columns: str | Iterable[str] | None = None,
           **options: typing.Any) -> Scan:
    """A scan that goes on with what is appended to path, a log or a directory
    that flowd writes to, for ever: its iteration waits. Ctrl-C, or cancel() of
    another thread, ends it. For the rest see scan()."""
    return scan(path, where, columns, follow=True, **options)


class Filter:
    """An expression, checked: for the argument where of scan() and query().

        web = flowd.Filter("proto tcp port { 80, 443 }")
        flowd.scan(path, where=web & ~flowd.Filter("src 10.0.0.0/8"))

    ValueError: it is none.
    """

    def __init__(self, where: object, *, utc: bool = False) -> None:
        self._where = str(where)
        self._utc = utc
        # Nothing is read: this is to check it.
        _flowd.Scan(_arguments(os.devnull, self._where, "protocol", utc=utc),
                    0).close()

    def __and__(self, other: object) -> Filter:
        return Filter(f"({self}) and ({other})", utc=self._utc)

    def __or__(self, other: object) -> Filter:
        return Filter(f"({self}) or ({other})", utc=self._utc)

    def __invert__(self) -> Filter:
        return Filter(f"not ({self})", utc=self._utc)

    def __str__(self) -> str:
        return self._where

    def __repr__(self) -> str:
        return f"flowd.Filter({self._where!r})"

    def count(self, paths: Path | Iterable[Path], **options: typing.Any
              ) -> int:
        """How many flows of paths pass."""
        with scan(paths, self, "protocol", utc=self._utc, **options) as flows:
            return flows.count()
