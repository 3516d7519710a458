"""`ftui demo`: real checks on a small bundled project with a bug in it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import ftui
from ftui.cli import BROKEN, INTERRUPTED, PASSED
from ftui.cli.front_ends import on_screen
from ftui.cli.run import one_pass
from ftui.cli.stdout import show
from ftui.cli.workspace import open_workspace
from ftui.engine.select import chosen

if TYPE_CHECKING:
    import argparse

PROJECT = Path(ftui.__file__).parent / "demo" / "project"

HINT = (
    "",
    "That was a real run: the project has a bug on purpose, in shop/pricing.py.",
    "Now `ftui run` in a repository of your own.",
)


def demo(options: argparse.Namespace) -> int:
    """Copies the bundled project to a temporary folder and runs its checks.

    Returns:
        0 when every check had a verdict, whatever it was: the bug is meant to be found. 3 when one was broken.
    """
    with tempfile.TemporaryDirectory(prefix="ftui-demo-") as folder:
        root = Path(folder).resolve() / "shop"
        shutil.copytree(PROJECT, root, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        # The tools of ftui's own environment are the ones that the demo was made with.
        os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        os.environ.pop("VIRTUAL_ENV", None)
        options.root, options.config, options.history = str(root), None, False
        if on_screen(options):
            from ftui.cli import screen

            options.profile = "full"
            return screen.watch(options)
        workspace = open_workspace(options)
        selection = chosen(workspace.checks, workspace.config, profile="full", names=())
        code, _ = one_pass(workspace, selection, options)
    if code in (BROKEN, INTERRUPTED) or code > INTERRUPTED:
        return code
    if options.format == "text":
        show(HINT)
    return PASSED
