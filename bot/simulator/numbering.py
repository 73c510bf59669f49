"""The numbers by which things are called: each is given once, also over restarts."""

SUPERGROUPS = -1_000_000_000_000
"""Their numbers are below it."""


class Numbers:
    """The last of each kind that is taken; chats of groups count downwards."""

    def __init__(self) -> None:
        self.person = 1000
        self.message = 0
        self.press = 0
        self.group = -5000
        self.supergroup = SUPERGROUPS

    def next_person(self) -> int:
        self.person += 1
        return self.person

    def next_message(self) -> int:
        """One sequence for all chats, so that their order is known; Telegram counts each supergroup apart."""
        self.message += 1
        return self.message

    def next_press(self) -> str:
        self.press += 1
        return str(self.press)

    def next_group(self) -> int:
        self.group -= 1
        return self.group

    def next_supergroup(self) -> int:
        self.supergroup -= 1
        return self.supergroup

    def take_chat(self, chat: int) -> None:
        """Never give this number to another."""
        if chat > 0:
            self.person = max(self.person, chat)
        elif chat > SUPERGROUPS:
            self.group = min(self.group, chat)
        else:
            self.supergroup = min(self.supergroup, chat)
