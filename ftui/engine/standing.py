"""What is known of every check from the events so far: its last outcome, its key, and whether it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.events import CheckFinished, CheckStarted
from ftui.model import Outcome

if TYPE_CHECKING:
    from ftui.engine.breaker import Breaker
    from ftui.events import Event


class Standing:
    """Follows the events.

    Args:
        breaker: told when checks start and end.

    Attributes:
        outcomes: the last outcome of each check, by id, as others that require it see it: one that found that it had
            nothing to do keeps none from running.
        keys: the key of each last verdict, by id; only of those that are cached.
        durations: seconds that each last run took, by id.
    """

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker
        self.outcomes: dict[str, Outcome] = {}
        self.keys: dict[str, str] = {}
        self.durations: dict[str, float] = {}

    def take(self, event: Event) -> None:
        """Takes in the next event."""
        if isinstance(event, CheckStarted):
            self._breaker.started(event.check_id)
        elif isinstance(event, CheckFinished):
            self._breaker.ended(event.check_id)
            idle = event.outcome is Outcome.SKIPPED and event.attempts > 0
            self.outcomes[event.check_id] = Outcome.PASSED if idle else event.outcome
            self.durations[event.check_id] = event.duration_s or 0.0
            if event.key is not None and event.outcome in (Outcome.PASSED, Outcome.FAILED):
                self.keys[event.check_id] = event.key
            else:
                self.keys.pop(event.check_id, None)

    def passed(self) -> set[str]:
        """Ids of the checks that passed under a key, so that the same key would be a hit."""
        return {check_id for check_id in self.keys if self.outcomes[check_id] is Outcome.PASSED}

    def unkey(self, check_id: str) -> None:
        """Notes that a verdict stands for no key, since what the key is made of moved while it was found."""
        self.keys.pop(check_id, None)

    def forget(self, check_id: str) -> None:
        """Drops what is known of a check that is no more."""
        self.outcomes.pop(check_id, None)
        self.keys.pop(check_id, None)
