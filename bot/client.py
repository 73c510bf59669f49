"""The bot's way to Telegram, or to whatever speaks the Bot API in its place."""

from typing import Any

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import TelegramMethod
from aiogram.utils.token import TokenValidationError

from infra.config import ConfigError, Settings


class DiscreetSession(AiohttpSession):
    """Keeps the token, which is a part of every address, out of the errors that aiogram logs."""

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        try:
            return await super().make_request(bot, method, timeout)
        except TelegramNetworkError as error:
            message = error.message.replace(bot.token, "<token>")
        # Raised out here, so that the original is not attached to it.
        raise TelegramNetworkError(method=method, message=message)


def create_bot(settings: Settings) -> Bot:
    """A client for the Bot API; it has connected to nothing yet. Raises ConfigError."""
    settings.require("bot_token")
    base = settings.telegram_api_base
    if base and not base.startswith(("http://", "https://")):
        raise ConfigError("TELEGRAM_API_BASE is no http:// or https:// address")
    session = DiscreetSession(api=TelegramAPIServer.from_base(base) if base else PRODUCTION)
    try:
        return Bot(settings.bot_token, session, DefaultBotProperties(parse_mode=ParseMode.HTML))
    except TokenValidationError as error:
        raise ConfigError("BOT_TOKEN has not the form that @BotFather gives: <digits>:<letters>") from error
