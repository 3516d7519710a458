"""The user's configuration: `ftui.toml`, or `[tool.ftui]` in `pyproject.toml`, read into structs.

Every error is one line that names file, dotted key, what is wrong, and the nearest valid name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from msgspec import Struct

from ftui.config.keys import WrongValueError, config_schema, read_config
from ftui.errors import ConfigError, nearest
from ftui.model import BuiltinProfile, CheckConfig, Notify
from ftui.tree import display, read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

__all__ = ["BUDGETS", "BUILTIN_PROFILES", "Config", "config_schema", "dotted", "find_cycle", "load", "validate_names"]

OWN_FILE = "ftui.toml"
SHARED_FILE = "pyproject.toml"
BUILTIN_PROFILES: tuple[str, ...] = get_args(BuiltinProfile)
BUDGETS = {"fast": 0.8, "dev": 1.0, "full": 3.0}
"""Seconds for a run of a built-in profile in which nothing has changed."""


class Config(Struct, frozen=True, kw_only=True):
    """What the user has configured; the defaults are those of a project without configuration."""

    workers: int | None = None
    """Worker slots; None means as many as there are cores."""
    profile: str = "dev"
    profiles: dict[str, tuple[str, ...]] = {}
    """Check ids by profile name, beside the built-in ones."""
    budgets: dict[str, float] = {}
    """Seconds by profile, in place of `BUDGETS` and beside them."""
    efficiency: float = 0.8
    """The least structural efficiency of a run in which nothing has changed."""
    fail_fast: bool = False
    notify: Notify = "off"
    theme: str | None = None
    """The name of one of the screen's themes."""
    keys: dict[str, str] = {}
    """The user's own keys of the screen, by the id of what they do."""
    checks: dict[str, CheckConfig] = {}
    """By check id."""
    source: str | None = None
    """The file it was read from, as shown to users: relative to the root where it is inside; None without one."""


def load(root: Path, file: Path | None = None) -> Config:
    """Reads the configuration of a project.

    Args:
        root: the project's root.
        file: read this one instead of the project's own.

    Raises:
        ConfigError: a file cannot be read or is not valid, or two files configure ftui.
    """
    if file is not None:
        name = _shown(file, root)
        document = _document(file, name)
        if document is None:
            raise ConfigError("does not exist", file=name)
        table = _section(document, name) if file.name == SHARED_FILE else document
        return _config(table, name)
    own = _document(root / OWN_FILE, OWN_FILE)
    shared = _section(_document(root / SHARED_FILE, SHARED_FILE, mentions=b"ftui") or {}, SHARED_FILE)
    if own and shared:
        raise ConfigError(f"configures ftui, and so does [tool.ftui] in {SHARED_FILE}; keep one of them", file=OWN_FILE)
    if shared:
        return _config(shared, SHARED_FILE)
    return Config() if own is None else _config(own, OWN_FILE)


def validate_names(config: Config, check_ids: Iterable[str], adapters: Iterable[str]) -> None:
    """Verifies the names that only the loaded plugins can tell.

    Args:
        config: as loaded.
        check_ids: every check that an adapter offers here, or knows and does not offer.
        adapters: every adapter that is loaded.

    Raises:
        ConfigError: a check, a profile or an adapter does not exist.
    """
    file = config.source or ""
    offered = set(check_ids)
    known_adapters = set(adapters)
    for check_id, settings in config.checks.items():
        if settings.adapter is not None and settings.adapter not in known_adapters:
            message = f"there is no adapter {settings.adapter!r}{nearest(settings.adapter, known_adapters)}"
            raise ConfigError(message, file=file, key=dotted("checks", check_id, "adapter"))
        if check_id not in offered and settings.command is None:
            message = f"no adapter offers this check, and it has no command{nearest(check_id, offered)}"
            raise ConfigError(message, file=file, key=dotted("checks", check_id))
    known = offered | config.checks.keys()
    lists = [(dotted("profiles", name), ids) for name, ids in config.profiles.items()]
    lists += [(dotted("checks", name, "requires"), check.requires or ()) for name, check in config.checks.items()]
    for key, ids in lists:
        for check_id in ids:
            if check_id not in known:
                raise ConfigError(f"there is no check {check_id!r}{nearest(check_id, known)}", file=file, key=key)
    profiles = {*BUILTIN_PROFILES, *config.profiles}
    for name in config.budgets:
        if name not in profiles:
            message = f"there is no profile {name!r}{nearest(name, profiles)}"
            raise ConfigError(message, file=file, key=dotted("budgets", name))
    if config.profile not in profiles:
        message = f"there is no profile {config.profile!r}{nearest(config.profile, profiles)}"
        raise ConfigError(message, file=file, key="profile")


def find_cycle(requires: Mapping[str, Sequence[str]]) -> list[str] | None:
    """A circle in what requires what, or None.

    Args:
        requires: for each check id the ids that it requires.

    Returns:
        Ids, each of which requires the next; the first and the last are the same.
    """
    from graphlib import CycleError, TopologicalSorter

    try:
        TopologicalSorter(requires).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        return cycle[::-1]
    return None


def dotted(*keys: str) -> str:
    """A path of keys as TOML writes it: a key that is more than letters, digits, `-` and `_` is quoted."""
    return ".".join(key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else f'"{display(key)}"' for key in keys)


# Files


def _shown(file: Path, root: Path) -> str:
    absolute = file.absolute()
    return display(absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else str(file))


def _document(path: Path, name: str, mentions: bytes = b"") -> Mapping[str, object] | None:
    """A TOML file, parsed; None when there is none. One that does not mention the bytes is not parsed, but empty."""
    try:
        content = read_regular(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=name) from None
    if mentions not in content:
        return {}
    import tomllib

    try:
        return tomllib.loads(content.decode())
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"line {line} is not UTF-8; save the file in that encoding", file=name) from None
    except (ValueError, RecursionError) as error:
        message = "is nested too deeply" if isinstance(error, RecursionError) else f"is not valid TOML: {error}"
        raise ConfigError(display(message), file=name) from None


def _section(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    tool = document.get("tool", {})
    section = tool.get("ftui", {}) if isinstance(tool, dict) else {}
    if not isinstance(section, dict):
        raise ConfigError("must be a table", file=name, key="tool.ftui")
    return section


def _config(document: Mapping[str, object], name: str) -> Config:
    if _section(document, name):
        message = f"is how {SHARED_FILE} spells it; in this file the keys stand at the top"
        raise ConfigError(message, file=name, key="tool.ftui")
    try:
        return Config(**read_config(document), source=name)
    except WrongValueError as wrong:
        raise ConfigError(wrong.message, file=name, key=dotted(*wrong.keys)) from None
