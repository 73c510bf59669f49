"""The reader of the documentation notices when it is wrong."""

import pytest

from tests.whole.page import Reader, steps

PAGE = """
```sh
curl a
```

```json
{"id": 3, "name": "Garden", ...}
201
```

Words.

```sh
TEAM=3
curl "$TEAM"
```
"""


def test_commands_are_read_with_the_answers_right_below_them() -> None:
    first, second = steps(PAGE)

    assert (first.line, first.commands) == (3, "curl a\n")
    assert first.answer == '{"id": 3, "name": "Garden", ...}\n201\n'
    assert (second.commands, second.answer) == ('TEAM=3\ncurl "$TEAM"\n', "")


def test_an_answer_below_words_is_a_mistake_of_the_page() -> None:
    with pytest.raises(ValueError, match="no command answers this"):
        list(steps('```sh\ncurl a\n```\n\nIt says:\n\n```json\n{"id": 3}\n```\n'))


def test_what_an_answer_has_shown_can_be_taken_up() -> None:
    reader = Reader({})
    first, second = steps(PAGE)

    assert reader.accepts(first.answer, '{"id":17,"name":"Garden","version":1}\n201\n')
    assert reader.type(second.commands) == "TEAM='17'\ncurl \"$TEAM\"\n"


def test_a_secret_can_be_taken_up_and_stays_one_word() -> None:
    reader = Reader({})

    assert reader.accepts('{"secret": "ttm_..."}', '{"secret":"ttm_ab-cd"}')
    assert reader.type("TOKEN=ttm_...") == "TOKEN='ttm_ab-cd'"


@pytest.mark.parametrize(
    "answer",
    [
        '{"id":17,"name":"Gardens","version":1}\n201\n',
        '{"id":17,"name":"Garden","version":1}\n200\n',
        '{"id":"17","name":"Garden","version":1}\n201\n',
        '{"id":17,"title":"Garden","version":1}\n201\n',
        '{"id":17,"name":"Garden","version":1}\n409\n{"id":17}\n201\n',
        "",
    ],
)
def test_an_answer_that_the_page_does_not_promise_is_noticed(answer: str) -> None:
    first, _ = steps(PAGE)

    assert not Reader({}).accepts(first.answer, answer)


def test_a_number_that_is_no_id_must_be_the_one_on_the_page() -> None:
    assert not Reader({}).accepts('{"count": 1}', '{"count":2}')
