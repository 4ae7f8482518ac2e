"""The fingerprint: it changes with every kind of definition, and with nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from entrypoint.catalog import fingerprint
from tests.support.database import Database

_CHANGES: Mapping[str, str] = {
    "table": "CREATE TABLE notes (body text)",
    "table's setting": "ALTER TABLE users SET (fillfactor = 70)",
    "column": "ALTER TABLE users ADD COLUMN notes text",
    "column's name": "ALTER TABLE users RENAME COLUMN last_seen TO seen_last",
    "column's type": "ALTER TABLE workouts ALTER COLUMN notes TYPE varchar(9)",
    "NOT NULL": "ALTER TABLE users ALTER COLUMN device_uuid DROP NOT NULL",
    "default": "ALTER TABLE users ALTER COLUMN total_workouts SET DEFAULT 1",
    "constraint": "ALTER TABLE users DROP CONSTRAINT fk_users_app_users",
    "constraint not validated": "ALTER TABLE users ADD CHECK (total_workouts >= 0) NOT VALID",
    "foreign key switched off": "ALTER TABLE users DISABLE TRIGGER ALL",
    "index": "DROP INDEX idx_users_migration_status",
    "index not valid": "UPDATE pg_index SET indisvalid = false WHERE indrelid = 'users'::regclass",
    "index's predicate": "DROP INDEX idx_app_users_active; "
    "CREATE INDEX idx_app_users_active ON app_users (is_active) WHERE NOT is_active",
    "sequence": "ALTER SEQUENCE teams_team_id_seq INCREMENT BY 2",
    "sequence's owner": "ALTER SEQUENCE teams_team_id_seq OWNED BY NONE",
    "function's body": "CREATE OR REPLACE FUNCTION update_updated_at_column() RETURNS trigger "
    "LANGUAGE plpgsql SET search_path = public, pg_temp AS 'BEGIN RETURN NEW; END'",
    "function's setting": "ALTER FUNCTION update_updated_at_column() SET work_mem = '5MB'",
    "function": "CREATE FUNCTION notes() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "view": "DO $$ BEGIN EXECUTE 'CREATE OR REPLACE VIEW session_summaries AS SELECT * FROM ('"
    " || rtrim(pg_get_viewdef('session_summaries'), ';') || ') AS s WHERE false'; END $$",
    "trigger disabled": "ALTER TABLE workout_sessions DISABLE TRIGGER USER",
    "trigger": "CREATE TRIGGER notes BEFORE UPDATE ON users "
    "FOR EACH ROW EXECUTE FUNCTION update_updated_at_column()",
    "rule": "CREATE RULE notes AS ON DELETE TO users DO INSTEAD NOTHING",
    "row security": "ALTER TABLE users ENABLE ROW LEVEL SECURITY",
    "policy": "CREATE POLICY notes ON users USING (false)",
    "comment": "COMMENT ON COLUMN users.last_seen IS 'When?'",
    "owner": "ALTER TABLE users OWNER TO postgres",
    "type": "CREATE TYPE notes AS ENUM ('a')",
    "inheritance": "CREATE TABLE notes () INHERITS (users)",
}


@pytest.mark.parametrize("kind", _CHANGES)
async def test_every_kind_of_change(database: Database, kind: str) -> None:
    """Each kind of change to the catalog gives another fingerprint, and its rollback the old one."""
    admin = await database.connect_admin()
    before = await fingerprint.read(admin)
    change = admin.transaction()
    await change.start()
    await admin.execute(_CHANGES[kind])
    changed = await fingerprint.read(admin)
    await change.rollback()

    assert before != changed
    assert before == await fingerprint.read(admin)


async def test_settings_of_the_session(database: Database) -> None:
    """The fingerprint does not depend on settings that change how the server writes values."""
    connection = await database.connect()
    before = await fingerprint.read(connection)
    await connection.execute(
        "SET search_path = pg_catalog; SET quote_all_identifiers = on; SET DateStyle = 'SQL, DMY'; "
        "SET IntervalStyle = 'iso_8601'; SET TimeZone = 'Asia/Tokyo'; SET extra_float_digits = 0; "
        "SET bytea_output = 'escape'; SET standard_conforming_strings = off"
    )

    assert before == await fingerprint.read(connection)
