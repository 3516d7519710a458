"""Makes and drops databases of PostgreSQL, and makes files; run by path, in a Python that has a driver.

It stands alone: Python 3.8 is enough, and nothing of ftui is imported. What to do comes in a variable, since URLs hold
passwords, and the answer is the last line of the output:

    FTUI_ISOLATE_REQUEST   {"create": [{"kind", "base", "value", "path"}], "drop": [{"url", "run"}]}
    answer                 {"missing": bool, "error": str or null, "kept": {run: why, …}}

`missing`: nothing is here to connect with; `error`: what could not be made; `kept`: what could not be dropped.

A new database is empty, or a copy of `{base}_template` where there is one; a new file does not exist, or is a copy of
the file of that name beside its base. What is dropped is every database whose name holds the run: a suite may well
have made more of them from the name that it was given.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Run = Callable[[str], list[str]]  # runs one statement and returns the first column of what comes back

REQUEST = "FTUI_ISOLATE_REQUEST"
TIMEOUT_S = 5
"""For connecting."""

_OPTIONS = ("host", "port", "user", "password", "sslmode", "sslrootcert", "sslcert", "sslkey")
"""What of the options in a URL is the driver's; others, such as `schema`, are those of a library above it."""


class MissingError(Exception):
    """There is neither a driver nor `psql`."""


def connect(url: str, database: str | None = None) -> Run:
    """Connects to the server of a URL.

    Args:
        url: of any database on it.
        database: connect to this one instead; None for the one of the URL.

    Raises:
        MissingError: nothing is here to connect with.
    """
    location, _, tail = url.split("://", 1)[1].partition("/")
    name, _, query = tail.partition("?")
    user, _, server = location.rpartition("@")
    host, port = server, ""
    if ":" in server.rpartition("]")[2]:
        host, _, port = server.rpartition(":")
    options = {"host": unquote(host.strip("[]")), "port": port}
    options["user"], _, options["password"] = (unquote(part) for part in user.partition(":"))
    options.update((key, values[-1]) for key, values in parse_qs(query).items() if key in _OPTIONS)
    options = {key: value for key, value in options.items() if value}
    options["dbname"] = database or unquote(name)
    for driver in (_psql, _psycopg, _psycopg2, _asyncpg):  # psql is there before a driver is imported
        run = driver(options)
        if run is not None:
            return run
    raise MissingError


def _imported(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:  # also where it is installed, and the library that it needs is not
        return None


def _psycopg(options: dict[str, str]) -> Run | None:
    psycopg = _imported("psycopg")
    if psycopg is None:
        return None
    connection = psycopg.connect(**options, connect_timeout=TIMEOUT_S, autocommit=True)
    return lambda statement: _first_column(connection.execute(statement))


def _psycopg2(options: dict[str, str]) -> Run | None:
    psycopg2 = _imported("psycopg2")
    if psycopg2 is None:
        return None
    connection = psycopg2.connect(**options, connect_timeout=TIMEOUT_S)
    connection.autocommit = True  # a database is not made in a transaction

    def run(statement: str) -> list[str]:
        cursor = connection.cursor()
        cursor.execute(statement)
        return _first_column(cursor)

    return run


def _first_column(cursor: Any) -> list[str]:
    return [str(row[0]) for row in cursor.fetchall()] if cursor.description else []


def _asyncpg(options: dict[str, str]) -> Run | None:
    asyncpg = _imported("asyncpg")
    if asyncpg is None:
        return None
    import asyncio

    named = {"dbname": "database", "sslmode": "ssl"}
    taken = {named.get(key, key): value for key, value in options.items() if not key.startswith("ssl") or key in named}
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(**taken, timeout=TIMEOUT_S))
    return lambda statement: [str(row[0]) for row in loop.run_until_complete(connection.fetch(statement))]


def _psql(options: dict[str, str]) -> Run | None:
    program = shutil.which("psql")
    if program is None:
        return None
    variables = {"dbname": "PGDATABASE"}
    environ = {variables.get(key, "PG" + key.upper()): value for key, value in options.items()}
    environ = dict(os.environ, PGCONNECT_TIMEOUT=str(TIMEOUT_S), **environ)

    def run(statement: str) -> list[str]:
        argv = [program, "--no-psqlrc", "--no-password", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement]
        done = subprocess.run(argv, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        return done.stdout.splitlines()

    return run


def server_of(url: str) -> tuple[Run, list[str], int]:
    """The server of a URL: runs statements there, and says which databases it has and its version (`150016`)."""
    listing = "SELECT current_setting('server_version_num') || ' ' || datname FROM pg_database"
    try:
        run = connect(url, "postgres")
        found = run(listing)
    except MissingError:
        raise
    except Exception as refused:
        # A user may be kept out of `postgres`; that his own database is there is likely where that one is not for him.
        try:
            run = connect(url)
            found = run(listing)
        except Exception:
            raise refused from None
    return run, [line.partition(" ")[2] for line in found], int(found[0].partition(" ")[0])


def create_database(base: str, own: str) -> None:
    """Makes the database of the URL `own`, from the template of that of the URL `base` if there is one."""
    run, there, _ = server_of(base)
    name, template = _name(own), _name(base) + "_template"
    if name not in there:  # two variables may name one
        copied = " TEMPLATE " + _identifier(template) if template in there else ""
        run("CREATE DATABASE " + _identifier(name) + copied)


def drop_databases(url: str, run_id: str) -> None:
    """Drops the databases of one run, and ends what is still connected to them."""
    run, there, version = server_of(url)
    can_force = version >= 130000
    for name in there:
        if "_" + run_id + "_" not in name:
            continue
        if not can_force:
            run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = " + _literal(name))
        run("DROP DATABASE IF EXISTS " + _identifier(name) + (" WITH (FORCE)" if can_force else ""))


def create_file(base: str, path: str) -> None:
    """Makes the folder for a file; the file only where there is a template, and a folder where `base` is one."""
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    stem, suffix = os.path.splitext(base)
    if os.path.isfile(stem + "_template" + suffix):
        shutil.copyfile(stem + "_template" + suffix, path)
    elif os.path.isdir(base):
        os.makedirs(path, exist_ok=True)


def _name(url: str) -> str:
    return unquote(url.split("://", 1)[1].partition("/")[2].partition("?")[0].partition("#")[0])


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """Does what a request asks for."""
    missing, error, kept = False, None, {}
    for each in request.get("drop", ()):
        try:
            drop_databases(each["url"], each["run"])
        except MissingError:
            missing = True
            kept[each["run"]] = "there is neither a driver nor psql"
        except Exception as problem:  # whatever a driver raises
            kept[each["run"]] = _sentence(problem)
    for each in request.get("create", ()):
        try:
            if each["kind"] == "postgresql":
                create_database(each["base"], each["value"])
            elif each["kind"] == "file":
                create_file(each["base"], each["path"])
        except MissingError:
            missing = True
        except Exception as problem:
            error = _sentence(problem)
            break
    return {"missing": missing, "error": error, "kept": kept}


def _sentence(problem: Exception) -> str:
    return " ".join(str(problem).split())[:300] or type(problem).__name__


if __name__ == "__main__":
    sys.stdout.write("\n" + json.dumps(answer(json.loads(os.environ.pop(REQUEST)))) + "\n")
