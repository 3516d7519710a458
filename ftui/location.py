"""Where what ftui keeps for a user lies: the cache, the history, the log."""

from __future__ import annotations

import os
import sys


def cache_folder() -> str | None:
    """`platformdirs.user_cache_path("ftui")`, without importing it where the answer is plain; None without a home."""
    return _folder("XDG_CACHE_HOME", "~/.cache", "", "user_cache_dir")


def data_folder() -> str | None:
    """`platformdirs.user_data_path("ftui")`, likewise."""
    return _folder("XDG_DATA_HOME", "~/.local/share", "", "user_data_dir")


def state_folder() -> str | None:
    """`platformdirs.user_state_path("ftui")`, likewise."""
    return _folder("XDG_STATE_HOME", "~/.local/state", "", "user_state_dir")


def log_folder() -> str | None:
    """`platformdirs.user_log_path("ftui")`, likewise."""
    return _folder("XDG_STATE_HOME", "~/.local/state", "log", "user_log_dir")


def _folder(variable: str, usual: str, within: str, otherwise: str) -> str | None:
    if sys.platform == "linux" and not hasattr(sys, "getandroidapilevel"):
        explicit = os.environ.get(variable, "")
        above = explicit if explicit.startswith("/") else ""
        if not above and os.environ.get("HOME", "").startswith("/"):
            above = os.path.expanduser(usual)
        if above:
            return os.path.join(above, "ftui", within) if within else os.path.join(above, "ftui")
    import platformdirs

    try:
        folder: str = getattr(platformdirs, otherwise)("ftui", appauthor=False)
    except RuntimeError:
        return None
    return folder
