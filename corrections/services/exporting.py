"""What a search finds as a file, sent while it is read: a hundred thousand rows take no more memory than a page."""

import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from corrections.rules import exporting
from corrections.rules.searching import Query
from corrections.selectors import searching as reading
from corrections.services import searching
from reviewapp.core.accounts.models import User

FORMATS = {
    "csv": ("text/csv; charset=utf-8", "csv"),
    "jsonl": ("application/x-ndjson", "jsonl"),
    "parquet": ("application/vnd.apache.parquet", "parquet"),
}
# More is for the database's own tools; the record says that it was not all.
MOST = 200_000
_AT_ONCE = 1_000
# Until then a Parquet file is made in memory.
_IN_MEMORY = 8 * 1024 * 1024


_Batches = Generator[list[dict[str, Any]], None, None]


@dataclass(frozen=True, slots=True)
class Export:
    """A file to send: its name, its media type, and what it holds, as a file or as pieces that are made while they are sent."""

    name: str
    media_type: str
    content: BinaryIO | Iterator[bytes]


def begin(*, asked: Query, form: str, now: datetime, by: User) -> Export:
    """Return what a search finds as a file in one of `FORMATS`, newest first, at most `MOST` rows.

    Before its first row leaves it is on record that they do, and at the end how many did, also when nobody read on. Raises
    `Missing` for an agent out of sight.
    """
    batches = _batches(by, asked, form, now)
    media_type, ending = FORMATS[form]
    name = f"{asked.kind}-{now:%Y-%m-%d}.{ending}"
    if form == "parquet":
        return Export(name, media_type, _parquet(asked.kind, batches))
    if form == "csv":
        return Export(name, media_type, _lines(batches, exporting.csv_lines, exporting.csv_head(asked.kind)))
    return Export(name, media_type, _lines(batches, exporting.json_lines, ""))


def _batches(user: User, asked: Query, form: str, now: datetime) -> _Batches:
    """Return the rows in batches, newest first; on record from here on."""
    # Whoever may not see the agent they name learns it before anything is on record.
    page = reading.find(user, asked, now=now, size=_AT_ONCE)
    export = searching.export_began(asked=asked, form=form, by=user)
    return _read(user, asked, now, page, export)


def _read(user: User, asked: Query, now: datetime, page: reading.Results, export: Any) -> _Batches:
    count, complete = 0, False
    try:
        while True:
            count += len(page.rows)
            yield [exporting.flat(asked.kind, row) for row in page.rows]
            if page.after is None:
                complete = True
                return
            if count >= MOST:
                return
            page = reading.find(user, asked, now=now, after=page.after, size=_AT_ONCE)
    finally:
        searching.export_ended(export=export, rows=count, complete=complete, by=user)


def _lines(batches: _Batches, write: Callable[[list[dict[str, Any]]], str], head: str) -> Iterator[bytes]:
    # Closed with this one, not when it is forgotten: then the connection that puts its end on record would be gone.
    with closing(batches):
        if head:
            yield head.encode()
        for batch in batches:
            yield write(batch).encode()


def _parquet(kind: str, batches: _Batches) -> BinaryIO:
    # Only who asks for such a file pays for loading the library.
    import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    types = {
        "text": pa.string(),
        "number": pa.float64(),
        "whole": pa.int64(),
        "truth": pa.bool_(),
        "time": pa.timestamp("us", tz="UTC"),
    }
    schema = pa.schema([(name, types[told]) for name, told in exporting.COLUMNS[kind].items()])
    file: Any = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the response closes it
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_table(pa.Table.from_pylist(batch, schema=schema))
    file.seek(0)
    return file  # type: ignore[no-any-return]
