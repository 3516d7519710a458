from __future__ import annotations

import platformdirs
import pytest

from ftui.cache.location import cache_folder


@pytest.mark.parametrize(
    "environment",
    [
        {"HOME": "/home/ana"},
        {"HOME": "/home/ana/"},
        {"HOME": "/"},
        {"HOME": ""},
        {"HOME": "relative"},
        {},
        {"HOME": "/home/ana", "XDG_CACHE_HOME": "/var/cache/ana"},
        {"HOME": "/home/ana", "XDG_CACHE_HOME": "/var/cache/ana/"},
        {"HOME": "/home/ana", "XDG_CACHE_HOME": ""},
        {"HOME": "/home/ana", "XDG_CACHE_HOME": "relative"},
        {"HOME": "/home/ana", "XDG_CACHE_HOME": " /blank"},
    ],
)
def test_it_is_where_platformdirs_says(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == platformdirs.user_cache_dir("ftui", appauthor=False)


def test_without_any_home_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> str:
        raise RuntimeError("could not determine the home directory")

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_dir", fail)
    assert cache_folder() is None
