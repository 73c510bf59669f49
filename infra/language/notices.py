"""What a notice says: the same sentence in a toast and in Telegram."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from babel.dates import format_datetime

from infra.language.fluent import Quote, Sentences
from infra.language.zones import zone
from schemas.accounts import Language
from schemas.notices import Kind, Notice

Sayings = Mapping[Language, Sentences]

_QUOTED = 200
_MOMENT = "EEE d MMM, HH:mm"
_UNKNOWN = "—"


def sayings(quote: Quote) -> Sayings:
    """The sentences in every language; `quote` is called on whatever people have written."""
    folder = Path(__file__).parent
    return {language: Sentences(folder / f"notices.{language}.ftl", language, quote) for language in Language}


def plain(text: str) -> str:
    """People's text where no markup is understood: short, and on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _QUOTED else line[: _QUOTED - 1] + "…"


PLAIN = sayings(plain)


def sentence(notice: Notice, language: Language, time_zone: str = "UTC", among: Sayings = PLAIN) -> str:
    """One notice, told to the person that it is for."""
    return among[language].say(f"notice-{_key(notice)}", **_values(notice, language, time_zone))


def sentence_for_group(notice: Notice, language: Language, time_zone: str = "UTC", among: Sayings = PLAIN) -> str:
    """One notice, told to everybody who reads a group."""
    return among[language].say(f"group-{_key(notice)}", **_values(notice, language, time_zone))


def heading(count: int, language: Language, among: Sayings = PLAIN) -> str:
    """What stands above several notices."""
    return among[language].say("notices", count=count)


def rest(count: int, language: Language, among: Sayings = PLAIN) -> str:
    """What stands below some of them."""
    return among[language].say("notices-more", count=count)


def moment(at: datetime, language: Language, time_zone: str = "UTC") -> str:
    """A moment as people of that language write it, in a zone that is known: `Fri 28 Nov, 18:00`."""
    return format_datetime(at, _MOMENT, tzinfo=zone(time_zone), locale=language.value)


def _key(notice: Notice) -> str:
    is_due = notice.kind is Kind.ASSIGNED and notice.due_at is not None
    return notice.kind.replace("_", "-") + ("-due" if is_due else "")


def _values(notice: Notice, language: Language, time_zone: str) -> dict[str, str]:
    return {
        "by": notice.by_name or _UNKNOWN,
        "to": notice.user_name or _UNKNOWN,
        "title": notice.title or _UNKNOWN,
        "team": notice.team_name,
        "text": notice.text or _UNKNOWN,
        "due": moment(notice.due_at, language, time_zone) if notice.due_at else _UNKNOWN,
    }


# The library reads a language's names of days from the disk when it first needs them, which no loop shall wait for.
for _language in Language:
    moment(datetime.fromtimestamp(0, UTC), _language)
