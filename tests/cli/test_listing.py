"""`ftui list` and `ftui plugins`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conftest import write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ftui

    Project = Callable[[str], Path]

CONFIG = """\
profile = "quick"

[profiles]
quick = ["docs"]

[checks.docs]
command = ["git", "log", "--format=%h %s"]
phase = "fast"

[checks.site]
command = "no-such-program"
requires = ["docs"]

[checks.ruff]
enabled = false
"""


def sections(text: str) -> dict[str, list[str]]:
    """The lines below each heading."""
    blocks = [block.splitlines() for block in text.split("\n\n")]
    return {block[0]: block[1:] for block in blocks}


def test_each_check_is_listed_by_phase_with_its_reason_and_its_command(ftui: Ftui, project: Project) -> None:
    answer = ftui("list", cwd=project(CONFIG))
    assert answer.code == 0
    fast = sections(answer.out)["fast"]
    assert fast[0] == "  docs (command)  checks.docs.command in the configuration"
    assert fast[1].startswith(" " * 18)
    assert fast[1].endswith("/git log '--format=%h %s'")


def test_a_check_that_cannot_run_is_marked_and_says_what_to_do(ftui: Ftui, project: Project) -> None:
    slow = sections(ftui("list", cwd=project(CONFIG)).out)["slow"]
    assert slow[0].startswith("! site (command)  no-such-program was not found: install it, or correct checks.site.c")
    assert slow[0].endswith("; requires docs")


def test_what_is_not_active_says_why(ftui: Ftui, project: Project) -> None:
    root = project(CONFIG)
    write(root, {"a.py": ""})
    lines = sections(ftui("list", cwd=root).out)["not active"]
    because = {line.split()[0]: line.split(maxsplit=1)[1] for line in lines}
    assert because["ruff"] == "disabled by checks.ruff.enabled in ftui.toml"
    assert because["npm"] == "no package.json"
    assert because["mypy"].startswith("not declared as a dependency, and none of: mypy.ini")


def test_profiles_name_their_checks_and_the_default_is_marked(ftui: Ftui, project: Project) -> None:
    profiles = sections(ftui("list", cwd=project(CONFIG)).out)["profiles"]
    assert profiles == ["  fast   docs", "  dev    docs, site", "  full   docs, site", "* quick  docs"]


def test_lines_of_a_usual_project_fit_a_terminal_up_to_their_commands(ftui: Ftui, tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "[tool.ruff]\n[tool.mypy]\n[tool.pytest.ini_options]\n", "test_a.py": ""})
    answer = ftui("list", cwd=tmp_path)
    reasons = [line for line in answer.out.split("not active")[0].splitlines() if "pyproject.toml" in line]
    assert len(reasons) == 3
    assert max(map(len, reasons)) < 80


def test_a_name_that_the_terminal_cannot_carry_is_escaped(ftui: Ftui, project: Project) -> None:
    answer = ftui("list", cwd=project('[checks."süß"]\ncommand = "true"\n'), env={"PYTHONIOENCODING": "ascii"})
    assert answer.code == 0
    assert r"s\xfc\xdf (command)" in answer.out


def test_plugins_are_listed_with_their_origin_and_their_hooks(ftui: Ftui, tmp_path: Path) -> None:
    lines = ftui("plugins", cwd=tmp_path).out.splitlines()
    assert lines[0].split(maxsplit=1) == ["command", "built in  ftui_checks"]
    assert {"ruff", "mypy", "pytest", "npm"} <= {line.split()[0] for line in lines}


def test_a_plugin_that_cannot_be_loaded_is_listed_with_what_is_wrong(ftui: Ftui, tmp_path: Path) -> None:
    site = tmp_path / "site"
    write(
        site,
        {
            "broken_plugin.py": "raise RuntimeError('no luck')\n",
            "broken_plugin-1.2.dist-info/METADATA": "Metadata-Version: 2.1\nName: broken-plugin\nVersion: 1.2\n",
            "broken_plugin-1.2.dist-info/entry_points.txt": "[ftui]\nbroken = broken_plugin\n",
        },
    )
    answer = ftui("plugins", cwd=tmp_path, env={"PYTHONPATH": str(site)})
    assert answer.code == 0
    (line,) = [line for line in answer.out.splitlines() if line.split()[0] == "broken"]
    assert line.split(maxsplit=1)[1] == "broken-plugin 1.2  cannot be loaded: RuntimeError: no luck"
    assert answer.err == "ftui: plugin broken: cannot be loaded: RuntimeError: no luck\n"
