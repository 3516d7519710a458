"""The one table of keys: bindings, the help screen, the command palette and the hints all come from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from textual.binding import Binding

if TYPE_CHECKING:
    from collections.abc import Mapping

MOVING, RUNNING, READING, SEEING, LEAVING = "Moving", "Running", "Reading", "Seeing", "ftui"

MOST_PROFILES: Final = 9
"""Profiles that a number chooses."""


class Key(NamedTuple):
    """One thing that the user can ask for."""

    id: str
    """What a user's keymap calls it. The action that it stands for has the same name with `_` for `-`."""
    keys: str
    """Names of Textual's, with commas between them."""
    words: str
    """What it does, as the help and the palette say it."""
    group: str
    hint: str = ""
    """What it does in the line of hints; empty where it is not hinted at."""
    on: str = "screen"
    """What has the binding: the `app`, the main `screen`, or the list of `checks` and every other pane, while it has
    the focus."""


TABLE: Final = (
    Key("cursor-up", "up,k", "one up", MOVING, on="checks"),
    Key("cursor-down", "down,j", "one down", MOVING, on="checks"),
    Key("page-up", "pageup", "a page up", MOVING, on="checks"),
    Key("page-down", "pagedown", "a page down", MOVING, on="checks"),
    Key("cursor-first", "g,home", "to the first", MOVING, on="checks"),
    Key("cursor-last", "G,end", "to the last", MOVING, on="checks"),
    Key("open", "enter", "into the output of the check", MOVING, "open"),
    Key("back", "escape", "back; in the list: follow what happens", MOVING),
    Key("next-finding", "n", "next finding, across checks", MOVING),
    Key("previous-finding", "N", "previous finding, across checks", MOVING),
    Key("rerun", "r", "run this check again", RUNNING, "rerun"),
    Key("rerun-failed", "f", "run failed and broken checks again", RUNNING, "rerun failed"),
    Key("rerun-all", "a", "run all checks again", RUNNING, "all"),
    Key("rerun-forced", "R", "run this check without the cache", RUNNING),
    Key("cancel", "x", "cancel this check", RUNNING),
    Key("pause", "p", "pause or resume the watch", RUNNING, "pause"),
    Key("profile", "1,2,3,4,5,6,7,8,9", "choose a profile", RUNNING),
    Key("more-workers", "plus,equals_sign", "one worker more", RUNNING),
    Key("fewer-workers", "minus", "one worker less", RUNNING),
    Key("edit", "e", "open the finding in your editor", READING, "editor"),
    Key("why", "w", "why it ran", READING, "why"),
    Key("timeline", "t", "timeline of the run", READING),
    Key("deep-look", "D", "where its time goes, by one more run", READING, on="app"),
    Key("output", "O", "what it printed", READING),
    Key("findings", "F", "its findings", READING),
    Key("search", "slash", "search the output", READING, "search"),
    Key("only-errors", "o", "only lines with errors", READING),
    Key("wrap", "W", "long lines of the output folded, or not", READING),
    Key("copy", "y", "copy the finding, or the output", READING),
    Key("filter", "b", "show only a bucket or a state", SEEING),
    Key("maximize", "z", "one pane alone, or both", SEEING),
    Key("tune", "T", "what could be tuned", SEEING, on="app"),
    Key("problems", "exclamation_mark", "what went wrong beside the checks", SEEING),
    Key("help", "question_mark", "all keys", LEAVING, "help", on="app"),
    Key("palette", "ctrl+p", "everything by name", LEAVING, on="app"),
    Key("suspend", "ctrl+z", "stop for a while; `fg` goes on", LEAVING, on="app"),
    Key("quit", "q,ctrl+c", "quit", LEAVING, "quit", on="app"),
)

_ACTIONS: Final = {"palette": "command_palette", "suspend": "suspend_process"}
"""Those that Textual has an action for."""

_SHOWN: Final = {
    "up": "↑",
    "down": "↓",
    "escape": "esc",
    "plus": "+",
    "equals_sign": "=",
    "minus": "-",
    "slash": "/",
    "question_mark": "?",
    "exclamation_mark": "!",
    "pageup": "pgup",
    "pagedown": "pgdn",
}


def action_of(key: Key) -> str:
    """The name of its action."""
    return _ACTIONS.get(key.id, key.id.replace("-", "_"))


def bindings(on: str) -> list[Binding]:
    """The bindings of the application, the screen or the list; a key of several numbers has one for each of them."""
    made: list[Binding] = []
    for key in TABLE:
        if key.on != on:
            continue
        if key.id == "profile":
            names = key.keys.split(",")
            made += [Binding(name, f"profile({name})", key.words, id=f"profile-{name}", show=False) for name in names]
        else:
            made.append(Binding(key.keys, action_of(key), key.words, id=key.id, show=False))
    return made


def shown(key: Key, keymap: Mapping[str, str], *, first: bool = False) -> str:
    """The keys as people read them, `↑ k`; the first of them alone where that is asked for.

    Args:
        key: of the table.
        keymap: the user's own keys by id.
    """
    if key.id == "profile":
        return f"1-{MOST_PROFILES}"
    names = [name.strip() for name in keymap.get(key.id, key.keys).split(",")]
    return " ".join(_SHOWN.get(name, name) for name in (names[:1] if first else names))


def ids() -> list[str]:
    """All that a keymap can name."""
    numbered = [f"profile-{number}" for number in range(1, MOST_PROFILES + 1)]
    return [key.id for key in TABLE if key.id != "profile"] + numbered
