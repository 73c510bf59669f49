"""Structured logs: a constant message and fields; each line carries the trace id of what caused it."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from infra.config import Settings
from infra.telemetry import current_trace, trace_id

Logger = structlog.stdlib.BoundLogger


def get_logger(name: str) -> Logger:
    """A logger for one module."""
    return structlog.stdlib.get_logger(name)


def _add_trace(_logger: Any, _method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if traceparent := current_trace():
        fields["trace"] = trace_id(traceparent)
    return fields


def _for_people() -> structlog.typing.Processor:
    # The prettier tracebacks show local variables, and with them passwords.
    plain = structlog.dev.plain_traceback
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)


def setup_logging(settings: Settings) -> None:
    """Send our lines and those of the libraries to standard error, as `LOG_FORMAT` and `LOG_LEVEL` say."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace,
    ]
    as_json = settings.log_format == "json"
    renderer = structlog.processors.JSONRenderer() if as_json else _for_people()
    final: list[structlog.typing.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    final += [structlog.processors.format_exc_info, renderer] if as_json else [renderer]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=final))
    logging.basicConfig(handlers=[handler], level=settings.log_level.upper(), force=True)
    for chatty in ("mode", "faust", "nats", "aiohttp.access", "asyncio", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
