"""What installed distributions name in the entry-point group `ftui`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui import __version__
from ftui.plugins.answers import Fault
from ftui.plugins.needs import newer_needed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from importlib.metadata import EntryPoint

GROUP = "ftui"
"""Of the entry points that name plugins."""


def installed(problem: Callable[[str, str], None]) -> list[tuple[str, EntryPoint]]:
    """Every entry point with the distribution that brings it, in words; one that is there twice is one plugin.

    Args:
        problem: takes what is wrong with a distribution: its name, and a sentence.
    """
    found: dict[tuple[str, str], tuple[str, EntryPoint]] = {}
    for point in _points(problem):
        # A distribution that is installed twice on the path, in development for example, is one plugin.
        found.setdefault((point.name, point.value), (_origin(point), point))
    return list(found.values())


def module_of(point: EntryPoint) -> object:
    """What an entry point names.

    Raises:
        Fault: it needs another ftui, so whatever importing it would say is beside the point.
    """
    needed = newer_needed(point.dist.requires or () if point.dist else (), __version__)
    if needed is not None:
        raise Fault(f"cannot be loaded: it needs ftui {needed} or newer, and this is {__version__}: upgrade ftui")
    return point.load()


def _points(problem: Callable[[str, str], None]) -> Iterator[EntryPoint]:
    from importlib.metadata import distributions, entry_points

    try:
        yield from entry_points(group=GROUP)
        return
    except Exception:  # one distribution that cannot be read keeps all the others from being told
        pass
    for distribution in distributions():
        try:
            points = distribution.entry_points.select(group=GROUP)
        except Exception as error:
            place = getattr(distribution, "_path", None)
            problem(
                "plugins", f"the entry points of {getattr(place, 'name', 'a distribution')} cannot be read: {error}"
            )
            continue
        yield from points


def _origin(point: EntryPoint) -> str:
    try:
        named = [point.dist.name, point.dist.version] if point.dist else []
    except Exception:  # its metadata are no metadata
        named = []
    return " ".join(named) if named and all(named) else "unknown distribution"
