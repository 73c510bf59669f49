"""The bot's way to Telegram, or to whatever speaks the Bot API in its place."""

import asyncio
from typing import Any

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramConflictError, TelegramNetworkError, TelegramRetryAfter
from aiogram.methods import DeleteWebhook, GetUpdates, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.utils.token import TokenValidationError

from infra.config import ConfigError, Settings
from infra.log import get_logger

log = get_logger(__name__)

LONGEST_WAIT = 60
"""Seconds that an answer to somebody may be late; what Telegram wants to wait longer is refused."""


class DiscreetSession(AiohttpSession):
    """Keeps the token, which is a part of every address, out of the errors that aiogram logs."""

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        try:
            return await super().make_request(bot, method, timeout)
        except TelegramNetworkError as error:
            message = error.message.replace(bot.token, "<token>")
        # Raised out here, so that the original is not attached to it.
        raise TelegramNetworkError(method=method, message=message)


class Patience(BaseRequestMiddleware):
    """Waits as long as Telegram asks for (429), within reason, and asks once more."""

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Any:
        try:
            return await make_request(bot, method)
        except TelegramRetryAfter as error:
            if error.retry_after > LONGEST_WAIT:
                raise
            log.warning("telegram asks us to wait", method=method.__api_method__, seconds=error.retry_after)
            await asyncio.sleep(error.retry_after)
        return await make_request(bot, method)


class OnlyReader(BaseRequestMiddleware):
    """Makes sure that updates come here (409): ends a webhook that is left over, and says who else takes them."""

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Any:
        try:
            return await make_request(bot, method)
        except TelegramConflictError as error:
            if isinstance(method, GetUpdates):
                log.warning("updates go elsewhere; is there another bot with this token?", error=error.message)
                await bot(DeleteWebhook())
            raise


def create_bot(settings: Settings) -> Bot:
    """A client for the Bot API; it has connected to nothing yet. Raises ConfigError."""
    settings.require("bot_token")
    base = settings.telegram_api_base
    if base and not base.startswith(("http://", "https://")):
        raise ConfigError("TELEGRAM_API_BASE is no http:// or https:// address")
    session = DiscreetSession(api=TelegramAPIServer.from_base(base) if base else PRODUCTION)
    session.middleware.register(OnlyReader())
    try:
        return Bot(settings.bot_token, session, DefaultBotProperties(parse_mode=ParseMode.HTML))
    except TokenValidationError as error:
        raise ConfigError("BOT_TOKEN has not the form that @BotFather gives: <digits>:<letters>") from error


def wait_when_asked(bot: Bot) -> None:
    """Let answers to people wait for as long as Telegram asks; notices have their own way to."""
    bot.session.middleware.register(Patience())
