"""`ftui why`: the same answer as `ftui run` would act on, and nothing done about it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import NO_RUFF, Ftui, python_check
from tests.conftest import commit

if TYPE_CHECKING:
    from collections.abc import Callable

    Project = Callable[[str], Path]

PASS, FAIL = "pass", "raise SystemExit(1)"


def why(ftui: Ftui, root: Path, check: str = "one", **env: str) -> Any:
    """The answer for programs."""
    answer = ftui("why", check, "--format", "json", cwd=root, env=env)
    assert (answer.code, answer.err) == (0, "")
    return answer.report


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_check_that_never_ran_would_run(ftui: Ftui, project: Project) -> None:
    found = why(ftui, project(python_check("one", PASS)))
    assert found["schema_version"] == 1
    assert (found["check"], found["would_run"], found["bucket"]) == ("one", True, "miss")
    assert found["reason"] == "it has no result for this tree yet"
    assert (found["last"], found["changes"], found["requires"]) == (None, [], [])
    assert len(found["key"]) == 64
    names = [part["name"] for part in found["parts"]]
    assert names[:4] == ["schema", "check", "adapter", "argv"]
    assert {"cwd", "platform", "tool", "interpreter", "packages", "env:PATH", "inputs"} <= set(names)


def test_a_hit_says_when_its_result_was_found_and_how_long_that_took(ftui: Ftui, project: Project) -> None:
    root = project(python_check("one", PASS))
    ran = ftui("run", "--format", "json", cwd=root).report["checks"][0]
    found = why(ftui, root)
    assert (found["would_run"], found["bucket"]) == (False, "hit")
    assert found["last"]["outcome"] == "passed"
    assert found["last"]["duration_s"] == ran["duration_s"]
    assert found["last"]["recorded_at"] > 1.6e9
    assert (found["key"], found["changes"]) == (ran["key"], [])
    text = ftui("why", "one", cwd=root)
    assert "one would not run now (hit): nothing that it depends on has changed since" in text.out.replace("\n ", "")
    assert "last result: ✓ passed" in text.out


@pytest.mark.parametrize("before", [False, True], ids=["never run", "run and edited"])
def test_asking_runs_nothing_and_keeps_nothing(ftui: Ftui, project: Project, before: bool) -> None:
    root = project(python_check("one", "open('ran', 'a').write('x')", inputs=["*.txt"]))
    home = root.parent / f"{root.name}-home"
    home.mkdir()
    if before:
        ftui("run", cwd=root, env={"HOME": str(home)})
        (root / "a.txt").write_text("edited")
    kept, tree = everything_in(home), everything_in(root)
    assert ftui("why", "one", cwd=root, env={"HOME": str(home)}).code == 0
    assert everything_in(home) == kept
    assert everything_in(root) == tree


def test_everything_that_changed_is_listed_and_no_value_of_a_variable(ftui: Ftui, project: Project) -> None:
    root = project(python_check("one", PASS, args=["--old"], env=["TOKEN", "GONE"], inputs=["*.txt"]))
    for number in range(9):
        (root / f"{number}.txt").write_text("1")
    ftui("run", cwd=root, env={"TOKEN": "s3cret-1", "GONE": "s3cret-2"})
    for number in range(9):
        (root / f"{number}.txt").write_text("2")
    (root / "new.txt").write_text("")
    (root / "a.txt").unlink()
    (root / "ftui.toml").write_text(
        python_check("one", PASS, args=["--new"], env=["TOKEN", "GONE", "GIVEN=s3cret-3"], inputs=["*.txt"])
    )
    found = why(ftui, root, TOKEN="s3cret-4")
    edited, added, gone, *others = found["changes"]
    assert edited["paths"] == [f"{number}.txt" for number in range(9)]
    assert (added["paths"], gone["paths"]) == (["new.txt"], ["a.txt"])
    assert {change["part"] for change in others} == {"argv", "env:TOKEN", "env:GONE", "env:GIVEN"}
    text = ftui("why", "one", cwd=root, env={"TOKEN": "s3cret-4"}).out
    for name in (*edited["paths"], "new.txt", "a.txt", "--old", "--new", "TOKEN", "GONE removed", "GIVEN set"):
        assert name in " ".join(text.split())
    assert "more" not in text
    assert "s3cret" not in text + json.dumps(found)


def test_a_configuration_file_and_a_tool_that_changed_are_named(ftui: Ftui, tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.write_text(f"#!{sys.executable}\n")
    tool.chmod(0o755)
    (tmp_path / "ftui.toml").write_text(NO_RUFF + f"[checks.one]\ncommand = ['{tool}']\ninputs = ['*.txt']\n")
    (tmp_path / "a.txt").write_text("")
    (tmp_path / "uv.lock").write_text("1")
    ftui("run", cwd=tmp_path)
    tool.write_text(f"#!{sys.executable}\nprint()\n")
    (tmp_path / "uv.lock").write_text("2")
    texts = [change["text"] for change in why(ftui, tmp_path)["changes"]]
    assert texts == ["tool itself changed, though its version did not", "lock file uv.lock changed"]


@pytest.mark.parametrize(("policy", "would_run"), [("never", False), ("on-idle", True), ("always", True)])
def test_a_failure_would_run_as_its_policy_says(ftui: Ftui, project: Project, policy: str, would_run: bool) -> None:
    root = project(python_check("one", FAIL, on_failure=policy))
    ftui("run", cwd=root)
    found = why(ftui, root)
    assert (found["bucket"], found["would_run"], found["last"]["outcome"]) == ("policy-rerun", would_run, "failed")


def test_a_check_that_is_not_cached_says_why(ftui: Ftui, project: Project) -> None:
    root = project(python_check("one", PASS, cache=False))
    ftui("run", cwd=root)
    found = why(ftui, root)
    assert (found["would_run"], found["bucket"], found["key"], found["parts"]) == (True, "miss", None, [])
    assert found["reason"] == "its results are not cached (cache = false)"
    assert "key" not in ftui("why", "one", cwd=root).out


def test_a_check_without_a_file_to_judge_would_not_run(ftui: Ftui, project: Project) -> None:
    found = why(ftui, project(python_check("one", PASS, inputs=["docs/**"])))
    assert (found["would_run"], found["bucket"]) == (False, "miss")
    assert found["reason"] == "there is nothing to check: no file matches its inputs (docs/**)"


def test_all_that_a_check_requires_is_told_in_the_order_of_the_run(ftui: Ftui, project: Project) -> None:
    config = python_check("c", PASS, requires=["b"]) + python_check("b", PASS, requires=["a"])
    root = project(config + python_check("a", PASS, inputs=["a.txt"]))
    ftui("run", cwd=root)
    (root / "a.txt").write_text("edited")
    found = why(ftui, root, "c")
    assert [(r["check"], r["would_run"], r["bucket"]) for r in found["requires"]] == [
        ("a", True, "miss"),
        ("b", True, "miss"),
    ]
    assert "b has a new result" in [change["text"] for change in found["changes"]]
    assert "a  would run (miss): a.txt changed" in ftui("why", "c", cwd=root).out


def test_a_check_behind_a_failure_that_stands_is_blocked(ftui: Ftui, project: Project) -> None:
    config = python_check("base", FAIL, on_failure="never") + python_check("mid", PASS, requires=["base"])
    root = project(config + python_check("top", PASS, requires=["mid"]))
    ftui("run", cwd=root)
    found = why(ftui, root, "top")
    assert (found["would_run"], found["bucket"], found["reason"]) == (False, None, "blocked by mid (skipped)")
    assert found["requires"][1]["reason"] == "blocked by base (failed)"
    ran = {check["id"]: check for check in ftui("run", "top", "--format", "json", cwd=root).report["checks"]}
    assert ran["top"]["skipped_because"] == found["reason"]


@pytest.mark.parametrize(
    ("name", "message"), [("onne", "did you mean 'one'"), ("off", "off is not active here: disabled by checks.off")]
)
def test_a_check_that_is_not_there_is_an_error_of_one_line(
    ftui: Ftui, project: Project, name: str, message: str
) -> None:
    answer = ftui("why", name, cwd=project(python_check("one", PASS) + python_check("off", PASS, enabled=False)))
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert len(answer.err.splitlines()) == 1


def test_edited_files_that_no_check_reads_are_listed(ftui: Ftui, project: Project) -> None:
    root = project(NO_RUFF + python_check("one", PASS, inputs=["*.txt"]))
    (root / "notes.md").write_text("")
    (root / "gone.md").write_text("")
    commit(root)
    assert why(ftui, root)["uncovered"] == []
    (root / "a.txt").write_text("edited")
    (root / "notes.md").write_text("edited")
    (root / "new.md").write_text("")
    (root / "gone.md").unlink()
    (root / "uv.lock").write_text("part of every key")
    assert why(ftui, root)["uncovered"] == ["gone.md", "new.md", "notes.md"]
    assert "read by no check\n  gone.md\n  new.md\n  notes.md\n" in ftui("why", "one", cwd=root).out


def test_without_git_nothing_is_claimed_of_edited_files(ftui: Ftui, project: Project) -> None:
    root = project(python_check("one", PASS))
    assert why(ftui, root)["uncovered"] is None
    assert "git does not say what was edited here" in ftui("why", "one", cwd=root).out


@pytest.mark.skipif(sys.platform == "win32", reason="names that Windows does not allow")
def test_odd_names_are_escaped(ftui: Ftui, project: Project) -> None:
    root = project(NO_RUFF + python_check("one", PASS, inputs=["*.txt"]))
    commit(root)
    ftui("run", cwd=root)
    for name in (b"\x1b[31m.txt", b"a\nb.txt", b"\xff.txt", b"\x1b[31m.md"):
        with open(os.path.join(os.fsencode(root), name), "wb"):
            pass
    assert len(why(ftui, root)["changes"][0]["paths"]) == 3
    text = ftui("why", "one", cwd=root).out
    assert "\x1b" not in text
    assert "\\nb.txt" in text


@pytest.mark.parametrize("content", [b"no database " * 1000, b""], ids=["rubbish", "empty"])
def test_a_damaged_store_is_one_line_and_left_alone(ftui: Ftui, project: Project, content: bytes) -> None:
    root = project(python_check("one", PASS))
    ftui("run", cwd=root)
    (store,) = Path(ftui.environ["HOME"]).rglob("results-*.sqlite")
    store.write_bytes(content)
    answer = ftui("why", "one", cwd=root)
    assert answer.code == 0
    assert "one would run now (miss): it has no result for this tree yet" in answer.out
    assert answer.err.count("\n") == 1
    assert "results cannot be looked up: the result store is damaged" in answer.err
    assert store.read_bytes() == content


def test_the_text_fits_eighty_columns(ftui: Ftui, project: Project) -> None:
    root = project(python_check("one", PASS, args=["--flag"] * 20, env=[f"VARIABLE_{n}=1" for n in range(20)]))
    ftui("run", cwd=root)
    (root / "a.txt").write_text("edited")
    lines = ftui("why", "one", cwd=root).out.splitlines()
    assert max(map(len, lines)) <= 80
