"""One fault in a message that was right, or none: each makes bytes of a tree."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import msgspec
from hypothesis import strategies as st

from tests.fuzz.strategies import mostly

Path = tuple[str | int, ...]

ODD_JSON = (
    b"null", b"true", b"0", b"-1", b"1.5", b"-0.0", b"1e400", b"NaN", b"Infinity", b"007",
    b"9007199254740992", b"9223372036854775808", b"-9223372036854775809", b"1" + b"0" * 400,
    b'""', b'" "', b'"\\u0000"', b'"\\n"', b'"\\u200b\\u3164"', b'"\\ud800"', b'"\xff\xfe"', b'"\xed\xa0\x80"',
    b'"\\x"', b'"0001-01-01T00:00:00+14:00"', b'"9999-12-31T23:59:59-14:00"', b'"2026-02-30T00:00:00Z"',
    b'"2026-01-01"',
    b"[]", b"{}", b"[[[]]]", b"[null]", b'{"":{}}', b"[" * 50_000, b"[" * 900 + b"]" * 900, b'{"x":' * 50_000,
    b'"' + b"x" * 100_000 + b'"', b"[" + b"1," * 2_000 + b"1]", b"'", b"",
)  # fmt: skip
"""What may stand where something else should: wrong types, extreme numbers, text that is none, absurd nesting."""


class Fault(Protocol):
    def bytes_of(self, tree: Any) -> bytes: ...


class Nothing(NamedTuple):
    """The message is right."""

    def bytes_of(self, tree: Any) -> bytes:
        return msgspec.json.encode(tree)


class Replaced(NamedTuple):
    """Another value stands in one place."""

    place: int
    json: bytes

    def bytes_of(self, tree: Any) -> bytes:
        paths = [*_paths(tree)]
        return msgspec.json.encode(_put(tree, paths[self.place % len(paths)], msgspec.Raw(self.json)))


class LeftOut(NamedTuple):
    """One field is missing."""

    place: int

    def bytes_of(self, tree: Any) -> bytes:
        names = [*tree]
        missing = names[self.place % len(names)]
        return msgspec.json.encode({name: value for name, value in tree.items() if name != missing})


class Added(NamedTuple):
    """A field more, perhaps one that is there already."""

    name: str
    json: bytes

    def bytes_of(self, tree: Any) -> bytes:
        return b'{"%s":%s,' % (self.name.encode(), self.json) + msgspec.json.encode(tree)[1:]


class Cut(NamedTuple):
    """It ends too early."""

    at: int

    def bytes_of(self, tree: Any) -> bytes:
        whole = msgspec.json.encode(tree)
        return whole[: self.at % len(whole)]


class Noisy(NamedTuple):
    """Bytes more, somewhere."""

    at: int
    noise: bytes

    def bytes_of(self, tree: Any) -> bytes:
        whole = msgspec.json.encode(tree)
        at = self.at % len(whole)
        return whole[:at] + self.noise + whole[at:]


class Instead(NamedTuple):
    """Something else altogether."""

    noise: bytes

    def bytes_of(self, tree: Any) -> bytes:  # noqa: ARG002 - nothing of it is left
        return self.noise


def faults(names: list[str]) -> st.SearchStrategy[Fault]:
    """Any fault; `names` are those of the message's fields."""
    place, odd, noise = st.integers(0, 1000), _odd_json(), st.binary(min_size=1, max_size=40)
    broken = st.one_of(
        st.builds(Replaced, place, odd),
        st.builds(Replaced, place, odd),
        st.builds(LeftOut, place),
        st.builds(Added, st.sampled_from([*names, "type", "", "titel"]), odd),
        st.builds(Cut, place),
        st.builds(Noisy, place, noise),
        st.builds(Instead, odd | noise),
    )
    return mostly(st.just(Nothing()), broken, often=2, of=5)


def _odd_json() -> st.SearchStrategy[bytes]:
    plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
    values = st.recursive(plain, lambda more: st.lists(more, max_size=3) | st.dictionaries(st.text(), more, max_size=3))
    return st.sampled_from(ODD_JSON) | values.map(_encoded)


def _encoded(value: Any) -> bytes:
    """As Python writes JSON, which knows half surrogate pairs and infinity."""
    return json.dumps(value).encode()


def _paths(tree: Any, here: Path = ()) -> Iterator[Path]:
    """Every place in a tree, itself included."""
    yield here
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for step, value in items:
        yield from _paths(value, (*here, step))


def _put(tree: Any, path: Path, value: Any) -> Any:
    """The tree with another value in one place."""
    if not path:
        return value
    step, *rest = path
    if isinstance(tree, dict):
        return tree | {step: _put(tree[step], tuple(rest), value)}
    return [_put(item, tuple(rest), value) if place == step else item for place, item in enumerate(tree)]
