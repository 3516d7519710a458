"""Lets the tests of every plugin import its module; on its own, a plugin's pyproject.toml does so."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(path.parent) for path in sorted(Path(__file__).parent.glob("*/pyproject.toml"))]
