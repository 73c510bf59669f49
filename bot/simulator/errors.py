"""What goes wrong, in Telegram's words for the bot and in plain ones for people."""

from typing import Any


class BotApiError(Exception):
    """A call is refused; `parameters` are what Telegram adds to some refusals for programs to read."""

    def __init__(self, code: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


class Refused(Exception):
    """A person, or a test, asks for what cannot be; `status` is HTTP's."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def bad_request(reason: str, **parameters: Any) -> BotApiError:
    return BotApiError(400, f"Bad Request: {reason}", parameters or None)


def forbidden(reason: str) -> BotApiError:
    return BotApiError(403, f"Forbidden: {reason}")


def conflict(reason: str) -> BotApiError:
    return BotApiError(409, f"Conflict: {reason}")


def too_many(retry_after: int) -> BotApiError:
    """`retry_after` is in seconds."""
    return BotApiError(429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after})
