"""Secrets that a check knows from its environment are taken out of all that it says.

A tool may print what it was told: a failed connection shows its whole URL. What counts as a secret is read from the
values themselves: the password in a URL or in a connection string, or the token that stands there in place of a user,
whichever variable holds it, and all of a variable that is named as one (`DB_PASSWORD`, `API_TOKEN`). A word that stands
openly beside it, such as a password that is the user's name as well, a short number, or a word of under four letters,
is hidden only where it stands as the password: hidden everywhere, it would garble what else is said, figures among it,
without keeping anything from anybody.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HIDDEN = "***"
"""What is shown in place of a secret."""

_NAMED = re.compile(
    r"(?:PASSWORD|PASSWD|PASSPHRASE|\bPASS|_PASS|_PWD|_PW|_PAT|SECRET|TOKEN"
    r"|(?:API|ACCESS|PRIVATE|SECRET|SIGNING|ENCRYPTION)_?KEY(?:_BASE)?)(?:_?\d+)?$",
    re.IGNORECASE,
)
_PLAIN = frozenset({"true", "false", "none", "null", "yes", "off"})
"""Values that say whether there is a secret, and not which."""
_IN_URL = re.compile(
    r"\b[a-z][a-z0-9+.-]*://[^\s/?#@:]*:(?=(?P<short>[^\s@]+)@)(?P<long>[^\s/?#]+(?=@))?", re.IGNORECASE
)
"""A password that is not encoded may hold an `@`, or a `/`, after which the next `@` ends it."""
_AS_USER = re.compile(r"\bhttps?://(?P<word>[^\s/?#@:]{16,})(?::(?:x-oauth-basic)?)?@", re.IGNORECASE)
"""A token in place of a user, as GitHub and others take it; shorter ones are taken for names."""
_IN_WORDS = re.compile(r"""password["']?\s*[=:]\s*["']?(?P<word>[^\s"'&;]+)""", re.IGNORECASE)
_PLACES = (
    *(":{}@", "password={}", "PASSWORD={}", "password='{}'", 'password="{}"'),
    *("'password': '{}'", '"password": "{}"', "'PASSWORD': '{}'", '"PASSWORD": "{}"'),
)
"""How a short secret is told from the same letters elsewhere."""
_SHORTEST, _LONGEST = 4, 8192
_SHORTEST_NUMBER = 10
"""Digits from which a number is not taken for a figure."""
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")


class Secrets:
    """The secrets of one environment.

    Args:
        environment: the variables that a check sees, by name.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        shown: dict[str, str] = {}
        open_values = {value for name, value in environment.items() if not _NAMED.search(name)}
        for name, value in environment.items():
            for word, rest in _words(name, value):
                shortest = _SHORTEST_NUMBER if word.isdigit() else _SHORTEST
                known = len(word) < shortest or word in rest or word in open_values
                places = _PLACES if known else ("{}",)
                for spelling in _spellings(word):
                    shown.update((place.format(spelling), place.format(HIDDEN)) for place in places)
        self._shown = shown
        words = sorted(shown, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, words))) if words else None

    def __bool__(self) -> bool:
        return self._pattern is not None

    def hide(self, text: str) -> str:
        """The text with `HIDDEN` in place of each secret, colour codes that break it up or not; these are kept."""
        if self._pattern is None or self._pattern.search(plain := _COLOUR.sub("", text)) is None:
            return text
        places = [place for start, end in _between_colours(text) for place in range(start, end)]
        parts, done = [], 0
        for found in self._pattern.finditer(plain):
            start, end = places[found.start()], places[found.end() - 1] + 1
            parts += [text[done:start], self._shown[found[0]], *_COLOUR.findall(text[start:end])]
            done = end
        return "".join([*parts, text[done:]])

    def settled(self, text: str) -> int:
        """How many characters of a text cannot be part of a secret that only what follows it completes."""
        if self._pattern is None:
            return len(text)
        first = max(len(text) - 2 * _LONGEST, 0)
        plain = _COLOUR.sub("", text[first:])
        begun = max((_overlap(plain, word) for word in self._shown), default=0)
        if not begun:
            return len(text)
        cut = len(plain) - begun
        # A secret that ends in its own beginning is not cut in two.
        cut = min([cut, *(found.start() for found in self._pattern.finditer(plain) if found.end() > cut)])
        places = [place for start, end in _between_colours(text[first:]) for place in range(start, end)]
        return first + places[cut]


class Redactor:
    """Takes secrets out of one stream of text that comes piece by piece, wherever it is cut.

    Args:
        secrets: what is to be hidden.
    """

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._held = ""

    def feed(self, text: str) -> str:
        """The text that a piece adds; what may be the beginning of a secret is held until the next one."""
        text = self._held + text
        settled = self._secrets.settled(text)
        self._held = text[settled:]
        return self._secrets.hide(text[:settled])

    def finish(self) -> str:
        """What was held, when nothing follows."""
        held, self._held = self._held, ""
        return self._secrets.hide(held)


def _words(name: str, value: str) -> Iterator[tuple[str, str]]:
    """The secrets in a variable, each with what its value holds beside it."""
    for found in _IN_URL.finditer(value):
        group = "long" if found["long"] else "short"
        yield found[group], value[: found.start(group)] + value[found.end(group) :]
    for found in (*_AS_USER.finditer(value), *_IN_WORDS.finditer(value)):
        yield found["word"], value[: found.start("word")] + value[found.end("word") :]
    if _NAMED.search(name) and value.strip().lower() not in _PLAIN:
        yield from ((line, "") for line in {value.strip(), *value.split()} if line and len(line) <= _LONGEST)


def _spellings(word: str) -> set[str]:
    """A word as it may be printed: as it is, and encoded for a URL, JSON, Python or XML."""
    import html
    import json
    from urllib.parse import quote, quote_plus, unquote

    decoded = unquote(word)
    encoded = {quote(decoded, safe=""), quote(decoded), quote_plus(decoded), json.dumps(decoded)[1:-1]}
    return {word, decoded, repr(decoded)[1:-1], html.escape(decoded), *encoded}


def _overlap(text: str, word: str) -> int:
    """The size of the longest end of a text that a word begins with, and goes on after."""
    return next((size for size in range(min(len(word) - 1, len(text)), 0, -1) if text.endswith(word[:size])), 0)


def _between_colours(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for code in _COLOUR.finditer(text):
        yield start, code.start()
        start = code.end()
    yield start, len(text)
