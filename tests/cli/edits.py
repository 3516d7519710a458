"""A small real project, and random edits of it: every verdict that it can have is one or two edits away."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cli.environments import DEPENDENCY, SITE, install, make_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    State = dict[str, tuple[str, bytes]]
    """Kind and content by path."""

SECOND = 1_000_000_000

FILES = {
    "ftui.toml": """\
workers = 2
[checks]
ruff = { on_failure = "never" }
ruff-format = { on_failure = "never" }
mypy = { on_failure = "never" }
pytest = { on_failure = "never" }
docs = { command = ["python", "check.py", "a", "b"], inputs = ["docs/**", "run.sh"] }
""",
    ".gitignore": "__pycache__/\n.venv/\n",
    "app/__init__.py": '"""App."""\n',
    "app/core.py": "def double(x: int) -> int:\n    return x * 2\n",
    "app/text.py": 'GREETING: str = "hello"\n',
    "app/loose.py": "def loose(x: int) -> int:\n    return x\n",
    "app/dependent.py": "from dependency import answer\n\nRESULT: int = answer(7)\n",
    "shared/first.txt": "LINKED: int = 1\n",
    "shared/second.txt": 'LINKED: int = "1"\n',
    "variants/one/__init__.py": "VALUE: int = 1\n",
    "variants/two/__init__.py": "VALUE: int = 2\n",
    # No module of pytest is imported: mypy would go through all of them, each time that it starts from nothing.
    "tests/conftest.py": """\
from typing import Any


def pytest_generate_tests(metafunc: Any) -> None:
    if "three" in metafunc.fixturenames:
        metafunc.parametrize("three", [3])
""",
    "tests/test_core.py": """\
from app.core import double


def test_double(three: int) -> None:
    assert double(three) == 6
""",
    "tests/test_data.py": """\
from pathlib import Path


def test_data() -> None:
    numbers = Path(__file__).with_name("data").joinpath("numbers.txt").read_text().split()
    assert sum(map(int, numbers)) == 6
""",
    "tests/data/numbers.txt": "1 2 3\n",
    "tests/test_rest.py": """\
from app import linked
from app.dependent import RESULT
from app.text import GREETING
from chosen import VALUE


def test_rest() -> None:
    assert (GREETING, RESULT, linked.LINKED) == ("hello", 7, 1)


def test_value() -> None:
    assert VALUE == 1
""",
    "tests/ruff.toml": 'extend = "../conf/tests.toml"\n',
    "conf/tests.toml": 'extend = "../pyproject.toml"\n\n[lint]\nselect = ["F"]\n',
    "conf/base.toml": 'extend = "deep/base.toml"\nline-length = 99\n',
    "conf/deep/base.toml": '[lint]\nselect = ["EXE", "F"]\n',
    "pyproject.toml": """\
[tool.ruff]
extend = "conf/base.toml"

[tool.ruff.format]
quote-style = "double"

[tool.mypy]
disallow_untyped_defs = false

[tool.pytest.ini_options]
pythonpath = ["."]
addopts = ""
""",
    "docs/index.md": "# Manual\n\nDone\n",
    "check.py": """\
import sys
from os import X_OK, access
from pathlib import Path

FORBIDDEN = "TODO"

if any(FORBIDDEN in page.read_text() for page in Path("docs").rglob("*.md")):
    sys.exit(1)
if sys.argv[1:] != ["a", "b"] or not access("run.sh", X_OK):
    sys.exit(1)
""",
    "run.sh": "#!/bin/sh\n",
}
EXTRA = {
    "extra.py": 'EXTRA: int = "1"\n',
    "app/unused.py": "import os\n",
    "dependency.py": "def answer(value: int) -> int:\n    return value + 2\n",
    "tests/test_extra.py": "def test_extra() -> None:\n    assert 1 + 1 == 3\n",
    "mypy.ini": "[mypy]\ndisallow_untyped_defs = True\n",
    "pytest.ini": "[pytest]\npythonpath = .\npython_functions = none_*\n",
    "ruff.toml": "line-length = 20\n",
}
"""Not there to begin with."""
KEPT = ("ftui.toml", "pyproject.toml")
"""Without them nothing is left to compare."""
SETTINGS = tuple(path for path in FILES if path.endswith((".toml", "conftest.py")))
OFTEN = ("app/core.py", "app/text.py", "tests/conftest.py", "tests/test_core.py", "tests/data/numbers.txt")
"""Files whose edits say most: the others make tools fail that have failed anyway."""
MOVES = {"app/text.py": "app/mowed.py", "docs/index.md": "docs/intro.md", "tests/test_core.py": "tests/test_kore.py"}
LINKS = {
    "app/linked.py": ("../shared/first.txt", "../shared/second.txt"),
    "chosen": ("variants/one", "variants/two"),
}
SOURCE = {
    **FILES,
    **EXTRA,
    **{new: FILES[old] for old, new in MOVES.items()},
}

FRAGMENTS = (
    ("App", "Map"), ("hello", "HELLO"), ("GREETING: str", "GREETING: int"), ("(7)", '("7")', "(8)"),
    ("(x: int) -> int", "(x: int) -> str", "(x)", "(x: int) - int"), ("x * 2", "x * 3", "x + 2", "x*2"),
    ("LINKED: int = 1", "LINKED: int = 2"), ("VALUE: int = 1", "VALUE: int = 2", "VALUE: str = 1"),
    ("[3]", "[4]"), ("== 6", "== 7"), ("VALUE == 1", "VALUE == 2"), ("1 2 3", "1 2 4", "1 2 30"),
    ("1 + 1 == 3", "1 + 1 == 2"), ('"1"', " 1 "), ("import os", "OS = 1"), ("True", "False"), ("none_*", "test_*"),
    ("= 20", "= 99", "= 100"), ('"F"', '"S"', '"D"', '"INP"'), ('"double"', '"single"'), ("= false", "= true"),
    ("TODO", "Done", "DONE"), ('addopts = ""', 'addopts = "-k core"', 'addopts = "-k loreley"'),
    ("#!/bin/sh", "#!/bin/false"), ('"a", "b"', '"b", "a"'), ("def double", "#!/bin/sh\ndef double"),
    ("def double", "import os\n\n\ndef double"),
)  # fmt: skip
"""Texts that an edit exchanges for one another; the project is whole with those that it begins with."""


class EditedProject:
    """The project, and what may happen to it.

    Args:
        root: an empty folder for it.
        random: decides on everything.

    Attributes:
        done: every edit so far, in words.
        times: how often each way of editing has come up.
    """

    def __init__(self, root: Path, random: Random) -> None:
        self.root = root
        self.random = random
        self.done: list[str] = []
        self._ways: dict[Callable[[], str | None], int] = {
            self._edit: 6,
            self._edit_settings: 4,
            self._heal: 18,
            self._edit_same_size: 3,
            self._edit_within_a_second: 6,
            self._edit_with_mtime_put_back: 6,
            self._touch: 2,
            self._rename: 3,
            self._delete: 2,
            self._add: 3,
            self._revert: 8,
            self._chmod: 2,
            self._swap_link: 3,
            self._install: 4,
            self._uninstall: 2,
        }
        self.times = {way.__name__: 0 for way in self._ways}
        for path in FILES:
            self._write(path, SOURCE[path])
        for path, targets in LINKS.items():
            (root / path).symlink_to(targets[0])
        (root / "run.sh").chmod(0o755)
        make_environment(root / ".venv")
        install(root, "1.0")
        self._states = [self.state()]

    def state(self) -> State:
        """All that a verdict may depend on: every file and link, and the installed package."""
        return dict(self._look())

    def _look(self) -> Iterator[tuple[str, tuple[str, bytes]]]:
        for folder, folders, names in os.walk(self.root):
            links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
            folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
            for name in (*names, *links):
                path = Path(folder, name)
                where = str(path.relative_to(self.root))
                mode = path.lstat().st_mode
                if stat.S_ISLNK(mode):
                    yield where, ("link", os.readlink(path).encode())
                else:
                    yield where, (f"{mode & 0o111:o}", path.read_bytes())
        package = self.root / SITE / "dependency" / "__init__.py"
        yield SITE, ("package", package.read_bytes() if package.exists() else b"")

    def edit(self) -> None:
        """One random edit; every fifth one in the way that has come up least."""
        rarest = min(self._ways, key=lambda way: self.times[way.__name__])
        what = rarest() if len(self.done) % 5 == 4 else None
        way = rarest
        while what is None:
            (way,) = self.random.choices(list(self._ways), list(self._ways.values()))
            what = way()
        self.times[way.__name__] += 1
        self.done.append(what)
        self._states.append(self.state())

    # Edits of one file

    def _edit(self) -> str | None:
        return self._exchange("", same_size=False)

    def _edit_settings(self) -> str | None:
        return self._exchange("", same_size=False, path=self.random.choice(SETTINGS))

    def _edit_same_size(self) -> str | None:
        return self._exchange("to the same size", same_size=True)

    def _edit_within_a_second(self) -> str | None:
        def other_moment(mtime: int) -> int:
            return mtime - mtime % SECOND + self.random.randrange(SECOND)

        return self._exchange("to the same size in the same second", same_size=True, mtime=other_moment)

    def _edit_with_mtime_put_back(self) -> str | None:
        same_size = self.random.random() < 0.7
        return self._exchange("with its mtime put back", same_size=same_size, mtime=lambda before: before)

    def _exchange(
        self, how: str, *, same_size: bool, mtime: Callable[[int], int] | None = None, path: str = ""
    ) -> str | None:
        path = path or self._some_file()
        if not (self.root / path).is_file():
            return None
        text = (self.root / path).read_text()
        choices = [
            (old, new)
            for fragments in FRAGMENTS
            if (old := max((each for each in fragments if each in text), key=len, default=None)) is not None
            for new in fragments
            if new != old and (len(new) == len(old) or not same_size)
        ]
        if not choices:
            return None
        old, new = self.random.choice(choices)
        before = (self.root / path).stat().st_mtime_ns
        self._write(path, text.replace(old, new, 1))
        if mtime is not None:
            moment = mtime(before)
            os.utime(self.root / path, ns=(moment, moment))
        return f"edit {path} {how}: {old!r} is {new!r}"

    def _heal(self) -> str | None:
        ill = [path for path in self._files() if path in FILES and (self.root / path).read_text() != SOURCE[path]]
        if not ill:
            return None
        path = self.random.choice(ill)
        self._write(path, SOURCE[path])
        return f"heal {path}"

    def _touch(self) -> str:
        path = self._some_file()
        (self.root / path).touch()
        return f"touch {path}"

    def _chmod(self) -> str:
        path = self.random.choice(["app/core.py", "run.sh"])
        if not (self.root / path).exists():
            path = self._some_file()
        mode = stat.S_IMODE((self.root / path).stat().st_mode ^ 0o111)
        (self.root / path).chmod(mode)
        return f"chmod {mode:o} {path}"

    # Edits of the tree

    def _rename(self) -> str | None:
        pair = self.random.choice(list(MOVES.items()))
        old, new = pair if (self.root / pair[0]).exists() else reversed(pair)
        if not (self.root / old).exists() or (self.root / new).exists():
            return None
        (self.root / old).rename(self.root / new)
        return f"rename {old} to {new}"

    def _delete(self) -> str:
        extra = [path for path in EXTRA if (self.root / path).exists()]
        path = self.random.choice(extra or [path for path in self._files() if path not in KEPT])
        (self.root / path).unlink()
        return f"delete {path}"

    def _add(self) -> str:
        moved = {old for old, new in MOVES.items() if (self.root / new).exists()}
        gone = [path for path in FILES if path not in moved and not (self.root / path).exists()]
        path = self.random.choice(gone or list(EXTRA))
        self._write(path, SOURCE[path])
        return f"add {path}"

    def _revert(self) -> str:
        steps = self.random.choice([1, 2, 3, len(self._states)])
        state = self._states[-min(steps, len(self._states))]
        now = self.state()
        for path in now.keys() | state.keys():
            if now.get(path) != state.get(path) and path != SITE:
                self._restore(self.root / path, state.get(path))
        return f"revert all files to what they were {steps} edits ago"

    def _restore(self, target: Path, state: tuple[str, bytes] | None) -> None:
        target.unlink(missing_ok=True)
        if state is None:
            return
        kind, content = state
        if kind == "link":
            target.symlink_to(content.decode())
        else:
            target.write_bytes(content)
            target.chmod(0o644 | int(kind, 8))

    def _swap_link(self) -> str:
        path = self.random.choice(sorted(LINKS))
        link = self.root / path
        target = next(each for each in LINKS[path] if not link.is_symlink() or each != os.readlink(link))
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        return f"link {path} to {target}"

    def _install(self) -> str:
        there = (self.root / SITE / "dependency" / "__init__.py").is_file()
        version = self.random.choice(list(DEPENDENCY) if there else ["1.0"])
        install(self.root, version)
        return f"install version {version} of the dependency"

    def _uninstall(self) -> str:
        install(self.root, None)
        return "uninstall the dependency"

    def _files(self) -> list[str]:
        return [path for path in sorted(SOURCE) if (self.root / path).is_file()]

    def _some_file(self) -> str:
        files = self._files()
        return self.random.choice([*files, *(path for path in files if path in OFTEN for _ in range(3))])

    def _write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
