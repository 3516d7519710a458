from __future__ import annotations

from typing import TYPE_CHECKING

import platformdirs
import pytest

from ftui.location import cache_folder, data_folder, log_folder

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = [
    (cache_folder, "XDG_CACHE_HOME", platformdirs.user_cache_dir),
    (data_folder, "XDG_DATA_HOME", platformdirs.user_data_dir),
    (log_folder, "XDG_STATE_HOME", platformdirs.user_log_dir),
]
VARIABLES = [variable for _, variable, _ in KINDS]


@pytest.mark.parametrize("kind", KINDS, ids=["cache", "data", "log"])
@pytest.mark.parametrize(
    "environment",
    [
        {"HOME": "/home/ana"},
        {"HOME": "/home/ana/"},
        {"HOME": "/"},
        {"HOME": ""},
        {"HOME": "relative"},
        {},
        {"HOME": "/home/ana", "XDG": "/var/ana"},
        {"HOME": "/home/ana", "XDG": "/var/ana/"},
        {"HOME": "/home/ana", "XDG": ""},
        {"HOME": "/home/ana", "XDG": "relative"},
        {"HOME": "/home/ana", "XDG": " /blank"},
    ],
)
def test_it_is_where_platformdirs_says(
    kind: tuple[Callable[[], str | None], str, Callable[..., str]],
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, variable, promised = kind
    for name in ("HOME", *VARIABLES):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(variable if name == "XDG" else name, value)
    assert folder() == promised("ftui", appauthor=False)


def test_without_any_home_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> str:
        raise RuntimeError("could not determine the home directory")

    for name in ("HOME", *VARIABLES):
        monkeypatch.delenv(name, raising=False)
    for name in ("user_cache_dir", "user_data_dir", "user_log_dir"):
        monkeypatch.setattr(f"platformdirs.{name}", fail)
    assert (cache_folder(), data_folder(), log_folder()) == (None, None, None)
