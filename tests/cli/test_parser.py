"""The command line: what is not understood is answered in one line with the nearest word."""

from __future__ import annotations

import re

import pytest

from ftui.cli.parser import build
from ftui.errors import FtuiError


def run(line: str) -> int:
    options = build().read(line.split())
    code: int = options.command(options)
    return code


COMMANDS = sorted(build().commands())


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--format json", "--format json is a report of one run: `ftui run --format json`; a watch can give ndjson"),
        ("rnu", "unknown command 'rnu' (did you mean 'run'?)"),
        ("--versoin", "unknown option --versoin (did you mean '--version'?); see `ftui --help`"),
        ("--root . run", "--root belongs behind the command: `ftui run --root`"),
        ("--format=json run", "--format=json belongs behind the command: `ftui run --format=json`"),
        ("run --frmat json", "unknown option --frmat (did you mean '--format'?); see `ftui run --help`"),
        ("run --frmat=json", "unknown option --frmat (did you mean '--format'?); see `ftui run --help`"),
        ("run --workers", "--workers: expected one argument; see `ftui run --help`"),
        ("run --workers 0", "--workers: '0' is neither a number from 1 nor auto; see `ftui run --help`"),
        ("run --workers ²", "--workers: '²' is neither a number from 1 nor auto; see `ftui run --help`"),
        ("run --work 2", "unknown option --work (did you mean '--workers'?); see `ftui run --help`"),
        ("replay", "the following arguments are required: FILE; see `ftui replay --help`"),
        ("list extra", "unexpected argument 'extra'; see `ftui list --help`"),
        ("schema --config --events", "--events: not allowed with argument --config; see `ftui schema --help`"),
    ],
)
def test_what_is_not_understood_is_answered_with_the_nearest_word(line: str, message: str) -> None:
    with pytest.raises(FtuiError) as raised:
        run(line)
    assert str(raised.value) == message


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_a_screen(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    parser = build().commands()[command] if command else build()
    lines = parser.format_help().splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 79


def test_help_shows_examples_that_are_understood() -> None:
    parser = build()
    examples = [line.strip() for line in parser.format_help().splitlines() if line.startswith("  ftui ")]
    assert len(examples) >= 3
    for example in examples:
        _, *words = re.split(r"\s{2,}", example)[0].split()
        named = [] if words[0].startswith("-") else words[:1]
        chosen = parser.read(words).parser
        assert (chosen.prog if chosen else "ftui") == " ".join(["ftui", *named])


def test_changed_takes_a_revision_or_none() -> None:
    parser = build()
    assert parser.read(["run"]).changed is None
    assert parser.read(["run", "--changed"]).changed == "HEAD"
    assert parser.read(["run", "--changed", "main"]).changed == "main"
