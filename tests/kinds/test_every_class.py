"""A schema with one object of each class: a loss is named, foretold and restored, or refused with code 9."""

from __future__ import annotations

from pathlib import Path

import pytest

from entrypoint.errors import ExitCode
from tests.support.database import Database
from tests.support.database_state import assert_untouched, observing, state_of
from tests.support.deploys import deploy
from tests.support.files import files_with, plus

pytestmark = pytest.mark.timeout(300)

_BASELINE = """
CREATE TYPE kind_mood AS ENUM ('calm', 'upset');
CREATE TYPE kind_place AS (across integer, down integer);
CREATE DOMAIN kind_code AS text DEFAULT 'none' CONSTRAINT kind_code_check CHECK (VALUE <> '');
CREATE TYPE kind_span AS RANGE (SUBTYPE = float8, MULTIRANGE_TYPE_NAME = kind_spans);
CREATE SEQUENCE kind_seq START 100 INCREMENT BY 5;
CREATE TABLE kind_item (
    id integer GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME kind_item_id_seq START 7 INCREMENT BY 7),
    number bigint DEFAULT nextval('kind_seq'),
    code kind_code,
    mood kind_mood DEFAULT 'calm',
    label varchar(20) NOT NULL,
    CONSTRAINT kind_item_pkey PRIMARY KEY (id),
    CONSTRAINT kind_item_label_key UNIQUE (label) DEFERRABLE
);
CREATE TABLE kind_special (CONSTRAINT kind_special_pkey PRIMARY KEY (id)) INHERITS (kind_item);
CREATE UNLOGGED TABLE kind_spot OF kind_place (
    across WITH OPTIONS NOT NULL, CONSTRAINT kind_spot_pkey PRIMARY KEY (across)
);
CREATE TABLE kind_reading (
    at date NOT NULL, item_id integer NOT NULL, CONSTRAINT kind_reading_pkey PRIMARY KEY (at, item_id)
) PARTITION BY RANGE (at);
CREATE TABLE kind_reading_2026 PARTITION OF kind_reading FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX kind_reading_item ON kind_reading (item_id);
ALTER TABLE kind_reading ADD CONSTRAINT kind_reading_item_id_check CHECK (item_id > 0) NOT VALID;
CREATE RULE kind_item_kept AS ON DELETE TO kind_item WHERE OLD.id < 0 DO INSTEAD NOTHING;
ALTER TABLE kind_item ENABLE ROW LEVEL SECURITY;
CREATE POLICY kind_item_seen ON kind_item FOR SELECT USING (id > 0);
COMMENT ON POLICY kind_item_seen ON kind_item IS 'Everything';
"""
_FUNCTIONS = """
CREATE OR REPLACE FUNCTION kind_plus(a integer, b integer) RETURNS integer LANGUAGE sql
SET search_path = public, pg_temp AS 'SELECT a + b';
CREATE OR REPLACE PROCEDURE kind_work() LANGUAGE sql SET search_path = public, pg_temp AS 'SELECT 1';
CREATE OR REPLACE AGGREGATE kind_total(integer) (SFUNC = kind_plus, STYPE = integer, INITCOND = '0');
CREATE OR REPLACE FUNCTION kind_stamp() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS 'BEGIN RETURN NEW; END';
"""
_TRIGGERS = """
CREATE OR REPLACE TRIGGER kind_item_stamp BEFORE UPDATE ON kind_item
FOR EACH ROW EXECUTE FUNCTION kind_stamp();
"""
_VIEWS = """
CREATE OR REPLACE VIEW kind_labels WITH (security_barrier = true) AS SELECT id, label FROM kind_item;
CREATE OR REPLACE VIEW kind_a_view_of_it AS SELECT label FROM kind_labels;
CREATE MATERIALIZED VIEW kind_kept AS SELECT id, label FROM kind_item WITH NO DATA;
CREATE UNIQUE INDEX kind_kept_id ON kind_kept (id);
"""
_LOST = {
    "DROP TABLE kind_special": "table kind_special",
    "DROP TABLE kind_spot": "table kind_spot",
    "DROP TABLE kind_reading_2026": "table kind_reading_2026",
    "DROP INDEX kind_reading_item": "index kind_reading_item",
    "ALTER TABLE kind_reading DROP CONSTRAINT kind_reading_item_id_check": (
        "constraint kind_reading.kind_reading_item_id_check"
    ),
    "DROP TYPE kind_place": "type kind_place",
    "DROP TYPE kind_span": "type kind_span",
    "ALTER DOMAIN kind_code DROP CONSTRAINT kind_code_check": "constraint kind_code.kind_code_check",
    "DROP SEQUENCE kind_seq CASCADE": "sequence kind_seq",
    "DROP RULE kind_item_kept ON kind_item": "rule kind_item.kind_item_kept",
    "DROP POLICY kind_item_seen ON kind_item": "policy kind_item.kind_item_seen",
    "ALTER TABLE kind_item DISABLE ROW LEVEL SECURITY": "row security kind_item",
    "ALTER TABLE kind_item DROP CONSTRAINT kind_item_label_key": "constraint kind_item.kind_item_label_key",
    "DROP AGGREGATE kind_total(integer)": "function kind_total(integer)",
    "DROP FUNCTION kind_plus": "function kind_plus(integer, integer)",
    "DROP PROCEDURE kind_work": "function kind_work()",
    "DROP TRIGGER kind_item_stamp ON kind_item": "trigger kind_item.kind_item_stamp",
    "DROP VIEW kind_labels CASCADE": "view kind_labels",
    "DROP MATERIALIZED VIEW kind_kept": "materialized view kind_kept",
    "ALTER TABLE kind_item ALTER id DROP IDENTITY": "column kind_item.id",
    "ALTER TABLE kind_item ALTER label TYPE varchar(10)": "column kind_item.label",
}
_UNDECIDED = {
    "ALTER TABLE kind_reading DETACH PARTITION kind_reading_2026": "table kind_reading_2026",
    "ALTER TABLE kind_special NO INHERIT kind_item": "table kind_special",
    "ALTER TABLE kind_spot NOT OF": "table kind_spot",
    "ALTER TYPE kind_mood RENAME VALUE 'upset' TO 'cross'": "type kind_mood",
}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Lend files that have one object of each class beside ours."""
    added = {
        "init_production_schema.sql": plus(_BASELINE),
        "init_functions.sql": plus(_FUNCTIONS),
        "init_triggers.sql": plus(_TRIGGERS),
        "init_views.sql": plus(_VIEWS),
    }
    return files_with(tmp_path, added)


async def _run(database: Database, statements: list[str]) -> None:
    async with observing(database) as admin:
        await admin.execute(f"SET ROLE {database.owner}")
        for statement in statements:
            await admin.execute(statement)


async def test_what_is_lost(empty_database: Database, files: dict[str, str]) -> None:
    """What is lost at once is named by verify and plan, restored by one start, and then as it was."""
    first = await deploy(empty_database, files)
    assert ExitCode.OK == first.exit_code, first.stdout
    await _run(empty_database, list(_LOST))
    verified = await deploy(empty_database, files, "verify")
    plan = await deploy(empty_database, files, "plan")
    started = await deploy(empty_database, files)
    again = await deploy(empty_database, files, "verify")

    found = {
        f"{item['kind']} {item['name']}" for item in verified.events if item["event"] == "difference.found"
    }
    assert set() == set(_LOST.values()) - found
    assert [] == [name for name in _LOST.values() if name not in plan.stdout]
    assert ExitCode.OK == started.exit_code, started.stdout
    assert ExitCode.OK == again.exit_code, again.stdout


@pytest.mark.parametrize("statement", _UNDECIDED)
async def test_what_a_person_decides(empty_database: Database, files: dict[str, str], statement: str) -> None:
    """Another form is refused with code 9 before anything is applied, as plan foretells."""
    await deploy(empty_database, files)
    await _run(empty_database, [statement, "DROP VIEW kind_a_view_of_it"])
    before = await state_of(empty_database)
    plan = await deploy(empty_database, files, "plan")
    started = await deploy(empty_database, files)

    assert "A start would fail with code 9" in plan.stdout
    assert ExitCode.INCOMPATIBLE == started.exit_code, started.stdout
    assert any(_UNDECIDED[statement] in item for item in started.event("start.failed")["differences"])
    assert "step.applied" not in started.event_names
    await assert_untouched(empty_database, before)


async def test_what_only_the_rows_can_show(empty_database: Database, files: dict[str, str]) -> None:
    """A key that the rows contradict ends the start with code 9, and all that it did is rolled back."""
    await deploy(empty_database, files)
    await _run(
        empty_database,
        [
            "DROP VIEW kind_a_view_of_it",
            "ALTER TABLE kind_item DROP CONSTRAINT kind_item_label_key",
            "INSERT INTO kind_item (label) VALUES ('same'), ('same')",
        ],
    )
    before = await state_of(empty_database)
    started = await deploy(empty_database, files)

    assert ExitCode.INCOMPATIBLE == started.exit_code, started.stdout
    assert "kind_item_label_key" in started.event("start.failed")["message"]
    await assert_untouched(empty_database, before)


async def test_rollback_and_restore(empty_database: Database, files: dict[str, str], tmp_path: Path) -> None:
    """A rollback saves and drops an object of each class, and its backup brings them all back."""
    await deploy(empty_database, files)
    await _run(empty_database, ["INSERT INTO kind_reading VALUES ('2026-05-05', 1), ('2026-05-06', 2)"])
    confirmed = f"--confirm={empty_database.name}"
    saved = await deploy(
        empty_database, files, "rollback", confirmed, "--save-backup", "--backup-dir", str(tmp_path)
    )
    assert ExitCode.OK == saved.exit_code, saved.stdout
    [backup] = tmp_path.glob("*.sql.gz")
    restored = await deploy(empty_database, files, "restore", str(backup), confirmed)

    assert ExitCode.OK == restored.exit_code, restored.stdout
    verified = await deploy(empty_database, files, "verify")
    assert ExitCode.OK == verified.exit_code, verified.stdout
