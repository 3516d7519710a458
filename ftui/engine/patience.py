"""Waiting that has to be done to the end, such as for processes to die."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

_SHORTEST_S, _LONGEST_S = 0.0005, 0.02


class Patience:
    """Waits which a cancellation of the task does not cut short; whoever uses it raises `cancelled` afterwards."""

    def __init__(self) -> None:
        self.cancelled: asyncio.CancelledError | None = None

    async def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Asks for `condition` again and again, ever less often, for `seconds` at most.

        Returns:
            Whether it came true.
        """
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + seconds, _SHORTEST_S
        while not condition():
            left = deadline - loop.time()
            if left <= 0:
                return False
            try:
                await asyncio.sleep(min(pause, left))
            except asyncio.CancelledError as cancelled:
                self.cancelled = cancelled
            pause = min(pause * 2, _LONGEST_S)
        return True


async def to_its_end(work: Coroutine[object, object, None]) -> None:
    """Awaits work that a cancellation of the task does not cut short: that is raised when it is done."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            if not task.cancelled():
                cancelled = error
    task.result()
    if cancelled is not None:
        raise cancelled
