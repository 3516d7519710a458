"""`ftui flakes`: the checks that came to two outcomes on the same inputs, and what they printed each time."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec

from ftui.cache.ledger import contradictions, forgive
from ftui.cache.store import Store
from ftui.cli import BROKEN, PASSED
from ftui.cli.stdout import show
from ftui.cli.ways_out import say
from ftui.cli.workspace import open_workspace, root_of
from ftui.errors import FtuiError, nearest
from ftui.location import cache_folder
from ftui.report import flakes as forms
from ftui.report.encoding import encode
from ftui.report.figures import counted
from ftui.report.safe import one_line
from ftui.report.stream import Stream

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from ftui.report.flakes import Flake


def flakes(options: argparse.Namespace) -> int:
    """Shows what the ledger has of this tree, or forgets it; broken when it cannot be read.

    Raises:
        FtuiError: there is no such check.
    """
    said: list[str] = []
    tree = str(root_of(options))
    store = Store(cache_folder(), said.append, read_only=not options.clear)
    try:
        seen = forms.report(tree, contradictions(store, tree))
        if options.check is not None:
            of_check = tuple(flake for flake in seen.flakes if flake.check == options.check)
            if not of_check:
                _verify(options, seen.flakes)
            seen = msgspec.structs.replace(seen, flakes=of_check)
        gone = forgive(store, tree, options.check) if options.clear else 0
    finally:
        store.close()
    for message in dict.fromkeys(said):
        say(message)
    if options.clear:
        show([f"forgotten: {counted(gone, 'contradiction')}"])
    elif options.format == "json":
        sys.stdout.buffer.write(msgspec.json.format(encode(seen), indent=2) + b"\n")
        sys.stdout.buffer.flush()
    else:
        _tell(seen.flakes, options.check)
    return BROKEN if said else PASSED


def _verify(options: argparse.Namespace, seen: Sequence[Flake]) -> None:
    """Raises an error where the name is not that of a check; one that is not here any more may have been flaky."""
    known = {check.id for check in open_workspace(options).checks} | {flake.check for flake in seen}
    if options.check not in known:
        raise FtuiError(f"no check is called {one_line(options.check)!r} here{nearest(options.check, known)}")


def _tell(found: Sequence[Flake], check: str | None) -> None:
    if not found:
        which = "no check has" if check is None else f"{one_line(check)} has not"
        show([f"{which} come to two outcomes on the same inputs"])
    elif check is None:
        show(forms.listed(found))
    else:
        stream = Stream(sys.stdout)
        stream.lines(forms.both_outputs(found, stream))
