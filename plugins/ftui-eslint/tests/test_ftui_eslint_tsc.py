"""Which configurations of TypeScript are checked, and how."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import ftui_eslint
from ftui.model import Phase
from ftui_eslint.compiler import jsonc

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ftui.hookspecs import Project
    from ftui.testing import MakeProject, Offers

    Ask = Callable[[Project, object], Offers]

pytest_plugins = ["ftui.testing"]


@pytest.fixture
def offered(project: MakeProject, offers: Ask) -> Callable[..., Offers]:
    """What the plugin offers for files, with tsc installed or not."""

    def ask(files: Mapping[str, str], *, installed: bool = True) -> Offers:
        tools = {"tsc": ""} if installed else {}
        return offers(project(files, tools=tools, without=[] if installed else ["tsc"]), ftui_eslint)

    return ask


def typed(files: Mapping[str, object], *declared: str) -> dict[str, str]:
    """A project with TypeScript and these configurations."""
    texts = {path: text if isinstance(text, str) else json.dumps(text) for path, text in files.items()}
    return {"package.json": json.dumps({"devDependencies": dict.fromkeys(("typescript", *declared), "*")}), **texts}


def test_tsc_reads_its_configuration_and_writes_nothing(offered: Callable[..., Offers]) -> None:
    check = offered(typed({"tsconfig.json": {}})).check("tsc")
    assert check.argv[1:] == (
        *("--project", "tsconfig.json", "--noEmit", "--incremental", "false", "--pretty", "false"),
    )


def test_a_configuration_of_nothing_but_references_stands_for_these(offered: Callable[..., Offers]) -> None:
    solution = """{ // what vite makes
      "files": [], /* nothing "here" */
      "references": [{ "path": "./tsconfig.app.json" }, { "path": "web" },],
    }"""
    files = {"tsconfig.json": solution, "tsconfig.app.json": {}, "web/tsconfig.json": {}, "web/package.json": "{}"}
    found = offered(typed(files))
    assert {name: (check.cwd, check.argv[2]) for name, check in found.checks.items()} == {
        "tsc:tsconfig.app.json": (".", "tsconfig.app.json"),
        "tsc:web": ("web", "tsconfig.json"),
    }


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"tsconfig.json": {"compilerOptions": {"composite": True}}}, "is composite"),
        (
            {"tsconfig.json": {"extends": "./base"}, "base.json": {"compilerOptions": {"composite": True}}},
            "is composite",
        ),
        ({"tsconfig.json": {"references": [{"path": "lib"}]}}, "has references"),
    ],
)
def test_what_tsc_can_only_judge_by_writing_is_left_out_until_it_may(
    offered: Callable[..., Offers], files: dict[str, object], what: str
) -> None:
    assert offered(typed(files)).unused["tsc"] == (
        f"tsconfig.json {what}: `tsc --build` alone can judge it, and writes what it builds: "
        'fix = true under [checks."tsc"] lets it'
    )
    check = offered(typed({**files, "ftui.toml": "[checks.tsc]\nfix = true\n"})).check("tsc")
    assert (check.phase, check.argv[1:4]) == (Phase.MUTATING, ("--build", "tsconfig.json", "--force"))


def test_one_build_stands_for_all_that_references_lead_to(offered: Callable[..., Offers]) -> None:
    files = {
        "tsconfig.json": {"files": [], "references": [{"path": "app"}]},
        "app/tsconfig.json": {"references": [{"path": "../lib/tsconfig.lib.json"}]},
        "lib/tsconfig.lib.json": {"compilerOptions": {"composite": True}},
        "app/package.json": "{}",
        "ftui.toml": "[checks.tsc]\nfix = true\n",
    }
    found = offered(typed(files))
    assert list(found.checks) == ["tsc"]
    left_out = {name: because for name, because in found.unused.items() if name.startswith("tsc")}
    assert left_out == {"tsc:app": "tsc builds it", "tsc:lib/tsconfig.lib.json": "tsc builds it"}


def test_what_a_configuration_names_is_an_input_where_git_ignores_it_too(offered: Callable[..., Offers]) -> None:
    own = {"extends": "./.nuxt/tsconfig.json", "include": ["src", ".next/types/**/*.ts", "../x.ts"]}
    generated = {"files": ["gen.d.ts"], "include": ["not this"]}
    files = {"tsconfig.json": own, ".nuxt/tsconfig.json": generated, "src/a.ts": "", ".gitignore": ".nuxt"}
    found = offered(typed({**files, "eslint.config.js": "", "jest.config.js": ""}))
    for name in ("tsc", "eslint", "jest"):
        rest = [pattern for pattern in found.check(name).inputs if pattern.startswith("/")]
        assert rest == ["/.next/types/**/*.ts", "/.nuxt/gen.d.ts", "/.nuxt/tsconfig.json"]
    assert ".nuxt/tsconfig.json" in found.check("tsc").config_files


def test_a_setting_that_is_taken_back_does_not_count(offered: Callable[..., Offers]) -> None:
    own = {"extends": "./base.json", "compilerOptions": {"composite": False}}
    base = {"extends": "./tsconfig.json", "compilerOptions": {"composite": True}}  # in a circle, too
    assert "tsc" in offered(typed({"tsconfig.json": own, "base.json": base})).checks


def test_a_configuration_that_others_extend_and_that_names_no_files_is_no_check(offered: Callable[..., Offers]) -> None:
    files = {"tsconfig.json": {}, "web/package.json": "{}", "web/tsconfig.json": {"extends": "../tsconfig.json"}}
    found = offered(typed(files))
    assert list(found.checks) == ["tsc:web"]
    assert found.unused["tsc"] == "web/tsconfig.json extends tsconfig.json, which names no files of its own"


def test_a_configuration_outside_of_the_root_that_is_extended_counts(offered: Callable[..., Offers]) -> None:
    check = offered(typed({"tsconfig.json": {"extends": "../base.json"}})).check("tsc")
    assert "../base.json" in check.config_files


@pytest.mark.parametrize("name", ["vue-tsc", "svelte-check", "@astrojs/check"])
def test_tsc_stands_back_where_another_tool_checks_types(offered: Callable[..., Offers], name: str) -> None:
    found = offered(typed({"tsconfig.json": {}}, name))
    assert found.unused["tsc"] == f"{name} in devDependencies of package.json takes its place"


def test_a_tsconfig_without_typescript_is_for_an_editor(offered: Callable[..., Offers]) -> None:
    found = offered({"tsconfig.json": "{}", "package.json": "{}"}, installed=False)
    assert found.unused["tsc"].startswith("tsconfig.json, but typescript is no dependency in package.json")


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ('{"a": "// no comment", "b": "/* nor */,}", /* but this */ "c": [1, 2, ], } // and this', ["a", "b", "c"]),
        ('{"a": "\\"", "b": 1}', ["a", "b"]),
        ('{"a": "unfinished \\', []),
        ("[1]", []),
        ("/*" * 50_000, []),
        ('"\\"' * 50_000 + "\\", []),
        ("[" * 100_000, []),
    ],
    ids=["comments", "quotes", "unfinished", "no object", "open comments", "open strings", "deep"],
)
def test_json_with_comments_is_read_and_anything_else_is_empty(text: str, parsed: list[str]) -> None:
    assert list(jsonc(text)) == parsed
