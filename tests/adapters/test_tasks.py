"""Files of other task runners: whatever is in them, they are read without harm."""

from __future__ import annotations

import json
from importlib import import_module

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftui.model import CheckConfig
from tests.adapters.kit import InMemory, checks_of

PIECES = (
    *(
        "test",
        "lint",
        "check",
        ":",
        "::",
        ":=",
        "=",
        "\n",
        "\n\t",
        "\n    ",
        "\\\n",
        " ",
        ",",
        "{",
        "}",
        "{a,b}",
        "(",
        ")",
    ),
    *(
        "'",
        '"',
        "[",
        "]",
        "#",
        "@",
        "$(MAKE) ",
        "clean",
        "[tox]\nenvlist=",
        "[testenv:a]",
        "env_list = ",
        "define",
        "endef",
    ),
    *(
        "def ",
        "@nox.session\n",
        "(s): ...\n",
        "&&",
        "|",
        ";",
        "run-p ",
        "npm run ",
        "concurrently ",
        "-c ",
        "sh ",
        "*",
        "\0",
    ),
)
text = st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=40)

FILES = {
    "make": "Makefile",
    "just": "justfile",
    "nox": "noxfile.py",
    "tox": "tox.ini",
    "npm": "package.json",
}


@pytest.mark.parametrize("adapter", FILES)
@settings(deadline=None)
@given(content=text, asked=st.booleans())
def test_whatever_stands_in_the_file_there_is_an_answer(adapter: str, content: str, asked: bool) -> None:
    files = {FILES[adapter]: content, "pyproject.toml": "[tool.tox]\nlegacy_tox_ini = '''\n[tox]\nenvlist = a\n'''"}
    if adapter == "npm":
        scripts = {"test": content, "lint": f"npm run test && {content}", content: "jest"}
        files["package.json"] = json.dumps({"name": content, "scripts": scripts, "workspaces": [content, "p/*"]})
        files["p/a/package.json"] = json.dumps({"name": content, "scripts": scripts, "main": content})
        files["p/a/tsconfig.json"] = content
        files["pnpm-workspace.yaml"] = f"packages:\n  - {content}\n"
    checks = {f"{adapter}:test": CheckConfig()} if asked else {}
    found = checks_of(import_module(f"ftui.adapters.{adapter}"), InMemory(files, checks))
    assert all(item.adapter == adapter and item.id.startswith(adapter) for item in found.values())
    assert found
