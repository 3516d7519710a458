"""What plugins answer, called and verified: whatever is wrong with an answer becomes a `Fault`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, get_origin, get_type_hints

import msgspec

from ftui.model import Check, DeepLook, Phase, Unused

if TYPE_CHECKING:
    import pluggy

    from ftui.hookspecs import Project


MOST = 10_000
"""Things that a hook may give; one that goes on and on is stopped."""


class Fault(Exception):
    """What a plugin did wrong, as one sentence."""


class NotAsked(Fault):
    """An earlier call did not return, so there was none."""


def sentence(error: BaseException) -> str:
    """What was raised, in one line."""
    from traceback import format_exception_only

    words = " ".join(format_exception_only(error)[-1].split())
    return words.removeprefix(f"{type(error).__module__}.")


def answer(impl: pluggy.HookImpl, **arguments: object) -> object:
    """What one plugin's hook gives for these arguments, of which it may take any."""
    return impl.function(*(arguments[name] for name in impl.argnames))


def offers(impl: pluggy.HookImpl, project: Project) -> list[Check | Unused]:
    """The answer to `ftui_checks`.

    Raises:
        Fault: anything in it is not what it ought to be.
    """
    offered = _listed(answer(impl, project=project), "ftui_checks")
    items = [item for item in offered if isinstance(item, Check | Unused)]
    if len(items) < len(offered):
        wrong = next(item for item in offered if not isinstance(item, Check | Unused))
        raise Fault(f"ftui_checks gave {type(wrong).__name__!r}, neither Check nor Unused")
    for item in items:
        if defect := _defect(item):
            raise Fault(f"ftui_checks gave a wrong {type(item).__name__}: {defect}")
    return items


def expect_no_circle(offered: Iterable[Check | Unused], before: Mapping[str, Check]) -> None:
    """Makes sure that no check requires itself, by way of others that were offered `before` or not.

    Raises:
        Fault: one does.
    """
    requiring = {item.id: item for item in offered if isinstance(item, Check) and item.requires}
    if not requiring:
        return
    from ftui.config import find_cycle

    circle = find_cycle({check.id: check.requires for check in (*requiring.values(), *before.values())})
    if circle is not None:
        raise Fault(f"ftui_checks gave checks that go round in a circle: {' -> '.join(circle)}")


def _defect(item: Check | Unused) -> str | None:
    """What a struct's annotations promise and it does not keep; msgspec does not look when one is made."""
    for field in ("id", "adapter"):
        value = getattr(item, field)
        if not isinstance(value, str) or not value or not value.isprintable() or " " in value:
            return f"{field} is no printable name without spaces: {value!r}"
    wrong = _wrong_field(item) if isinstance(item, Check) else _no_unused(item)
    return f"{wrong} ({item.id})" if wrong else None


def _wrong_field(check: Check) -> str | None:
    for field in ("argv", "args", "inputs", "config_files", "writes", "requires", "env", "isolate"):
        value = getattr(check, field)
        if not isinstance(value, tuple) or not all(isinstance(part, str) for part in value):
            return f"{field} is no tuple of strings"
        if any("\0" in part for part in value):
            return f"{field} has a NUL in it"
    if not check.argv:
        return "argv is empty"
    for field, lowest in (("timeout", 0.001), ("retries", 0), ("weight", 1)):
        value = getattr(check, field)
        if not isinstance(value, int | float) or not value >= lowest:
            return f"{field} is no number from {lowest:g}"
    if not isinstance(check.phase, Phase):
        return "phase is no Phase"
    if not all(map(callable, (check.parse, check.infrastructure, check.note, *_deep(check.deep_look)))):
        return "parse, infrastructure, note or the reader of deep_look cannot be called"
    data = {name: getattr(check, name) for name in _data().__struct_fields__}
    try:
        msgspec.convert(data, _data())
    except msgspec.ValidationError as error:
        said, _, field = str(error).rpartition(" - at `$.")
        return f"{field.rstrip('`')}: {said[:1].lower()}{said[1:]}"
    folder = PurePosixPath(check.cwd)
    return "cwd leads out of the root" if folder.is_absolute() or {"..", "\0"} & {*folder.parts, *check.cwd} else None


@cache
def _data() -> type[msgspec.Struct]:
    """What a check is without its functions, for msgspec to verify: the annotations are the one source of the rules."""
    hints = get_type_hints(Check)
    data = (name for name in Check.__struct_fields__ if get_origin(hints[name]) is not Callable and name != "deep_look")
    return msgspec.defstruct("Data", [(name, hints[name]) for name in data])


def _deep(look: object) -> tuple[object, ...]:
    """What of a deep look has to be a function; the look itself where it is none."""
    if not isinstance(look, DeepLook):
        return () if look is None else (None,)
    is_data = isinstance(look.args, tuple) and all(isinstance(arg, str) for arg in look.args)
    return (look.read,) if is_data else (None,)


def _no_unused(unused: Unused) -> str | None:
    return None if isinstance(unused.because, str) else "because is no string"


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
    given = _listed(answer(impl, check=check), "ftui_fingerprint")
    parts = [part for part in given if isinstance(part, str)]
    if len(parts) < len(given):
        raise Fault("ftui_fingerprint gave something other than strings")
    return parts


def _listed(given: object, hook: str) -> list[object]:
    """The answer of a hook that gives many things; a plugin with nothing to say may return None."""
    if given is None:
        return []
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise Fault(f"{hook} gave {type(given).__name__!r}, which is no list")
    items = list(islice(given, MOST + 1))
    if len(items) > MOST:
        raise Fault(f"{hook} gave more than {MOST:,} things")
    return items
