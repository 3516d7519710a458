"""Run by path in the Python that has coverage: holds the coverage data of the last pytest run against the floor.

It stands alone: Python 3.8 is enough, and nothing of ftui is imported. Arguments are those of `coverage json`, but for
`--raise`, which writes a higher floor. It prints one JSON object: `broken` with the reason where the data is no verdict
on this tree, or else `percent`, `floor`, `raised` and `files`.

    FTUI_COVERAGE_NOTE    what our plugin of pytest has written when the data was
    FTUI_COVERAGE_KEY     the key that the result of pytest has now
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

from ftui_pytest_coverage import KEY, NOTE, digest_of  # type: ignore[import-not-found]  # beside this file

if TYPE_CHECKING:
    from typing import Any

FLOOR = ".coverage-floor"
PASSED, FELL, BROKEN = 0, 1, 3
AGAIN = "run `ftui run --force pytest`"


class BrokenError(Exception):
    """There is no verdict; the message says why, and what to do."""


def floor() -> float:
    """The percentage that must be reached; -1 where nobody has said."""
    try:
        with open(FLOOR, encoding="utf-8") as stream:
            text = stream.read(100).strip()
    except FileNotFoundError:
        return -1.0
    except (OSError, ValueError) as problem:
        raise BrokenError(f"{FLOOR} cannot be read: {problem}") from None
    try:
        number = float(text.rstrip("%"))
    except ValueError:
        number = math.nan
    if not 0 <= number <= 100:
        raise BrokenError(f"{FLOOR} must hold a percentage from 0 to 100")
    return number


def data_file() -> str:
    """The file with the data of the last run of pytest, if it is one of all tests on just this tree."""
    if not NOTE or not KEY or KEY.startswith("{"):
        raise BrokenError("which tree the data is of cannot be told: there is no check pytest whose results are cached")
    try:
        with open(NOTE, encoding="utf-8") as stream:
            note = json.load(stream)
    except (OSError, ValueError):
        why = f"pytest has written no coverage data: give it `--cov` of pytest-cov in addopts, and {AGAIN}"
        raise BrokenError(why) from None
    if note["key"] != KEY:
        raise BrokenError(f"the coverage data is of another tree: {AGAIN}")
    if note["narrowed"]:
        raise BrokenError(f"the coverage data is of a part of the tests ({note['narrowed']}): {AGAIN} with all of them")
    if not note["sha256"] or digest_of(note["data"]) != note["sha256"]:
        raise BrokenError(f"{os.path.basename(note['data'])} was written by another run since: {AGAIN}")
    changed = sorted(path for path, digest in note["sources"].items() if digest_of(path) != digest)
    if changed:
        raise BrokenError(f"{os.path.relpath(changed[0])} has changed since it was measured: {AGAIN}")
    return str(note["data"])


def report(data: str, arguments: list[str]) -> Any:
    """What `coverage json` says."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "coverage.json")
        argv = [sys.executable, "-m", "coverage", "json", "-q", "-o", path, "--data-file", data, "--fail-under", "0"]
        argv += arguments
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode or not os.path.exists(path):
            words = (done.stdout + done.stderr).strip().splitlines() or ["no report"]
            raise BrokenError(f"coverage json (exit code {done.returncode}): {words[-1]}")
        with open(path, encoding="utf-8") as stream:
            return json.load(stream)


def write(text: str) -> None:
    """Puts a new floor in place of the old one; a link in the tree that has its name is not followed."""
    new = FLOOR + ".new"
    if os.path.lexists(new):
        os.unlink(new)
    with open(new, "x", encoding="utf-8") as stream:
        stream.write(text)
    os.replace(new, FLOOR)


def judged(arguments: list[str], *, may_raise: bool) -> dict[str, Any]:
    """The verdict."""
    least = floor()
    if least < 0 and not may_raise:
        raise BrokenError(f"there is no floor: write a percentage to {FLOOR}, or set checks.coverage.fix")
    found = report(data_file(), arguments)
    totals = found["totals"]
    if not totals["num_statements"]:
        raise BrokenError("no statement was measured")
    percent = float(totals["percent_covered"])
    reached = math.floor(percent * 100 + 1e-6) / 100
    raised = may_raise and reached > least
    if raised:
        write(f"{reached:g}\n")
    files = [_file(path, each) for path, each in found["files"].items() if each["missing_lines"]]
    return {"percent": percent, "floor": max(least, 0.0), "raised": raised, "files": files}


def _file(path: str, each: Any) -> dict[str, object]:
    summary = each["summary"]
    return {
        "path": path,
        "statements": summary["num_statements"],
        "percent": summary["percent_covered"],
        "missing": each["missing_lines"],
    }


if __name__ == "__main__":
    given = [word for word in sys.argv[1:] if word != "--raise"]
    try:
        answer = judged(given, may_raise=len(given) < len(sys.argv) - 1)
    except BrokenError as problem:
        sys.stdout.write(json.dumps({"broken": str(problem)}) + "\n")
        sys.exit(BROKEN)
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.exit(PASSED if answer["percent"] + 1e-6 >= answer["floor"] else FELL)
