"""Every sentence that a refusal gives as its reason, as it stands in the sources."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
HOLE = "7"
"""Stands where a sentence has a value that is known only when it is said."""

_DETAIL = {"BusError": 1, "HttpProblem": 1, "problem": 1, "invalid": 0, "forbidden": 0, "conflict": 0, "not_found": 0}
"""By what makes a refusal, which of its arguments is the reason."""

Scope = tuple[ast.AST, ...]
"""Where names may have been given a value, the innermost place first."""


class Reason(NamedTuple):
    """What a refusal is given, and the sentences that this may be; None is what only running it tells."""

    file: str
    source: str
    sentences: tuple[str | None, ...]


def reasons(*folders: str) -> Iterator[Reason]:
    """All reasons in the sources of these folders."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "node_modules" not in path.parts:
                tree = ast.parse(path.read_text(encoding="utf-8"))
                yield from _reasons(path.relative_to(ROOT).as_posix(), tree, (tree,))


def _reasons(file: str, node: ast.AST, scope: Scope) -> Iterator[Reason]:
    for child in ast.iter_child_nodes(node):
        is_function = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))
        yield from _reasons(file, child, (child, *scope) if is_function else scope)
        if isinstance(child, ast.Call) and (detail := _detail(child)) is not None:
            head = "no such " if _name(child) == "not_found" else ""
            said = tuple(text if text is None else head + text for text in _sentences(detail, scope))
            yield Reason(file, ast.unparse(detail), said)


def _name(call: ast.Call) -> str:
    function = call.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _detail(call: ast.Call) -> ast.expr | None:
    place = _DETAIL.get(_name(call))
    if place is None:
        return None
    if place < len(call.args):
        return call.args[place]
    return next((keyword.value for keyword in call.keywords if keyword.arg in ("detail", "noun")), None)


def _sentences(node: ast.expr, scope: Scope) -> Iterator[str | None]:
    """What an expression may be as text; None where its source does not say."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else HOLE for part in parts)
        case ast.IfExp(body=one, orelse=other):
            yield from _sentences(one, scope)
            yield from _sentences(other, scope)
        case ast.Name(id=name) if values := _assigned(name, scope):
            for value in values:
                yield from _sentences(value, scope)
        case _:
            yield None


def _assigned(name: str, scope: Scope) -> list[ast.expr]:
    for place in scope:
        found = [
            statement.value
            for statement in ast.walk(place)
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Name) and target.id == name
        ]
        if found:
            return found
    return []


def statuses(folder: str) -> set[str]:
    """The names of HTTP statuses that the sources speak of."""
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / folder).rglob("*.py"))
    nodes = (node for text in texts if "HTTPStatus." in text for node in ast.walk(ast.parse(text)))
    return {
        node.attr
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "HTTPStatus"
    }
