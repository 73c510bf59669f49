"""Hypothesis strategies for any message, read off its declaration."""

import re
import string
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect as look

_ANY_TEXT = st.characters(codec="utf-8")
_PLAIN = string.ascii_letters + string.digits + "-_.@+"
_LONGEST = 40


@cache
def examples(kind: Any) -> st.SearchStrategy[Any]:
    """Values of the type `kind` that its constraints allow. Made once: most messages share most records."""
    return _of(look.type_info(kind))


def _of(info: look.Type) -> st.SearchStrategy[Any]:
    return _MAKERS[type(info)](info)


def _integers(info: look.IntType) -> st.SearchStrategy[int]:
    least = info.ge if info.ge is not None else -(2**53)
    most = info.le if info.le is not None else 2**53
    return st.integers(least, most)


def _texts(info: look.StrType) -> st.SearchStrategy[str]:
    least, most = info.min_length or 0, info.max_length or _LONGEST
    most = max(least, min(most, _LONGEST))
    pattern = re.compile(info.pattern or "")

    def fits(text: str) -> bool:
        return pattern.search(text) is not None and least <= len(text) <= (info.max_length or _LONGEST)

    if not fits((_PLAIN * 2)[:most]):
        return st.from_regex(pattern).filter(fits)
    plain = st.text([one for one in _PLAIN if fits(one * max(least, 1))], min_size=least, max_size=most)
    if not fits("ё" * max(least, 1)):
        return plain.filter(fits)
    return (plain | st.text(_ANY_TEXT, min_size=least, max_size=most)).filter(fits)


def _moments(_: look.DateTimeType) -> st.SearchStrategy[datetime]:
    return st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as it wants


def _records(info: look.StructType) -> st.SearchStrategy[Any]:
    return _record(info.cls)


@cache
def _record(kind: type[Any]) -> st.SearchStrategy[Any]:
    info = look.type_info(kind)
    assert isinstance(info, look.StructType)
    return st.builds(info.cls, **{field.name: _field(field) for field in info.fields})


def _field(field: look.Field) -> st.SearchStrategy[Any]:
    if field.required:
        return _of(field.type)
    # A field that holds its default is often one that was left out.
    left_out = msgspec.UNSET if field.default is msgspec.NODEFAULT else field.default
    return st.just(left_out) | _of(field.type)


def _lists(info: look.ListType | look.VarTupleType) -> st.SearchStrategy[list[Any]]:
    least = info.min_length or 0
    return st.lists(_of(info.item_type), min_size=least, max_size=min(info.max_length or 3, least + 3))


def _dictionaries(info: look.DictType) -> st.SearchStrategy[dict[Any, Any]]:
    return st.dictionaries(_of(info.key_type), _of(info.value_type), max_size=3)


def _raw(_: look.RawType) -> st.SearchStrategy[msgspec.Raw]:
    return st.integers().map(lambda number: msgspec.Raw(msgspec.json.encode({"number": number})))


_MAKERS: dict[type[Any], Callable[[Any], st.SearchStrategy[Any]]] = {
    look.BoolType: lambda _: st.booleans(),
    look.DateTimeType: _moments,
    look.DictType: _dictionaries,
    look.FloatType: lambda _: st.floats(0, 10_000),
    look.EnumType: lambda info: st.sampled_from(list(info.cls)),
    look.IntType: _integers,
    look.ListType: _lists,
    look.LiteralType: lambda info: st.sampled_from(info.values),
    look.Metadata: lambda info: _of(info.type),
    look.NoneType: lambda _: st.none(),
    look.RawType: _raw,
    look.StrType: _texts,
    look.StructType: _records,
    look.TupleType: lambda info: st.tuples(*(_of(item) for item in info.item_types)),
    look.UnionType: lambda info: st.one_of([_of(option) for option in info.types]),
    look.VarTupleType: lambda info: _lists(info).map(tuple),
}
