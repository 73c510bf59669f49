"""What people type, and how much of it. NUL is nowhere allowed: Postgres cannot keep it."""

from typing import Annotated

import msgspec

# One line with something to see in it; the last part refuses the newline that `$` alone lets through.
_LINE = (
    r"^(?=.*[^\s\u00ad\u034f\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\u2800\u3164\ufeff\uffa0])"
    r"[^\u0000-\u001f\u007f]*$(?!\n)"
)
_PROSE = r"^[^\u0000]*$"

Title = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=_LINE, description="One line, not blank.")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=_LINE, description="One line, not blank.")]
Prose = Annotated[str, msgspec.Meta(max_length=20_000, pattern=_PROSE, description="Any text without NUL.")]
Username = Annotated[
    str,
    msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.@+-]+$(?!\n)", description="As typed at sign-in."),
]
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=512, pattern=_PROSE)]
NewPassword = Annotated[str, msgspec.Meta(min_length=10, max_length=512, pattern=_PROSE)]
Key = Annotated[
    str,
    msgspec.Meta(
        min_length=1, max_length=100, pattern=r"^[!-~]+$(?!\n)", description="Idempotency key, visible ASCII."
    ),
]
Query = Annotated[str, msgspec.Meta(max_length=200, pattern=_PROSE, description="Words to look for.")]
