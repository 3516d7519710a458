"""Deep looks at checks that really run."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import pytest

from ftui.engine.deep import Looked, deep_look
from ftui.errors import FtuiError
from ftui.model import Check, DeepLook, Phase, Spent

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PROGRAM = """\
def slow():
    return sum(i * i for i in range(200_000))

def quick():
    return 1

slow(), quick()
"""


def look(check: Check, root: Path) -> Looked:
    return asyncio.run(deep_look(check, root, os.environ))


def check(*argv: str, **more: object) -> Check:
    return Check(id="mine", adapter="command", argv=argv, **more)  # type: ignore[arg-type]


def test_a_python_program_is_profiled_and_what_takes_longest_comes_first(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    found = look(check(sys.executable, "program.py"), tmp_path)
    assert found.way.startswith("cProfile")
    names = [part.what for part in found.spent]
    slow = next(place for place, name in enumerate(names) if "program.py:1 slow, 1 calls" in name)
    quick = next(place for place, name in enumerate(names) if "program.py:4 quick" in name)
    assert slow < quick
    assert [part.seconds for part in found.spent] == sorted((part.seconds for part in found.spent), reverse=True)


@pytest.mark.skipif(sys.platform == "win32", reason="scripts say there in another way what runs them")
def test_a_script_is_profiled_with_the_python_that_it_is_for(tmp_path: Path) -> None:
    script = tmp_path / "tool"
    script.write_text(f"#!{sys.executable}\n{PROGRAM}raise SystemExit(1)\n")
    script.chmod(0o755)
    found = look(check(str(script)), tmp_path)
    assert any("slow" in part.what for part in found.spent)


def test_a_tool_that_can_tell_is_asked_in_its_own_way(tmp_path: Path) -> None:
    def read(output: str, folder: str) -> Iterable[Spent]:
        with open(os.path.join(folder, "times")) as file:
            yield from (Spent(name, float(seconds)) for name, seconds in map(str.split, file))
        yield Spent(output.strip(), 0.5)

    code = "import sys; open(sys.argv[1][8:], 'w').write('a 1\\nb 2\\n'); print('said')"
    asked = check(sys.executable, "-c", code, deep_look=DeepLook(("--times={scratch}/times",), read))
    found = look(asked, tmp_path)
    assert found.spent == (Spent("b", 2.0), Spent("a", 1.0), Spent("said", 0.5))
    assert found.way == "command itself says"


def test_nothing_is_left_of_it(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    look(check(sys.executable, "program.py"), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["program.py"]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ((sys.executable, "-c", "pass"), "is no Python program, and the adapter command knows no way to ask it"),
        ((sys.executable, "missing.py"), "nothing was told of where the time of mine goes"),
    ],
)
def test_what_cannot_be_told_is_an_error_of_one_line(tmp_path: Path, argv: tuple[str, ...], said: str) -> None:
    with pytest.raises(FtuiError, match=said) as raised:
        look(check(*argv), tmp_path)
    assert "\n" not in str(raised.value)


def test_a_tool_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FtuiError, match="install it"):
        look(check("tool", unavailable="tool is missing: install it"), tmp_path)


def test_a_check_that_writes_files_is_not_run_for_it(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("open('written', 'w')\n")
    with pytest.raises(FtuiError, match="writes files of the tree"):
        look(check(sys.executable, "program.py", phase=Phase.MUTATING), tmp_path)
    assert not (tmp_path / "written").exists()


def test_a_reader_that_raises_and_a_profile_that_is_none_cost_nothing_but_the_look(tmp_path: Path) -> None:
    def read(output: str, folder: str) -> Iterable[Spent]:
        raise ValueError("unreadable")

    with pytest.raises(
        FtuiError, match="adapter command could not read where the time of mine goes: ValueError: unreadable"
    ):
        look(check(sys.executable, "-c", "pass", deep_look=DeepLook((), read)), tmp_path)
    spoiled = "import marshal\nmarshal.dump = lambda value, file: file.write(b'no profile')\n"
    (tmp_path / "program.py").write_text(spoiled)
    with pytest.raises(FtuiError, match="nothing was told"):
        look(check(sys.executable, "program.py"), tmp_path)
