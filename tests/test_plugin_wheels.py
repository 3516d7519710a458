"""The wheel of each plugin, installed into an environment of its own as a user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import msgspec
import pytest

from tests.conftest import write

pytestmark = pytest.mark.packages

FTUI = Path(__file__).parents[1]
PLUGINS = sorted(path.parent for path in FTUI.glob("plugins/*/pyproject.toml"))
EXIT_CODES = {"passed": 0, "failed": 1, "broken": 3}


class Installed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`tests/installed.toml` of a plugin: a project, and what ftui says of it where the plugin is installed."""

    files: dict[str, str]
    """Text by path."""
    check: str
    """The id of the check that is run."""
    because: str
    """As `ftui list` has it."""
    outcome: str
    broken_because: str | None = None
    findings: list[tuple[str, int, str]] = []
    """Path, line and rule of each."""


def run(*argv: str | Path, cwd: Path, code: int = 0) -> str:
    """What a command prints; it has to exit with this code."""
    environ = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    done = subprocess.run(argv, cwd=cwd, env=environ, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def wheel(source: Path, into: Path) -> Path:
    """Builds the one wheel of a distribution."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", into, cwd=source)
    (built,) = into.iterdir()
    return built


@pytest.fixture(scope="module")
def ftui_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel(FTUI, tmp_path_factory.mktemp("ftui"))


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_an_installed_plugin_is_listed_and_judges_a_project(
    ftui_wheel: Path, plugin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment, project = tmp_path / "environment", tmp_path / "project"
    built = wheel(plugin, tmp_path / "wheels")
    assert built.name.split("-")[0] == plugin.name.replace("-", "_")
    venv.create(environment)
    programs = environment / ("Scripts" if os.name == "nt" else "bin")
    pip = (sys.executable, "-m", "pip", "--python", programs / "python")
    run(*pip, "install", "--quiet", "--no-compile", "--disable-pip-version-check", ftui_wheel, built, cwd=tmp_path)

    expected = msgspec.toml.decode((plugin / "tests" / "installed.toml").read_bytes(), type=Installed)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write(project, expected.files)
    packaged = tomllib.loads((plugin / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    plugins = [line.split() for line in run(programs / "ftui", "plugins", cwd=project).splitlines()]
    for name in packaged["entry-points"]["ftui"]:
        assert [name, packaged["name"], packaged["version"], "ftui_checks"] in [words[:4] for words in plugins]
    # A mark stands before a check that cannot run here.
    listed = [
        " ".join(line.removeprefix("!").split()) for line in run(programs / "ftui", "list", cwd=project).splitlines()
    ]
    assert [line for line in listed if line.startswith(f"{expected.check} {expected.because}")], listed
    code = EXIT_CODES[expected.outcome]
    report = json.loads(run(programs / "ftui", "run", expected.check, "--format", "json", cwd=project, code=code))
    (check,) = report["checks"]
    assert (check["outcome"], check["broken_because"]) == (expected.outcome, expected.broken_because)
    found = [(each["path"], each["line"], each["rule"]) for each in check["findings"]]
    assert sorted(found) == sorted(expected.findings)
