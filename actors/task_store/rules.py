"""What each command needs to know and what it does. One module of rules for each noun registers both here.

`need(command, needs)` says what has to be loaded; `decide(command, ledger)` checks, changes the ledger, says so in
events, and answers. Everything is in memory: the batch around it loads and writes.
"""

from collections.abc import Iterable
from functools import singledispatch
from typing import Any

from actors.sql.needs import Needs
from actors.task_store.ledger import Ledger
from schemas.boards import BoardChange


@singledispatch
def decide(change: BoardChange[Any], ledger: Ledger) -> Any:
    """Carry out one command, or raise BusError."""
    # Only of a command without a rule, which tests/actors/test_rules.py does not let anybody add.
    raise NotImplementedError(change.tag())


@singledispatch
def need(change: BoardChange[Any], needs: Needs) -> None:
    """Add what this command asks about, besides its team and who asks."""


def needs_of(changes: Iterable[BoardChange[Any]]) -> Needs:
    """What has to be loaded before these commands can be decided."""
    needs = Needs()
    for change in changes:
        needs.users.add(change.by)
        if change.key is not None:
            needs.keys.add((change.by, change.key))
        if (team := getattr(change, "team", None)) is not None:
            needs.teams.add(team)
        need(change, needs)
    return needs
