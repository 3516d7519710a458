"""However much and whatever a tool prints: bounded memory, first and last lines kept, the terminal left alone."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import NO_RUFF, Ftui, python_check

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Project = Callable[[str], Path]

MEGABYTE = 1024 * 1024

# Runs ftui inside itself and says at the end how large that process ever was.
MEASURED = """
import sys
from ftui.cli import main
code = main(sys.argv[1:])
# Not ru_maxrss: that of a child begins with the size of the process that started it.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print("PEAK", int(peak.split()[1]) * 1024, file=sys.stderr)
sys.exit(code)
"""

LINES = "import sys\nfor i in range(1_000_000): sys.stdout.write(f'line {i}\\n')\nsys.exit(1)"
ONE_LINE = "import sys\nsys.stdout.write('first' + 'x' * 50_000_000 + 'last')\nsys.exit(1)"
BYTES = "import sys\nsys.stdout.buffer.write(b'first' + bytes(range(128, 256)) * 100_000 + b'last')\nsys.exit(1)"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("output", ["text", "ndjson", "json"])
@pytest.mark.parametrize(
    ("code", "first", "last"),
    [(LINES, "line 0\n", "line 999999\n"), (ONE_LINE, "firstx", "xlast"), (BYTES, "first", "last")],
    ids=["a million lines", "one line of 50 MB", "invalid UTF-8"],
)
def test_a_flood_costs_less_than_100_mb_and_keeps_its_ends(
    ftui: Ftui,
    project: Project,
    tmp_path_factory: pytest.TempPathFactory,
    output: str,
    code: str,
    first: str,
    last: str,
) -> None:
    import subprocess

    root = project(python_check("flood", code))
    record = tmp_path_factory.mktemp("out") / "out"
    with record.open("wb") as out:
        process = subprocess.run(
            [sys.executable, "-c", MEASURED, "run", "--format", output],
            cwd=root,
            env=ftui.environ,
            stdout=out,
            stderr=subprocess.PIPE,
            check=False,
            timeout=120,
        )
    assert process.returncode == 1, process.stderr
    peak = int(re.search(rb"PEAK (\d+)", process.stderr)[1])  # type: ignore[index]
    assert peak < 100 * MEGABYTE
    if output == "ndjson":
        shown = record.read_text().replace("\\n", "\n")
        assert first in shown
        assert last in shown


HOSTILE = (
    "\\x1b]0;owned\\x07\\x1b]52;c;b3duZWQ=\\x07\\x1b[2J\\x1b[?1049h\\x1b[6n\\x1bPq#0\\x1b\\\\\\x9b31m\\x1bc"
    "\\x1b[31mred\\x1b[0m visible\\r\\b\\x00"
)


def escapes(text: str) -> set[str]:
    """Every escape sequence in a text, colours left out."""
    return {found for found in re.findall(r"[\x1b\x9b\x90\x9d].{0,8}", text) if not re.match(r"\x1b\[[\d;]*m", found)}


@pytest.mark.parametrize("output", ["text", "ndjson", "json"])
def test_no_escape_but_colour_reaches_the_terminal(ftui: Ftui, project: Project, output: str) -> None:
    root = project(NO_RUFF + f"[checks.hostile]\ncommand = ['{sys.executable}', 'hostile.py']\n")
    (root / "hostile.py").write_text(f"print('{HOSTILE}')\nraise SystemExit(1)")
    answer = ftui("run", "--format", output, cwd=root)
    assert answer.code == 1
    assert "owned" not in answer.out
    assert escapes(answer.out) == set()
    assert not re.search(r"\\u00(1b|9b|08|00)(?!\[[\d;]*m)", answer.out)
    if output != "json":
        assert "visible" in answer.out
