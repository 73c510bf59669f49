"""The simulator reads HTML as strictly as Telegram, so that a text that works here works there."""

import pytest

from bot.simulator.drafts import formatted
from bot.simulator.errors import BotApiError
from bot.simulator.finds import find_entities
from bot.simulator.markup import parse_html


def entities(marked: str) -> list[tuple[str, int, int]]:
    return [(entity.type, entity.offset, entity.length) for entity in parse_html(marked)[1]]


def test_formatting_becomes_entities() -> None:
    assert parse_html("a &lt;b&gt; &amp; &#99;")[0] == "a <b> & c"
    assert entities("<b>bold <i>both</i></b> <code>x</code>") == [("bold", 0, 9), ("italic", 5, 4), ("code", 10, 1)]
    assert parse_html('<a href="https://example.org/?a=1&amp;b=2">here</a>')[1][0].url == "https://example.org/?a=1&b=2"


def test_offsets_count_utf16_units() -> None:
    assert entities("🎉 <b>🎉</b>") == [("bold", 3, 2)]
    assert [(found.offset, found.length) for found in find_entities("🎉 /start now")] == [(3, 6)]


@pytest.mark.parametrize("text", ["Tom & Jerry", "&nbsp;", "a > b", "AT&T;"])
def test_what_is_no_markup_stays_as_it_is(text: str) -> None:
    assert parse_html(text) == (text, ())


@pytest.mark.parametrize(
    "text", ["<b>", "</b>", "<b><i></b></i>", "<script>x</script>", "a < b", "<", "<>", "< b>x</b>"]
)
def test_broken_markup_is_refused(text: str) -> None:
    with pytest.raises(BotApiError, match="can't parse entities"):
        parse_html(text)


@pytest.mark.parametrize("text", ["", " \n", "<b> </b>", "x" * 4097, "🎉" * 2049])
def test_empty_and_too_long_messages_are_refused(text: str) -> None:
    with pytest.raises(BotApiError, match=r"message (text is empty|is too long)"):
        formatted(text, "HTML", {})


def test_the_limit_counts_what_is_left_of_the_markup() -> None:
    assert len(formatted("&amp;" * 4096, "HTML", {})[0]) == 4096
