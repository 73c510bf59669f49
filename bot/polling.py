"""Asking Telegram for updates until told to stop."""

import asyncio

from aiogram import Bot, Dispatcher

from bot.arriving import BACKOFF, arrive, patiently

AT_ONCE = 64
"""Updates that are handled at the same time; further ones wait at Telegram."""


async def poll(bot: Bot, dispatcher: Dispatcher) -> None:
    """Answer updates until cancelled, whatever happens to the network; then finish those begun.

    Raises ConfigError when Telegram does not know the token.
    """
    await arrive(bot)
    # One that was set in an earlier life would keep all updates from here.
    await patiently(bot.delete_webhook)
    polling = asyncio.ensure_future(
        dispatcher.start_polling(
            bot,
            handle_signals=False,
            close_bot_session=False,
            backoff_config=BACKOFF,
            tasks_concurrency_limit=AT_ONCE,
        )
    )
    try:
        await asyncio.shield(polling)
    finally:
        # Cancelling start_polling would leave its own tasks behind; this is its way out.
        if not polling.done():
            await dispatcher.stop_polling()
            await polling
