"""The wheel, installed into an environment of its own as a user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.packages

PLUGIN = Path(__file__).parents[1]
FTUI = PLUGIN.parents[1]


def run(*argv: str | Path, cwd: Path, code: int = 0) -> str:
    """What a command prints; it has to exit with this code."""
    environ = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    done = subprocess.run(argv, cwd=cwd, env=environ, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def test_an_installed_plugin_is_listed_and_judges_a_file_with_a_known_issue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels, environment, project = tmp_path / "wheels", tmp_path / "environment", tmp_path / "project"
    for source in (FTUI, PLUGIN):
        run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", wheels, cwd=source)
    venv.create(environment)
    programs = environment / ("Scripts" if os.name == "nt" else "bin")
    built = sorted(wheels.iterdir())
    assert [wheel.name.split("-")[0] for wheel in built] == ["ftui", "ftui_bandit"]
    pip = (sys.executable, "-m", "pip", "--python", programs / "python")
    run(*pip, "install", "--quiet", "--no-compile", "--disable-pip-version-check", *built, cwd=tmp_path)

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project.mkdir()
    (project / "pyproject.toml").write_text("[tool.bandit]\n")
    (project / "app.py").write_text("import subprocess\n\nsubprocess.call('ls', shell=True)\n")
    plugins = run(programs / "ftui", "plugins", cwd=project)
    assert "bandit       ftui-bandit 0.1.0  ftui_checks" in plugins
    assert "bandit  [tool.bandit] in pyproject.toml" in run(programs / "ftui", "list", cwd=project)
    report = json.loads(run(programs / "ftui", "run", "bandit", "--format", "json", cwd=project, code=1))
    (check,) = report["checks"]
    assert check["outcome"] == "failed"
    assert ("app.py", 3, "B602") in [(each["path"], each["line"], each["rule"]) for each in check["findings"]]
