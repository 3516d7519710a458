from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ftui.config import Config
from ftui.hookspecs import Project, Tool
from ftui.model import CheckConfig
from ftui.project import TreeProject
from ftui.root import find_root
from tests.conftest import MakeTree, write

posix_only = pytest.mark.skipif(os.name == "nt", reason="needs a POSIX file system")
PROGRAMS, SUFFIX = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")


def project_at(root: Path, **checks: CheckConfig) -> Project:
    return TreeProject(root, Config(checks=checks))


# The root


def test_the_nearest_folder_that_configures_ftui_is_the_root(tree: MakeTree) -> None:
    root = tree(
        {
            "ftui.toml": "",
            "a/pyproject.toml": "[tool.ftui]\n",
            "a/b/pyproject.toml": "[project]\nname = 'ftui-like'\n",
            "a/b/c/x.py": "",
        },
        git=True,
    )
    assert find_root(root / "a" / "b" / "c") == root / "a"
    assert find_root(root) == root


def test_without_configuration_the_top_of_the_repository_is_the_root(tree: MakeTree) -> None:
    outer = tree({"ftui.toml": "", "repo/packages/a/package.json": "{}", "repo/packages/a/src/x.js": ""})
    (outer / "repo" / ".git").mkdir()
    assert find_root(outer / "repo" / "packages" / "a" / "src") == outer / "repo"


def test_outside_a_repository_the_nearest_project_file_marks_the_root_else_the_start_is_it(
    tree: MakeTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tree({"package.json": "{}", "work/lib/setup.cfg": "", "work/lib/src/x.py": "", "notes/deep/x": ""})
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    assert find_root(home / "work" / "lib" / "src") == home / "work" / "lib"
    assert find_root(home / "notes" / "deep") == home / "notes" / "deep", "a stray file in the home folder counts"
    assert find_root(home) == home


# Files and what they say


def test_a_project_answers_about_its_files(tree: MakeTree) -> None:
    project = project_at(tree({"a.py": "", "src/b.py": "", "c.md": "", ".gitignore": "*.md"}, git=True))
    assert project.files == (".gitignore", "a.py", "src/b.py")
    assert project.matching("*.py") == ("a.py", "src/b.py")
    assert project.has("*.js", "src/")
    assert not project.has("*.md")


def test_options_default_to_what_an_empty_configuration_says(tree: MakeTree) -> None:
    mypy = CheckConfig(args=("src",))
    project = project_at(tree({}), mypy=mypy)
    assert project.options("mypy") is mypy
    assert project.options("ruff") == CheckConfig()
    assert project.checks == {"mypy": mypy}


def test_configuration_files_are_parsed_and_what_is_not_valid_is_empty(tree: MakeTree) -> None:
    project = project_at(
        tree(
            {
                "good.toml": "[tool.ruff]\nline-length = 100\n",
                "good.json": '\ufeff{"scripts": {"test": "jest"}}',
                "good.ini": "[mypy]\nPlugins = %(x)s\n[mypy]\nstrict = 1\n",
                "bad.toml": "[",
                "bad.json": '["a list"]',
                "bad.ini": "no section = 1\n",
                "deep.json": "[" * 100_000,
                "latin.toml": b"a = '\xe9'",
            }
        )
    )
    assert project.toml("good.toml") == {"tool": {"ruff": {"line-length": 100}}}
    assert project.json("good.json") == {"scripts": {"test": "jest"}}
    assert project.ini("good.ini")["mypy"]["plugins"] == "%(x)s"
    for path in ("bad.toml", "latin.toml", "none.toml", "good.json"):
        assert project.toml(path) == {}
    for path in ("bad.json", "deep.json", "none.json"):
        assert project.json(path) == {}
    for path in ("bad.ini", "none.ini"):
        assert project.ini(path) == {}


def test_text_is_bounded_and_read_once(tree: MakeTree) -> None:
    root = tree({"a.txt": "first", "huge.txt": "x" * (1 << 20) + "y", "folder/x": ""})
    project = project_at(root)
    assert project.text("a.txt") == "first"
    write(root, {"a.txt": "second"})
    assert project.text("a.txt") == "first"
    assert project_at(root).text("a.txt") == "second"
    assert project.text("huge.txt") is None
    assert project.text("folder") is None
    assert project.text("a\0b") is None


@posix_only
def test_text_outside_the_root_is_not_read_whichever_way_leads_there(tree: MakeTree) -> None:
    outside = tree({"secret": "s"}, name="outside")
    root = tree({"a.txt": "inside"})
    (root / "link").symlink_to(outside / "secret")
    (root / "folder").symlink_to(outside)
    (root / "circle").symlink_to("circle")
    (root / "inner").symlink_to("a.txt")
    project = project_at(root)
    for path in ("../outside/secret", str(outside / "secret"), "link", "folder/secret", "circle"):
        assert project.text(path) is None
    assert project.text("inner") == "inside"


# Tools


@pytest.fixture
def project_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hides the tools of the machine that runs the tests."""
    own = tmp_path / "own" / PROGRAMS
    own.mkdir(parents=True)
    monkeypatch.setattr(sys, "executable", str(own / "python"))
    monkeypatch.setenv("PATH", "")


alone = pytest.mark.usefixtures("project_alone")


def program(path: Path) -> str:
    path = path.with_name(path.name + SUFFIX)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    path.chmod(0o755)
    return str(path)


def packages(environment: Path) -> Path:
    return environment / ("Lib" if os.name == "nt" else "lib/python3.12") / "site-packages"


def virtual_environment(folder: Path, tool: str, version: str) -> str:
    """A folder that looks like a virtual environment with a tool in it; returns the tool's path."""
    write(folder, {"pyvenv.cfg": "home = /usr/bin\n"})
    write(packages(folder) / f"{tool.replace('-', '_')}-{version}.dist-info", {"METADATA": ""})
    return program(folder / PROGRAMS / tool)


@alone
def test_a_tool_is_looked_for_as_a_person_would(tree: MakeTree, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tree({})
    active = root.parent / "active"
    places = [
        Tool(virtual_environment(root / ".venv", "some-tool", "1.0"), ".venv", "1.0"),
        Tool(virtual_environment(root / "venv", "some-tool", "2.0"), "venv", "2.0"),
        Tool(virtual_environment(active, "some-tool", "3.0"), "VIRTUAL_ENV", "3.0"),
        Tool(program(root / "node_modules" / ".bin" / "some-tool"), "node_modules", "4.0"),
        Tool(virtual_environment(root.parent / "global", "some-tool", "5.0"), "PATH", "5.0"),
        Tool(program(root.parent / "own" / PROGRAMS / "some-tool"), "ftui's own environment", None),
    ]
    write(root, {"node_modules/some-tool/package.json": '{"version": "4.0"}'})
    monkeypatch.setenv("VIRTUAL_ENV", str(active))
    monkeypatch.setenv("PATH", os.pathsep.join([".", str(root.parent / "global" / PROGRAMS)]))
    for place in places:
        assert project_at(root).tool("some-tool") == place
        Path(place.path).unlink()
    assert project_at(root).tool("some-tool") is None


@alone
def test_a_folder_that_is_no_virtual_environment_has_no_tools(tree: MakeTree) -> None:
    root = tree({})
    program(root / "env" / PROGRAMS / "tool")
    assert project_at(root).tool("tool") is None


@alone
@pytest.mark.parametrize("name", ["", ".", "..", "../tool", "bin/tool", "/bin/sh"])
def test_a_tool_is_a_name_and_no_path(tree: MakeTree, name: str) -> None:
    root = tree({})
    virtual_environment(root / ".venv", "tool", "1.0")
    assert project_at(root).tool(name) is None


@posix_only
@alone
def test_what_cannot_be_run_is_no_tool(tree: MakeTree) -> None:
    root = tree({".venv/pyvenv.cfg": "", ".venv/bin/folder/x": "", ".venv/bin/plain": ""})
    (root / ".venv" / "bin" / "dangling").symlink_to("nowhere")
    project = project_at(root)
    assert [project.tool(name) for name in ("folder", "plain", "dangling")] == [None, None, None]


@posix_only
@alone
def test_the_version_is_found_through_a_link_and_left_open_where_two_are_installed(
    tree: MakeTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree({})
    target = virtual_environment(root.parent / "pipx" / "tool", "tool", "1.2")
    (root.parent / "bin").mkdir()
    (root.parent / "bin" / "tool").symlink_to(target)
    monkeypatch.setenv("PATH", str(root.parent / "bin"))
    assert project_at(root).tool("tool") == Tool(str(root.parent / "bin" / "tool"), "PATH", "1.2")
    write(packages(root.parent / "pipx" / "tool") / "tool-1.3.dist-info", {"METADATA": ""})
    found = project_at(root).tool("tool")
    assert found is not None
    assert found.version is None


@posix_only
@alone
@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("tsc", "typescript/bin/tsc"),
        ("eslint", "@scope/eslint/bin/eslint.js"),
        ("vitest", ".bin/vitest"),
        ("tsc", ".bin/tsc"),
    ],
)
def test_the_version_of_a_node_program_is_that_of_its_package(tree: MakeTree, name: str, target: str) -> None:
    package = {"tsc": "typescript", "eslint": "@scope/eslint", "vitest": "vitest"}[name]
    root = tree({f"node_modules/{package}/package.json": '{"version": "5.1"}'})
    path = root / "node_modules" / ".bin" / name
    program(root / "node_modules" / target)
    path.parent.mkdir(exist_ok=True)
    if target != f".bin/{name}":
        path.symlink_to(f"../{target}")
    assert project_at(root).tool(name) == Tool(str(path), "node_modules", "5.1")


@pytest.mark.skipif(os.name != "nt", reason="how Windows names programs")
def test_on_windows_a_script_with_an_extension_is_a_tool(tree: MakeTree) -> None:
    root = tree({"node_modules/.bin/eslint.cmd": ""})
    found = project_at(root).tool("eslint")
    assert found is not None
    assert found.path == str(root / "node_modules" / ".bin" / "eslint.cmd")
