"""Flow logs, and NetFlow and IPFIX datagrams: libflowd for Python.

    import flowd

    with flowd.scan("/var/flow", where="proto tcp dst port 443",
                    columns="src_addr,octets") as scan:
        for batch in scan:
            batch["octets"]              # a buffer, for NumPy without copies

    polars.DataFrame(flowd.scan(...))    # so do pyarrow, DuckDB and pandas

    flowd.query("/var/flow", "src_addr/24", "octets,flows", limit=10)

scan() and follow() read flows, query() groups them, Writer writes logs, and
Decoder decodes datagrams. Flow and FlowLog are what the module of the first
flowd had, and read all logs. It wants no other package.
"""
from ._classic import *  # noqa: F401,F403
from ._classic import __all__ as _classic_names
from ._flowd import Batch, Canceled, Decoder, Flow, FlowdWarning, Groups
from ._flowd import Writer
from ._flowd import Column as BatchColumn
from ._flowd import batch_from_rows, version as __version__
from ._query import query
from ._scan import COLUMNS, Column, Filter, Scan, follow, scan

__all__ = ["Batch", "BatchColumn", "COLUMNS", "Canceled", "Column", "Decoder",
           "Filter", "Flow", "FlowdWarning", "Groups", "Scan", "Writer", "batch_from_rows",
           "follow", "query", "scan", "__version__", *_classic_names]
