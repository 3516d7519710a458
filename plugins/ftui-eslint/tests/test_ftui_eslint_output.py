"""The parsers, on what the tools printed: eslint 10, prettier 3, tsc 5 and 7, vitest 4, jest 30."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ftui_eslint

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftui.hookspecs import Project
    from ftui.testing import Judge, MakeProject, Offers, Verdict

    Ask = Callable[[Project, object], Offers]
    JudgeOne = Callable[..., Verdict]

pytest_plugins = ["ftui.testing"]

FILES = {
    "eslint.config.js": "",
    ".prettierrc": "",
    "tsconfig.json": "",
    "jest.config.js": "",
    "vitest.config.js": "",
    "web/package.json": "{}",
    "web/.prettierrc": "",
}
TOOLS = dict.fromkeys(("eslint", "prettier", "tsc", "vitest", "jest"), "")
PASSED = '{"numTotalTests":1,"success":true,"testResults":[{"name":"/project/a.test.js","status":"passed",%s}]}'
ONE = PASSED % '"assertionResults":[{"fullName":"x","status":"passed"}]'
SKIPPED = PASSED % '"assertionResults":[{"fullName":"x","status":"skipped"}]'


def recorded(name: str) -> str:
    """What a tool printed."""
    return Path(__file__).with_name("recorded").joinpath(name).read_text(encoding="utf-8")


@pytest.fixture
def judged(project: MakeProject, offers: Ask, judge: Judge) -> JudgeOne:
    """The verdict of the check of a tool."""

    def verdict(name: str, *left_behind: object, **more: object) -> Verdict:
        return judge(offers(project(FILES, tools=TOOLS), ftui_eslint).check(name), *left_behind, **more)  # type: ignore[arg-type]

    return verdict


def details(verdict: Verdict) -> list[tuple[str | None, int | None, int | None, str | None, str]]:
    """Place, rule and severity of each finding, in order."""
    return [(each.path, each.line, each.column, each.rule, each.severity.value) for each in verdict.findings]


# eslint


def test_each_message_of_eslint_is_a_finding(judged: JudgeOne) -> None:
    verdict = judged("eslint", 1, "Warning: printed by a plugin\n" + recorded("eslint.json"))
    assert verdict.outcome == "failed"
    assert details(verdict) == [
        ("src/a.js", 1, 7, "no-unused-vars", "error"),
        ("src/a.js", 2, 1, "no-debugger", "warning"),
        ("src/b.js", 1, 7, None, "error"),
    ]
    assert verdict.findings[0].message == "'a' is assigned a value but never used."


@pytest.mark.parametrize(
    ("code", "stdout", "stderr", "outcome", "because"),
    [
        (0, '[{"filePath":"/project/a.js","messages":[]}]', "", "passed", ""),
        (2, recorded("eslint.json"), "", "failed", ""),  # --exit-on-fatal-error
        (0, recorded("eslint-ignored.json"), "", "broken", "eslint was left no file to lint"),
        (0, "[]", "", "broken", "eslint was left no file to lint"),
        (2, "", recorded("eslint-nothing.txt"), "broken", 'all of the files matching the glob pattern "." are ignored'),
        (2, "", "Oops! :(\n\nESLint: 10.1.0\n\nError: x\n    at y\n", "broken", "eslint: Error: x"),
        (2, "", "Invalid option '--nope' - perhaps you meant '--rule'?\n", "broken", "Invalid option '--nope'"),
        (0, "", "", "broken", "eslint gave no report"),
        (1, "", "TypeError: x is not a function\n    at y\n", "broken", "eslint gave no report: TypeError: x is not"),
        (0, "[{", "", "broken", "eslint gave no report"),
        (0, '[{"filePath": 1}]', "", "broken", "eslint gave no report"),
        (134, "", "FATAL ERROR: heap out of memory\n", "broken", "exit code 134"),
    ],
)
def test_what_eslint_says_with_which_exit_code(
    judged: JudgeOne, code: int, stdout: str, stderr: str, outcome: str, because: str
) -> None:
    verdict = judged("eslint", code, stdout, stderr)
    assert verdict.outcome == outcome
    assert because in verdict.because


def test_too_many_warnings_fail(judged: JudgeOne) -> None:
    words = "ESLint found too many warnings (maximum: 0)."
    verdict = judged("eslint", 1, '[{"filePath":"/project/a.js","messages":[]}]', f"{words}\n")
    assert (verdict.outcome, [each.message for each in verdict.findings]) == ("failed", [words])


@pytest.mark.parametrize(
    ("name", "report"), [("eslint", "eslint.json"), ("vitest", "vitest.txt"), ("jest", "jest.json")]
)
@pytest.mark.parametrize("code", [0, 1])
def test_a_report_without_its_middle_is_no_verdict(judged: JudgeOne, name: str, report: str, code: int) -> None:
    text = recorded(report)
    place = text.rindex('"status"' if name != "eslint" else '"severity"')
    cut = f"{text[: place - 40]}\n… 40 characters left out …\n{text[place:]}"
    verdict = judged(name, code, cut, truncated=True)
    assert verdict.outcome == "broken"
    assert verdict.because.startswith(f"{name} printed more than is kept")


@pytest.mark.parametrize("name", ["vitest", "jest"])
def test_what_was_left_out_beside_a_report_does_not_matter(judged: JudgeOne, name: str) -> None:
    assert judged(name, 0, f"x\n… 9 characters left out …\n{ONE}\n", truncated=True).outcome == "passed"


# prettier


@pytest.mark.parametrize(
    ("code", "stdout", "stderr", "outcome", "places"),
    [
        (0, "", "", "passed", []),
        (1, "src/a b.js\n.prettierrc\n", "[warn] Ignored unknown option { nope: 1 }.\n", "failed", [
            (".prettierrc", None, None, "unformatted"), ("src/a b.js", None, None, "unformatted")]),
        (2, "src/a.js\n", "[error] src/b.js: SyntaxError: Unexpected (1:7)\n[error] > 1 | const = ;\n", "failed", [
            ("src/a.js", None, None, "unformatted"), ("src/b.js", 1, 7, "unparsable")]),
        (2, "", "[error] a.css: CssSyntaxError: Unknown word (2:1)\n", "failed", [("a.css", 2, 1, "unparsable")]),
        (2, "", '[error] Invalid configuration for file "/project/.prettierrc":\n[error] YAML\n', "broken", []),
        (2, "", '[error] No files matching the pattern were found: "src".\n', "broken", []),
        (1, "", "[error] Cannot find module '/project/nope.js' imported from x\n", "broken", []),
        (0, "", "[error] No parser and no file path given, couldn't infer a parser.\n", "broken", []),
        (1, "", "", "broken", []),
        (2, "", "", "broken", []),
        (3, "src/a.js\n", "", "broken", []),
    ],
)  # fmt: skip
def test_what_prettier_says_with_which_exit_code(
    judged: JudgeOne, code: int, stdout: str, stderr: str, outcome: str, places: list[object]
) -> None:
    verdict = judged("prettier", code, stdout, stderr)
    assert (verdict.outcome, verdict.places()) == (outcome, places)


# tsc

WRONG = "error TS2322: Type 'string' is not assignable to type 'number'.\n"


@pytest.mark.parametrize(
    ("code", "stdout", "outcome", "places"),
    [
        (0, "", "passed", []),
        (2, f"src/a.ts(1,7): {WRONG}", "failed", [("src/a.ts", 1, 7, "TS2322")]),  # up to version 6
        (1, f"app/(x)/a.ts(1,7): {WRONG}", "failed", [("app/(x)/a.ts", 1, 7, "TS2322")]),  # from 7 on
        (1, "error TS2688: Cannot find type definition file for 'x'.\n", "failed", [(None, None, None, "TS2688")]),
        (1, "tsconfig.json(1,21): error TS5023: Unknown compiler option 'x'.\n", "failed", [
            ("tsconfig.json", 1, 21, "TS5023")]),
        (1, "error TS5023: Unknown compiler option '--nope'.\n", "broken", []),
        (1, "error TS5058: The specified path does not exist: 'x'.\n", "broken", []),
        (2, "error TS18003: No inputs were found in config file 'tsconfig.json'.\n", "broken", []),
        (1, "tsconfig.json(1,2): error TS6379: Composite projects may not disable incremental.\n", "broken", []),
        (1, "Error: spawn ENOMEM\n    at x\n", "broken", []),
        (2, "", "broken", []),
        (4, f"src/a.ts(1,7): {WRONG}", "broken", []),
    ],
)  # fmt: skip
def test_what_tsc_says_with_which_exit_code(
    judged: JudgeOne, code: int, stdout: str, outcome: str, places: list[object]
) -> None:
    verdict = judged("tsc", code, stdout)
    assert (verdict.outcome, verdict.places() if outcome != "broken" else []) == (outcome, places)


def test_the_further_lines_of_a_message_belong_to_it(judged: JudgeOne) -> None:
    verdict = judged("tsc", 2, f"a.ts(1,7): {WRONG}  The expected type comes from property 'z'.\nb.ts(1,1): {WRONG}")
    assert [each.message.count("\n") for each in verdict.findings] == [1, 0]
    assert verdict.findings[0].message.endswith("\n  The expected type comes from property 'z'.")


# vitest and jest


@pytest.mark.parametrize(("name", "report", "line"), [("vitest", "vitest.txt", 4), ("jest", "jest.json", 3)])
def test_each_failed_test_is_a_finding_at_the_place_where_it_failed(
    judged: JudgeOne, name: str, report: str, line: int
) -> None:
    verdict = judged(name, 1, recorded(report))
    assert verdict.outcome == "failed"
    assert sorted(details(verdict)) == [
        ("a.test.js", line, 35, "sums fails", "error"),
        ("b.test.js", None, None, None, "error"),
    ]
    messages = [each.message for each in sorted(verdict.findings, key=lambda each: str(each.path))]
    assert messages[0].startswith(("AssertionError: expected 1 to be 2", "Error: expect(received).toBe(expected)"))
    assert "\n    at " not in messages[0]
    assert messages[1].startswith("Cannot find module './nothere.js'")


def test_what_a_runner_colours_is_read_without(judged: JudgeOne) -> None:
    words = "\\u001b[1m\\u001b[31m  ● \\u001b[1mTest suite failed to run\\u001b[22m\\n\\n    Cannot find module 'x'"
    report = PASSED.replace("passed", "failed") % f'"message":"{words}","assertionResults":[]'
    assert [each.message for each in judged("jest", 1, report).findings] == ["Cannot find module 'x'"]


def test_an_error_outside_of_any_test_fails(judged: JudgeOne) -> None:
    verdict = judged("vitest", 1, recorded("vitest-unhandled.txt"), recorded("vitest-unhandled.err"))
    assert verdict.outcome == "failed"
    assert [(each.rule, each.message) for each in verdict.findings] == [("Uncaught Exception", "Error: late")]


def test_a_worker_that_died_is_no_verdict(judged: JudgeOne) -> None:
    words = "⎯⎯ Unhandled Error ⎯⎯\nError: [vitest-pool]: Worker forks emitted error.\n"
    assert judged("vitest", 1, ONE, words).outcome == "broken"


@pytest.mark.parametrize(
    ("name", "stderr"),
    [
        ("jest", 'Jest: Coverage for lines (50%) does not meet "global" threshold (99%)'),
        ("jest", 'Jest: "global" coverage threshold for lines (99%) not met: 50%'),
        ("jest", " › 1 snapshot obsolete from 1 test suite. To remove it, re-run jest with `-u`."),  # noqa: RUF001
        ("vitest", "ERROR: Coverage for lines (50%) does not meet global threshold (99%)"),
    ],
)
def test_what_fails_beside_the_tests_is_a_finding(judged: JudgeOne, name: str, stderr: str) -> None:
    verdict = judged(name, 1, ONE, f"PASS a.test.js\n{stderr}\n")
    assert verdict.outcome == "failed"
    assert [each.message for each in verdict.findings] == [stderr.lstrip(" ›").partition(": ")[2] or stderr[3:]]  # noqa: RUF001


@pytest.mark.parametrize("name", ["vitest", "jest"])
@pytest.mark.parametrize(
    ("code", "stdout", "stderr", "outcome", "because"),
    [
        (0, f"what a test prints\n{ONE}\n % Coverage\n", "", "passed", ""),
        (0, f"JSON report written to x\n...{ONE}\n", "", "passed", ""),
        (0, SKIPPED, "", "broken", "no test ran"),
        (1, SKIPPED, "", "broken", "no test ran"),
        (0, PASSED % '"assertionResults":[]', "", "broken", "no test ran"),
        (0, '{"numTotalTests":0,"success":true,"testResults":[]}', "", "broken", "no test ran"),
        (1, '{"numTotalTests":0,"success":false,"testResults":[]}', "", "broken", "no test ran"),
        (
            1,
            "",
            "No tests found, exiting with code 1\nRun with `--passWithNoTests`",
            "broken",
            "No tests found, exiting",
        ),
        (1, "", "● Validation Error:\n\n  Preset x not found.\n", "broken", "● Validation Error: Preset x not found."),
        (0, "", "", "broken", "gave no report"),
        (0, ONE[:40], "", "broken", "gave no report"),
        (1, ONE, "something else went wrong\n", "broken", "exit code 1): something else went wrong"),
        (0, ONE.replace("true", "false"), "", "broken", "exited with 0 although its report has failures"),
        (0, ONE.replace("passed", "failed"), "", "broken", "exited with 0 although its report has failures"),
        (2, ONE, "", "broken", "exit code 2"),
    ],
)
def test_what_a_runner_says_with_which_exit_code(
    judged: JudgeOne, name: str, code: int, stdout: str, stderr: str, outcome: str, because: str
) -> None:
    verdict = judged(name, code, stdout, stderr)
    assert verdict.outcome == outcome
    assert because in verdict.because


def test_a_report_that_went_elsewhere_is_no_verdict(judged: JudgeOne) -> None:
    verdict = judged("vitest", 0, "\n ✓ a.test.js\n\nJSON report written to /project/out.json\n")
    assert verdict.because == "vitest wrote its report to out.json: take outputFile out of its settings"


# Paths


def test_paths_are_those_of_the_tree_wherever_a_tool_ran(project: MakeProject, offers: Ask, judge: Judge) -> None:
    files = {"web/package.json": "{}", "web/.prettierrc": "", "web/eslint.config.js": ""}
    found = offers(project(files, tools=TOOLS), ftui_eslint)
    report = '[{"filePath":"/project/web/a.js","messages":[{"message":"x","severity":2}]},'
    report += '{"filePath":"/elsewhere/b.js","messages":[{"message":"x","severity":2,"line":0}]}]'
    assert judge(found.check("eslint:web"), 1, report).places() == [
        ("/elsewhere/b.js", None, None, None),
        ("web/a.js", None, None, None),
    ]
    assert judge(found.check("prettier:web"), 1, "../top.js\na.js\n").places() == [
        ("top.js", None, None, "unformatted"),
        ("web/a.js", None, None, "unformatted"),
    ]
