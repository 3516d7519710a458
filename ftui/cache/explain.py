"""Why a check runs again: the difference of two manifests, in sentences for people."""

from __future__ import annotations

from ftui.cache.key import Manifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Final

    from ftui.cache.key import Value

NAMED: Final = 3
"""How many paths a sentence names before it counts the rest."""
_WHOLE: Final = {
    "schema": "ftui itself keeps its results in another way now",
    "check": "it is another check",
    "platform": "the platform changed",
    "interpreter": "the tool's Python or Node changed",
    "packages": "the installed packages changed",
    "extra": "what its adapter adds to the key changed",
}


class Change:
    """One difference between two keys.

    Attributes:
        part: the part of the manifest, such as `argv` or `env:CI`.
        text: the sentence for people, without a full stop.
        paths: the inputs concerned, sorted; empty where it is not about inputs.
    """

    __slots__ = ("part", "paths", "text")

    def __init__(self, part: str, text: str, paths: tuple[str, ...] = ()) -> None:
        self.part = part
        self.text = text
        self.paths = paths

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Change) and (self.part, self.text, self.paths) == (other.part, other.text, other.paths)

    def __hash__(self) -> int:
        return hash((self.part, self.text, self.paths))

    def __repr__(self) -> str:
        return f"Change({self.part!r}, {self.text!r}, {self.paths!r})"


def difference(
    old: Manifest,
    new: Manifest,
    inputs: tuple[Mapping[str, bytes], Mapping[str, bytes]] | None = None,
    *,
    named: int = NAMED,
) -> list[Change]:
    """What changed from one key to another, what a person would look at first coming first.

    Args:
        old: the manifest of the last result.
        new: the manifest of now.
        inputs: path to digest for both, where known (the digests may be cut short alike).
        named: how many paths or packages a sentence names before it counts the rest.

    Returns:
        One change for each differing part, several for arguments and inputs, none for a configuration or lock file that
        is named among the inputs; empty for equal manifests.
    """
    before, after = dict(old.parts), dict(new.parts)
    changes: list[Change] = []
    for name in dict.fromkeys([*after, *before]):
        if before.get(name) == after.get(name):
            continue
        if name == "inputs":
            changes[:0] = _inputs(*inputs, named) if inputs else [Change("inputs", "the files that it reads changed")]
        else:
            changes.extend(_part(name, before.get(name), after.get(name), named))
    said = {f"{kind}:{path}" for change in changes for path in change.paths for kind in ("config", "lock")}
    changes = [change for change in changes if change.part not in said]
    if not changes and old != new:
        changes.append(Change("order", "the order of the key's parts changed"))
    return changes


def sentence(changes: list[Change]) -> str:
    """The changes in one line: the first three, and how many more there are."""
    shown = "; ".join(change.text for change in changes[:NAMED])
    more = len(changes) - NAMED
    return f"{shown}; and {more} more" if more > 0 else shown


def changed_inputs(changes: list[Change]) -> int | None:
    """How many inputs the changes are about; None where that is not known, or the tool has to start afresh."""
    if any(change.part.partition(":")[0] not in ("inputs", "requires") for change in changes):
        return None
    inputs = [change.paths for change in changes if change.part == "inputs"]
    return sum(map(len, inputs)) if all(inputs) else None


def _inputs(old: Mapping[str, bytes], new: Mapping[str, bytes], most: int) -> list[Change]:
    edited = sorted(path for path in old.keys() & new.keys() if old[path] != new[path])
    added, gone = sorted(new.keys() - old.keys()), sorted(old.keys() - new.keys())
    changes = [
        Change("inputs", _paths(paths, verb, most), tuple(paths))
        for paths, verb in ((edited, "changed"), (added, "added"), (gone, "deleted"))
        if paths
    ]
    return changes or [Change("inputs", "the files that it reads changed")]


def _paths(paths: list[str], verb: str, most: int) -> str:
    if len(paths) == 1:
        return f"{printable(paths[0])} {verb}"
    named = ", ".join(printable(path) for path in paths[:most])
    rest = f" and {len(paths) - most} more" if len(paths) > most else ""
    return f"{len(paths)} files {verb}: {named}{rest}"


def printable(text: str) -> str:
    """A name as it may be shown: control characters and broken bytes are escaped."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def _part(name: str, old: Value | None, new: Value | None, most: int) -> Iterator[Change]:
    kind, _, subject = name.partition(":")
    if name == "argv":
        yield from _arguments(_texts(old), _texts(new))
    elif name in ("tool", "adapter"):
        yield Change(name, _tool(name, _texts(old), _texts(new)))
    elif name == "cwd":
        yield Change(name, f"it runs in {printable(_shown(new))} instead of {printable(_shown(old))}")
    elif kind == "env" and subject:
        yield Change(name, f"environment variable {printable(subject)} {_verb(old, new, 'set', 'removed')}")
    elif kind in ("config", "lock") and subject:
        words = "configuration" if kind == "config" else "lock file"
        yield Change(name, f"{words} {printable(subject)} {_verb(old, new, 'added', 'deleted')}")
    elif kind == "link" and subject:
        yield Change(name, f"what {printable(subject)} leads to {_verb(old, new, 'appeared', 'is gone')}")
    elif kind == "requires" and subject:
        verb = _verb(old, new, "required now", "not required any more")
        yield Change(name, f"{printable(subject)} {'has a new result' if verb == 'changed' else f'is {verb}'}")
    elif name in ("packages", "environment") and isinstance(old, tuple) and isinstance(new, tuple):
        yield Change(name, _packages(set(old), set(new), most))
    elif kind == "imports" and subject:
        yield Change(
            name, f"the code in {printable(subject)}, which it imports, {_verb(old, new, 'is new', 'is gone')}"
        )
    else:
        yield Change(name, _WHOLE.get(name, f"{printable(name)} changed"))


def _texts(value: Value | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def _shown(value: Value | None) -> str:
    return " ".join(_texts(value)) or "nothing"


def _verb(old: Value | None, new: Value | None, appeared: str, vanished: str) -> str:
    if _missing(old):
        return appeared
    return vanished if _missing(new) else "changed"


def _missing(value: Value | None) -> bool:
    return value is None or value == "missing"


def _arguments(old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Change]:
    if len(old) == len(new):
        for place, (was, now) in enumerate(zip(old, new, strict=True)):
            if was != now:
                which = f"argument {place}" if place else "the command"
                yield Change("argv", f"{which} changed: {printable(was)!s} → {printable(now)!s}")
        return
    added = [arg for arg in new if arg not in old]
    gone = [arg for arg in old if arg not in new]
    parts = [f"{verb} {' '.join(map(printable, args))}" for verb, args in (("added", added), ("dropped", gone)) if args]
    yield Change("argv", f"its arguments changed: {', '.join(parts) or 'another number of the same'}")


def _tool(part: str, old: tuple[str, ...], new: tuple[str, ...]) -> str:
    """A tool's value begins with its name and its version; the rest are digests."""
    if len(old) >= 2 and len(new) >= 2 and old[:2] != new[:2]:
        was, now = (" ".join(part for part in value[:2] if part) for value in (old, new))
        return f"{printable(was)} → {printable(new[1] if old[0] == new[0] and new[1] else now)}"
    name = (new or old or (part,))[0]
    return f"{printable(name)} itself changed, though its version did not"


def _packages(old: set[str], new: set[str], most: int) -> str:
    """Each package's text is `name version digest`."""
    was = {name: rest for name, _, rest in (text.partition(" ") for text in old - new)}
    now = {name: rest for name, _, rest in (text.partition(" ") for text in new - old)}
    parts = []
    for name in sorted(was.keys() | now.keys()):
        before, after = (versions.get(name, "").partition(" ")[0] for versions in (was, now))
        if name not in was:
            parts.append(f"{name} {after} installed")
        elif name not in now:
            parts.append(f"{name} {before} removed")
        else:
            parts.append(f"{name} {before} → {after}" if before != after else f"{name} {after} reinstalled")
    more = f" and {len(parts) - most} more" if len(parts) > most else ""
    return f"installed packages changed: {printable(', '.join(parts[:most]))}{more}"
