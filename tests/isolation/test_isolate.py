"""A check that has a database of its own while it runs, by the engine, with a real server."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ftui.engine.emitter import Emitter
from ftui.engine.execute import Execution, Executor
from ftui.engine.memory import Folders, recipes_of
from ftui.events import CheckOutput, Event, Problem
from ftui.isolation.ledger import Ledger, Noted, ledger_folder
from ftui.isolation.names import new_run
from ftui.model import Bucket, Check, Outcome
from ftui.plugins import Plugins
from tests.isolation.server import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.isolation.server import Server

CONNECT = "import os, psycopg, sys, time; c = psycopg.connect(os.environ['URL'], autocommit=True); "


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and an empty folder in which temporary ones are made."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    return folder


class Run(list[Event]):
    """Runs one check and collects what is said of it; `on_output` is called with what it prints."""

    def __init__(self, root: Path, url: str) -> None:
        super().__init__()
        self.root = root
        self.environ = {**os.environ, "URL": url}
        self.on_output: Callable[[asyncio.Task[Execution]], object] = lambda task: None

    def __call__(self, code: str, **fields: object) -> Execution:
        return asyncio.run(self._run(code, fields))

    async def _run(self, code: str, fields: dict[str, object]) -> Execution:
        argv = (sys.executable, "-c", code)
        check = Check(**{"id": "one", "adapter": "mine", "argv": argv, "isolate": ("URL",), **fields})  # type: ignore[arg-type]
        executor = Executor(self.root, Emitter(self._take), self.environ)
        self._task = asyncio.ensure_future(
            executor.execute(check, bucket=Bucket.MISS, reason="", queued_s=0.0, folders=Folders(None, None))
        )
        return await self._task

    def _take(self, event: Event) -> None:
        self.append(event)
        if isinstance(event, CheckOutput):
            self.on_output(self._task)

    @property
    def problems(self) -> list[str]:
        return [event.message for event in self if isinstance(event, Problem)]


@pytest.fixture
def run(tmp_path: Path, postgres: Server) -> Run:
    return Run(tmp_path, postgres.url("app"))


def noted() -> list[str]:
    folder = ledger_folder()
    assert folder is not None
    return os.listdir(folder) if os.path.isdir(folder) else []


def test_it_is_alone_in_an_empty_database_that_is_gone_afterwards(run: Run) -> None:
    code = CONNECT + "c.execute('CREATE TABLE t()'); print(c.info.dbname, c.info.dbname in os.environ['URL'])"
    first, second = run(code).output.split(), run(code).output.split()
    assert first[1] == second[1] == "True"
    assert first[0] != second[0]
    assert first[0].startswith("app_")
    assert first[0].endswith("_main")
    assert noted() == []
    assert run.problems == []


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [
        ("sys.exit(1)", Outcome.FAILED),
        ("os.kill(os.getpid(), 9)", Outcome.BROKEN),
        ("time.sleep(600)", Outcome.BROKEN),
        ("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)", Outcome.BROKEN),
    ],
    ids=["failure", "signal", "deadline", "deadline of a stubborn one"],
)
@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_however_it_ends_its_database_is_dropped_though_it_is_connected(
    run: Run, ending: str, outcome: Outcome
) -> None:
    execution = run(CONNECT + "print('there', flush=True); " + ending, timeout=3.0)
    assert (execution.result.outcome, execution.output) == (outcome, "there\n")
    # A server may still be at something for who was cut short: the next run looks again.
    assert len(noted()) == (0 if outcome is Outcome.FAILED else 1)
    run("pass")
    assert noted() == []


def test_a_cancelled_one_cleans_up_to_the_end_however_often_it_is_cancelled(run: Run) -> None:
    def cancel(task: asyncio.Task[Execution]) -> None:
        task.cancel()
        asyncio.get_running_loop().call_later(0.01, task.cancel)

    run.on_output = cancel
    with suppress(asyncio.CancelledError):  # the second one comes when the first has been answered, or before
        assert run(CONNECT + "print('there', flush=True); time.sleep(600)").result.outcome is Outcome.CANCELLED
    assert len(noted()) == 1
    run.on_output = lambda task: None
    run("pass")
    assert noted() == []


def test_what_a_server_makes_for_the_dead_is_dropped_by_the_next_run(run: Run, postgres: Server) -> None:
    code = CONNECT + "print(c.info.dbname, flush=True); os.kill(os.getpid(), 9)"
    name = run(code).output.strip()
    postgres.run(f"CREATE DATABASE test_{name}")
    run("pass")
    assert postgres.databases() == {"app"}


def test_what_cannot_be_dropped_of_a_dead_run_keeps_nobody_from_running(run: Run, postgres: Server) -> None:
    folder = ledger_folder()
    assert folder is not None
    dead = new_run()
    Ledger(folder).note(Noted(dead, (f"127.0.0.1:{postgres.port}",), "")).close(done=False)
    postgres.run(f"CREATE DATABASE app_{dead}_main WITH IS_TEMPLATE true")
    try:
        assert run("pass").result.outcome is Outcome.PASSED
        assert noted() == [f"{dead}.json"]
    finally:
        postgres.run(f"ALTER DATABASE app_{dead}_main WITH IS_TEMPLATE false")
    run("pass")
    assert noted() == []


def test_what_the_tests_make_of_the_name_is_dropped_too(run: Run) -> None:
    code = CONNECT + "c.execute('CREATE DATABASE test_' + c.info.dbname + '_gw0')"
    assert run(code).result.outcome is Outcome.PASSED


def test_a_dead_run_is_cleaned_up_with_its_processes_and_a_living_one_is_not(
    run: Run, postgres: Server, temporary: Path
) -> None:
    folder = ledger_folder()
    assert folder is not None
    server = f"127.0.0.1:{postgres.port}"
    dead, elsewhere, living = (new_run() for _ in range(3))
    files = temporary / f"ftui-isolated-{dead}"
    files.mkdir()
    Ledger(folder).note(Noted(dead, (server,), str(files))).close(done=False)
    Ledger(folder).note(Noted(elsewhere, ("db.example:5432",), "")).close(done=False)
    entry = Ledger(folder).note(Noted(living, (server,), ""))
    for each in (dead, elsewhere, living):
        postgres.run(f"CREATE DATABASE app_{each}_main")
    run("pass")
    assert postgres.databases() == {"app", f"app_{elsewhere}_main", f"app_{living}_main"}
    assert sorted(noted()) == sorted([f"{elsewhere}.json", f"{living}.json"])
    assert not files.exists()
    entry.close(done=False)
    run("pass")
    assert postgres.databases() == {"app", f"app_{elsewhere}_main"}
    postgres.run(f"DROP DATABASE app_{elsewhere}_main")


def test_a_note_that_names_another_folder_deletes_nothing(run: Run, tmp_path: Path) -> None:
    folder = ledger_folder()
    assert folder is not None
    precious = tmp_path / "precious"
    precious.mkdir()
    Ledger(folder).note(Noted(new_run(), (), str(precious))).close(done=False)
    run("pass")
    assert precious.exists()


@pytest.mark.parametrize(
    ("url", "because"),
    [
        ("", "URL is not set, and checks.one.isolate names it"),
        ("redis://ann:s3cr3tword@db/0", "URL, which checks.one.isolate names, is a URL whose database is a number"),
        ("postgresql://ann:s3cr3tword@127.0.0.1:1/app", "what URL stands for could not be made"),
    ],
)
def test_where_there_can_be_none_it_does_not_run_and_says_why(tmp_path: Path, url: str, because: str) -> None:
    run = Run(tmp_path, url)
    result = run("open('ran', 'w')").result
    assert result.outcome is Outcome.BROKEN
    assert because in (result.broken_because or "")
    assert not (tmp_path / "ran").exists()
    assert "s3cr3tword" not in repr([*run, result])
    assert [message for message in run.problems if message.endswith(": None")] == []


def test_a_wrong_password_is_not_shown(run: Run, postgres: Server) -> None:
    run.environ["URL"] = postgres.url("app", password="wr0ngword")
    result = run("pass").result
    assert "password authentication failed" in (result.broken_because or "")
    assert "wr0ngword" not in repr([*run, result])


@pytest.mark.skipif(sys.platform == "win32", reason="a script in sh")
def test_without_a_driver_the_name_is_offered_and_a_failure_says_what_is_missing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))
    run.environ["PATH"] = os.devnull
    assert run("import os; print(os.environ['URL'])").output.count("/app_") == 1
    assert run.problems == []
    run("raise SystemExit(1)")
    assert [message for message in run.problems if "neither psycopg, psycopg2 nor asyncpg" in message]


def test_a_password_in_what_it_prints_is_hidden(run: Run) -> None:
    execution = run("import os; print(os.environ['URL'], os.environ['FTUI_ISOLATE']); raise SystemExit(1)")
    assert "://ann:***@127.0.0.1" in execution.output
    assert PASSWORD not in repr([*run, execution])
    assert PASSWORD.replace("/", "%2F") not in repr([*run, execution])


def test_that_it_is_isolated_is_part_of_its_key(tmp_path: Path) -> None:
    shared = Check(id="one", adapter="mine", argv=("tool",), env=("URL",))
    isolated = Check(id="two", adapter="mine", argv=("tool",), isolate=("URL",))
    recipes = recipes_of([shared, isolated], Plugins(), tmp_path)
    assert recipes["one"].env == recipes["two"].env == ("URL",)
    assert recipes["one"].extra != recipes["two"].extra


# Files


def test_a_file_of_its_own_lies_outside_the_tree_and_is_gone_afterwards(tmp_path: Path, temporary: Path) -> None:
    run = Run(tmp_path, "sqlite:///data/test.db")
    code = "import os; p = os.environ['URL'][10:]; open(p, 'w').close(); open(p + '-wal', 'w').close(); print(p)"
    path = Path(run(code).output.strip())
    assert path.name.startswith("test_")
    assert path.name.endswith("_main.db")
    assert path.parent.parent == temporary
    assert not [*temporary.iterdir(), *tmp_path.iterdir(), *noted()]


def test_a_template_beside_the_file_is_copied(tmp_path: Path) -> None:
    (tmp_path / "test_template.db").write_text("from the template")
    run = Run(tmp_path, "sqlite:///test.db")
    assert run("import os; print(open(os.environ['URL'][10:]).read())").output == "from the template\n"


def test_two_variables_and_one_in_memory(tmp_path: Path) -> None:
    run = Run(tmp_path, "sqlite://")
    run.environ["NAME"] = "queue"
    code = "import json, os; print(json.dumps([os.environ['URL'], os.environ['NAME']]))"
    url, name = json.loads(run(code, isolate=("URL", "NAME")).output)
    assert url == "sqlite://"
    assert name.startswith("queue_")
