"""Accounts: the users and what proves that it is they, their tokens and links, and the record of who did what."""

from actors.accounts.administration import Administration
from actors.accounts.entrance import Entrance
from actors.accounts.people import People
from actors.accounts.records import Records
from actors.accounts.telegram import TelegramLinks
from actors.accounts.tokens import Tokens


class Accounts(Entrance, People, Administration, Tokens, TelegramLinks, Records):
    """Owns the people who may sign in, what proves that it is they, and the record of who did what."""
