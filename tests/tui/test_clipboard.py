"""The programs that put text on the clipboard."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from ftui.tui.clipboard import hand_over, program

if TYPE_CHECKING:
    from pathlib import Path


def found(name: str) -> str:
    return f"/usr/bin/{name}"


@pytest.mark.parametrize(
    ("environ", "platform", "argv"),
    [
        ({}, "darwin", ["pbcopy"]),
        ({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, "linux", ["wl-copy"]),
        ({"DISPLAY": ":0"}, "linux", ["xclip", "-selection", "clipboard"]),
        ({"WSL_DISTRO_NAME": "Debian"}, "linux", ["clip.exe"]),
        ({}, "linux", []),
        ({"DISPLAY": ":0", "SSH_TTY": "/dev/pts/1"}, "linux", []),
    ],
)
def test_the_program_is_the_one_of_the_desktop(environ: dict[str, str], platform: str, argv: list[str]) -> None:
    assert program(environ, found, platform) == argv


def test_a_program_that_is_not_installed_is_not_chosen() -> None:
    assert program({"DISPLAY": ":0"}, lambda name: name if name == "xsel" else None, "linux")[0] == "xsel"


def test_the_program_gets_the_text_and_its_absence_is_no_failure(tmp_path: Path) -> None:
    code = "import sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read())"
    hand_over([sys.executable, "-c", code, str(tmp_path / "taken")], "a é\n")
    assert (tmp_path / "taken").read_bytes() == "a é\n".encode()
    hand_over(["/no/such/program"], "a")
