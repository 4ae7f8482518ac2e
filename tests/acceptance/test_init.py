"""`morse-entrypoint`: an empty database becomes the schema, and the process becomes COMMAND."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from entrypoint.errors import ExitCode
from tests.support.database import Database
from tests.support.database_state import assert_converged, assert_nothing_left, observing, state_of
from tests.support.process import run_entrypoint, started_entrypoint

# What a process can say about how it was started.
_PROBE = """
import json, os, pathlib
status = dict(line.split(":\\t") for line in pathlib.Path("/proc/self/status").read_text().splitlines())
print(json.dumps({
    "pid": os.getpid(), "cwd": os.getcwd(), "environ": dict(os.environ),
    "ignored": int(status["SigIgn"], 16), "blocked": int(status["SigBlk"], 16),
    "descriptors": sorted(int(name) for name in os.listdir("/proc/self/fd")),
}))
"""
_TABLES = """
SELECT format('%I.%I', nspname, relname)
FROM pg_class JOIN pg_namespace AS n ON relnamespace = n.oid
WHERE nspname IN ('public', 'entrypoint') AND relkind = 'r'
"""


async def rows_of(database: Database) -> dict[str, str]:
    """Return a hash over the rows of each table, the ledger's included."""
    async with observing(database) as connection:
        return {
            table: await connection.fetchval(
                f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"
            )
            for (table,) in await connection.fetch(_TABLES)
        }


async def test_an_empty_database_becomes_the_schema(empty_database: Database) -> None:
    """One start brings an empty database to the release and counts every category in full."""
    completed = run_entrypoint("--init-only", env={"DATABASE_URL": empty_database.url})
    assert ExitCode.OK == completed.exit_code, completed.stdout
    counted = [event for event in completed.events if event["event"] == "verification.counted"]
    assert {"tables": (19, 19), "indexes": (53, 53), "functions": (18, 18), "views": (2, 2)} == {
        event["category"]: (event["matched"], event["expected"])
        for event in counted
        if event["category"] in ("tables", "indexes", "functions", "views")
    }
    assert ["files", "connect", "lock", "expect", "plan", "apply", "verify", "commit"] == [
        event["phase"] for event in completed.events if event["event"] == "phase.finished"
    ]
    last = completed.events[-1]
    assert "start.finished" == last["event"]
    assert "The database was brought to release" in last["summary"]
    await assert_converged(empty_database)


async def test_a_second_start_changes_no_row(empty_database: Database) -> None:
    """With rows in the tables, a second start leaves every row of every table as it was, the ledger's too."""
    env = {"DATABASE_URL": empty_database.url}
    assert ExitCode.OK == run_entrypoint("--init-only", "--with-test-data", env=env).exit_code
    before = await rows_of(empty_database)
    completed = run_entrypoint("--init-only", env=env)
    assert (ExitCode.OK, before) == (completed.exit_code, await rows_of(empty_database))
    assert "schema.unchanged" in completed.event_names


async def test_test_data_may_be_added_again_and_again(empty_database: Database) -> None:
    """Running --with-test-data twice adds its rows once."""
    env = {"DATABASE_URL": empty_database.url}
    connection = await empty_database.connect()
    counts = []
    for _ in range(2):
        assert ExitCode.OK == run_entrypoint("--init-only", "--with-test-data", env=env).exit_code
        counts.append(
            [
                await connection.fetchval(f"SELECT count(*) FROM {table}")
                for table in (
                    "users",
                    "audio_files",
                    "workouts",
                    "exercises",
                    "exercise_library",
                    "app_users",
                )
            ]
        )
    assert counts[0] == counts[1]
    assert [5, 3, 3] == counts[0][:3]
    await assert_nothing_left(empty_database)


@pytest.mark.parametrize("env", [{"RENDER": "true"}, {"MORSE_ENVIRONMENT": "production"}], ids=str)
async def test_test_data_are_refused_by_a_production_environment(
    empty_database: Database, env: dict[str, str]
) -> None:
    """On production --with-test-data ends with code 1 before anything is written."""
    before = await state_of(empty_database)
    completed = run_entrypoint(
        "--init-only", "--with-test-data", env={"DATABASE_URL": empty_database.url, **env}
    )
    assert ExitCode.USAGE == completed.exit_code
    assert "--with-test-data is refused on production" in completed.event("start.failed")["message"]
    assert before == await state_of(empty_database)


async def test_test_data_are_refused_by_a_production_stamp(empty_database: Database) -> None:
    """A database stamped production refuses test data whatever the environment says."""
    url = {"DATABASE_URL": empty_database.url}
    assert 0 == run_entrypoint("--init-only", env={**url, "MORSE_ENVIRONMENT": "production"}).exit_code
    before = await rows_of(empty_database)
    completed = run_entrypoint("--init-only", "--with-test-data", env=url)
    assert (ExitCode.USAGE, before) == (completed.exit_code, await rows_of(empty_database))
    assert "stamped production" in completed.event("start.failed")["message"]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc, which only Linux has")
async def test_the_process_becomes_the_command(empty_database: Database, tmp_path: Path) -> None:
    """COMMAND keeps pid and directory, gets default signals, three descriptors and no admin URL."""
    api_url = "postgresql://api@127.0.0.1:1/elsewhere"
    secret = tmp_path / "url"
    secret.write_text(f"{empty_database.url}\n")
    env = {"DATABASE_URL": api_url, "MORSE_ADMIN_DATABASE_URL_FILE": str(secret), "MINE": "kept"}
    async with started_entrypoint("--", sys.executable, "-c", _PROBE, env=env, cwd=tmp_path) as running:
        completed = await running.wait()
    assert 0 == completed.exit_code
    said = json.loads(completed.stdout.splitlines()[-1])
    assert (running.pid, str(tmp_path)) == (said["pid"], said["cwd"])
    python_itself = {13, 25}  # SIGPIPE and SIGXFSZ, which the probe's own interpreter ignores.
    ignored = said["ignored"] & ~(0b11 << 31)  # 32 and 33 are glibc's own; posix_spawn leaves them so.
    assert sum(1 << (number - 1) for number in python_itself) == ignored
    assert (0, [0, 1, 2]) == (said["blocked"], said["descriptors"][:3])
    assert 4 >= len(said["descriptors"])  # the fourth is the listing's own
    handed_on = said["environ"]
    assert (api_url, "kept") == (handed_on["DATABASE_URL"], handed_on["MINE"])
    assert [] == [name for name in handed_on if name.startswith("MORSE_ADMIN")]
    assert "process.handed_over" == completed.events[-2]["event"]


async def test_a_url_in_a_file_reaches_the_command_in_its_plain_form(
    empty_database: Database, tmp_path: Path
) -> None:
    """With DATABASE_URL_FILE the command finds DATABASE_URL and no longer the name of the file."""
    secret = tmp_path / "url"
    secret.write_text(empty_database.url)
    check = (
        "import os, sys; sys.exit(0 if os.environ['DATABASE_URL'] == open(sys.argv[1]).read()"
        " and 'DATABASE_URL_FILE' not in os.environ else 9)"
    )
    env = {"DATABASE_URL_FILE": str(secret)}
    completed = run_entrypoint(sys.executable, "-c", check, str(secret), env=env)
    assert 0 == completed.exit_code


@pytest.mark.parametrize(
    ("command", "exit_code", "said"),
    [
        ("no-such-program", ExitCode.NOT_FOUND, "was not found"),
        ("/", ExitCode.NOT_EXECUTABLE, "it is a directory"),
        (__file__, ExitCode.NOT_EXECUTABLE, "permission denied"),
    ],
)
async def test_a_command_that_cannot_run_is_named_after_the_database_was_proved(
    empty_database: Database, command: str, exit_code: ExitCode, said: str
) -> None:
    """A missing or unusable COMMAND ends with 127 or 126, and the database is already as it should be."""
    completed = run_entrypoint("--", command, env={"DATABASE_URL": empty_database.url})
    assert exit_code == completed.exit_code
    assert said in completed.event("start.failed")["message"]
    await assert_converged(empty_database)


async def test_metrics_are_written_and_their_failure_changes_nothing(
    empty_database: Database, tmp_path: Path
) -> None:
    """The textfile holds the outcome; where it cannot be written, a warning says so and the start goes on."""
    file = tmp_path / "morse.prom"
    env = {"DATABASE_URL": empty_database.url, "MORSE_METRICS_TEXTFILE": str(file)}
    assert 0 == run_entrypoint("--init-only", env=env).exit_code
    assert 'morse_entrypoint_outcome{outcome="applied"} 1.0' in file.read_text()
    env["MORSE_METRICS_TEXTFILE"] = str(tmp_path / "missing" / "morse.prom")
    completed = run_entrypoint("--init-only", env=env)
    assert 0 == completed.exit_code
    assert "warning" == completed.event("metrics.write_failed")["level"]


async def test_a_closed_standard_output_changes_nothing(empty_database: Database) -> None:
    """A start whose standard output is closed brings the database up all the same."""
    command = ("/bin/sh", "-c", 'exec "$0" -m entrypoint "$@" >&-', sys.executable)
    completed = run_entrypoint("--init-only", env={"DATABASE_URL": empty_database.url}, command=command)
    assert (0, "") == (completed.exit_code, completed.stdout)
    await assert_converged(empty_database)


async def test_a_reader_that_goes_away_changes_nothing(empty_database: Database) -> None:
    """A start whose log nobody reads after the first line brings the database up all the same."""
    script = '"$0" -m entrypoint "$@" | head -n 1 >&2; exit "${PIPESTATUS[0]}"'
    completed = run_entrypoint(
        "--init-only",
        env={"DATABASE_URL": empty_database.url},
        command=("bash", "-c", script, sys.executable),
    )
    assert (0, ["start.begun"]) == (completed.exit_code, completed.event_names)
    await assert_converged(empty_database)
