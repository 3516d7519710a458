"""Which scripts of package.json never end."""

from __future__ import annotations

import pytest

from ftui.adapters._endless import commands, endless

OTHERS = {"w": "tsc -w", "watch-css": "sass --watch a b", "lint": "eslint ."}


@pytest.mark.parametrize(
    ("script", "command"),
    [
        ("vite", "vite"),
        ("vite --port 80", "vite --port 80"),
        ("vite dev", "vite dev"),
        ("next dev", "next dev"),
        ("webpack serve --open", "webpack serve --open"),
        ("vitest watch", "vitest watch"),
        ("vitest -w", "vitest -w"),
        ("vitest --watch", "vitest --watch"),
        ("jest --watch", "jest --watch"),
        ("jest --watchAll=true", "jest --watchAll=true"),
        ("tsc -b -w", "tsc -b -w"),
        ("node --watch --test", "node --watch --test"),
        ("a-tool-of-ours --watch src", "a-tool-of-ours --watch src"),
        ("nodemon", "nodemon"),
        ("eslint . && tsc --watch", "tsc --watch"),
        ("tsc & vite", "vite"),
        ("(cd a && tsc -w)", "tsc -w"),
        ("A=1 cross-env B='x y' npx --yes nodemon x", "nodemon x"),
        ("./node_modules/.bin/tsc -w", "tsc -w"),
        ("pnpm exec vite", "vite"),
        ("sh -c 'tsc -w'", "tsc -w"),
        ("npm run w", "tsc -w"),
        ("npm run -s w -- --x", "tsc -w"),
        ("pnpm w", "tsc -w"),
        ("yarn run w", "tsc -w"),
        ("bun run w", "tsc -w"),
        ("npm-run-all lint w", "tsc -w"),
        ("run-p 'watch-*'", "sass --watch a b"),
        ("run-s lint 'w -- --x'", "tsc -w"),
        ('concurrently "npm:watch-*" "eslint ."', "sass --watch a b"),
        ("concurrently 'npm run w' vitest", "tsc -w"),
        ("concurrently \"sh -c 'vite'\"", "vite"),
        ("npm run again", "tsc -w"),
        ("'an open quotation && tsc -w", "tsc -w"),
    ],
)
def test_what_watches_or_serves_is_found_however_many_scripts_lie_before_it(script: str, command: str) -> None:
    assert endless("test", {"test": script, "again": "yarn test; pnpm w", **OTHERS}) == command


@pytest.mark.parametrize(
    "script",
    [
        "vitest",  # where CI=1 is set it runs once
        "vitest run",
        "vitest --watch=false",
        "vite build",
        "next build",
        "webpack",
        "jest",
        "jest -w 2",  # a number of workers
        "jest --watchAll=false",
        "jest --watchman",
        "tsc --watch false",
        "tsc --noEmit",
        "node w.js",
        "echo vite",
        "grep -w vite",
        "vite --version",
        "npm run lint",
        "npm run not-there",
        "npm test",
        "concurrently -k 'npm run w' 'playwright test'",  # the tests end it
        "run-p --race w lint",
        "start-server-and-test w http://localhost 'playwright test'",
        "",
        "&& |",
    ],
)
def test_what_ends_is_not(script: str) -> None:
    assert endless("test", {"test": script, **OTHERS}) is None


def test_scripts_before_and_after_count() -> None:
    assert endless("test", {"test": "jest", "pretest": "npm run w", **OTHERS}) == "tsc -w"
    assert endless("test", {"test": "jest", "posttest": "vite"}) == "vite"


@pytest.mark.parametrize(
    "script",
    [
        "npm run test --workspaces",
        "npm test -w packages/b",
        "pnpm -r test",
        "pnpm --filter b test",
        "yarn workspace b test",
        "yarn workspaces foreach -A run test",
        "lerna run test",
        "turbo run test",
        "nx run-many --targets=lint,test",
    ],
)
def test_scripts_of_other_packages_count_where_they_are_run(script: str) -> None:
    assert endless("test", {"test": script}, [{"lint": "eslint"}, {"test": "jest --watch"}]) == "jest --watch"
    assert endless("lint", {"lint": "npm run test", "test": "jest"}, [{"test": "jest --watch"}]) is None


def test_who_calls_without_an_end_is_followed_to_a_bound() -> None:
    scripts = {f"s{number}": f"run-p 's*' s{number + 1}" for number in range(1000)}
    assert endless("s0", scripts) is None
    assert sum(1 for _ in commands("s0", scripts)) <= 300
