"""Other runners, each set up with the same checks as ftui.

A runner that is not installed is left out with a line that says how to get it.
"""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

IGNORED = ".stamps/\n.ninja_*\n.doit.db*\n.turbo/\nnode_modules/\n.ruff_cache/\n__pycache__/\n"
"""Lines of a `.gitignore`: what the runners leave in a tree."""

QUIET = {"TURBO_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1", "TURBO_NO_UPDATE_NOTIFIER": "1"}

Checks = Mapping[str, Sequence[str]]
"""Commands by name; a name is letters, digits and hyphens."""


class Peer(Struct, frozen=True):
    """A runner to compare with."""

    name: str
    install: str
    configure: Callable[[Path, Checks, Sequence[str]], None]
    """Writes its configuration into a tree. It gets the checks and the files that all of them depend on; without
    files each run of the runner runs every check."""
    command: Callable[[str, Checks, int], Sequence[str]]
    """Its command line, from its executable, the checks and how many may run at once; 0 leaves that to the runner."""
    note: str = ""

    def find(self, given: str | None = None) -> str | None:
        """Its executable: the given one or that on PATH; None, and a line that says so, where there is none."""
        found = shutil.which(given or self.name)
        if found is None:
            print(f"{given or self.name} is not installed: {self.install}")
        return found


def write_ftui(tree: Path, checks: Checks, inputs: Sequence[str], name: str = "ftui.toml", more: str = "") -> None:
    """ftui's own configuration with the same checks.

    Args:
        tree: where it is written.
        checks: commands by name.
        inputs: patterns of the files that the checks depend on.
        name: of the file.
        more: further lines for each check.
    """
    # A profile of its own keeps out what adapters find in the tree. A list of strings is the same in JSON and TOML.
    lines = ['profile = "bench"', "[profiles]", f"bench = {json.dumps(list(checks))}", ""]
    for check, argv in checks.items():
        lines += [f"[checks.{check}]", f"command = {json.dumps(argv)}", f"inputs = {json.dumps(inputs)}"]
        lines += ['phase = "fast"', more, ""]
    (tree / name).write_text("\n".join(lines))


def _ninja(tree: Path, checks: Checks, files: Sequence[str]) -> None:
    escaped = (file.replace("$", "$$").replace(" ", "$ ").replace(":", "$:") for file in files)
    lines = ["rule check", "  command = $line && touch $out", f"build inputs: phony {' '.join(escaped)}"]
    for check, argv in checks.items():
        lines += [f"build .stamps/{check}: check | inputs", f"  line = {shlex.join(argv).replace('$', '$$')}"]
    if not files:
        lines[1] = "  command = $line"  # what is never made is never up to date
    (tree / "build.ninja").write_text("\n".join(lines) + "\n")
    (tree / ".stamps").mkdir(exist_ok=True)


def _doit(tree: Path, checks: Checks, files: Sequence[str]) -> None:
    (tree / "dodo.py").write_text(
        "import glob\n"
        "DOIT_CONFIG = {'dep_file': '.doit.db', 'verbosity': 0}\n"
        f"FILES = glob.glob('**/*.py', recursive=True) if {bool(files)} else []\n"
        "def task_checks():\n"
        f"    for name, argv in {dict(checks)!r}.items():\n"
        "        yield {'name': name, 'actions': [list(argv)], 'file_dep': FILES}\n"
    )


def _prek(tree: Path, checks: Checks, files: Sequence[str]) -> None:
    hooks = [
        {"id": check, "name": check, "entry": shlex.join(argv), "language": "system", "pass_filenames": False}
        | ({"types": ["python"]} if files else {"always_run": True})
        for check, argv in checks.items()
    ]
    # JSON is YAML; hooks of one priority run side by side.
    repo = {"repo": "local", "hooks": [{**hook, "priority": 0} for hook in hooks]}
    (tree / ".pre-commit-config.yaml").write_text(json.dumps({"repos": [repo]}, indent=1))


def _turbo(tree: Path, checks: Checks, files: Sequence[str]) -> None:
    package = {"name": "bench", "version": "0.0.0", "private": True, "packageManager": "npm@10.8.2"}
    scripts = {check: shlex.join(argv) for check, argv in checks.items()}
    lock = {"name": "bench", "version": "0.0.0", "lockfileVersion": 3, "requires": True}
    task = {"inputs": ["**/*.py"], "outputs": []} if files else {"cache": False}
    (tree / "package.json").write_text(json.dumps({**package, "scripts": scripts}, indent=1))
    (tree / "package-lock.json").write_text(
        json.dumps({**lock, "packages": {"": {"name": "bench", "version": "0.0.0"}}})
    )
    (tree / "turbo.json").write_text(json.dumps({"tasks": dict.fromkeys(checks, task)}, indent=1))


def native_turbo(found: str) -> str:
    """The program behind the script that `npm install turbo` puts on PATH, which would add the start of node."""
    for parent in Path(found).resolve().parents:
        if parent.name == "node_modules":
            return next((str(path) for path in parent.glob("@turbo/*/bin/turbo*")), found)
    return found


NINJA = Peer(
    "ninja",
    "apt-get install ninja-build, or pip install ninja",
    _ninja,
    lambda program, checks, wide: (program, "--quiet", *([f"-j{wide}"] if wide else [])),
    "times only, sees no new file",
)
DOIT = Peer(
    "doit",
    "pip install doit",
    _doit,
    lambda program, checks, wide: (program, "run", *(["-n", str(wide)] if wide else [])),
    "times, then md5",
)
PREK = Peer(
    "prek",
    "pip install prek",
    _prek,
    lambda program, checks, wide: (program, "run"),
    "keeps no results; nothing is staged",
)
TURBO = Peer(
    "turbo",
    "npm install turbo",
    _turbo,
    lambda program, checks, wide: (native_turbo(program), "run", *checks, *([f"--concurrency={wide}"] if wide else [])),
    "contents",
)
