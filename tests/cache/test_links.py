"""What stands behind symbolic links counts as if it stood in their place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ftui.cache import links
from ftui.cache.index import Snapshot, sweep
from ftui.cache.links import Links, TooMuchError
from ftui.cache.memo import Memo

PYTHON = r".*\.py\Z"
ANY = r".*"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree with two folders and a file, none of them linked to."""
    for path in ("root/one/a.py", "root/two/a.py", "root/two/b.txt", "elsewhere/a.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"{path}\n")
    return tmp_path / "root"


def paths_of(root: Path) -> list[str]:
    """Files and links, as git lists them."""
    found = []
    for folder, folders, names in os.walk(root):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        found += [os.path.relpath(os.path.join(folder, name), root) for name in (*names, *links)]
    return sorted(found)


def parts(root: Path, inputs: str) -> dict[str, str]:
    """The parts of the key of a check with these inputs."""

    def outside(folder: str, names: list[str]) -> str:
        return " ".join(f"{name}={Path(folder, name).read_text()}" for name in names)

    snapshot = sweep(str(root), paths_of(root), Snapshot())
    through = Links(str(root), snapshot, Memo({}), outside)
    positions = snapshot.inputs(inputs, lambda paths: [path for path in paths if path.endswith(".py") or inputs == ANY])
    return dict(through.parts(inputs, positions.positions))


def test_a_tree_without_links_has_no_parts(root: Path) -> None:
    assert parts(root, ANY) == {}


def test_a_linked_folder_stands_for_those_of_its_files_that_the_check_reads(root: Path) -> None:
    (root / "chosen").symlink_to("one")
    before = parts(root, PYTHON)
    assert before.keys() == {"link:chosen"}
    (root / "chosen").unlink()
    (root / "chosen").symlink_to("two")
    after = parts(root, PYTHON)
    assert before != after
    (root / "two" / "b.txt").write_text("other")
    assert parts(root, PYTHON) == after
    (root / "two" / "a.py").write_text("other")
    assert parts(root, PYTHON) != after


def test_a_link_to_a_file_counts_where_the_check_reads_the_link(root: Path) -> None:
    (root / "link.py").symlink_to("two/b.txt")
    (root / "link.md").symlink_to("two/b.txt")
    before = parts(root, PYTHON)
    assert before.keys() == {"link:link.py"}
    (root / "two" / "b.txt").write_text("other")
    assert parts(root, PYTHON)["link:link.py"] != before["link:link.py"]


@pytest.mark.parametrize("target", ["../elsewhere/a.py", "../elsewhere"])
def test_what_lies_outside_the_tree_counts_too(root: Path, target: str) -> None:
    link = root / ("link.py" if target.endswith(".py") else "folder")
    link.symlink_to(target)
    before = parts(root, PYTHON)
    assert len(before) == 1
    (root.parent / "elsewhere" / "a.py").write_text("something else")
    assert parts(root, PYTHON) != before


def test_links_that_lead_nowhere_or_round_in_a_circle_or_upwards_do_no_harm(root: Path) -> None:
    (root / "nowhere.py").symlink_to("missing")
    (root / "circle.py").symlink_to("circle.py")
    (root / "one" / "up").symlink_to("..")
    before = parts(root, ANY)
    assert before.keys() >= {"link:one/up"}
    assert "link:nowhere.py" not in before
    assert parts(root, ANY) == before


@pytest.mark.parametrize(("target", "is_told"), [("../elsewhere/a.py", True), ("../root/one", False)])
def test_a_folder_outside_the_tree_whose_own_links_lead_on_cannot_be_told(
    root: Path, target: str, is_told: bool
) -> None:
    (root.parent / "elsewhere" / "on.py").symlink_to(target)
    (root / "folder").symlink_to("../elsewhere")
    if is_told:
        assert parts(root, PYTHON).keys() == {"link:folder"}
        return
    with pytest.raises(TooMuchError, match=r"folder leads to .*, where on\.py leads on"):
        parts(root, PYTHON)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="needs an endless file")
def test_what_cannot_be_read_to_its_end_is_not_read(root: Path) -> None:
    (root / "endless.py").symlink_to("/dev/zero")
    with pytest.raises(TooMuchError, match=r"what endless\.py leads to cannot be told"):
        parts(root, PYTHON)


def test_a_folder_that_holds_too_much_is_not_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MOST_FILES", 3)
    for number in range(3):
        (root.parent / "elsewhere" / f"{number}.txt").touch()
    (root / "folder").symlink_to("../elsewhere")
    with pytest.raises(TooMuchError, match=r"folder leads to .*, which holds too much to look at"):
        parts(root, PYTHON)
