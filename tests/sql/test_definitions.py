"""What sql/ defines: names, signatures, and text that survives repetition, other schemas, dumps."""

from __future__ import annotations

import asyncio
import os

import asyncpg
import pytest

from entrypoint.catalog.objects import Catalog, read
from tests.support.cluster import CANARY
from tests.support.database import INIT_FILES, SQL, Database
from tests.support.waiting import PATIENCE_SECONDS

OLD_NAMES = {
    "fk_users_app_users": "users_migrated_to_app_user_id_fkey",
    "fk_audio_files_session": "audio_files_session_id_fkey",
    "fk_speaker_verifications_audio": "speaker_verifications_audio_file_id_fkey",
}
INDEXES = """
app_users_passphrase app_users_active
users_device_uuid users_device_uuid_suffix users_migrated_to_app_user_id users_migration_status
workout_sessions_user_id workout_sessions_date workout_sessions_status
workout_sessions_claim_status
audio_files_user_id audio_files_processed audio_files_upload_timestamp
audio_files_transcription_status audio_files_session_id audio_files_voice_extracted
voice_profiles_user_id voice_profiles_active
speaker_verifications_audio_file_id speaker_verifications_voice_profile_id
user_devices_user_id user_devices_device_uuid user_devices_active user_devices_device_uuid_suffix
device_links_user_id device_links_device_uuid device_links_active device_links_last4
transcriptions_audio_file_id
session_audio_files_session_id session_audio_files_audio_file_id
session_detection_config_user_id
workouts_user_id workouts_date workouts_session_id workouts_claim_status workouts_audio_file_id
workouts_transcription_id
exercises_workout_id exercises_name exercises_muscle_groups
user_progress_user_id user_progress_exercise user_progress_date user_progress_workout_id
workout_claims_user_id workout_claims_workout_id
session_claims_user_id session_claims_session_id
teams_invite_code teams_creator
team_memberships_team_id team_memberships_user_id
"""


async def definitions(connection: asyncpg.Connection, schema: str = "public") -> Catalog:
    """Return every object of a schema as the entrypoint compares it, wherever it stands in the catalogs."""
    async with connection.transaction():
        await connection.execute(f"SET LOCAL search_path = {schema}, pg_temp")
        return {key: item._replace(position=0) for key, item in (await read(connection, schema)).items()}


async def apply(connection: asyncpg.Connection) -> None:
    """Apply the files of the schema in one transaction."""
    async with connection.transaction():
        for file in INIT_FILES:
            await connection.execute((SQL / file).read_text())


async def test_a_second_run_changes_nothing(database: Database) -> None:
    """The files can be applied again to what they made."""
    connection = await database.connect()
    before = await definitions(connection)
    await apply(connection)
    assert before == await definitions(connection)


async def test_the_files_build_in_any_schema(database: Database, empty_database: Database) -> None:
    """Built in another schema the objects read as those in public, and public stays empty."""
    connection = await empty_database.connect()
    await connection.execute("CREATE SCHEMA scratch_x; SET search_path = scratch_x, pg_temp")
    await apply(connection)
    public = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    assert 0 == await connection.fetchval(public)
    expected = await definitions(await database.connect())
    assert expected == await definitions(connection, "scratch_x")


async def test_definitions_survive_dump_and_restore(database: Database, empty_database: Database) -> None:
    """Every definition reads the same after pg_dump and psql."""
    environ = {**os.environ, "PGPASSWORD": CANARY, "PGOPTIONS": "-c client_min_messages=error"}
    server = database.server
    login = [f"--host={server.host}", f"--port={server.port}", f"--username={database.owner}"]
    dump = await _output(environ, server.bin / "pg_dump", *login, database.name)
    restore = [*login, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", empty_database.name]
    await _output(environ, server.bin / "psql", *restore, text=dump)
    expected = await definitions(await database.connect())
    assert expected == await definitions(await empty_database.connect())


async def _output(environ: dict[str, str], program: os.PathLike[str], *argv: str, text: bytes = b"") -> bytes:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        program, *argv, stdin=pipe, stdout=pipe, stderr=pipe, env=environ
    )
    output, errors = await asyncio.wait_for(process.communicate(text), timeout=PATIENCE_SECONDS)
    assert (0, b"") == (process.returncode, errors)
    return output


async def test_constraints_are_named_as_the_server_would(database: Database) -> None:
    """A name tells table, columns and kind, but for three names that are older than the rule."""
    connection = await database.connect()
    found = await connection.fetch(
        """
        SELECT
            c.conname,
            t.relname,
            CASE c.contype WHEN 'p' THEN '' ELSE (
                SELECT string_agg(a.attname || '_', '' ORDER BY place)
                FROM unnest(c.conkey) WITH ORDINALITY AS k (number, place)
                JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = number
            ) END,
            CASE c.contype WHEN 'p' THEN 'pkey' WHEN 'u' THEN 'key' WHEN 'f' THEN 'fkey' ELSE 'check' END
        FROM pg_constraint AS c JOIN pg_class AS t ON c.conrelid = t.oid
        WHERE
            c.connamespace = 'public'::regnamespace AND c.contype IN ('p', 'u', 'f', 'c')
            AND c.conname <> 'workouts_audio_or_session_check'
        """
    )
    assert 19 + 8 + 27 + 2 == len(found)
    for name, table, columns, kind in found:
        assert f"{table}_{columns}{kind}" == OLD_NAMES.get(name, name)


async def test_named_indexes_are_complete(database: Database) -> None:
    """The 47 indexes people look for by name are there, and six more."""
    connection = await database.connect()
    found = await connection.fetch("SELECT relname FROM pg_class WHERE relname LIKE 'idx\\_%'")
    assert {f"idx_{name}" for name in INDEXES.split()} == {row[0] for row in found}
    assert 53 == len(found)


@pytest.mark.parametrize(("table", "column"), [("teams", "team_id"), ("team_memberships", "membership_id")])
async def test_sequences_are_those_of_serial(database: Database, table: str, column: str) -> None:
    """The explicit sequence of an integer key equals what `serial` would have made."""
    connection = await database.connect()
    await connection.execute("CREATE TABLE plain (id serial)")
    facts = """
        SELECT
            s.data_type, s.start_value, s.min_value, s.max_value, s.increment_by, s.cycle, s.cache_size,
            d.column_default = format('nextval(%L::regclass)', s.sequencename)
        FROM pg_sequences AS s, information_schema.columns AS d
        WHERE
            format('%s.%s', s.schemaname, s.sequencename) = pg_get_serial_sequence($1, $2)
            AND d.table_name = $1::text AND d.column_name = $2::text
    """
    expected = await connection.fetchrow(facts, "plain", "id")
    assert expected
    assert expected == await connection.fetchrow(facts, table, column)


async def test_every_table_view_and_function_has_a_comment(database: Database) -> None:
    """Somebody who looks at the catalog is told what each object is for."""
    connection = await database.connect()
    silent = await connection.fetch(
        """
        SELECT oid::regclass::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')
            AND obj_description(oid, 'pg_class') IS NULL
        UNION ALL
        SELECT oid::regprocedure::text FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND obj_description(oid, 'pg_proc') IS NULL
        """
    )
    assert [] == silent


async def test_a_workout_needs_a_recording_or_a_session(database: Database) -> None:
    """Without both a workout comes from nowhere and is refused."""
    connection = await database.connect()
    user = await connection.fetchval("INSERT INTO users (device_uuid) VALUES ('a') RETURNING id")
    with pytest.raises(asyncpg.CheckViolationError, match="workouts_audio_or_session_check"):
        await connection.execute(
            "INSERT INTO workouts (user_id, workout_date) VALUES ($1, CURRENT_DATE)", user
        )
