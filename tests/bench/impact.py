"""Whether the tests that run ahead are all of those whose verdict an edit changes, and how many they are.

Real packages from the package index, with their own tests; for each, thirty small edits drawn from a seed: an operator
is turned round, a constant is another one, a function returns nothing, a byte of a data file is another one. Of thirty
edits eighteen are to sources, seven to tests, three to data files of the package or its tests, two to conftest.py;
larger files are drawn more often, and sources stand in where there are no files of a kind. All tests run by plain
pytest before and after each edit; every test whose outcome differs has to be among those that the plugin would choose.

What has no verdict as a whole (a mutant that never ends, or that pytest cannot start with) is drawn anew, and so is an
edit after which tests differ that differ without one as well. A test that is not there any more, because its file
cannot be loaded, counts as changed.

Run: python -m tests.bench.impact [--edits 30] [--only humanize] [--seed 1]
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.adapters.impacted import Effect, Project, effect_of, mutated, mutated_data
from tests.cli.test_real_packages import unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Each with arguments for its tests: click's warn under newer versions of pytest, and those of its pager are flaky.
PACKAGES = {
    "humanize==4.12.3": (),
    "tinycss2==1.3.0": (),
    "more-itertools==10.7.0": (),
    "click==8.2.1": ("-W", "ignore::pytest.PytestRemovedIn10Warning", "-k", "not echo_via_pager"),
}
KINDS = (("source", 18), ("test", 7), ("data", 3), ("conftest", 2))
MOST_CHOSEN = 0.3
"""The median share of the tests that may be chosen, of a package whose tests are about its parts."""
PARTED = 3
"""Packages for which it has to hold; in click half of the tests run nearly all of what is edited."""


class Package:
    """A package with its tests, all of which have been observed.

    Args:
        requirement: as for pip.
        folder: an empty one to work in.
    """

    def __init__(self, requirement: str, folder: Path) -> None:
        self.name = requirement.partition("==")[0]
        self.root, site = unpacked(requirement, folder)
        self._sources = self.root / "src" if (self.root / "src").is_dir() else self.root
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join((str(self._sources), str(site)))}
        environ["PYTHONDONTWRITEBYTECODE"] = "1"
        (folder / "kept").mkdir()
        self.project = Project(self.root, folder / "kept", environ, PACKAGES[requirement])
        self.before, self.plain_s = self._timed()
        began = time.perf_counter()
        observed = self.project.observe()
        self.observed_s = time.perf_counter() - began
        assert observed == self.before, "a test ends otherwise when it is observed"
        assert not self.project.chosen(list(self.before)), "a test is chosen without an edit"

    def _timed(self) -> tuple[dict[str, str], float]:
        self.project.verdicts()
        began = time.perf_counter()
        found = self.project.verdicts()
        assert found, "there is no verdict on the tests"
        return found, time.perf_counter() - began

    def files(self) -> dict[str, list[str]]:
        """The files that are edited, by kind."""
        done = subprocess.run(["git", "ls-files"], cwd=self.root, capture_output=True, text=True, check=True)
        listed = [path for path in done.stdout.splitlines() if (self.root / path).is_file()]
        package = self.name.replace("-", "_")
        top = f"src/{package}/" if self._sources != self.root else f"{package}/"
        tested = [path for path in listed if path.startswith("tests/") and "/typing/" not in path]
        conftest = [path for path in tested if path.endswith("conftest.py")]
        sources = [path for path in listed if path.startswith(top)]
        return {
            "source": [path for path in sources if path.endswith(".py")],
            "test": [path for path in tested if path.endswith(".py") and path not in conftest],
            "data": [path for path in (*sources, *tested) if not path.endswith((".py", ".pyi", ".typed"))],
            "conftest": conftest,
        }

    def effects(self, edits: int, seed: int) -> Iterator[Effect]:
        """Edits one file after the other, and takes each edit back."""
        draw, files = random.Random(f"{self.name} {seed}"), self.files()
        kinds = [kind for kind, count in KINDS for _ in range(count)]
        draw.shuffle(kinds)
        done = 0
        while done < edits:
            paths = files[kinds[done % len(kinds)]] or files["source"]
            path = self.root / draw.choices(paths, [(self.root / each).stat().st_size + 1 for each in paths])[0]
            content = path.read_bytes()
            edited = _edited(path, content, draw)
            if edited is None:
                continue
            path.write_bytes(edited[0])
            try:
                effect = effect_of(self.project, self.before, f"{path.relative_to(self.root)}:{edited[1]}")
            finally:
                path.write_bytes(content)
            if effect is None or (effect.missed and self.project.verdicts() != self.before):
                print(f"  drawn anew: {path.relative_to(self.root)}:{edited[1]}", flush=True)
                continue
            done += 1
            yield effect


def _edited(path: Path, content: bytes, draw: random.Random) -> tuple[bytes, str] | None:
    if path.suffix == ".py":
        change = mutated(content.decode(), draw)
        return None if change is None else (change[0].encode(), change[1])
    data = mutated_data(content, draw)
    return None if data is None else (data, " a byte")


def summary(name: str, effects: Sequence[Effect]) -> tuple[str, int, float]:
    """A line on a package, the tests that were missed, and the median share of those that were chosen."""
    shares = [effect.share for effect in effects]
    missed = sum(len(effect.missed) for effect in effects)
    told = sum(1 for effect in effects if effect.changed)
    median = statistics.median(shares)
    line = (
        f"{name:<10} {effects[0].tests:>6} {len(effects):>6} {told:>9} {sum(e.changed for e in effects):>8} "
        f"{missed:>7} {median:>8.1%} {statistics.mean(shares):>8.1%} {sum(s == 1 for s in shares):>5}"
    )
    return line, missed, median


def main() -> int:
    """Prints each edit and a table; exits with 1 where anything was missed, or too much chosen in too many packages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=30)
    parser.add_argument("--only", action="append")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    lines, missed, parted = [], 0, 0
    for requirement in PACKAGES:
        if options.only and requirement.partition("==")[0] not in options.only:
            continue
        with tempfile.TemporaryDirectory() as folder:
            package = Package(requirement, Path(folder))
            print(
                f"{requirement}: {len(package.before)} tests in {package.plain_s:.1f} s, "
                f"{package.observed_s:.1f} s when each is observed",
                flush=True,
            )
            effects = []
            for effect in package.effects(options.edits, options.seed):
                effects.append(effect)
                shown = f"{effect.chosen:>5} chosen {effect.share:>7.1%} {effect.changed:>5} changed"
                print(f"  {shown} {len(effect.missed):>3} missed  {effect.edit}", *effect.missed[:5], flush=True)
            line, missed_here, median = summary(package.name, effects)
            lines.append(line)
            missed += missed_here
            parted += median < MOST_CHOSEN
    titles = ("tests", "edits", "with any", "changed", "missed", "median", "mean", "all")
    print(f"\n{'package':<10} " + " ".join(f"{t:>{w}}" for t, w in zip(titles, (6, 6, 9, 8, 7, 8, 8, 5), strict=True)))
    print(*lines, sep="\n")
    return 0 if not missed and parted >= min(PARTED, len(lines)) else 1


if __name__ == "__main__":
    sys.exit(main())
