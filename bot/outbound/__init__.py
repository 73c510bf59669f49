"""Notices on their way to Telegram: claimed one by one, sent within its limits, and reported."""

from bot.outbound.sender import Outbound

__all__ = ["Outbound"]
