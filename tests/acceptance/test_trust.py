"""What a start must not take for granted: the ledger, the time after it looked, people's work."""

from __future__ import annotations

from pathlib import Path

import pytest

from entrypoint.errors import ExitCode
from tests.support.database import Database
from tests.support.paused_start import paused_start
from tests.support.process import Completed, run_entrypoint


def run(database: Database, *argv: str, **env: str) -> Completed:
    """Run the entrypoint on `database`."""
    return run_entrypoint(*(argv or ("--init-only",)), env={"DATABASE_URL": database.url, **env})


@pytest.fixture
def initialized(empty_database: Database) -> Database:
    """Lend a database that a start has brought up."""
    assert ExitCode.OK == run(empty_database).exit_code
    return empty_database


async def test_what_others_change_after_the_look_is_not_recorded_as_proved(
    initialized: Database, tmp_path: Path
) -> None:
    """An index that disappears while the checks still run makes the next start look again and restore it."""
    connection = await initialized.connect()
    async with paused_start(initialized, tmp_path, "verify") as start:
        await connection.execute("DROP INDEX idx_device_links_device_uuid")
        await start.release()
        assert ExitCode.OK == (await start.running.wait()).exit_code
    files = {"MORSE_SQL_DIRECTORY": str(tmp_path / "sql")}
    again = run_entrypoint("--init-only", env={"DATABASE_URL": initialized.url, **files})
    assert ExitCode.OK == again.exit_code
    assert "index idx_device_links_device_uuid" == again.event("step.applied")["target"]


async def test_storage_parameters_are_left_to_people(initialized: Database) -> None:
    """Tuning of a table or an index is a warning: verify passes, and a start neither fails nor undoes it."""
    connection = await initialized.connect()
    await connection.execute(
        "ALTER TABLE workouts SET (fillfactor = 80); ALTER INDEX idx_workouts_date SET (fillfactor = 70)"
    )
    for argv in (("--init-only",), ("verify",)):
        completed = run(initialized, *argv)
        assert ExitCode.OK == completed.exit_code
        assert "step.applied" not in completed.event_names
    assert ["fillfactor=70", "fillfactor=80"] == sorted(
        event["actual"] for event in completed.events if event["event"] == "difference.found"
    )


async def test_what_is_made_anew_keeps_its_privileges(initialized: Database) -> None:
    """A view and a function that had to be dropped are granted again to whom they were granted."""
    admin = await initialized.connect_admin()
    connection = await initialized.connect()
    await admin.execute("DROP ROLE IF EXISTS morse_reader; CREATE ROLE morse_reader")
    await connection.execute(
        "GRANT SELECT ON session_summaries TO morse_reader;"
        "ALTER VIEW session_summaries SET (security_barrier = on);"
        "DROP FUNCTION expire_old_unclaimed_workouts();"
        "CREATE FUNCTION expire_old_unclaimed_workouts() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';"
        "REVOKE ALL ON FUNCTION expire_old_unclaimed_workouts() FROM PUBLIC;"
        "GRANT EXECUTE ON FUNCTION expire_old_unclaimed_workouts() TO morse_reader"
    )
    assert ExitCode.OK == run(initialized).exit_code
    assert (True, True, False) == tuple(
        await connection.fetchrow(
            "SELECT has_table_privilege('morse_reader', 'session_summaries', 'SELECT'),"
            " has_function_privilege('morse_reader', 'expire_old_unclaimed_workouts()', 'EXECUTE'),"
            " has_function_privilege('public', 'expire_old_unclaimed_workouts()', 'EXECUTE')"
        )
    )
    await admin.execute("DROP OWNED BY morse_reader; DROP ROLE morse_reader")


async def test_an_edited_expectation_deceives_nobody(initialized: Database) -> None:
    """Verify builds what sql/ says instead of trusting the ledger's copy of it."""
    connection = await initialized.connect()
    await connection.execute("UPDATE entrypoint.history SET expected = '[]'; DROP TABLE user_progress")
    completed = run(initialized, "verify")
    assert 1 == completed.exit_code
    assert "table user_progress is missing" in completed.event("start.failed")["message"]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("DROP TABLE entrypoint.stamp", "one of its tables is missing"),
        ("DROP TABLE entrypoint.migrations", "one of its tables is missing"),
        (
            """
            ALTER TABLE entrypoint.stamp DROP CONSTRAINT stamp_environment_check;
            UPDATE entrypoint.stamp SET environment = 'Production';
            """,
            "its stamp is none of",
        ),
    ],
)
async def test_a_damaged_ledger_is_refused(initialized: Database, damage: str, said: str) -> None:
    """A ledger that lost a part is refused with code 9: it may have been a production's."""
    connection = await initialized.connect()
    await connection.execute(damage)
    completed = run(initialized)
    assert ExitCode.INCOMPATIBLE == completed.exit_code
    assert said in completed.event("start.failed")["message"]


@pytest.mark.parametrize("edit", ["verification = '{}'", "method = 'another'"])
async def test_a_record_that_cannot_be_read_proves_nothing(initialized: Database, edit: str) -> None:
    """A start that cannot use the recorded proof proves anew and records that."""
    connection = await initialized.connect()
    await connection.execute(f"UPDATE entrypoint.history SET {edit}")
    completed = run(initialized)
    assert ExitCode.OK == completed.exit_code
    assert "lock.acquired" in completed.event_names
    assert "schema.unchanged" in run(initialized).event_names or edit.startswith("verification")


async def test_triggers_made_again_leave_a_start_quiet(initialized: Database) -> None:
    """A trigger that is dropped and created as it was is no change."""
    connection = await initialized.connect()
    await connection.execute(
        "DROP TRIGGER teams_updated_at_trigger ON teams;"
        "CREATE TRIGGER teams_updated_at_trigger BEFORE UPDATE ON teams "
        "FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();"
        "COMMENT ON TRIGGER teams_updated_at_trigger ON teams IS NULL"
    )
    first = run(initialized)
    assert ExitCode.OK == first.exit_code
    await connection.execute(
        "DROP TRIGGER teams_updated_at_trigger ON teams;"
        "CREATE TRIGGER teams_updated_at_trigger BEFORE UPDATE ON teams "
        "FOR EACH ROW EXECUTE FUNCTION update_updated_at_column()"
    )
    assert "schema.unchanged" in run(initialized).event_names


async def test_a_mismatch_is_said_also_when_nothing_is_to_be_done(initialized: Database) -> None:
    """A production start on a database stamped development warns, although it has nothing to write."""
    completed = run(initialized, MORSE_ENVIRONMENT="production")
    assert ExitCode.OK == completed.exit_code
    assert "warning" == completed.event("environment.mismatched")["level"]


async def test_an_interrupted_reindex_does_not_stop_a_deploy(initialized: Database) -> None:
    """The invalid twin that REINDEX CONCURRENTLY leaves behind is a warning that names its DROP."""
    connection, admin = await initialized.connect(), await initialized.connect_admin()
    await connection.execute(
        "CREATE UNIQUE INDEX users_pkey_ccnew ON users (id); DROP INDEX idx_workouts_date"
    )
    twin = "'users_pkey_ccnew'::regclass"
    await admin.execute(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = {twin}")
    completed = run(initialized)
    assert ExitCode.OK == completed.exit_code
    noted = [event.get("note", "") for event in completed.events if event["event"] == "difference.found"]
    assert any("DROP INDEX CONCURRENTLY users_pkey_ccnew" in note for note in noted)
