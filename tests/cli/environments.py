"""Virtual environments made by hand, in no time: with the tools of this one, and with a package to install."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import sys
import sysconfig
from importlib.metadata import distribution, requires
from pathlib import Path

SITE = f".venv/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
DEPENDENCY = {
    "1.0": "def answer(value: int) -> int:\n    return value\n",
    "1.1": "def answer(value: int) -> str:\n    return str(value)\n",
    "2.0": "def answer(value: int) -> int:\n    return value + 1\n",
}


def make_environment(prefix: Path) -> None:
    """A virtual environment with the tools of this one, by links: nothing is downloaded or copied."""
    site = prefix.parent / SITE
    site.mkdir(parents=True)
    programs = prefix / "bin"
    programs.mkdir()
    base = Path(os.path.realpath(sys.executable))
    (prefix / "pyvenv.cfg").write_text(f"home = {base.parent}\ninclude-system-site-packages = false\n")
    (programs / "python").symlink_to(base)
    for entry in sorted(_top_level_entries("pytest", "mypy", "ruff")):
        (site / entry.name).symlink_to(entry)
    for tool in ("pytest", "mypy"):
        (script,) = distribution(tool).entry_points.select(group="console_scripts", name=tool)
        call = f"import sys\nfrom {script.module} import {script.attr}\nsys.exit({script.attr}())\n"
        (programs / tool).write_text(f"#!{programs / 'python'}\n{call}")
        (programs / tool).chmod(0o755)
    (programs / "ruff").symlink_to(Path(sysconfig.get_path("scripts"), "ruff"))


def _top_level_entries(*names: str) -> set[Path]:
    """What distributions, and all that they require, have in site-packages."""
    site = Path(sysconfig.get_path("purelib"))
    found: set[Path] = set()
    pending, seen = list(names), set()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            files = distribution(name).files or []
        except ModuleNotFoundError:
            continue  # required for another platform only
        found |= {site / file.parts[0] for file in files if file.parts[0] not in ("..", "__pycache__")}
        pending += [re.split(r"[^\w.-]", each)[0] for each in requires(name) or [] if "extra ==" not in each]
    return found


def install(root: Path, version: str | None) -> None:
    """Installs a version of the dependency as an installer does, or removes it where there is none."""
    site = root / SITE
    for old in (site / "dependency", *site.glob("dependency-*.dist-info")):
        shutil.rmtree(old, ignore_errors=True)
    if version is None:
        return
    module = DEPENDENCY[version].encode()
    info = f"dependency-{version}.dist-info"
    (site / "dependency").mkdir()
    (site / "dependency" / "__init__.py").write_bytes(module)
    (site / "dependency" / "py.typed").touch()
    (site / info).mkdir()
    (site / info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: dependency\nVersion: {version}\n")
    digest = base64.urlsafe_b64encode(hashlib.sha256(module).digest()).decode().rstrip("=")
    record = f"dependency/__init__.py,sha256={digest},{len(module)}\ndependency/py.typed,,\n{info}/RECORD,,\n"
    (site / info / "RECORD").write_text(record)
