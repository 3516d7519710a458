"""Each built-in adapter is one file: without it, all that it does not do goes on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ftui as package
from ftui.plugins import BUILTIN
from tests.cli.conftest import python_check
from tests.conftest import write

if TYPE_CHECKING:
    from tests.cli.conftest import Ftui

NAMES = [module.rpartition(".")[2] for module in BUILTIN]
SOURCE = Path(package.__file__).parent

ALL_THREE = """\
import sys
from ftui.cli import main
for command in ("list", "plugins", "run"):
    sys.stdout.write(f"== {command}\\n")
    sys.stderr.write(f"== {command}\\n")
    sys.stdout.write(f"exit {main([command])}\\n")
    sys.stdout.flush()
"""

HOOKED = "repos:\n- repo: local\n  hooks:\n  - id: ruff-format\n"


def test_every_adapter_is_a_module_that_registers_and_every_other_module_is_no_adapter() -> None:
    modules = {path.stem for path in (SOURCE / "adapters").glob("*.py") if not path.stem.startswith("_")}
    assert modules == set(NAMES)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A folder with a copy of the package to import from."""
    shutil.copytree(SOURCE, tmp_path / "copy" / "ftui", ignore=shutil.ignore_patterns("demo"))
    return tmp_path / "copy"


@pytest.mark.parametrize("name", NAMES)
def test_without_the_file_of_an_adapter_all_others_go_on_and_one_line_says_so(
    ftui: Ftui, copied: Path, tmp_path: Path, name: str
) -> None:
    root = tmp_path / "project"
    write(root, {"a.py": "x = 1\n", ".pre-commit-config.yaml": HOOKED, "ftui.toml": python_check("own", "pass")})
    for compiled in (copied / "ftui" / "adapters" / "__pycache__").glob(f"{name}.*"):
        compiled.unlink()
    (copied / "ftui" / "adapters" / f"{name}.py").unlink()
    out, err = _said(ftui, copied, root)
    said = f"adapter {_called(name)}: cannot be loaded: ModuleNotFoundError: No module named 'ftui.adapters.{name}'\n"
    assert err == {"list": f"ftui: {said}", "plugins": f"ftui: {said}", "run": ""}
    assert out["run"].startswith(f"! problem    {said}")
    assert out["run"].count("! problem") == 1
    assert "exit 0\n" in out["list"]
    loaded = [line.split()[0] for line in out["plugins"].splitlines() if line.endswith("built in  ftui_checks")]
    assert loaded == [_called(other) for other in NAMES if other != name]
    passed = {line.split()[2] for line in out["run"].splitlines() if line.startswith("✓ passed     ")}
    assert passed == {"own", "ruff", "ruff-format"} - {_called(name), "own" if name == "command" else ""}
    # What the user's own configuration names is not forgotten, so there is no verdict without the adapter of commands.
    assert ("exit 3\n" if name == "command" else "exit 0\n") in out["run"]


def _called(module: str) -> str:
    return module.replace("_", "-")


def _said(ftui: Ftui, copied: Path, root: Path) -> tuple[dict[str, str], dict[str, str]]:
    """What each command printed to standard output, and to standard error."""
    environ = {**ftui.environ, "PYTHONPATH": str(copied)}
    argv = [sys.executable, "-c", ALL_THREE]
    done = subprocess.run(argv, cwd=root, env=environ, capture_output=True, text=True, check=True, timeout=120)
    assert "Traceback" not in done.stderr
    parts: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for stream, found in zip((done.stdout, done.stderr), parts, strict=True):
        for part in stream.split("== ")[1:]:
            command, _, text = part.partition("\n")
            found[command] = text
    return parts
