"""How commands end, whatever they raise."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from ftui.cli import ways_out
from ftui.errors import ConfigError, FtuiError, NothingToCheckError
from ftui.log.reader import Reader, Wanted
from ftui.log.writer import LogFiles

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NO_SPACE = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/some/file")


def ends_with(error: BaseException, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    def raising(arguments: Sequence[str]) -> int:
        raise error

    monkeypatch.setattr(ways_out, "_run", raising)
    return ways_out.guarded(arguments)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (FtuiError("no such check"), 2, "ftui: no such check\n"),
        (ConfigError("is wrong", file="ftui.toml", key="workers"), 2, "ftui: ftui.toml: workers: is wrong\n"),
        (NothingToCheckError("nothing to check"), 3, "ftui: nothing to check\n"),
        (FtuiError("two\nlines \x1b]0;title\x07"), 2, "ftui: two lines \\x1b]0;title\\x07\n"),
        (NO_SPACE, 2, "ftui: /some/file: No space left on device\n"),
        (BrokenPipeError(), 141, ""),
        (KeyboardInterrupt(), 130, ""),
        (SystemExit(0), 0, ""),
        (SystemExit("words"), 2, ""),
        (BaseExceptionGroup("", [KeyboardInterrupt()]), 130, ""),
        (ExceptionGroup("", [ExceptionGroup("", [FtuiError("deep down")]), NO_SPACE]), 2, "ftui: deep down\n"),
    ],
    ids=repr,
)
def test_each_end_has_its_exit_code_and_at_most_one_line(
    error: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert ends_with(error, monkeypatch) == code
    assert capfd.readouterr() == ("", said)


def test_a_bug_is_one_line_that_asks_for_debug_and_its_traceback_is_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ftui.log.bug.log_folder", lambda: str(tmp_path))
    assert ends_with(KeyError("x"), monkeypatch) == 3
    message = "ftui: this is a bug in ftui: KeyError: 'x'; run it again with --debug for the details\n"
    assert capfd.readouterr().err == message
    (line,) = Reader(LogFiles(str(tmp_path)), Wanted(root="/any")).last(10)
    assert (line.event, line.level, line.message) == ("bug", "error", "bug in ftui: KeyError: 'x'")
    assert "in raising" in str(line.data["traceback"])


def test_a_bug_where_nothing_can_be_logged_is_one_line_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr("ftui.log.bug.log_folder", lambda: str(tmp_path / "file"))
    assert ends_with(KeyError("x"), monkeypatch) == 3
    assert len(capfd.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("error", [KeyError("x"), NO_SPACE])
def test_debug_alone_shows_a_traceback(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(type(error)):
        ends_with(error, monkeypatch, "run", "--debug")
    assert ends_with(FtuiError("expected"), monkeypatch, "run", "--debug") == 2
