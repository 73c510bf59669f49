"""Telling who cancelled: a CancelledError that nobody asked for must not end a task that ought to go on."""

import asyncio


def told_to_stop() -> bool:
    """Whether somebody cancelled the current task, as against a library that gave up on its own."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
