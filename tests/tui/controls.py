"""An engine that only notes what it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Controlled:
    """Notes each call as its name and arguments."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def rerun(self, ids: Iterable[str], *, force: bool = False) -> None:
        """Notes it."""
        self.calls.append(("rerun", *ids, *(["force"] if force else [])))

    def cancel(self, check_id: str) -> None:
        """Notes it."""
        self.calls.append(("cancel", check_id))

    def pause(self) -> None:
        """Notes it."""
        self.calls.append(("pause",))

    def resume(self) -> None:
        """Notes it."""
        self.calls.append(("resume",))

    def set_profile(self, name: str) -> None:
        """Notes it."""
        self.calls.append(("set_profile", name))

    def set_workers(self, workers: int) -> None:
        """Notes it."""
        self.calls.append(("set_workers", workers))

    def stop(self) -> None:
        """Notes it."""
        self.calls.append(("stop",))
