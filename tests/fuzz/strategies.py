"""Hypothesis strategies for messages that are nearly right: read off the declaration, then broken in one place.

What they draw does not depend on what exists: a thing that exists is drawn as `Known`, a kind and a number, and only
`Memory` makes an id of that. So an example stays the same when it is tried again.
"""

from collections.abc import Callable
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

import msgspec
from hypothesis import strategies as st
from msgspec import UnsetType
from msgspec import inspect as look
from msgspec.structs import FieldInfo, fields

from tests.contract.examples import examples

Tree = Any
"""A message as JSON values, with `Known` where something that exists is named."""

BY_NAME = ("username", "code", "secret")
"""What names a thing that exists although it is text; ids are known by their types."""

_CHOICES = 12
_LONGEST = 1000
_HARD_TO_FILL = 3
"""Characters; what is made from a pattern is mostly shorter."""


class Known(NamedTuple):
    """One of the things of a kind that exist."""

    kind: str
    number: int


class Memory:
    """What has been seen to exist: up to twelve things of each kind."""

    def __init__(self) -> None:
        self._seen: dict[str, list[Any]] = {}

    def learn(self, kind: Any, value: Any) -> None:
        """Remember all ids in a value of this type."""
        kind = _bare(kind)
        if (name := _thing(kind)) and value is not None:
            self._remember(name, value)
        elif isinstance(value, msgspec.Struct):
            for field in fields(value):
                if field.name in BY_NAME:
                    self._remember(field.name, getattr(value, field.name))
                self.learn(field.type, getattr(value, field.name))
        elif isinstance(value, list | tuple):
            for item in value:
                self.learn((get_args(kind) or (kind,))[0], item)
        elif get_origin(kind) in (Union, UnionType) and value is not None:
            for option in get_args(kind):
                self.learn(option, value)

    def _remember(self, name: str, value: Any) -> None:
        seen = self._seen.setdefault(name, [])
        if isinstance(value, int | str) and value not in seen and len(seen) < _CHOICES:
            seen.append(value)

    def fill(self, tree: Tree) -> Tree:
        """The tree with something that exists for each `Known`."""
        match tree:
            case Known(kind, number):
                seen = self._seen.get(kind) or [1]
                return seen[number % len(seen)]
            case dict():
                return {name: self.fill(value) for name, value in tree.items()}
            case list():
                return [self.fill(value) for value in tree]
            case _:
                return tree


def trees(kind: Any, name: str = "") -> st.SearchStrategy[Tree]:
    """Values of the type `kind`; a field's `name` may say what it means."""
    kind = _bare(kind)
    if thing := _thing(kind) or (name in BY_NAME and name):
        known = st.integers(0, _CHOICES - 1).map(lambda number: Known(thing, number))
        # A message about nothing that exists does not get far.
        return mostly(known, _leaves(kind), often=11, of=12)
    options = [option for option in get_args(kind) if option is not UnsetType]
    if get_origin(kind) in (Union, UnionType):
        return st.one_of([trees(option, name) for option in options])
    if get_origin(kind) in (list, tuple) and _thing(_bare(options[0])):
        return st.lists(trees(options[0]), max_size=3)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _records(kind)
    return _leaves(kind)


def mostly(
    usual: st.SearchStrategy[Any], other: st.SearchStrategy[Any], *, often: int, of: int
) -> st.SearchStrategy[Any]:
    """One strategy `often` times `of` all, the other for the rest; `one_of` gives each alike."""
    return st.integers(1, of).flatmap(lambda number: usual if number <= often else other)


def _records(kind: type[msgspec.Struct]) -> st.SearchStrategy[Tree]:
    tag = kind.__struct_config__.tag
    required = {"type": st.just(tag)} if tag else {}
    return st.fixed_dictionaries(
        required | {field.encode_name: trees(field.type, field.name) for field in fields(kind) if field.required},
        optional={field.encode_name: _given(field) for field in fields(kind) if not field.required},
    )


def _given(field: FieldInfo) -> st.SearchStrategy[Tree]:
    if field.name == "version":
        return st.integers(1, 3) | trees(field.type)
    return trees(field.type, field.name)


def _leaves(kind: Any) -> st.SearchStrategy[Tree]:
    info = look.type_info(kind)
    while isinstance(info, look.Metadata):
        info = info.type
    if isinstance(info, look.StrType) and info.pattern and (info.min_length or 0) < _HARD_TO_FILL:
        return st.from_regex(info.pattern).filter(_of_length(info))
    values = examples(kind).map(msgspec.to_builtins)
    if isinstance(info, look.IntType) and info.ge is not None:
        return values | st.integers(info.ge, info.ge + 3)
    return values


def _of_length(info: look.StrType) -> Callable[[str], bool]:
    least, most = info.min_length or 0, info.max_length or _LONGEST
    return lambda text: least <= len(text) <= most


def _bare(kind: Any) -> Any:
    """The type of things that are known, whatever bounds were put around it; other types as they are."""
    if get_origin(kind) is Annotated:
        inner = get_args(kind)[0]
        if _thing(inner) or get_origin(inner) in (list, tuple):
            return inner
    return kind


def _thing(kind: Any) -> str:
    """What an id is of; nothing for what is no id. Positions in a history are the ids of events."""
    name = getattr(kind, "__name__", "")
    return name if hasattr(kind, "__supertype__") and name.endswith(("Id", "Seq")) else ""
