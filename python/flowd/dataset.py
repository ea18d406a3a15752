"""A dataset of Arrow over flows; wants the package pyarrow.

    import duckdb, flowd.dataset

    flows = flowd.dataset.dataset("/var/flow")
    duckdb.sql("SELECT src_addr, sum(octets) FROM flows "
               "WHERE dst_port = 443 GROUP BY src_addr")

It is what DuckDB hands columns and conditions down to. What of a condition the
scan does not understand Arrow filters.
"""
from __future__ import annotations

import typing
from collections.abc import Iterable

import pyarrow  # type: ignore[import-untyped]
import pyarrow.dataset  # type: ignore[import-untyped]

from . import _pushdown, _scan


class Dataset(pyarrow.dataset.Dataset):  # type: ignore[misc]
    """The flows of paths; made by dataset()."""

    def __init__(self, paths: typing.Any, where: object | None,
                 columns: tuple[str, ...], options: dict[str, typing.Any]
                 ) -> None:
        self._paths = paths
        self._where = where
        self._names = columns
        self._options = options
        with self._scan(None, columns) as scan:
            self._schema = pyarrow.schema(scan)

    def _scan(self, condition: str | None, columns: Iterable[str]
              ) -> _scan.Scan:
        both = [f"({c})" for c in (self._where, condition) if c is not None]
        return _scan.scan(self._paths, " and ".join(both) or None,
                          list(columns), **self._options)

    @property
    def schema(self) -> typing.Any:
        return self._schema

    def scanner(self, columns: typing.Any = None, filter: typing.Any = None,
                batch_size: int = 65536, **options: typing.Any) -> typing.Any:
        """A pyarrow.dataset.Scanner of some columns, and of the flows for
        which a condition of pyarrow.compute holds."""
        names = list(self._names)
        if columns is not None and not isinstance(columns, dict):
            used = set(columns) | set(_roots(filter, self._names))
            names = [n for n in self._names if n in used] or names[:1]
        condition = None
        if filter is not None and \
                self._options.get("addresses", "text") != "ipv4":
            condition = _pushdown.where_of(_pushdown.of_arrow(filter))
        scan = self._scan(condition, names)
        reader = pyarrow.RecordBatchReader.from_stream(scan)
        return pyarrow.dataset.Scanner.from_batches(
            reader, columns=columns, filter=filter, batch_size=batch_size)

    def to_table(self, **options: typing.Any) -> typing.Any:
        return self.scanner(**options).to_table()

    def to_batches(self, **options: typing.Any) -> typing.Any:
        return self.scanner(**options).to_batches()

    def head(self, num_rows: int, **options: typing.Any) -> typing.Any:
        return self.scanner(**options).head(num_rows)

    def count_rows(self, **options: typing.Any) -> int:
        if options.get("filter") is None:
            with self._scan(None, self._names[:1]) as scan:
                return scan.count()
        return int(self.scanner(columns=[], **options).count_rows())

    def get_fragments(self, filter: typing.Any = None) -> typing.Any:
        raise NotImplementedError("flows have no fragments")

    def __reduce__(self) -> typing.Any:
        return (Dataset, (self._paths, self._where, self._names,
                          self._options))


def _roots(filter: typing.Any, names: tuple[str, ...]) -> list[str]:
    """Columns that a condition may use: those that its text names."""
    text = str(filter) if filter is not None else ""
    return [n for n in names if n in text]


def dataset(paths: _scan.Path | Iterable[_scan.Path],
            where: object | None = None,
            columns: str | Iterable[str] | None = None,
            **options: typing.Any) -> Dataset:
    """The flows of paths, as flowd.scan() has them, to whose arguments these
    are handed."""
    with _scan.scan(paths, where, columns, **options) as scan:
        names = scan.columns
    return Dataset(paths, where, names, options)
