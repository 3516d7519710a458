"""The regular expressions of a hook's `files` and `exclude` as patterns of .gitignore."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

GROUP = re.compile(r"\((?:\?:|(?!\?))")
PIECE = re.compile(
    r"(?P<anchor>[\^$])|(?P<literal>[\w/@-])|\\(?P<escaped>[./@+_-])|\[(?P<boxed>[./@+_-])\]"
    r"|\.|\\\w|\[\^?\]?(?:\\.|[^\]\\])*\]"
)
QUANTIFIER = re.compile(r"(?:[*+?]|\{\d*,?\d*\})[?+]?")
MOST_SHAPES = 100
WHOLE = re.compile(r"\^(?:(?P<folder>[^*?^$]+/)\*?|(?P<file>[^*?^$]+)\$)")


def included(files: object) -> tuple[str, ...]:
    """Patterns that match at least what a regular expression finds in a path, and everything where that is not plain.

    Args:
        files: as in the configuration; anything but a text is for prek alone.
    """
    try:
        return tuple(dict.fromkeys(map(_wider, _shapes(files)))) if isinstance(files, str) else ("**",)
    except (ValueError, RecursionError):
        return ("**",)


def left_out(exclude: object, files: Collection[str]) -> Iterator[str]:
    """Patterns that take out nothing but what a regular expression finds: whole folders and single files.

    Args:
        exclude: as in the configuration.
        files: all paths that there are.
    """
    try:
        shapes = _shapes(exclude) if isinstance(exclude, str) else []
    except (ValueError, RecursionError):
        return
    for shape in shapes:
        found = WHOLE.fullmatch(shape)
        if found and (found["folder"] or found["file"] in files):
            yield f"!/{found['folder'] or found['file']}"


def _shapes(regex: str) -> list[str]:
    """The alternatives of a regular expression, each as a line of `^`, `$`, literals, `*` for `.*` and `?` for others.

    Raises:
        ValueError: there is more to it than that.
    """
    if regex.lstrip().startswith("(?x)"):
        if re.search(r"\\[\s#]|\[", regex):
            raise ValueError("a space or # that counts")
        regex = re.sub(r"#.*|\s+", "", regex.lstrip().removeprefix("(?x)"))
    shapes, end = _alternatives(regex, 0)
    if end < len(regex):
        raise ValueError("a parenthesis too many")
    return shapes


def _alternatives(regex: str, at: int) -> tuple[list[str], int]:
    done, open_ones = list[str](), [""]
    while at < len(regex) and regex[at] != ")":
        if regex[at] == "|":
            done, open_ones, at = done + open_ones, [""], at + 1
            continue
        start = at
        pieces, at = _piece(regex, at)
        if repeated := QUANTIFIER.match(regex, at):
            at = repeated.end()
            pieces = [*pieces, ""] if repeated[0] == "?" else ["*"] if regex[start:at] == ".*" else ["?"]
        open_ones = [shape + piece for shape in open_ones for piece in pieces]
        if len(done) + len(open_ones) > MOST_SHAPES:
            raise ValueError("too many alternatives")
    return done + open_ones, at


def _piece(regex: str, at: int) -> tuple[list[str], int]:
    if group := GROUP.match(regex, at):
        inner, end = _alternatives(regex, group.end())
        if end == len(regex):
            raise ValueError("a parenthesis is missing")
        return inner, end + 1
    found = PIECE.match(regex, at)
    if found is None:
        raise ValueError(regex[at:])
    return [found[found.lastgroup] if found.lastgroup else "?"], found.end()


def _wider(shape: str) -> str:
    body = shape.removeprefix("^").removesuffix("$")
    anchored, ended = shape.startswith("^"), shape.endswith("$")
    if not {"^", "$"}.isdisjoint(body):
        raise ValueError("an anchor in the middle")
    pieces = re.split(r"[*?]", body)
    if body and len(pieces) == 1 and anchored and ended:
        return f"/{body}"
    head, tail = pieces[0] if anchored else "", pieces[-1] if ended else ""
    folder, (_, slash, name) = head[: head.rfind("/") + 1], tail.rpartition("/")
    name = name if slash and name else f"*{name}"
    return f"/{folder}**/{name}" if folder else name
