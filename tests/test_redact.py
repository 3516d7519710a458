"""What is taken out of a check's output, and what is not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftui.redact import Redactor, Secrets

URL = "postgresql://ann:s3cr3t@db.example/app"


@pytest.mark.parametrize(
    ("name", "value", "said", "shown"),
    [
        ("DATABASE_URL", URL, f"cannot connect to {URL}", "cannot connect to postgresql://ann:***@db.example/app"),
        ("DATABASE_URL", URL, "password s3cr3t is wrong", "password *** is wrong"),
        ("HTTPS_PROXY", "http://me:hunter2@proxy:3128", "via hunter2", "via ***"),
        ("REDIS_URL", "redis://:longword@localhost/0", "longword", "***"),
        ("DSN", "host=db user=ann password=s3cr3t", "s3cr3t", "***"),
        ("DATABASE_URL", "postgres://db/app?user=ann&password=s3cr3t&x=1", "s3cr3t x=1", "*** x=1"),
        ("DB_PASSWORD", "open sesame", "it was open sesame", "it was ***"),
        ("API_TOKEN", "abcd1234", "Bearer abcd1234", "Bearer ***"),
        ("DATABASE_URL", "postgres://ann:p%40ss%2Fw@db/app", "p@ss/w and p%40ss%2Fw", "*** and ***"),
        ("DATABASE_URL", "postgres://ann:pa@ss@db/app", "postgres://ann:pa@ss@db/app", "postgres://ann:***@db/app"),
        ("DATABASE_URL", 'postgres://ann:a"b\\c@db/app', json.dumps({"is": 'a"b\\c'}), '{"is": "***"}'),
        ("SECRET_KEY_BASE", "0a1b2c3d4e", "it is 0a1b2c3d4e", "it is ***"),
        ("DB_PASSWORD_2", "hunter2", "it is hunter2", "it is ***"),
        ("GH_PAT", "abcd1234", "abcd1234", "***"),
        ("API_TOKEN", "48151623420042", "48151623420042", "***"),
        ("PIP_INDEX_URL", "https://abcdefgh12345678@host/simple", "abcdefgh12345678@host", "***@host"),
        ("REMOTE", "git+https://abcdefgh12345678:x-oauth-basic@host/", "abcdefgh12345678", "***"),
        ("DATABASE_URL", "postgres://ann:x&y<z@db/app", '<e m="x&amp;y&lt;z"/>', '<e m="***"/>'),
    ],
)
def test_a_password_is_hidden_however_it_is_spelled(name: str, value: str, said: str, shown: str) -> None:
    assert Secrets({name: value}).hide(said) == shown


@pytest.mark.parametrize(
    ("variables", "said", "shown"),
    [
        ({"URL": "postgresql://app:app@db/app"}, "tests/app/a.py", "tests/app/a.py"),
        ({"URL": "postgresql://app:app@db/app"}, "postgresql://app:app@db/app", "postgresql://app:***@db/app"),
        ({"URL": "postgresql://ann:pw@db/app"}, "cpw.py password='pw'", "cpw.py password='***'"),
        ({"PG_PASSWORD": "postgres", "PG_USER": "postgres"}, "postgresql:// is it", "postgresql:// is it"),
        ({"DB_PASSWORD": "12345"}, '{"line": 12345, "password": "12345"}', '{"line": 12345, "password": "***"}'),
        ({"USE_TOKEN": "true"}, "it is true", "it is true"),
        ({"TOKENIZERS_PARALLELISM": "false"}, "false", "false"),
        ({"PATH": "/usr/bin", "HOME": "/home/ann"}, "/usr/bin in /home/ann", "/usr/bin in /home/ann"),
        ({"URL": "https://ann@example.com/a"}, "ann@example.com", "ann@example.com"),
        ({"URL": "postgres://user_of_the_application@db/app"}, "user_of_the_application", "user_of_the_application"),
        ({"URL": "https://example.com/a:b@c"}, "a:b@c b", "a:b@c b"),
    ],
)
def test_a_word_that_stands_openly_elsewhere_is_hidden_only_as_the_password(
    variables: dict[str, str], said: str, shown: str
) -> None:
    assert Secrets(variables).hide(said) == shown


def test_colours_do_not_hide_a_secret_from_being_hidden_and_outlive_it() -> None:
    secrets = Secrets({"DB_PASSWORD": "hunter2"})
    assert secrets.hide("it is \x1b[1mhunter\x1b[36m2\x1b[0m!") == "it is \x1b[1m***\x1b[36m\x1b[0m!"


def test_nothing_to_hide_is_nothing_to_do() -> None:
    assert not Secrets({"PATH": "/usr/bin", "LANG": "C", "API_TOKEN": ""})


words = st.text("ab:@\x1b[0m1", min_size=4, max_size=8).map(lambda word: word.replace("\x1b[", "")).filter(str.strip)


@given(st.lists(words, min_size=1, max_size=3), st.data())
def test_where_the_output_is_cut_makes_no_difference(passwords: list[str], data: st.DataObject) -> None:
    secrets = Secrets({f"N{number}_PASSWORD": word for number, word in enumerate(passwords)})
    pieces = data.draw(st.lists(st.one_of(st.sampled_from(passwords), st.text("ab:@1\n", max_size=6))))
    text = "".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)))))
    redactor = Redactor(secrets)
    fed = [redactor.feed(text[start:end]) for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert "".join(fed) + redactor.finish() == secrets.hide(text)


def test_only_what_may_be_part_of_a_secret_is_held_back() -> None:
    redactor = Redactor(Secrets({"DB_PASSWORD": "hunter2"}))
    assert redactor.feed("....") == "...."
    assert redactor.feed("..hunt") == ".."
    assert redactor.feed("ing") == "hunting"
