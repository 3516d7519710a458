"""Where a user's cache lies."""

from __future__ import annotations

import os
import sys


def cache_folder() -> str | None:
    """`platformdirs.user_cache_path("ftui")`, without importing it where the answer is plain; None without a home."""
    if sys.platform == "linux" and not hasattr(sys, "getandroidapilevel"):
        explicit = os.environ.get("XDG_CACHE_HOME", "")
        if explicit.startswith("/"):
            return os.path.join(explicit, "ftui")
        if os.environ.get("HOME", "").startswith("/"):
            return os.path.join(os.path.expanduser("~/.cache"), "ftui")
    from platformdirs import user_cache_dir

    try:
        return user_cache_dir("ftui", appauthor=False)
    except RuntimeError:
        return None
