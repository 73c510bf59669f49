import pytest

from actors.task_store.batch import RULES
from actors.task_store.rules import decide
from schemas.base import Message, leaves
from schemas.boards import BoardChange


@pytest.mark.parametrize("change", list(leaves(BoardChange)), ids=lambda change: change.tag())
def test_every_change_of_a_board_has_its_rule(change: type[Message]) -> None:
    rule = decide.dispatch(change)

    assert rule is not decide.dispatch(object)
    assert rule.__module__ in {rules.__name__ for rules in RULES}
