"""Ignored files count where a check says by name that it reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftui.declared import with_declared
from ftui.tree import list_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_only_what_is_declared_by_where_it_lies_is_added(tree: Callable[..., Path]) -> None:
    files = {
        ".gitignore": "build/\n*.env\n",
        "a.py": "",
        "docs/index.md": "",
        "build/api.json": "{}",
        "build/sub/b.py": "",
        "build/c.txt": "",
        "local.env": "",
    }
    root = tree(files, git=True)
    listed = list_files(root).files
    assert listed == (".gitignore", "a.py", "docs/index.md")

    def added(*patterns: str) -> set[str]:
        return set(with_declared(root, listed, patterns)) - set(listed)

    assert added("*.py", "**", "docs/**", "missing/**", "!build/**", "../outside/**") == set()
    assert added("build/api.json") == {"build/api.json"}
    assert added("build/**/*.py") == {"build/sub/b.py"}
    assert added("build/") == {"build/api.json", "build/sub/b.py", "build/c.txt"}
    assert added("/local.env", "local.env") == {"local.env"}
    assert list(with_declared(root, listed, ["build/"])) == sorted([*listed, *added("build/")])


def test_nothing_behind_a_link_is_added(tree: Callable[..., Path], tmp_path: Path) -> None:
    root = tree({".gitignore": "out\n", "a.py": ""}, git=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.py").write_text("")
    (root / "out").symlink_to(tmp_path / "elsewhere")
    listed = list_files(root).files
    assert with_declared(root, listed, ["out/**"]) == listed
