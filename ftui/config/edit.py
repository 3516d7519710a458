"""Settings put into the text of a configuration; all else in it stays as the user has written it."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from msgspec import Struct

from ftui.config.keys import WrongValueError, read_config
from ftui.errors import FtuiError

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence
    from typing import TypeAlias

    Value: TypeAlias = str | int | bool | tuple[str, ...]
    Settings: TypeAlias = Mapping[tuple[str, ...], Value]


class Edited(Struct, frozen=True):
    """A text with other settings."""

    text: str
    before: dict[tuple[str, ...], object]
    """What was there, by the keys that lead to it; those that are new are not in it."""


def edited(text: str, settings: Settings, *, name: str, prefix: tuple[str, ...]) -> Edited:
    """Puts settings into a TOML text.

    Args:
        text: of the file, empty for a new one.
        settings: by the keys that lead to them.
        name: of the file, for errors.
        prefix: the tables that the configuration lies in: `tool` and `ftui` in `pyproject.toml`.

    Raises:
        FtuiError: the text is no TOML, or the settings cannot be put into it.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        wanted = tomllib.loads(text)
        document: MutableMapping[str, object] = tomlkit.parse(text)
        before = {}
        for keys, value in settings.items():
            plain = list(value) if isinstance(value, tuple) else value
            known = _put(wanted, (*prefix, *keys), plain)
            if known is not None:
                before[keys] = known
            _put(document, (*prefix, *keys), plain)
        made = tomlkit.dumps(document)
        found = tomllib.loads(made)
    except (TOMLKitError, ValueError, TypeError, RecursionError) as error:
        raise FtuiError(f"{name} cannot be changed: {error}; nothing was written") from None
    if found != wanted:
        raise FtuiError(f"{name} is laid out in a way that cannot be changed; nothing was written")
    _verify(found, name, prefix)
    return Edited(made, before)


def _put(table: MutableMapping[str, object], keys: Sequence[str], value: object) -> object | None:
    """Sets a value and makes the tables that lead to it; returns what was there."""
    import tomlkit

    *path, last = keys
    for place, key in enumerate(path):
        if key not in table:
            # Only the innermost table has a line of its own.
            table[key] = {} if type(table) is dict else tomlkit.table(is_super_table=place + 1 < len(path))
        inner = table[key]
        if not hasattr(inner, "keys"):
            raise ValueError(f"{key} is no table")
        table = inner  # type: ignore[assignment]
    before = table.get(last)
    table[last] = value
    return before


def _verify(document: Mapping[str, object], name: str, prefix: tuple[str, ...]) -> None:
    section: object = document
    for key in prefix:
        section = section.get(key, {}) if isinstance(section, dict) else {}
    try:
        read_config(section)
    except WrongValueError as wrong:
        raise FtuiError(f"{name}: {'.'.join(wrong.keys)} {wrong.message}; nothing was written") from None
