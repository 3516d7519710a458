"""A `Project` made of a plain folder."""

from __future__ import annotations

import configparser
import shutil
import tomllib
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pathspec

from ftui.hookspecs import Tool
from ftui.model import CheckConfig
from tests.adapters.kit import TOOLS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Folder:
    """Every file below `root`, and what the user configured.

    Args:
        root: absolute path.
        checks: the user's configuration by check id.
        without: names of tools that are not to be found.
    """

    def __init__(
        self, root: Path, checks: Mapping[str, CheckConfig] | None = None, *, without: Sequence[str] = ()
    ) -> None:
        self.root = root
        self.checks = checks or {}
        self._without = without
        self.files = sorted(
            path.relative_to(root).as_posix()
            for path in root.rglob("*")
            if path.is_file() and not {".venv", "node_modules"} & set(path.parts)
        )

    def options(self, check_id: str) -> CheckConfig:
        return self.checks.get(check_id, CheckConfig())

    def has(self, *patterns: str) -> bool:
        return bool(self.matching(*patterns))

    def matching(self, *patterns: str) -> Sequence[str]:
        spec = pathspec.PathSpec.from_lines("gitignore", patterns)
        return list(spec.match_files(self.files))

    def text(self, path: str) -> str | None:
        file = self.root / path
        return file.read_text(encoding="utf-8") if file.is_file() else None

    def toml(self, path: str) -> Mapping[str, object]:
        try:
            return tomllib.loads(self.text(path) or "")
        except tomllib.TOMLDecodeError:
            return {}

    def json(self, path: str) -> Mapping[str, object]:
        try:
            return msgspec.json.decode(self.text(path) or "{}", type=dict[str, object])
        except msgspec.DecodeError:
            return {}

    def ini(self, path: str) -> Mapping[str, Mapping[str, str]]:
        parser = configparser.RawConfigParser(strict=False)
        parser.read_string(self.text(path) or "")
        return {name: dict(parser[name]) for name in parser.sections()}

    def tool(self, name: str) -> Tool | None:
        if name in self._without:
            return None
        places = {".venv": self.root / ".venv" / "bin", "node_modules": self.root / "node_modules" / ".bin"}
        for origin, folder in places.items():
            if (folder / name).exists():
                return Tool(path=str(folder / name), origin=origin)
        found = shutil.which(name, path=str(TOOLS)) or shutil.which(name)
        if found is None:
            return None
        try:
            version: str | None = metadata.version(name)
        except metadata.PackageNotFoundError:
            version = None
        return Tool(path=found, origin="PATH", version=version)
