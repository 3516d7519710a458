"""Writes advice into the user's configuration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.config import OWN_FILE, SHARED_FILE
from ftui.config.edit import edited
from ftui.config.file import read, write
from ftui.errors import FtuiError
from ftui.tuning.advice import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ftui.tuning.advice import Advice, Value


class Applied(Struct, frozen=True):
    """What was written, and what it took the place of."""

    file: str
    """Relative to the root."""
    prefix: str
    """Of the tables of the configuration in it, see `Change.lines`."""
    changes: tuple[Change, ...]
    undo: tuple[Change, ...]
    """What was there; settings that are new are taken back by leaving them out."""

    @property
    def new(self) -> tuple[Change, ...]:
        """The changes that nothing was there for."""
        known = {change.keys for change in self.undo}
        return tuple(change for change in self.changes if change.keys not in known)


def where(root: Path, source: str | None) -> tuple[Path, str]:
    """The file that holds the configuration, or will, and the prefix of the tables in it.

    Args:
        root: absolute path of the project's root.
        source: the file that it was read from, absolute or relative to the root; None where there is none yet.
    """
    path = root / (source or (SHARED_FILE if (root / SHARED_FILE).is_file() else OWN_FILE))
    return path, "tool.ftui" if path.name == SHARED_FILE else ""


def apply(advice: Advice, root: Path, source: str | None) -> Applied:
    """Writes a piece of advice down; comments and layout of the file stay.

    Args:
        advice: what to write.
        root: absolute path of the project's root.
        source: see `where`.

    Raises:
        FtuiError: it cannot be written; nothing is changed then.
    """
    path, prefix = where(root, source)
    target = path.resolve()
    if path.is_relative_to(root) and not target.is_relative_to(root):
        raise FtuiError(f"{path.name} is a link to {target}, outside the project; nothing was changed")
    try:
        text = read(target) if target.exists() else ""
        settings = {change.keys: change.value for change in advice.changes}
        made = edited(text, settings, name=path.name, prefix=tuple(prefix.split(".")) if prefix else ())
        write(target, made.text)
    except OSError as error:
        raise FtuiError(f"{path.name} cannot be written: {error.strerror}; nothing was changed") from None
    undo = tuple(Change(keys, _value(before)) for keys, before in made.before.items())
    return Applied(path.name, prefix, advice.changes, undo)


def told(applied: Applied) -> Iterator[str]:
    """What was written and how to take it back, for people."""
    yield f"wrote to {applied.file}:"
    yield from (f"    {line}" for change in applied.changes for line in change.lines(applied.prefix))
    if applied.undo:
        yield "to take it back, put this in its place:"
        yield from (f"    {line}" for change in applied.undo for line in change.lines(applied.prefix))
    if applied.new:
        names = ", ".join(".".join(change.keys) for change in applied.new)
        yield f"to take {'the rest' if applied.undo else 'it'} back, remove {names} again"


def _value(before: object) -> Value:
    if isinstance(before, list):
        return tuple(map(str, before))
    return before if isinstance(before, str | int | bool) else str(before)
