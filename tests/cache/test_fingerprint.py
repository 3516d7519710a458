from __future__ import annotations

import os
import shutil
import sys
import venv
from pathlib import Path

import pytest

from ftui.cache.fingerprint import MISSING, ToolPrint, file_digest, files, imported_files, platform, tool, variables
from ftui.cache.memo import Memo

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="scripts with a first line that names the interpreter")


def install(prefix: Path, name: str, version: str, content: str = "") -> None:
    site = next(prefix.glob("lib/python*/site-packages"))
    info = site / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")
    lines = [f"{name}/__init__.py,sha256={content},1", f"../../../bin/{name},sha256={prefix},1", f"{name}/x.pyc,,"]
    lines += [f"{info.name}/INSTALLER,sha256={prefix},4", f"{info.name}/METADATA,sha256={version},9"]
    (info / "RECORD").write_text("\n".join(lines) + "\n")


def script(prefix: Path, name: str, body: str = "print('checked')") -> Path:
    path = prefix / "bin" / name
    path.write_text(f"#!{prefix}/bin/python\nHOME = '{prefix}'\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return make_clone(tmp_path / "clone")


def make_clone(root: Path) -> Path:
    root.mkdir()
    venv.create(root / ".venv", with_pip=False, symlinks=True)
    install(root / ".venv", "mypy", "2.4.0")
    script(root / ".venv", "mypy")
    return root


def fingerprint(root: Path, name: str = "mypy", memo: Memo | None = None) -> ToolPrint:
    path = str(root / ".venv" / "bin" / name)
    return tool(path, root=str(root), search=os.environ["PATH"], memo=memo or Memo({}))


def test_a_tool_has_its_name_its_version_its_interpreter_and_the_packages_around_it(clone: Path) -> None:
    found = fingerprint(clone)
    assert found.tool[:2] == ("mypy", "2.4.0")
    assert found.interpreter[0].startswith("python3")
    assert found.interpreter[1].startswith("3.")
    assert [text.split(" ")[:2] for text in found.packages.texts] == [["mypy", "2.4.0"]]
    assert found.prefix == str(clone / ".venv")


def test_an_equal_environment_in_another_clone_has_the_same_fingerprint_and_no_path_stands_in_it(
    clone: Path, tmp_path: Path
) -> None:
    other = make_clone(tmp_path / "a second clone at a longer path")
    os.utime(other / ".venv/bin/mypy", (1, 1))
    assert fingerprint(other).parts() == fingerprint(clone).parts()
    assert str(tmp_path) not in repr(fingerprint(clone).parts())


def test_a_package_installed_removed_or_upgraded_is_another_environment(clone: Path) -> None:
    memo = Memo({})
    seen = [fingerprint(clone, memo=Memo(memo.entries)).packages.texts]
    install(clone / ".venv", "types_requests", "1.0")
    seen.append(fingerprint(clone, memo=Memo(memo.entries)).packages.texts)
    info = next(clone.glob(".venv/lib/*/site-packages/types_requests-1.0.dist-info"))
    shutil.rmtree(info)
    install(clone / ".venv", "types_requests", "1.0", content="another build")
    seen.append(fingerprint(clone, memo=Memo(memo.entries)).packages.texts)
    shutil.rmtree(info)
    install(clone / ".venv", "types_requests", "1.1")
    seen.append(fingerprint(clone, memo=Memo(memo.entries)).packages.texts)
    assert len(set(seen)) == 4


def test_a_changed_tool_is_another_tool_and_a_touched_one_is_not(clone: Path) -> None:
    before = fingerprint(clone)
    os.utime(clone / ".venv/bin/mypy", (1, 1))
    assert fingerprint(clone).parts() == before.parts()
    script(clone / ".venv", "mypy", "print('otherwise')")
    assert fingerprint(clone).tool != before.tool


def test_another_interpreter_version_is_another_interpreter(clone: Path) -> None:
    before = fingerprint(clone)
    config = clone / ".venv" / "pyvenv.cfg"
    config.write_text(config.read_text().replace("version = 3", "version = 9"))
    assert fingerprint(clone).interpreter != before.interpreter


def test_a_first_line_that_pip_had_to_split_still_names_the_interpreter(clone: Path) -> None:
    path = clone / ".venv" / "bin" / "mypy"
    path.write_text(f"#!/bin/sh\n'''exec' \"{clone}/.venv/bin/python\" \"$0\" \"$@\"\n' '''\nprint()\n")
    assert fingerprint(clone).interpreter[0].startswith("python3")


def test_the_interpreter_itself_is_a_tool_of_its_environment(clone: Path) -> None:
    found = fingerprint(clone, "python")
    assert found.interpreter[0].startswith("python3")
    assert found.packages.version("mypy") == "2.4.0"


def test_a_program_without_interpreter_is_its_content(tmp_path: Path) -> None:
    (tmp_path / "ruff").write_bytes(b"\x7fELF 1")
    found = tool(str(tmp_path / "ruff"), root=str(tmp_path), search="", memo=Memo({}), version="0.17.5")
    assert found.tool[:2] == ("ruff", "0.17.5")
    assert (found.interpreter, found.packages.texts, found.prefix) == ((), (), None)
    (tmp_path / "ruff").write_bytes(b"\x7fELF 2")
    assert (
        tool(str(tmp_path / "ruff"), root=str(tmp_path), search="", memo=Memo({}), version="0.17.5").tool != found.tool
    )


def test_a_missing_tool_has_a_fingerprint_too(tmp_path: Path) -> None:
    assert tool(str(tmp_path / "ruff"), root=str(tmp_path), search="", memo=Memo({})).tool == ("ruff", "", MISSING)


def test_a_tool_from_npm_has_the_version_of_its_package_and_what_is_installed_beside_it(tmp_path: Path) -> None:
    package = tmp_path / "node_modules" / "@acme" / "lint"
    (package / "bin").mkdir(parents=True)
    (package / "package.json").write_text('{"version": "9.1.0"}')
    (package / "bin" / "lint.js").write_text("#!/usr/bin/env node\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "node").write_bytes(b"\x7fELF node")
    (tmp_path / "bin" / "node").chmod(0o755)
    (tmp_path / "node_modules" / ".bin").mkdir()
    link = tmp_path / "node_modules" / ".bin" / "lint"
    link.symlink_to("../@acme/lint/bin/lint.js")

    def look() -> ToolPrint:
        return tool(str(link), root=str(tmp_path), search=str(tmp_path / "bin"), memo=Memo({}))

    before = look()
    assert before.tool[:2] == ("lint", "9.1.0")
    assert before.interpreter[0] == "node"
    (tmp_path / "node_modules" / ".package-lock.json").write_text("{}")
    assert look().packages.texts != before.packages.texts
    (package / "package.json").write_text('{"version": "9.1.1"}')
    assert look().tool[1] == "9.1.1"


def test_files_that_configure_a_tool_are_named_without_absolute_paths(tmp_path: Path) -> None:
    root = tmp_path / "parent" / "project"
    root.mkdir(parents=True)
    (root / "ruff.toml").write_text("a")
    (root.parent / "pyproject.toml").write_text("b")
    (tmp_path / "far.toml").write_text("c")
    paths = ["ruff.toml", ".ruff.toml", str(root.parent / "pyproject.toml"), str(tmp_path / "far.toml")]
    parts = files("config", paths, str(root), Memo({}))
    assert [name for name, _ in parts[:3]] == ["config:ruff.toml", "config:.ruff.toml", "config:../pyproject.toml"]
    assert parts[1][1] == MISSING
    assert parts[3][0].startswith("config:far.toml (")
    assert str(tmp_path) not in repr(parts)


@pytest.mark.parametrize("path", ["ruff.toml", "../pyproject.toml"])
def test_a_configuration_that_appears_changes_or_goes_is_another_one(tmp_path: Path, path: str) -> None:
    root = tmp_path / "project"
    root.mkdir()
    target = os.path.normpath(root / path)
    digests = [files("config", [target], str(root), Memo({}))[0][1]]
    for content in ("one", "two"):
        Path(target).write_text(content)
        digests.append(files("config", [target], str(root), Memo({}))[0][1])
    assert len(set(digests)) == 3
    os.unlink(target)
    assert files("config", [target], str(root), Memo({}))[0][1] == digests[0]


def test_variables_enter_by_name_and_never_by_value(tmp_path: Path) -> None:
    parts = variables({"TOKEN": "hunter2", "CI": "true"}, str(tmp_path))
    assert [name for name, _ in parts] == ["env:CI", "env:TOKEN"]
    assert "hunter2" not in repr(parts)
    assert variables({"TOKEN": "hunter3", "CI": "true"}, str(tmp_path))[1] != parts[1]


def test_the_root_in_a_variable_is_the_same_in_every_clone() -> None:
    assert variables({"PYTHONPATH": "/a/src"}, "/a") == variables({"PYTHONPATH": "/b/c/src"}, "/b/c")


def test_the_platform_is_the_system_and_its_architecture() -> None:
    assert platform()[0] == sys.platform
    assert platform()[1]


def test_a_digest_tells_a_missing_file_from_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert file_digest(str(tmp_path / "empty"), Memo({})) != file_digest(str(tmp_path / "missing"), Memo({})) == MISSING


@pytest.mark.parametrize("kind", ["a pipe", "an endless file", "a folder"])
def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "settings"
    make = {"a pipe": os.mkfifo, "an endless file": lambda path: path.symlink_to("/dev/zero"), "a folder": os.mkdir}
    make[kind](path)
    assert file_digest(str(path), Memo({})) == "unreadable"
    assert tool(str(path), root=str(tmp_path), search="", memo=Memo({})).tool[2] == MISSING


def test_modules_and_whole_packages_of_a_folder_beyond_the_project_are_listed_up_to_a_limit(tmp_path: Path) -> None:
    packages = ("python/__init__.py", "python/data/c.txt", "node/package.json", "node/lib/index.js")
    others = (".git/d.py", "__pycache__/e.py", "loose/c.txt", "python/__pycache__/f.pyc", "node/node_modules/g.js")
    for name in ("a.py", "loose/b.pyi", *packages, *others):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert imported_files(str(tmp_path)) == sorted(["a.py", "loose/b.pyi", *packages])
    assert imported_files(str(tmp_path), limit=1) is None


def test_a_path_that_no_file_can_have_is_passed_over(tmp_path: Path) -> None:
    assert files("config", ["a\0b", "c\0/"], str(tmp_path), Memo({})) == []


def test_a_folder_among_the_configuration_stands_for_the_names_of_the_folders_in_it(tmp_path: Path) -> None:
    def parts() -> object:
        return files("config", ["src/"], str(tmp_path), Memo({}))

    assert parts() == [("the folders in src/", ())]
    for name in ("src/b/c", "src/a", "src/.hidden", "src/__pycache__"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "src" / "file").touch()
    assert parts() == [("the folders in src/", ("a", "b"))]
