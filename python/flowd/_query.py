"""Queries: flows grouped by keys."""
from __future__ import annotations

import datetime
import typing
from collections.abc import Iterable

from . import _flowd
from ._scan import Path, Time, _arguments

_SERIES = ("each", "average", "max", "last")


def _list(words: str | Iterable[str] | None) -> str | None:
    """"a,b" of several words; None of none."""
    if words is None or isinstance(words, str):
        return words
    return ",".join(words)


def _width(width: datetime.timedelta | int) -> int:
    """A span of time in nanoseconds, of an int or a timedelta."""
    if isinstance(width, datetime.timedelta):
        return (width // datetime.timedelta(microseconds=1)) * 1000
    return width


def query(paths: Path | Iterable[Path], keys: str | Iterable[str] | None = None,
          measures: str | Iterable[str] | None = None, *,
          where: object | None = None, start: Time = None, end: Time = None,
          order: str | None = None, ascending: bool = False, limit: int = 0,
          bin: datetime.timedelta | int | None = None,
          bin_by_end: bool = False, series: str = "each", scale: bool = False,
          utc: bool = False, memory: int = 0, **options: typing.Any
          ) -> _flowd.Groups:
    """Group flows by keys, and tell measures of each group: Groups.

        flowd.query("/var/flow", "src_addr/24,dst_port", "octets,flows",
                    where="proto tcp", limit=10)

    keys        as flowd-stats(1) has them, "src_addr/24,dst_port" or a list;
                by default all flows are one group
    measures    the same, "flows,p95(octets)"; by default
                "flows,packets,octets"
    order       the measure that orders groups, greatest first, or "key"; by
                default the first measure
    ascending   the least is first; keys always ascend
    limit       so many groups, or of each bin; 0: all
    bin         the width of bins of time: a timedelta, or nanoseconds
    bin_by_end  a flow is in the bin in which it ends
    series      with bins, keys and a limit: the first groups of "each" bin;
                or the same in all, by their "average", their "max", or the
                "last" bin
    scale       octets and packets are multiplied by the sampling rate
    utc         hours, days and bins are those of UTC, not of local time
    memory      octets that groups may take; 0: no limit

    paths, where, start, end and other keywords are those of scan(). Ctrl-C
    ends a query. ValueError: a key, a measure or an expression is none;
    MemoryError: groups take more than they may.
    """
    if series not in _SERIES:
        raise ValueError(f"series: \"{series}\" is none; there are " +
                         ", ".join(_SERIES))
    arguments = _arguments(paths, where, None, start=start, end=end, utc=utc,
                           **options)
    return _flowd.query(
        arguments, _list(keys), _list(measures), _list(order), ascending,
        limit, 0 if bin is None else _width(bin), bin_by_end,
        _SERIES.index(series), scale, utc, memory)
