"""The keys of the configuration: for each how its value is read, and its JSON schema.

A reader takes what TOML gave and returns what the struct of `ftui.model` holds, or raises `WrongValueError`.
"""

from __future__ import annotations

import math
import os
import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any, get_args

from msgspec import Struct

from ftui.errors import nearest
from ftui.model import ChangePolicy, CheckConfig, Dist, FailurePolicy, Notify, Phase
from ftui.tree import is_pattern

MOST_SLOTS = 10_000
"""The largest number of workers, and the largest weight: more is a slip."""


class WrongValueError(Exception):
    """A value cannot be used; `keys` leads to it from where it was read."""

    def __init__(self, message: str, *keys: str) -> None:
        super().__init__(message)
        self.message = message
        self.keys = keys


class _Kind(Struct, frozen=True):
    """How a value is read, and its JSON schema."""

    read: Callable[[object], object]
    schema: dict[str, object]


def _table(kinds: Mapping[str, _Kind]) -> Callable[[object], dict[str, Any]]:
    def read(value: object) -> dict[str, Any]:
        values = {}
        for key, item in _mapping(value).items():
            if key not in kinds:
                raise WrongValueError(f"unknown key{nearest(key, kinds)}", key)
            values[key] = _read(kinds[key], item, key)
        return values

    return read


def _named(kind: _Kind) -> Callable[[object], dict[str, Any]]:
    def read(value: object) -> dict[str, Any]:
        for name in (table := _mapping(value)):
            if not name or not name.isprintable() or " " in name:
                raise WrongValueError("a name must be printable and without spaces", name)
        return {name: _read(kind, item, name) for name, item in table.items()}

    return read


def _read(kind: _Kind, value: object, key: str) -> object:
    try:
        return kind.read(value)
    except WrongValueError as wrong:
        raise WrongValueError(wrong.message, key, *wrong.keys) from None


def _mapping(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise WrongValueError(f"must be a table, not {_what(value)}")
    return value


def _what(value: object) -> str:
    """A value as a person would call it, in one short line."""
    names = {bool: "a boolean", int: "an integer", float: "a float", str: "a string", list: "a list", dict: "a table"}
    # A longer integer, as TOML has in hexadecimal, cannot even be printed.
    short = abs(value) < 1e18 if isinstance(value, int) else isinstance(value, float | str) and len(repr(value)) < 40
    shown = f" ({value!r})" if short else ""
    return names.get(type(value), "a date or time") + shown


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise WrongValueError(f"must be true or false, not {_what(value)}")
    return value


def _string(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise WrongValueError(f"must be a string with something in it, not {_what(value)}")
    return value


def _integer(lowest: int, highest: int) -> _Kind:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise WrongValueError(f"must be an integer from {lowest} to {highest}, not {_what(value)}")
        return value

    return _Kind(read, {"type": "integer", "minimum": lowest, "maximum": highest})


def _workers(value: object) -> int | None:
    if value == "auto":
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_SLOTS:
        raise WrongValueError(f'must be "auto" or an integer from 1 to {MOST_SLOTS}, not {_what(value)}')
    return value


def _processes(value: object) -> int | str:
    if value == "auto":
        return "auto"
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_SLOTS:
        raise WrongValueError(f'must be "auto" or an integer from 0 to {MOST_SLOTS}, not {_what(value)}')
    return value


def _phase(value: object) -> Phase:
    phases = [phase.value for phase in Phase]
    if value not in phases:
        raise WrongValueError(f"must be a phase, not {_what(value)}{nearest(str(value), phases)}")
    return Phase(value)


_UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = r"^\s*([0-9]+(?:\.[0-9]+)?)\s*(ms|s|m|h|)\s*$"


def _choice(kind: str, names: tuple[str, ...]) -> _Kind:
    def read(value: object) -> str:
        name = _string(value)
        if name not in names:
            raise WrongValueError(f"there is no {kind} {name!r}{nearest(name, names)}")
        return name

    return _Kind(read, {"enum": list(names)})


def _policy(policies: tuple[str, ...]) -> _Kind:
    return _choice("policy", policies)


def _duration(value: object) -> float:
    seconds = math.nan
    if isinstance(value, str) and (match := re.match(_DURATION, value)):
        seconds = float(match[1]) * _UNITS[match[2]]
    elif isinstance(value, int | float) and not isinstance(value, bool):
        seconds = float(value) if abs(value) < 1e300 else math.inf
    if not (math.isfinite(seconds) and seconds > 0):
        raise WrongValueError(
            f'must be more than 0 seconds, such as 90 or "1.5s", "2m", "500ms", "1h", not {_what(value)}'
        )
    return seconds


def _share(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise WrongValueError(f"must be a number from 0 to 1, such as 0.8, not {_what(value)}")
    return float(value)


def _list(read_item: Callable[[str], object]) -> Callable[[object], tuple[str, ...]]:
    def read(value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise WrongValueError(f"must be a list of strings, not {_what(value)}")
        for item in value:
            if not isinstance(item, str) or "\0" in item:
                raise WrongValueError(f"must be a list of strings, but contains {_what(item)}")
            read_item(item)
        return tuple(value)

    return read


def _pattern(text: str) -> None:
    if not is_pattern(text) or not {".", ".."}.isdisjoint(text.removeprefix("!").split("/")):
        raise WrongValueError(
            f"{text!r} matches no file: patterns are as in .gitignore and relative to the root, without ./"
        )


_VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"


def _variables(pattern: str, wrong: str) -> Callable[[object], tuple[str, ...]]:
    """Reads a list of variables. No message repeats what was written, which may be a secret."""

    def read(value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise WrongValueError("must be a list of strings")
        for number, item in enumerate(value, 1):
            if not isinstance(item, str) or "\0" in item or not re.fullmatch(pattern, item):
                raise WrongValueError(f"entry {number} {wrong}")
        return tuple(value)

    return read


def _command(value: object) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return _string(value)
    return _program(_list(str)(value))


def _program(words: tuple[str, ...]) -> tuple[str, ...]:
    if not words or not words[0].strip():
        raise WrongValueError("must name a program")
    return words


def _check(value: object) -> CheckConfig:
    values = _table(_CHECK_KEYS)(value)
    shell = values.pop("shell", False)
    command = values.get("command")
    if shell and not isinstance(command, str):
        raise WrongValueError("needs a command that is a string", "shell")
    if isinstance(command, str):
        values["command"] = _in_shell(command) if shell else _read(_WORDS, command, "command")
    return CheckConfig(**values)


def _split(command: object) -> tuple[str, ...]:
    try:
        return _program(tuple(shlex.split(_string(command))))
    except ValueError as error:
        raise WrongValueError(f"cannot be split into words: {str(error).lower()}") from None


def _in_shell(command: str) -> tuple[str, ...]:
    return ("cmd.exe", "/d", "/c", command) if os.name == "nt" else ("/bin/sh", "-c", command)


# Keys


_TEXT: dict[str, object] = {"type": "string", "minLength": 1}
_TEXTS: dict[str, object] = {"type": "array", "items": {"type": "string"}}
_PATTERNS = _Kind(_list(_pattern), _TEXTS)
_NAMES = _Kind(_list(_string), _TEXTS)
_SECONDS = _Kind(
    _duration, {"oneOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "string", "pattern": _DURATION}]}
)
_WORDS = _Kind(_split, _TEXT)
_FLAG = _Kind(_boolean, {"type": "boolean"})

_CHECK_KEYS = {
    "adapter": _Kind(_string, _TEXT),
    "enabled": _FLAG,
    "fix": _FLAG,
    "command": _Kind(_command, {"oneOf": [_TEXT, {**_TEXTS, "minItems": 1}]}),
    "shell": _FLAG,
    "args": _Kind(_list(str), _TEXTS),
    "inputs": _PATTERNS,
    "requires": _NAMES,
    "phase": _Kind(_phase, {"enum": [phase.value for phase in Phase]}),
    "timeout": _SECONDS,
    "retries": _integer(0, 10),
    "budget": _SECONDS,
    "env": _Kind(_variables(rf"{_VARIABLE}(\*|=(?s:.*))?", 'is none of "NAME", "NAME_*" and "NAME=value"'), _TEXTS),
    "isolate": _Kind(_variables(_VARIABLE, "is no name of a variable"), _TEXTS),
    "writes": _PATTERNS,
    "weight": _integer(1, MOST_SLOTS),
    "workers": _Kind(
        _processes, {"oneOf": [{"const": "auto"}, {"type": "integer", "minimum": 0, "maximum": MOST_SLOTS}]}
    ),
    "dist": _choice("distribution", get_args(Dist)),
    "cache": _FLAG,
    "ttl": _SECONDS,
    "on_failure": _policy(get_args(FailurePolicy)),
    "on_change": _policy(get_args(ChangePolicy)),
}


def _object(kinds: Mapping[str, _Kind]) -> dict[str, object]:
    properties = {key: kind.schema for key, kind in kinds.items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


_KEYS = {
    "workers": _Kind(
        _workers, {"oneOf": [{"const": "auto"}, {"type": "integer", "minimum": 1, "maximum": MOST_SLOTS}]}
    ),
    "profile": _Kind(_string, _TEXT),
    "budgets": _Kind(_named(_SECONDS), {"type": "object", "additionalProperties": _SECONDS.schema}),
    "efficiency": _Kind(_share, {"type": "number", "minimum": 0, "maximum": 1}),
    "fail_fast": _FLAG,
    "notify": _policy(get_args(Notify)),
    "theme": _Kind(_string, _TEXT),
    "keys": _Kind(_named(_Kind(_string, _TEXT)), {"type": "object", "additionalProperties": _TEXT}),
    "profiles": _Kind(_named(_NAMES), {"type": "object", "additionalProperties": _TEXTS}),
    "checks": _Kind(_named(_Kind(_check, {})), {"type": "object", "additionalProperties": _object(_CHECK_KEYS)}),
}


def read_config(document: object) -> dict[str, Any]:
    """The fields of a `Config` that the top table sets.

    Raises:
        WrongValueError: a key is unknown, or its value cannot be used.
    """
    return _table(_KEYS)(document)


def config_schema() -> dict[str, object]:
    """The JSON schema of `ftui.toml`, which is that of `[tool.ftui]` too."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "ftui", **_object(_KEYS)}
