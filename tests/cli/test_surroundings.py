"""What a verdict hangs on outside of the tree: each of these changes makes a check fail that has passed."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import Ftui
from tests.cli.environments import SITE, install, make_environment
from tests.conftest import commit

if TYPE_CHECKING:
    from collections.abc import Callable

    Change = Callable[[], object]

CODE = "import sys; sys.excepthook = lambda *_: None; import lib; raise SystemExit(lib.X != 1)"
IMPORTS = f'command = ["python", "-c", "{CODE}"]\ninputs = ["a.txt"]\n'
FINDER = """\
import sys
from importlib.util import spec_from_file_location
MAPPING = {{'lib': {path!r}}}
class Finder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return spec_from_file_location(name, MAPPING[name] + {suffix!r}) if name in MAPPING else None
sys.meta_path.append(Finder)
"""


@pytest.fixture
def outer(tmp_path: Path) -> Path:
    """A folder with a project in `root`, which has an environment of its own, and with a module in `lib`."""
    write(tmp_path / "root" / "a.txt", "")
    write(tmp_path / "root" / "ftui.toml", f"[checks.one]\n{IMPORTS}env = ['PYTHONPATH']\n")
    write(tmp_path / "root" / ".gitignore", ".venv\nnode_modules\n")
    commit(tmp_path / "root")
    make_environment(tmp_path / "root" / ".venv")
    write(tmp_path / "lib" / "lib.py", "X = 1\n")
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def only(name: str) -> str:
    """The configuration that leaves one check of those that find themselves used."""
    others = {"ruff", "ruff-format", "mypy", "pytest"} - {name}
    return f"[checks.{name}]\n" + "".join(f"[checks.{other}]\nenabled = false\n" for other in sorted(others))


def assert_seen(ftui: Ftui, root: Path, change: Change, **more: Any) -> None:
    """A check passes, is replayed by the quick way out, which a second run has opened, and fails after the change."""
    answers = [ftui("run", cwd=root, **more) for _ in range(3)]
    assert [answer.code for answer in answers] == [0, 0, 0], answers[-1].out
    assert "hit 1 " in answers[-1].out
    change()
    answer = ftui("run", cwd=root, **more)
    assert answer.code == 1, answer.out


def by_a_path(outer: Path, site: Path) -> Path:
    write(site / "lib.pth", f"{outer / 'lib'}\n")
    return outer / "lib" / "lib.py"


def by_a_relative_path(outer: Path, site: Path) -> Path:
    write(site / "lib.pth", f"{os.path.relpath(outer / 'lib', site)}\n")
    return outer / "lib" / "lib.py"


def by_the_finder_of_setuptools(outer: Path, site: Path) -> Path:
    write(site / "__editable___lib_finder.py", FINDER.format(path=str(outer / "lib" / "lib"), suffix=".py"))
    write(site / "__editable__.lib-1.0.pth", "import __editable___lib_finder; str()\n")
    return outer / "lib" / "lib.py"


def by_the_finder_of_editables(outer: Path, site: Path) -> Path:
    write(site / "_editable_impl_lib.py", FINDER.format(path=str(outer / "lib" / "lib.py"), suffix=""))
    write(site / "_lib.pth", "import _editable_impl_lib\n")
    return outer / "lib" / "lib.py"


def with_data(outer: Path, site: Path) -> Path:
    by_a_path(outer, site)
    (outer / "lib" / "lib.py").unlink()
    write(
        outer / "lib" / "lib" / "__init__.py", "X = eval(open(f'{__path__[0]}/sub/x.txt').read().partition('= ')[2])\n"
    )
    write(outer / "lib" / "lib" / "sub" / "x.txt", "X = 1\n")
    return outer / "lib" / "lib" / "sub" / "x.txt"


@pytest.mark.parametrize(
    "install_it",
    [by_a_path, by_a_relative_path, by_the_finder_of_setuptools, by_the_finder_of_editables, with_data],
)
def test_what_an_editable_install_imports_counts(
    ftui: Ftui, outer: Path, install_it: Callable[[Path, Path], Path]
) -> None:
    file = install_it(outer, outer / "root" / SITE)
    assert_seen(ftui, outer / "root", lambda: file.write_text("X = 22\n"))


@pytest.mark.parametrize("change", ["edited", "removed", "a package removed"])
def test_what_was_put_among_the_packages_by_hand_counts(ftui: Ftui, outer: Path, change: str) -> None:
    lib = outer / "root" / SITE / "lib"
    file = lib / "__init__.py" if change == "a package removed" else lib.with_suffix(".py")
    write(file, "X = 1\n")
    edits: dict[str, Change] = {
        "edited": lambda: file.write_text("X = 22\n"),
        "removed": file.unlink,
        "a package removed": lambda: shutil.rmtree(lib),
    }
    assert_seen(ftui, outer / "root", edits[change])


@pytest.mark.parametrize("place", ["{outer}/lib", "{outer}/lib.zip", "../lib"])
def test_what_lies_on_the_search_path_counts(ftui: Ftui, outer: Path, place: str) -> None:
    def change() -> None:
        write(outer / "lib" / "lib.py", "X = 22\n")
        shutil.make_archive(str(outer / "lib"), "zip", outer / "lib")

    shutil.make_archive(str(outer / "lib"), "zip", outer / "lib")
    assert_seen(ftui, outer / "root", change, env={"PYTHONPATH": place.format(outer=outer)})


def test_packages_of_the_user_count_for_an_environment_that_sees_them(ftui: Ftui, outer: Path) -> None:
    config = outer / "root" / ".venv" / "pyvenv.cfg"
    config.write_text(config.read_text().replace("false", "true"))
    site = Path(ftui.environ["HOME"], ".local", *Path(SITE).parts[1:])

    def put(number: int) -> None:
        write(site / "lib.py", f"X = {number}\n")
        write(site / "lib-1.dist-info" / "RECORD", f"lib.py,sha256={number},1\n")

    put(1)
    assert_seen(ftui, outer / "root", lambda: put(22))


@pytest.mark.parametrize(
    ("tool", "settings", "source"),
    [
        ("mypy", "[mypy]\nmypy_path = ../lib\n", "from lib import X\n\ny: int = X\n"),
        ("pytest", "[pytest]\npythonpath = ../lib\n", "from lib import X\n\n\ndef test():\n    assert X == 1\n"),
    ],
)
def test_a_folder_beyond_the_tree_that_settings_name_counts(
    ftui: Ftui, outer: Path, tool: str, settings: str, source: str
) -> None:
    root = outer / "root"
    write(root / "ftui.toml", only(tool))
    write(root / f"{tool}.ini", settings)
    write(root / "test_it.py", source)
    assert_seen(ftui, root, lambda: write(outer / "lib" / "lib.py", "X = '22'\n"))


def test_a_conftest_above_the_root_counts(ftui: Ftui, outer: Path) -> None:
    write(outer / "root" / "ftui.toml", only("pytest"))
    write(outer / "pytest.ini", "[pytest]\n")
    write(outer / "conftest.py", "")
    write(outer / "root" / "test_it.py", "def test():\n    pass\n")
    fail = "def pytest_runtest_call():\n    raise ValueError\n"
    assert_seen(ftui, outer / "root", lambda: write(outer / "conftest.py", fail))


def test_a_plugin_of_pytest_that_is_installed_counts(ftui: Ftui, outer: Path) -> None:
    write(outer / "root" / "ftui.toml", only("pytest"))
    write(outer / "root" / "test_it.py", "def test():\n    pass\n")

    def install_plugin() -> None:
        site = outer / "root" / SITE
        write(site / "plugin.py", "def pytest_runtest_call():\n    raise ValueError\n")
        write(site / "plugin-1.dist-info" / "RECORD", "plugin.py,sha256=1,1\n")
        write(site / "plugin-1.dist-info" / "METADATA", "Metadata-Version: 2.1\nName: plugin\nVersion: 1\n")
        write(site / "plugin-1.dist-info" / "entry_points.txt", "[pytest11]\nplugin = plugin\n")

    assert_seen(ftui, outer / "root", install_plugin)


def test_types_that_are_installed_count(ftui: Ftui, outer: Path) -> None:
    root = outer / "root"
    write(root / "ftui.toml", only("mypy"))
    write(root / "mypy.ini", "[mypy]\nignore_missing_imports = True\n")
    write(root / "it.py", "from dependency import answer\n\nx: str = answer(1)\n")
    assert_seen(ftui, root, lambda: install(root, "1.0"))


def test_what_the_python_has_that_a_type_checker_asks_counts(ftui: Ftui, outer: Path) -> None:
    """As in an environment of conda, with a type checker from elsewhere."""
    root, conda = outer / "root", outer / "conda"
    shutil.rmtree(root / ".venv")
    make_environment(conda / ".venv")
    install(conda, "1.0")
    ftui.environ |= {"PATH": f"{conda}/.venv/bin:{outer}/bin", "CONDA_PREFIX": f"{conda}/.venv"}
    (outer / "bin").mkdir()
    (outer / "bin" / "ty").symlink_to(Path(sys.executable).with_name("ty"))
    write(root / "ftui.toml", only("ty"))
    write(root / "it.py", "from dependency import answer\n\nx: int = answer(1)\n")
    assert_seen(ftui, root, lambda: install(conda, "1.1"))


@pytest.mark.parametrize("above", ["tsconfig.json", ".eslintrc.json"])
def test_settings_of_tools_of_node_above_the_root_count(ftui: Ftui, outer: Path, above: str) -> None:
    root = outer / "root"
    shutil.rmtree(root / ".venv")
    write(outer / above, "good")
    (root / "ftui.toml").unlink()
    write(root / "package.json", json.dumps({"scripts": {"lint": f"grep -q good ../{above}"}}))
    assert_seen(ftui, root, lambda: write(outer / above, "bad"))


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
@pytest.mark.parametrize("how", ["linked", "above the root", "linked above the root", "without books"])
def test_the_packages_of_node_count_wherever_they_lie(ftui: Ftui, outer: Path, how: str) -> None:
    root = outer / "root"
    shutil.rmtree(root / ".venv")
    command = json.dumps(["node", "-e", "process.exit(require('lib') - 1)"])
    write(root / "ftui.toml", f'[checks.one]\ncommand = {command}\ninputs = ["a.txt"]\n')
    modules = (outer if "above" in how else root) / "node_modules"
    modules.mkdir()
    if "linked" in how:
        (modules / "lib").symlink_to(outer / "lib")

    def put(number: int) -> None:
        write(modules / "lib" / "index.js", f"module.exports = {number}\n")
        if "linked" not in how:
            write(modules / "lib" / "package.json", json.dumps({"name": "lib", "version": f"{number}.0.0"}))
        if how == "above the root":
            write(modules / ".package-lock.json", f'"{number}"')

    write(outer / "lib" / "package.json", json.dumps({"name": "lib", "version": "1.0.0"}))
    put(1)
    assert_seen(ftui, root, lambda: put(2))


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
def test_what_a_check_does_not_read_of_a_linked_package_in_the_tree_changes_nothing(ftui: Ftui, outer: Path) -> None:
    root = outer / "root"
    write(root / "ftui.toml", '[checks.one]\ncommand = ["node_modules/.bin/tool"]\ninputs = ["*.js"]\n')
    tool = root / "node_modules" / "tool" / "bin.cjs"
    write(tool, "#!/usr/bin/env node\n")
    tool.chmod(0o755)
    (root / "node_modules" / ".bin").mkdir()
    (root / "node_modules" / ".bin" / "tool").symlink_to("../tool/bin.cjs")
    (root / "node_modules" / "ui").symlink_to("../ui")
    write(root / "ui" / "package.json", "{}")
    write(root / "ui" / "index.js", "")
    for path, bucket in (("README.md", "miss"), ("README.md", "hit"), ("index.js", "miss")):
        with open(root / "ui" / path, "a") as file:
            file.write("more\n")
        (check,) = ftui("run", "--format", "json", cwd=root).report["checks"]
        assert (path, check["outcome"], check["bucket"]) == (path, "passed", bucket)


def test_a_tool_that_is_replaced_in_place_counts(ftui: Ftui, outer: Path) -> None:
    """Its size and its mtime are those of before."""
    tool = outer / "bin" / "tool"

    def put(code: int) -> None:
        write(tool, f"#!{sys.executable}\nraise SystemExit({code})\n")
        tool.chmod(0o755)
        os.utime(tool, ns=(10**18, 10**18))

    put(0)
    write(outer / "root" / "ftui.toml", f'[checks.one]\ncommand = [{json.dumps(str(tool))}]\ninputs = ["a.txt"]\n')
    assert_seen(ftui, outer / "root", lambda: put(1))


def test_byte_code_that_lies_elsewhere_hides_no_edit(ftui: Ftui, outer: Path) -> None:
    root = outer / "root"
    write(root / "ftui.toml", only("pytest"))
    write(root / "pytest.ini", "[pytest]\npythonpath = .\n")
    write(root / "test_it.py", "from it import X\n\n\ndef test():\n    assert X == 1\n")

    def put(number: int) -> None:
        write(root / "it.py", f"X = {number}\n")
        os.utime(root / "it.py", ns=(10**18, 10**18))

    put(1)
    assert_seen(ftui, root, lambda: put(2), env={"PYTHONPYCACHEPREFIX": str(outer / "byte-code")})
