"""What plugins answer, called and verified: whatever is wrong with an answer becomes a `Fault`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ftui.model import Check, Phase, Unused

if TYPE_CHECKING:
    import pluggy

    from ftui.hookspecs import Project


class Fault(Exception):
    """What a plugin did wrong, as one sentence."""


def answer(impl: pluggy.HookImpl, **arguments: object) -> object:
    """What one plugin's hook gives for these arguments, of which it may take any."""
    return impl.function(*(arguments[name] for name in impl.argnames))


def offers(impl: pluggy.HookImpl, project: Project) -> list[Check | Unused]:
    """The answer to `ftui_checks`.

    Raises:
        Fault: anything in it is not what it ought to be.
    """
    offered = list(_iterable(answer(impl, project=project), "ftui_checks"))
    items = [item for item in offered if isinstance(item, Check | Unused)]
    if len(items) < len(offered):
        wrong = next(item for item in offered if not isinstance(item, Check | Unused))
        raise Fault(f"ftui_checks gave {type(wrong).__name__!r}, neither Check nor Unused")
    for item in items:
        if defect := _defect(item):
            raise Fault(f"ftui_checks gave a wrong {type(item).__name__}: {defect}")
    return items


def _defect(item: Check | Unused) -> str | None:
    """What a struct's annotations promise and it does not keep; msgspec does not look when one is made."""
    for field in ("id", "adapter"):
        value = getattr(item, field)
        if not isinstance(value, str) or not value or not value.isprintable() or " " in value:
            return f"{field} is no printable name without spaces: {value!r}"
    wrong = _wrong_field(item) if isinstance(item, Check) else None
    return f"{wrong} ({item.id})" if wrong else None


def _wrong_field(check: Check) -> str | None:
    for field in ("argv", "args", "inputs", "config_files", "writes", "requires", "env"):
        value = getattr(check, field)
        if not isinstance(value, tuple) or not all(isinstance(part, str) for part in value):
            return f"{field} is no tuple of strings"
    if not check.argv:
        return "argv is empty"
    for field, lowest in (("timeout", 0.001), ("retries", 0), ("weight", 1)):
        value = getattr(check, field)
        if not isinstance(value, int | float) or not value >= lowest:
            return f"{field} is no number from {lowest:g}"
    if not isinstance(check.phase, Phase):
        return "phase is no Phase"
    if not callable(check.parse) or not callable(check.infrastructure):
        return "parse or infrastructure cannot be called"
    return None


def paths(impl: pluggy.HookImpl, check: Check, changed: frozenset[str]) -> frozenset[str] | None:
    """The answer to `ftui_affected`; None where the plugin leaves it to others.

    Raises:
        Fault: it is something else.
    """
    given = answer(impl, check=check, changed=changed)
    if given is None:
        return None
    if not isinstance(given, frozenset | set):
        raise Fault(f"ftui_affected gave {type(given).__name__!r}, neither a frozenset of paths nor None")
    return frozenset(path for path in given if isinstance(path, str))


def strings(impl: pluggy.HookImpl, check: Check) -> list[str]:
    """The answer to `ftui_fingerprint`.

    Raises:
        Fault: not all of it are strings.
    """
    given = list(_iterable(answer(impl, check=check), "ftui_fingerprint"))
    parts = [part for part in given if isinstance(part, str)]
    if len(parts) < len(given):
        raise Fault("ftui_fingerprint gave something other than strings")
    return parts


def _iterable(given: object, hook: str) -> Iterable[object]:
    """The answer of a hook that gives many things; a plugin with nothing to say may return None."""
    if given is None:
        return ()
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise Fault(f"{hook} gave {type(given).__name__!r}, which is no list")
    return given
