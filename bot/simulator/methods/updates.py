"""Who the bot is, and how it hears of what happens."""

from typing import Annotated

import msgspec
from msgspec import UNSET

from bot.simulator.methods.method import Method
from bot.simulator.telegram import Telegram
from bot.simulator.update import HookSecret, HookUrl, Update, Webhook, WebhookInfo

Kinds = tuple[str, ...] | None


class GetMe(Method):
    async def run(self, telegram: Telegram) -> dict[str, object]:
        return {
            **msgspec.to_builtins(telegram.bot),
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }


class GetUpdates(Method):
    """Long polling; an `offset` confirms all updates before it."""

    offset: int = 0
    limit: int = 100
    timeout: int = 0
    allowed_updates: Kinds = None

    async def run(self, telegram: Telegram) -> list[Update]:
        updates = telegram.updates
        if not updates.webhook:
            updates.allow(self.allowed_updates)
            updates.confirm(self.offset)
        return await updates.read(limit=min(max(self.limit, 1), 100), timeout=min(max(self.timeout, 0), 50))


class SetWebhook(Method):
    """An empty address is the same as deleteWebhook."""

    url: HookUrl
    secret_token: HookSecret = ""
    max_connections: Annotated[int, msgspec.Meta(ge=1, le=100)] = 40
    allowed_updates: Kinds = None
    drop_pending_updates: bool = False

    async def run(self, telegram: Telegram) -> bool:
        updates = telegram.updates
        updates.allow(self.allowed_updates)
        if self.drop_pending_updates:
            updates.clear()
        hook = Webhook(url=self.url, secret_token=self.secret_token, max_connections=self.max_connections)
        updates.send_to(hook if self.url else None)
        return True


class DeleteWebhook(Method):
    drop_pending_updates: bool = False

    async def run(self, telegram: Telegram) -> bool:
        if self.drop_pending_updates:
            telegram.updates.clear()
        telegram.updates.send_to(None)
        return True


class GetWebhookInfo(Method):
    async def run(self, telegram: Telegram) -> WebhookInfo:
        updates = telegram.updates
        hook, trouble = updates.webhook, updates.trouble
        return WebhookInfo(
            url=hook.url if hook else "",
            has_custom_certificate=False,
            pending_update_count=len(updates),
            max_connections=hook.max_connections if hook else UNSET,
            last_error_date=trouble.date if hook and trouble else UNSET,
            last_error_message=trouble.message if hook and trouble else UNSET,
            allowed_updates=updates.allowed or UNSET,
        )
