"""A lazy frame of polars over flows; wants the package polars.

    import flowd.polars

    frame = flowd.polars.scan("/var/flow")
    frame.filter(polars.col("dst_port") == 443).group_by("src_addr").agg(
        polars.col("octets").sum()).collect()

Columns, conditions and the number of rows go down to the scan: what is not
needed is not read. What of a condition the scan does not understand polars
filters.
"""
from __future__ import annotations

import os
import typing
from collections.abc import Iterable, Iterator

import polars
from polars.io.plugins import register_io_source

from . import _pushdown, _scan


def scan(paths: _scan.Path | Iterable[_scan.Path], where: object | None = None,
         columns: str | Iterable[str] | None = None,
         **options: typing.Any) -> polars.LazyFrame:
    """The flows of paths, as flowd.scan() has them, to whose arguments these
    are handed; errors are raised here, and by collect()."""
    _scan.scan(paths, where, columns, **options).close()
    addresses = options.get("addresses", "text")
    none = _scan.scan(os.devnull, None, columns, addresses=addresses)
    schema = polars.DataFrame(none).schema

    def source(with_columns: list[str] | None,
               predicate: polars.Expr | None, n_rows: int | None,
               batch_size: int | None) -> Iterator[polars.DataFrame]:
        names = list(with_columns if with_columns is not None else schema)
        also = predicate.meta.root_names() if predicate is not None else []
        condition = None
        if predicate is not None and addresses != "ipv4":
            condition = _pushdown.where_of(_pushdown.of_polars(predicate))
        both = [f"({c})" for c in (where, condition) if c is not None]
        # A scan has a column at least.
        read = list(dict.fromkeys(names + also)) or ["protocol"]
        with _scan.scan(paths, " and ".join(both) or None, read,
                        **{**options, "rows": min(batch_size or 65536,
                                                  1 << 20)}) as flows:
            for batch in flows:
                frame = polars.DataFrame(batch)
                if predicate is not None:
                    frame = frame.filter(predicate)
                if n_rows is not None:
                    frame = frame.head(n_rows)
                    n_rows -= len(frame)
                yield frame.select(names)
                if n_rows == 0:
                    return

    return register_io_source(source, schema=schema, is_pure=True)
