"""Rows as records: a row holds the fields of a record, under their names."""

from collections.abc import Iterable
from typing import TypeVar

import msgspec
from sqlalchemy import RowMapping

from schemas.base import Record

T = TypeVar("T", bound=Record)


def as_record(row: RowMapping, kind: type[T]) -> T:
    """Columns that are no fields of it are left out."""
    return msgspec.convert({name: row[name] for name in kind.__struct_fields__}, kind)


def as_maybe_record(row: RowMapping | None, kind: type[T]) -> T | None:
    """None for no row."""
    return None if row is None else as_record(row, kind)


def as_records(rows: Iterable[RowMapping], kind: type[T]) -> list[T]:
    """In the order of the rows."""
    return [as_record(row, kind) for row in rows]
