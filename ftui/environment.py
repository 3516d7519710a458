"""What a check sees of the environment: an allow-list, so that nothing undeclared leaks into a result or a log."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # not from typing: a run that finds all in the cache has no use for that
    from collections.abc import Mapping, Sequence

# Not here on purpose: COLUMNS and LINES. A result that can be replayed from a cache must not depend on the width of
# the terminal it was made in; tools that write to a pipe fall back to 80 columns by themselves.
BASE = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TZ", "TMPDIR", "TEMP", "TMP", "TERM", "COLORTERM", "CI"),
    *("LANG", "LANGUAGE", "LC_*", "VIRTUAL_ENV"),
    *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
)
"""What every check sees: where programs, home and scratch space are, the language, and the way to the network."""

WINDOWS = (
    *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "OS", "NUMBER_OF_PROCESSORS", "PROCESSOR_*"),
    *("APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES*", "COMMONPROGRAMFILES*"),
    *("USERPROFILE", "USERNAME", "HOMEDRIVE", "HOMEPATH"),
)
"""What programs on Windows do not start or find their files without."""

COLOURS_ON = ("FORCE_COLOR", "CLICOLOR_FORCE", "PY_COLORS")
"""Each set to 1; most tools follow one of them (force-color.org, bixense.com/clicolors, pytest)."""


def child_environment(
    base: Mapping[str, str],
    allow: Sequence[str],
    *,
    scratch: str | None,
    cache: str | None = None,
    kept: str | None = None,
    more: Mapping[str, str] | None = None,
    colour: bool,
) -> dict[str, str]:
    """The whole environment of a check.

    Args:
        base: where variables are taken from, usually `os.environ`.
        allow: what the check sees beyond the base, as in `Check.env`; later entries win.
        scratch: the folder that replaces `{scratch}` in a value; None leaves it as it is.
        cache: the folder that replaces `{cache}`, likewise.
        kept: the folder that replaces `{kept}`, likewise.
        more: what replaces other words in braces, by the word.
        colour: whether tools are told to print colours; `NO_COLOR` in `base` wins over it (no-color.org).

    Returns:
        Names and values, sorted by name.
    """
    patterns = BASE + WINDOWS if sys.platform == "win32" else BASE
    environment = _matching(base, patterns)
    for entry in allow:
        name, is_set, value = entry.partition("=")
        if is_set:
            for placeholder, folder in (("{scratch}", scratch), ("{cache}", cache), ("{kept}", kept)):
                value = value if folder is None else value.replace(placeholder, folder)
            for placeholder, text in (more or {}).items():
                value = value.replace(placeholder, text)
            environment[name] = value
        else:
            environment.update(_matching(base, (name,)))
    if colour and not base.get("NO_COLOR") and not environment.get("NO_COLOR"):
        for name in COLOURS_ON:
            environment.setdefault(name, "1")
    else:
        # Never both: node warns on stderr when it finds them side by side.
        environment.setdefault("NO_COLOR", "1")
    return dict(sorted(environment.items()))


def _matching(base: Mapping[str, str], patterns: Sequence[str]) -> dict[str, str]:
    names = {_folded(pattern) for pattern in patterns if not pattern.endswith("*")}
    starts = tuple(_folded(pattern[:-1]) for pattern in patterns if pattern.endswith("*"))
    return {name: value for name, value in base.items() if _folded(name) in names or _folded(name).startswith(starts)}


def _folded(name: str) -> str:
    return name.upper() if sys.platform == "win32" else name
