"""`ftui init`: a commented configuration for what was found, appended to pyproject.toml or written to ftui.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.cli import PASSED
from ftui.cli.stdout import show
from ftui.cli.workspace import open_workspace
from ftui.config.file import read, write
from ftui.errors import FtuiError
from ftui.tree import display

if TYPE_CHECKING:
    import argparse

    from ftui.engine.workspace import Workspace
    from ftui.model import Check


def init(options: argparse.Namespace) -> int:
    """Writes `[tool.ftui]` where there is none yet; nothing else in the tree is changed.

    Raises:
        FtuiError: there is a configuration already, or it cannot be written.
    """
    workspace = open_workspace(options)
    if workspace.config.source:
        raise FtuiError(f"{workspace.config.source} holds a configuration of ftui already; nothing was changed")
    pyproject = workspace.root / "pyproject.toml"
    in_pyproject = pyproject.is_file()
    target = (pyproject if in_pyproject else workspace.root / "ftui.toml").resolve()
    if not target.is_relative_to(workspace.root):
        raise FtuiError(f"{pyproject.name} is a link to {target}, outside the project; nothing was changed")
    before = read(pyproject) if in_pyproject else ""
    text = commented_config(workspace, prefix="tool.ftui" if in_pyproject else "")
    newline = "\r\n" if "\r\n" in before else "\n"
    gap = "" if not before else newline if before.endswith(newline) else newline * 2
    after = before + gap + text.replace("\n", newline)
    _expect_toml(after, pyproject.name)
    write(target, after)
    show([f"wrote {'[tool.ftui] in ' if in_pyproject else ''}{target.name}; `ftui list` shows the checks"])
    return PASSED


def _expect_toml(text: str, name: str) -> None:
    import tomllib

    try:
        tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise FtuiError(f"[tool.ftui] cannot be added to {name}: {error}; nothing was changed") from None


def commented_config(workspace: Workspace, *, prefix: str) -> str:
    """The text of a configuration that changes nothing: the defaults, and each check found as a comment.

    Args:
        workspace: whose checks are named.
        prefix: what the tables lie under, such as `tool.ftui`; empty in a file of ftui's own.
    """
    dot = f"{prefix}." if prefix else ""
    lines = [f"[{prefix}]"] if prefix else []
    lines += [
        'workers = "auto"      # worker slots: the cores, or a number',
        f'profile = "{workspace.config.profile}"       # fast, dev, full, or one of your own',
        "fail_fast = false     # true: the first failure ends the run",
        "",
        f"# [{dot}profiles]",
        f"# quick = [{', '.join(_string(check.id) for check in workspace.checks[:2])}]",
    ]
    for check in workspace.checks:
        lines += ["", *_commented(check, dot)]
    lines += [
        "",
        "# A check of your own:",
        f"# [{dot}checks.docs]",
        '# command = "mkdocs build -q"',
        '# inputs = ["docs/**", "mkdocs.yml"]',
        '# phase = "slow"',
    ]
    return "\n".join(lines) + "\n"


def _commented(check: Check, dot: str) -> list[str]:
    key = check.id if check.id.replace("-", "").replace("_", "").isalnum() else _string(check.id)
    return [
        f"# {display(check.id)}: {display(check.because)}",
        f"# [{dot}checks.{key}]",
        "# enabled = true",
        f"# args = [{', '.join(map(_string, check.args))}]",
        f'# phase = "{check.phase}"',
        f'# timeout = "{check.timeout:g}s"',
    ]


def _string(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)
