"""Workspaces: which there are, and what each may read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftui.adapters import _node
from ftui.tree import Globs
from tests.adapters.kit import InMemory, project_at, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

A, B, C = "packages/a", "packages/b", "packages/c"


def package(name: str, **fields: object) -> str:
    return json.dumps({"name": name, **fields})


def made(root: Path, files: Mapping[str, str], **of_root: object) -> Path:
    """Three workspaces, of which the first depends on the second."""
    write(
        root,
        {
            "package.json": package("root", **{"workspaces": ["packages/*"], **of_root}),
            f"{A}/package.json": package("@x/a", dependencies={"@x/b": "*"}),
            f"{B}/package.json": package("@x/b"),
            f"{C}/package.json": package("@x/c"),
            **files,
        },
    )
    return root


def folders(root: Path, tool: str = "npm") -> list[str]:
    return [each.folder for each in _node.packages(project_at(root), tool)]


def read_by(root: Path, folder: str) -> set[str]:
    """The workspaces of which a file may change the verdict of the scripts in a folder."""
    project = project_at(root)
    known = _node.packages(project, "npm")
    reads = Globs(_node.inputs(project, known)[folder])
    assert all(map(reads.matches, ("package.json", "package-lock.json", "shared/x.ts", "packages/notes.md")))
    return {each.folder for each in known[1:] if reads.matches(f"{each.folder}/src/x.ts")}


# Which there are


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["packages/*"], [".", A, B, C]),
        (["./packages/b", "packages/a/"], [".", A, B]),
        (["packages/**"], [".", A, f"{A}/deep", B, C]),
        (["packages/*", "!packages/c"], [".", A, B]),
        (["packages/{a,c}"], [".", A, C]),
        (["*"], [".", "tools"]),
        (["../other/*", "/etc", "", "packages/[", 3, None], ["."]),
        # What is not understood is not understood in part.
        (["packages/*", "packages/+(a|b)"], ["."]),
        (["packages/*", "packages/{a,{b,c}}"], ["."]),
        (["packages/*", "{a,b}" * 10], ["."]),
        ([], ["."]),
        ("packages/*", ["."]),
    ],
)
def test_the_patterns_of_package_json_name_the_folders_with_a_package_json(
    tmp_path: Path, patterns: object, expected: list[str]
) -> None:
    files = dict.fromkeys((f"{A}/deep/package.json", "tools/package.json"), "{}")
    made(tmp_path, {**files, "packages/no/x.js": "", f"{A}/node_modules/z/package.json": "{}"}, workspaces=patterns)
    assert folders(tmp_path) == expected


def test_where_a_workspace_has_workspaces_of_its_own_the_root_is_all(tmp_path: Path) -> None:
    assert folders(made(tmp_path, {f"{C}/package.json": package("@x/c", workspaces=["deep/*"])}), "yarn") == ["."]


def test_yarns_older_form_is_read_too(tmp_path: Path) -> None:
    assert folders(made(tmp_path, {}, workspaces={"packages": ["packages/a"], "nohoist": []})) == [".", A]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("packages:\n  - packages/*\n", [A, B, C]),
        ("# all of them\npackages:\n\n  # those\n  - 'packages/a'  # one\n  - \"packages/b\"\n", [A, B]),
        ("packages:\n- packages/*\n- '!packages/c'\ncatalog:\n  - packages/c\n", [A, B]),
        ("catalog:\n  x: 1\npackages:\r\n  - packages/c\r\n", [C]),
        ("packages:\n  - packages/a", [A]),
        # Written otherwise, it is not read at all rather than in part.
        ("packages: ['packages/*']\n", []),
        ("packages:\n  - packages/a\n  - *all\n", []),
        ("packages:\n  - packages/a\n  - !!str packages/b\n", []),
        ("packages:\n  - packages/a\n  - >\n    packages/b\n", []),
        ("packages:\n  - 'it''s'\n", []),
        ("other:\n  packages:\n    - packages/a\n", []),
        ("", []),
    ],
)
def test_of_pnpm_workspace_yaml_the_plainest_form_is_read(tmp_path: Path, text: str, expected: list[str]) -> None:
    made(tmp_path, {"pnpm-workspace.yaml": text})
    assert folders(tmp_path, "pnpm") == [".", *expected]


def test_more_workspaces_than_anybody_could_look_through_are_left_to_the_root(tmp_path: Path) -> None:
    made(tmp_path, {f"packages/{number}/package.json": "{}" for number in range(_node.MOST_WORKSPACES)})
    assert folders(tmp_path) == ["."]


# What each may read


def test_a_workspace_reads_itself_what_it_depends_on_and_all_that_lies_in_none(tmp_path: Path) -> None:
    made(tmp_path, {})
    assert read_by(tmp_path, A) == {A, B}
    assert read_by(tmp_path, B) == {B}
    assert read_by(tmp_path, ".") == {A, B, C}


def test_what_the_others_depend_on_counts_however_far_off(tmp_path: Path) -> None:
    made(tmp_path, {f"{B}/package.json": package("@x/b", peerDependencies={"@x/c": "*"})})
    assert read_by(tmp_path, A) == {A, B, C}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (f"{B}/tsconfig.json", '{"extends": "@x/c/tsconfig.json"}'),
        (f"{B}/tsconfig.json", '{"references": [{"path": "../c"}]}'),
        (f"{B}/.eslintrc", "extends: '@x/c'\n"),
        (f"{B}/vite.config.ts", "alias: { c: resolve(__dirname, '../c/src') }"),
        (f"{B}/test/vite.config.ts", "alias: { c: resolve(root, '../c/src') }"),
        (f"{B}/jest.config.js", "roots: ['<rootDir>', '<rootDir>/../c']"),
        (f"{B}/webpack.config.js", "path.join(__dirname, '..', name)"),
        (f"{B}/package.json", package("@x/b", scripts={"test": "jest --config ../c/jest.config.js"})),
        (f"{B}/package.json", package("@x/b", prettier="@x/c/prettier")),
        ("package.json", package("root", workspaces=["packages/*"], devDependencies={"@x/c": "*"})),
        (".eslintrc.json", '{"extends": ["@x/c"]}'),
        (".eslintrc.yml", "extends: '@x/c'\n"),
        (".prettierrc", "@x/c\n"),
        ("config/babel.config.js", "module.exports = require('@x/c')"),
        (f"{B}/src/deep/x.ts", "import { c } from '../../../c/src/val'"),
        (f"{B}/src/x.test.jsx", "import c from '@x/c/val'"),
        (f"{B}/test/x.mjs", "readFileSync('../c/data.txt')"),
        (f"{B}/x.cjs", "require(require('path').join(__dirname, '..', 'c', 'val.js'))"),
        ("tools/helper.js", "module.exports = require('../packages/c/val.js')"),
    ],
)
def test_settings_and_code_that_lead_to_a_workspace_count(tmp_path: Path, path: str, text: str) -> None:
    made(tmp_path, {path: text})
    assert C in read_by(tmp_path, B)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tsconfig.base.json", '{"compilerOptions": {"paths": {"@x/*": ["packages/*/src"]}}}'),
        ("jest.config.js", "moduleNameMapper: { '@x/(.*)': '<rootDir>/packages/$1' }"),
        (
            "package.json",
            package("root", workspaces=["packages/*"], jest={"moduleNameMapper": {"x": "<rootDir>/packages/c"}}),
        ),
    ],
)
def test_where_the_root_gives_other_names_to_folders_each_may_read_all(tmp_path: Path, path: str, text: str) -> None:
    made(tmp_path, {path: text})
    assert read_by(tmp_path, B) == {A, B, C}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (f"{B}/tsconfig.json", '{"extends": "../../tsconfig.base.json", "include": ["./src/**"]}'),
        (f"{B}/jest.config.js", "module.exports = {...base, x: [...rest]}"),
        ("package.json", package("root", workspaces=["packages/c", "packages/*"], scripts={"c": "x packages/c"})),
        ("tsconfig.json", '{"references": [{"path": "packages/c"}]}'),
    ],
)
def test_settings_that_lead_to_none_do_not(tmp_path: Path, path: str, text: str) -> None:
    made(tmp_path, {path: text})
    assert read_by(tmp_path, B) == {B}


def test_a_workspace_within_another_is_read_by_itself_and_by_that_one(tmp_path: Path) -> None:
    made(tmp_path, {f"{A}/deep/package.json": package("deep")}, workspaces=["packages/**"])
    assert read_by(tmp_path, f"{A}/deep") == {f"{A}/deep"}
    assert f"{A}/deep" in read_by(tmp_path, A)


def test_what_others_have_built_counts_though_git_ignores_it_and_what_oneself_has_does_not(tmp_path: Path) -> None:
    exports = {".": {"import": "./esm/index.js", "require": ["./cjs/index.cjs"]}, "./x": "./src/x.js"}
    of_b = package("@x/b", main="dist/index.js", exports=exports, bin="../up/x")
    made(tmp_path, {f"{B}/package.json": of_b, f"{B}/src/x.js": ""}, main="build/x.js")
    project = project_at(tmp_path)
    reads = _node.inputs(project, _node.packages(project, "npm"))
    built = {f"/{B}/{name}/**" for name in ("dist", "esm", "cjs")}
    assert set(reads[A]) == {"**", f"!/{C}/**", f"/{A}/**", f"/{B}/**", *built, "!/build/**"}
    assert set(reads[B]) == {"**", f"!/{A}/**", f"!/{C}/**", f"/{B}/**", *(f"!{each}" for each in built), "!/build/**"}
    assert set(reads["."]) == {"**", *(f"!{each}" for each in built), "!/build/**"}


def test_names_that_are_patterns_mean_themselves(tmp_path: Path) -> None:
    files = {f"packages/{name}/package.json": package(f"@y/{name}") for name in ("[q]", "q")}
    made(tmp_path, files)
    assert read_by(tmp_path, "packages/[q]") == {"packages/[q]"}
    assert read_by(tmp_path, "packages/q") == {"packages/q"}


@st.composite
def graphs(draw: st.DrawFn) -> dict[int, set[int]]:
    """Which of a few workspaces names which others, circles included."""
    count = draw(st.integers(1, 6))
    number = st.integers(0, count - 1)
    return {each: draw(st.sets(number, max_size=3)) for each in range(count)}


@pytest.mark.parametrize(
    "text",
    [
        "import x from '..'",
        "import x from '../index.js'",
        "const y = {...x}; f(...z)",
        "// see c, or ../../README",
        "'c/x'",
    ],
)
def test_code_that_stays_within_its_workspace_leads_nowhere(tmp_path: Path, text: str) -> None:
    made(tmp_path, {f"{B}/src/deep/x.js": text})
    assert read_by(tmp_path, B) == {B}


def test_with_more_code_than_is_read_every_workspace_may_read_every_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path, {f"{B}/src/x.js": "", f"{B}/src/y.js": ""})
    assert read_by(tmp_path, B) == {B}
    monkeypatch.setattr(_node, "_MOST_CODE", 1)
    assert read_by(tmp_path, B) == {A, B, C}


SETTINGS = {
    "package.json": "",
    "tsconfig.json": '{{"references": [{{"path": "../w{other}"}}]}}',
    "vite.config.ts": "alias: {{ x: '../w{other}/src/index.ts' }}",
    ".eslintrc.yml": "extends: '@x/{other}/base'",
}
"""Files in which a workspace may say that it reads another, and how."""


@settings(deadline=None)
@given(graphs(), st.data())
def test_no_workspace_misses_an_edit_of_what_it_depends_on_however_far_off(
    graph: dict[int, set[int]], data: st.DataObject
) -> None:
    files = {"package.json": package("root", workspaces=["packages/*"])}
    for each, others in graph.items():
        ways = {other: data.draw(st.sampled_from(list(SETTINGS))) for other in others}
        named = {f"@x/{other}": "*" for other, way in ways.items() if way == "package.json"}
        files[f"packages/w{each}/package.json"] = package(f"@x/{each}", devDependencies=named)
        for name, text in SETTINGS.items():
            lines = [text.format(other=other) for other, way in ways.items() if way == name]
            if name != "package.json" and lines:
                files[f"packages/w{each}/{name}"] = "\n".join(lines)
    project = InMemory(files)
    reads = _node.inputs(project, _node.packages(project, "npm"))
    for start in graph:
        needed, pending = {start}, [start]
        while pending:
            further = graph[pending.pop()] - needed
            needed |= further
            pending += further
        globs = Globs(reads[f"packages/w{start}"])
        assert {other for other in graph if globs.matches(f"packages/w{other}/src/x.ts")} == needed


def test_a_hundred_workspaces_can_be_told_apart(tmp_path: Path) -> None:
    write(tmp_path, {f"packages/p{n}/package.json": package(f"p{n}") for n in range(100)})
    write(tmp_path, {"package.json": package("root", workspaces=["packages/*"])})
    assert read_by(tmp_path, "packages/p7") == {"packages/p7"}
