"""When a fresh result may not be believed: inputs that moved during the run, and tools whose own cache could lie."""

from __future__ import annotations

from ftui.cache.signature import unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Final, TypeAlias

    from ftui.cache.index import Snapshot

    Trusted: TypeAlias = tuple[int, int]
    Seen: TypeAlias = dict[str, dict[Trusted, bytes]]
    """By path: what the tool trusts, and the digest that was seen under it."""

_SECOND: Final = 1_000_000_000
REMEMBERED: Final = 8
"""Versions of a file that are remembered: a tool with several caches (one for each Python) may know old ones."""


def moved_during_run(
    before: Snapshot, after: Snapshot, chosen: Iterable[str], chosen_after: Iterable[str]
) -> list[str]:
    """The inputs that moved while a check ran; when there are any, its result is not about any one tree.

    The signatures decide, not only the content: an edit that was taken back leaves another ctime. Where the clock of
    the file system is so coarse that not even that shows, a file changed just before the run counts as moved.

    Args:
        before: taken just before the process was started.
        after: taken after it ended, from a new enumeration.
        chosen: the check's inputs in `before`.
        chosen_after: its inputs in `after`.

    Returns:
        Sorted paths: other signature or content, added, gone, or unstable.
    """
    first, second = set(chosen), set(chosen_after)
    return sorted((first ^ second) | {path for path in first & second if _moved(before, after, path)})


def _moved(before: Snapshot, after: Snapshot, path: str) -> bool:
    was, now = before.position(path), after.position(path)
    if was < 0 or now < 0 or before.is_unstable(was) or after.is_unstable(now):
        return True
    if before.signature(was) != after.signature(now) or before.digest(was) != after.digest(now):
        return True
    return before.trust != "none" and not before.is_settled(was) and _coarse(before.signature(was))


def _coarse(signature: bytes) -> bool:
    """Whether its times come from a clock of whole seconds, so that two versions may share them."""
    _, mtime, ctime, _, _ = unpack(signature)
    return mtime % _SECOND == 0 and ctime % _SECOND == 0


def mypy_trusts(signature: bytes) -> Trusted:
    """mypy 1 and 2: a module whose size and whole second of mtime are as before is not read again."""
    size, mtime, _, _, _ = unpack(signature)
    return size, mtime // _SECOND


def ruff_trusts(signature: bytes) -> Trusted:
    """ruff: a file whose mtime and mode are as before is not read again."""
    _, mtime, _, _, kind = unpack(signature)
    return mtime, kind


def black_trusts(signature: bytes) -> Trusted:
    """black: a file whose size and mtime are as before is not read again."""
    size, mtime, _, _, _ = unpack(signature)
    return size, mtime


def trust_of(name: str) -> Callable[[bytes], Trusted] | None:
    """What a tool compares, by the name that its check gives it (`ftui.model.Trusts`); None for no name."""
    return {"second-size": mypy_trusts, "mtime-size": black_trusts, "mtime-mode": ruff_trusts}.get(name)


def could_lie(
    seen: Mapping[str, Mapping[Trusted, bytes]],
    snapshot: Snapshot,
    paths: Iterable[str],
    trusts: Callable[[bytes], Trusted],
) -> list[str]:
    """The files of which the tool's own cache may hold another version and not notice: its cache has to be reset.

    Args:
        seen: what `remember` kept of earlier runs.
        snapshot: the tree that the tool is about to see.
        paths: those of its inputs that it caches by.
        trusts: what the tool compares, taken from a full signature.
    """
    liars = []
    for path in paths:
        place = snapshot.position(path)
        if place < 0 or path not in seen:
            continue
        digest = seen[path].get(trusts(snapshot.signature(place)))
        if digest is not None and digest != snapshot.digest(place):
            liars.append(path)
    return liars


def remember(
    seen: Seen, snapshot: Snapshot, paths: Iterable[str], trusts: Callable[[bytes], Trusted], *, reset: bool
) -> Seen:
    """What the tool's cache may hold after a run on `snapshot`: the argument for the next `could_lie`.

    Args:
        seen: what it may have held before.
        snapshot: the tree that the tool saw.
        paths: those of its inputs that it caches by.
        trusts: what the tool compares.
        reset: whether its cache was emptied for this run, so that nothing earlier is left in it.
    """
    kept: Seen = {} if reset else dict(seen)
    for path in paths:
        place = snapshot.position(path)
        if place < 0:
            continue
        versions = dict(kept.get(path, {}))
        trusted = trusts(snapshot.signature(place))
        versions.pop(trusted, None)
        versions[trusted] = snapshot.digest(place)
        kept[path] = dict(list(versions.items())[-REMEMBERED:])
    return kept
