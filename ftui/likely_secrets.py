"""Takes out of texts that are kept what looks like a secret: from the environment, or written into a command.

Unlike what a check prints, which loses the secrets that it knows and nothing else, a line of the history or the log may
lose a word too many.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ftui.redact import HIDDEN, Secrets

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 4_000
"""Characters that are left of a text, so that none costs more than a moment."""

_WORDS = r"(?:token|secret|passw(?:or)?d|passphrase|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|bearer)"
_VALUE = r"(?:\"[^\"\n]{1,400}\"|'[^'\n]{1,400}'|[^\s\"',;)]{1,400})"

# Every repetition is bounded: a hostile text must not cost more than any other of its length.
_TEXTS = (
    # password=hunter2, "api_key": "…", Authorization: Bearer …
    re.compile(rf"(?i)({_WORDS}[\w.-]{{0,40}}[\"']?\s{{0,3}}[=:]{{1,2}}\s{{0,3}}|\bbearer\s{{1,3}}){_VALUE}"),
    # --token abc
    re.compile(rf"(?i)((?<![\w-])--?[\w-]{{0,40}}{_WORDS}[\w-]{{0,40}}\s{{1,3}}){_VALUE}"),
    # https://user:password@host
    re.compile(r"(://)[^\s/@]{1,400}(?=@)"),
    # What is a secret by its own shape: GitHub, GitLab, Slack, npm, PyPI, OpenAI, AWS, a JSON web token.
    re.compile(
        r"(\b)(?:gh[a-z]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}|glpat-[\w-]{20,100}|xox[a-z]-[\w-]{10,255}"
        r"|npm_[A-Za-z0-9]{30,60}|pypi-[\w-]{20,400}|sk-[\w-]{20,255}|AKIA[0-9A-Z]{16}"
        r"|eyJ[\w-]{10,2000}(?:\.[\w-]{0,2000}){0,2})"
    ),
    re.compile(r"(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----).*", re.DOTALL),
)


class LikelySecrets:
    """Hides what looks like a secret, and what the environment says is one.

    Args:
        environ: the variables, usually `os.environ`.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._known = Secrets(environ)

    def hide(self, text: str) -> str:
        """The text with `HIDDEN` in place of each of them, cut at `LONGEST` characters."""
        # Cut afterwards as well as before: what is known is hidden whole, wherever the cut would fall.
        text = self._known.hide(text[: 4 * LONGEST])
        if len(text) > LONGEST:
            text = f"{text[:LONGEST]}…"
        for pattern in _TEXTS:
            text = pattern.sub(rf"\1{HIDDEN}", text)
        return text
