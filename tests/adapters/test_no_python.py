"""In a tree without Python, the adapters of Python tools say just that."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from tests.adapters.kit import project_at, unused_because, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("check_id", ["ruff", "ruff-format", "black", "isort", "mypy", "pyright", "basedpyright", "ty"])
@pytest.mark.parametrize("files", [{"a.js": ""}, {"a.js": "", "requirements.txt": "ruff\nblack\nisort\nmypy\nty\n"}])
def test_no_python_is_all_there_is_to_say(tmp_path: Path, check_id: str, files: dict[str, str]) -> None:
    write(tmp_path, files)
    module = {"basedpyright": "pyright", "ruff-format": "ruff_format"}.get(check_id, check_id)
    adapter = import_module(f"ftui.adapters.{module}")
    assert unused_because(adapter, project_at(tmp_path), check_id) == "no Python files"
