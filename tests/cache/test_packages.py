from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ftui.cache.memo import Memo
from ftui.cache.packages import node_packages, python_packages, site_folders

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="folders as POSIX lays them out")


def environment(root: Path, *, settings: str = "home = /usr/bin\n") -> Path:
    site = root / ".venv" / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True)
    (root / ".venv" / "pyvenv.cfg").write_text(settings)
    return site


def texts(root: Path) -> tuple[str, ...]:
    return python_packages(str(root / ".venv"), str(root), Memo({})).texts


def test_without_a_record_the_metadata_decides(tmp_path: Path) -> None:
    info = environment(tmp_path) / "old-1.0.egg-info"
    info.mkdir()
    (info / "PKG-INFO").write_text("1")
    before = texts(tmp_path)
    assert before[0].startswith("old 1.0 ")
    (info / "PKG-INFO").write_text("2")
    assert texts(tmp_path) != before


def test_what_no_record_names_is_outside_of_the_account_of_installers(tmp_path: Path) -> None:
    site = environment(tmp_path)
    for name in ("known.py", "loose.py", "package/__init__.py", "__pycache__/known.pyc"):
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).touch()
    info = site / "known-1.dist-info"
    info.mkdir()
    (info / "RECORD").write_text('known.py,sha256=1,1\n"package/__init__.py",,\n')
    found = python_packages(str(tmp_path / ".venv"), str(tmp_path), Memo({}))
    assert found.outside == (str(site / "loose.py"),)
    assert "loose.py  " in found.texts
    (site / "old-1.egg-info").mkdir()
    assert python_packages(str(tmp_path / ".venv"), str(tmp_path), Memo({})).outside == (), "nobody keeps full account"


@pytest.mark.parametrize("line", [b"import ;", b"import  ", b"import ../x", b"\0", b"/\xff\0", b"import \xff", b"."])
def test_a_line_that_makes_no_sense_does_no_harm(tmp_path: Path, line: bytes) -> None:
    (environment(tmp_path) / "odd.pth").write_bytes(line + b"\n")
    assert python_packages(str(tmp_path / ".venv"), str(tmp_path), Memo({})).outside == ()


@pytest.mark.parametrize("name", ["extra.pth", "sitecustomize.py", "__editable___x_finder.py"])
def test_files_that_steer_imports_count(tmp_path: Path, name: str) -> None:
    path = environment(tmp_path) / name
    seen = [texts(tmp_path)]
    for content in ("import a", "import b"):
        path.write_text(content)
        seen.append(texts(tmp_path))
    assert len(set(seen)) == 3


def editable(root: Path, target: Path) -> None:
    site = environment(root)
    (site / "_editable_impl_demo.pth").write_text(f"{target}\n")
    (site / "__editable___demo_finder.py").write_text(f"MAPPING = {{'demo': '{target}/demo'}}\n")
    info = site / "demo-1.0.dist-info"
    info.mkdir()
    (info / "RECORD").write_text(f"_editable_impl_demo.pth,sha256=1,2\n__editable___demo_finder.py,sha256={target},9\n")
    (info / "direct_url.json").write_text(f'{{"url": "file://{target}"}}')


def test_an_editable_install_of_the_project_is_the_same_in_every_clone(tmp_path: Path) -> None:
    for name in ("one", "another"):
        editable(tmp_path / name, tmp_path / name / "src")
    assert texts(tmp_path / "one") == texts(tmp_path / "another")
    assert python_packages(str(tmp_path / "one/.venv"), str(tmp_path / "one"), Memo({})).outside == ()


def test_an_editable_install_of_something_else_names_the_folder(tmp_path: Path) -> None:
    library = tmp_path / "library"
    (library / "demo").mkdir(parents=True)
    editable(tmp_path / "project", library)
    packages = python_packages(str(tmp_path / "project/.venv"), str(tmp_path / "project"), Memo({}))
    assert packages.outside == (str(library), str(library / "demo"))


def test_an_environment_that_uses_its_base_has_the_packages_of_both(tmp_path: Path) -> None:
    base = tmp_path / "base" / "lib" / "python3.11" / "site-packages"
    base.mkdir(parents=True)
    site = environment(tmp_path, settings=f"home = {tmp_path}/base/bin\ninclude-system-site-packages = true\n")
    assert site_folders(str(tmp_path / ".venv")) == [str(site), str(base)]


def test_versions_are_found_under_any_spelling_of_the_name(tmp_path: Path) -> None:
    (environment(tmp_path) / "Ruamel.yaml_clib-0.2.dist-info").mkdir()
    packages = python_packages(str(tmp_path / ".venv"), str(tmp_path), Memo({}))
    assert packages.version("ruamel-yaml.clib") == "0.2"
    assert packages.version("ruamel") == ""


def test_nothing_is_read_again_once_it_has_settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = environment(tmp_path)
    (site / "a-1.dist-info").mkdir()
    long_ago = (1, 1)
    memo = Memo({})
    monkeypatch.setattr("ftui.cache.memo.time.time_ns", lambda: 4 * 10**18)
    before = python_packages(str(tmp_path / ".venv"), str(tmp_path), memo).texts
    monkeypatch.setattr("ftui.cache.packages.site_folders", lambda prefix: pytest.fail("scanned again"))
    again = Memo.load(memo.dump())
    assert python_packages(str(tmp_path / ".venv"), str(tmp_path), again).texts == before
    assert not again.dirty
    monkeypatch.undo()
    (site / "b-1.dist-info").mkdir()
    os.utime(site, long_ago)
    assert len(python_packages(str(tmp_path / ".venv"), str(tmp_path), Memo.load(memo.dump())).texts) == 2


def test_a_linked_package_of_node_is_imported_from_where_it_lies(tmp_path: Path) -> None:
    folder = tmp_path / "node_modules"
    for name in ("node_modules/.pnpm/own", "node_modules/@scope", "above/node_modules/.pnpm/other", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
    (folder / "own").symlink_to(".pnpm/own")
    (folder / "other").symlink_to("../above/node_modules/.pnpm/other")
    (folder / "@scope" / "linked").symlink_to(tmp_path / "elsewhere")
    assert node_packages(str(folder), Memo({})).outside == (str(tmp_path / "elsewhere"),)


def test_a_package_that_is_gone_from_node_modules_shows(tmp_path: Path) -> None:
    folder = tmp_path / "node_modules"
    for name in ("eslint", "@types/node"):
        (folder / name).mkdir(parents=True)
    assert node_packages(str(tmp_path / "missing"), Memo({})).texts == ()
    whole = node_packages(str(folder), Memo({})).texts
    (folder / "@types" / "node").rmdir()
    without_types = node_packages(str(folder), Memo({})).texts
    (folder / "eslint").rmdir()
    assert len({whole, without_types, node_packages(str(folder), Memo({})).texts}) == 3
