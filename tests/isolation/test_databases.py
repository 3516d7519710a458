"""The program that makes and drops databases, run as the engine runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ftui.isolation import databases
from ftui.isolation.names import new_run, own_value
from tests.isolation.server import PASSWORD, binaries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.isolation.server import Server

BY = ("psql", "psycopg")


def ask(request: Mapping[str, object], by: str = "psql") -> Any:
    """What the program answers, with nothing else to connect with: no site-packages, or nothing on the PATH."""
    programs = binaries()
    path = os.pathsep.join([str(programs), os.defpath]) if by == "psql" else os.devnull
    argv = [sys.executable, *(["-S"] if by != "psycopg" else []), databases.__file__]
    environ = {"PATH": path, databases.REQUEST: json.dumps(request)}
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=True)
    assert PASSWORD not in done.stdout + done.stderr
    return json.loads(done.stdout.strip().rpartition("\n")[2])


def wanted(server: Server, run: str, base: str = "app") -> dict[str, str]:
    own = own_value(server.url(base), run, "")
    assert own is not None
    return {"kind": own.kind, "base": own.base, "value": own.value, "path": ""}


@pytest.mark.parametrize("by", BY)
def test_a_database_is_made_once_and_dropped_with_all_that_bears_its_run(postgres: Server, by: str) -> None:
    run, other = new_run(), new_run()
    create = [wanted(postgres, run), wanted(postgres, run), wanted(postgres, other)]
    assert ask({"create": create}, by) == {"missing": False, "error": None, "kept": {}}
    assert postgres.databases() == {"app", f"app_{run}_main", f"app_{other}_main"}
    postgres.run(f"CREATE DATABASE test_app_{run}_main_gw0")
    drop = [{"url": postgres.url("app"), "run": run}]
    assert ask({"drop": drop}, by) == {"missing": False, "error": None, "kept": {}}
    assert postgres.databases() == {"app", f"app_{other}_main"}
    ask({"drop": [{"url": postgres.url("app"), "run": other}]}, by)


def test_a_template_is_copied(postgres: Server) -> None:
    postgres.run("CREATE DATABASE app_template")
    postgres.run("CREATE TABLE t AS SELECT 42 AS x", "app_template")
    run = new_run()
    ask({"create": [wanted(postgres, run)]})
    assert postgres.run("SELECT x FROM t", f"app_{run}_main") == ["42"]
    ask({"drop": [{"url": postgres.url("app"), "run": run}]})
    postgres.run("DROP DATABASE app_template")


def test_names_are_quoted(postgres: Server) -> None:
    run = new_run()
    base = "it%27s%20%22a%22%3B%20DROP"
    assert ask({"create": [wanted(postgres, run, base)]})["error"] is None
    assert f'it\'s "a"; DROP_{run}_main' in postgres.databases()
    assert ask({"drop": [{"url": postgres.url(base), "run": run}]})["error"] is None


def test_a_user_who_is_kept_out_of_postgres_uses_his_own_database(postgres: Server) -> None:
    postgres.run("ALTER DATABASE postgres ALLOW_CONNECTIONS false", "app")
    run = new_run()
    try:
        assert ask({"create": [wanted(postgres, run)]})["error"] is None
        assert ask({"drop": [{"url": postgres.url("app"), "run": run}]})["error"] is None
    finally:
        postgres.run("ALTER DATABASE postgres ALLOW_CONNECTIONS true", "app")


@pytest.mark.parametrize("by", BY)
def test_a_server_that_refuses_says_why_and_what_is_not_dropped_is_kept(postgres: Server, by: str) -> None:
    run, url = new_run(), postgres.url("app", password="wrong")
    create = {"kind": "postgresql", "base": url, "value": f"{url}_{run}_main", "path": ""}
    answer = ask({"drop": [{"url": url, "run": run}], "create": [create]}, by)
    assert "password authentication failed" in answer["kept"][run]
    assert "password authentication failed" in answer["error"]


def test_without_driver_and_psql_nothing_is_done_and_that_is_said(postgres: Server) -> None:
    run = new_run()
    request = {"create": [wanted(postgres, run)], "drop": [{"url": postgres.url("app"), "run": run}]}
    answer = ask(request, by="nothing")
    assert answer == {"missing": True, "error": None, "kept": {run: "there is neither a driver nor psql"}}


def test_a_file_of_ones_own_is_not_there_or_a_copy_of_the_template(tmp_path: Path) -> None:
    own = tmp_path / "own" / "a_run_main.db"
    databases.create_file(str(tmp_path / "a.db"), str(own))
    assert list(own.parent.iterdir()) == []
    (tmp_path / "a_template.db").write_bytes(b"content")
    databases.create_file(str(tmp_path / "a.db"), str(own))
    assert own.read_bytes() == b"content"


def test_a_folder_of_ones_own_is_there_and_empty(tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / "a.png").touch()
    databases.create_file(str(tmp_path / "uploads"), str(tmp_path / "own" / "uploads_run_main"))
    assert list((tmp_path / "own" / "uploads_run_main").iterdir()) == []


def test_it_needs_nothing_of_ftui(tmp_path: Path) -> None:
    alone = tmp_path / "alone.py"
    shutil.copyfile(databases.__file__, alone)
    environ = {databases.REQUEST: json.dumps({"create": []})}
    done = subprocess.run([sys.executable, "-I", "-S", str(alone)], env=environ, capture_output=True, check=True)
    assert json.loads(done.stdout) == {"missing": False, "error": None, "kept": {}}
