from __future__ import annotations

import pytest

from ftui.likely_secrets import LONGEST, LikelySecrets
from ftui.redact import HIDDEN

plain = LikelySecrets({}).hide


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("deploy --token abc123", "deploy --token ***"),
        ("deploy --api-key=abc123 --dry-run", "deploy --api-key=*** --dry-run"),
        ("argument 2 changed: --password=one → --password=two", "argument 2 changed: --password=*** → --password=***"),
        ("PGPASSWORD=hunter2 psql", "PGPASSWORD=*** psql"),
        ('{"client_secret": "a b c", "id": 1}', '{"client_secret": ***, "id": 1}'),
        ("assert token == 'abc'", "assert token == ***"),
        ("Authorization: Bearer abcdef.ghi", "Authorization: Bearer ***"),
        ("postgres://ana:hunter2@db/app", "postgres://***@db/app"),
        ("ghp_" + "a" * 36 + " leaked", "*** leaked"),
        ("key AKIAABCDEFGHIJKLMNOP", "key ***"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dBjftJeZ4CVP-mB92K27uhbUJU", "***"),
        ("a token that is cut: eyJhbGciOiJIUzI1NiJ9.eyJzdWI", "a token that is cut: ***"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----***"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, kept: str) -> None:
    assert plain(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "src/author.py changed",
        "3 files changed: keys.py, tokenizer.py, monkey.py",
        "F821 undefined name 'x'",
        "see https://docs.example.com/page@2",
        "mypy 1.18.1 → 1.18.2",
        "environment variable CI set",
    ],
)
def test_what_does_not_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


def test_what_the_environment_names_as_a_secret_is_hidden_wherever_it_stands() -> None:
    environ = {"DEPLOY_TOKEN": "opensesame", "LONG_API_KEY": "opensesame-2", "EDITOR": "vim-editor"}
    hidden = LikelySecrets(environ).hide("opensesame-2 and opensesame, by vim-editor")
    assert hidden == "*** and ***, by vim-editor"


def test_a_long_text_is_cut() -> None:
    assert plain("x" * (LONGEST + 10)) == "x" * LONGEST + "…"
    assert HIDDEN in plain("token=" + "x" * LONGEST * 2)
