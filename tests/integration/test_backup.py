"""A backup holds what a rollback drops, no less and no more, and psql brings it back."""

from __future__ import annotations

import asyncio
import gzip
import os
import stat
from pathlib import Path
from urllib.parse import quote

import pytest
from structlog.testing import capture_logs

from entrypoint.backup import file as archive
from entrypoint.backup import pg_dump, take
from entrypoint.backup.dump_reader import CopyBegin, CopyEnd, Entry
from entrypoint.postgres.embedded.programs import embedded_binaries
from tests.support.backups import checksums, moment, restore
from tests.support.cluster import OWNER
from tests.support.database import Database
from tests.support.deploys import deploy

NASTY = [
    "back\\slash",
    "\\.",
    "a\tb\nc\rd\\n",
    "\\N",
    "",
    "'quoted' \"twice\" $$ $_$",
    "\n--\n-- Name: users; Type: TABLE; Schema: public; Owner: -\n--\n\n",
    "COPY public.users (id) FROM stdin;\n\\.\n",
    "ü \U0001f3cb \u2028 \x01\x7f",
    None,
]
HOSTILE = "p@:/%# '\"\\?&=ü"
FAKE = """
--
-- Name: users; Type: TABLE; Schema: public; Owner: -
--

COPY public.users (id) FROM stdin;
\\.
"""
FOREIGN = f"""
    CREATE TYPE stranger_mood AS ENUM ('good', 'bad');
    CREATE DOMAIN stranger_number AS integer CHECK (value > 0);
    COMMENT ON CONSTRAINT stranger_number_check ON DOMAIN stranger_number IS 'of a stranger';
    CREATE TABLE "stranger's ""table" (id serial PRIMARY KEY, felt stranger_mood, note text DEFAULT '{FAKE}');
    INSERT INTO "stranger's ""table" (felt) VALUES ('good');
    CREATE VIEW stranger_view AS SELECT * FROM "stranger's ""table";
    CREATE STATISTICS stranger_statistics ON id, felt FROM "stranger's ""table";
    CREATE FUNCTION stranger_function(stranger_mood) RETURNS integer LANGUAGE sql AS 'SELECT 1';
    COMMENT ON FUNCTION stranger_function IS 'of a stranger';
    REVOKE ALL ON "stranger's ""table" FROM PUBLIC;
    COMMENT ON SCHEMA public IS 'of a stranger';
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {OWNER};
    CREATE INDEX dba_index ON public.users (created_at);
    CREATE STATISTICS dba_statistics ON id, created_at FROM public.users;
    ALTER STATISTICS dba_statistics OWNER TO {OWNER};
    GRANT SELECT ON public.users TO pg_monitor;
    GRANT SELECT (id) ON public.exercises TO pg_monitor;
"""
OURS = f"""
    CREATE FUNCTION ours(a uuid[], "b c" exercises, c numeric DEFAULT 1) RETURNS text LANGUAGE plpgsql AS $f$
    BEGIN
    /*{FAKE}*/
    RETURN '{FAKE}';
    END $f$;
    COMMENT ON FUNCTION ours IS 'ours';
    REVOKE ALL ON FUNCTION ours FROM PUBLIC;
    CREATE TABLE "odd; Type: X; Schema: public; Owner: -" (
        "a, ""b"" c" integer GENERATED ALWAYS AS IDENTITY, twice integer GENERATED ALWAYS AS (2) STORED
    );
    INSERT INTO "odd; Type: X; Schema: public; Owner: -" DEFAULT VALUES;
    CREATE TABLE no_columns ();
    INSERT INTO no_columns DEFAULT VALUES;
"""
DROP_OURS = f"""
    DROP SCHEMA entrypoint CASCADE;
    DO $$
    DECLARE word text;
    BEGIN
        FOR word IN SELECT format('DROP TABLE IF EXISTS %I CASCADE', tablename) FROM pg_tables
            WHERE schemaname = 'public' AND tableowner = '{OWNER}'
        LOOP EXECUTE word; END LOOP;
        FOR word IN SELECT format('DROP ROUTINE %s', oid::regprocedure) FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace AND proowner = '{OWNER}'::regrole
        LOOP EXECUTE word; END LOOP;
    END $$;
"""


@pytest.fixture
async def filled(initialised_database: Database) -> Database:
    """Lend a database with sample data, and values in it that a text format could trip over."""
    completed = await deploy(initialised_database, None, "--init-only", "--with-test-data")
    assert 0 == completed.exit_code, completed.stdout
    connection = await initialised_database.connect()
    await connection.executemany(
        "INSERT INTO exercises (workout_id, exercise_name, notes) SELECT id, 'x', $1 FROM workouts LIMIT 1",
        [(value,) for value in NASTY],
    )
    return initialised_database


async def test_round_trip(filled: Database, empty_database: Database, tmp_path: Path) -> None:
    """What psql restores into an empty database is, row by row and object by object, what was there."""
    async with moment(filled) as now:
        with capture_logs() as logs:
            taken = await now.take(tmp_path / "new" / "backups")
        assert now.options["counts"] == taken.rows
    await restore(taken.path, empty_database)
    assert await checksums(filled) == await checksums(empty_database)
    completed = await deploy(empty_database, None, "verify", "--deep")
    assert 0 == completed.exit_code, completed.stdout

    [event] = [line for line in logs if line["event"] == "backup.proved"]
    assert (str(taken.path), sum(taken.rows.values())) == (event["path"], event["rows"])
    assert (taken.path.stat().st_size, taken.sha256) == (event["bytes"], event["sha256"])


async def test_files(filled: Database, tmp_path: Path) -> None:
    """Backup and digest are for their owner's eyes alone, and sha256sum is content with them."""
    async with moment(filled) as now:
        taken = await now.take(tmp_path / "backups")
    files = sorted(taken.path.parent.iterdir())
    assert [taken.path.name, f"{taken.path.name}.sha256"] == [file.name for file in files]
    assert {0o600} == {stat.S_IMODE(file.stat().st_mode) for file in files}
    assert 0o700 == stat.S_IMODE(taken.path.parent.stat().st_mode)
    assert taken.sha256 == archive.check(taken.path)
    check = await asyncio.create_subprocess_exec("sha256sum", "-c", files[1].name, cwd=taken.path.parent)
    assert 0 == await check.wait()


async def test_objects_of_others(filled: Database, empty_database: Database, tmp_path: Path) -> None:
    """Objects of others are left out, unread; what hangs on the product's tables is in."""
    admin, connection = await filled.connect_admin(), await filled.connect()
    await connection.execute(OURS)
    await admin.execute(FOREIGN)
    async with moment(filled) as now:
        # As an owner who may not even read what belongs to others.
        taken = await now.take(tmp_path)
    text = gzip.decompress(taken.path.read_bytes()).decode()
    statements = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    for word in ("stranger", "ALTER DEFAULT PRIVILEGES", "SCHEMA public", "restrict "):
        assert word not in statements
    for word in ("dba_index", "dba_statistics", "TO pg_monitor", "COMMENT ON FUNCTION public.ours"):
        assert word in statements

    before = await checksums(filled)
    await restore(taken.path, empty_database)
    assert before == await checksums(empty_database)
    # And into the same database, when all but the product is still there.
    await admin.execute(DROP_OURS)
    await restore(taken.path, filled)
    assert before == await checksums(filled)
    assert not await connection.fetchval(
        "SELECT has_function_privilege('pg_monitor', 'ours(uuid[],exercises,numeric)', 'execute')"
    )


async def test_snapshot(filled: Database, tmp_path: Path) -> None:
    """The backup holds the snapshot that was exported, whatever was committed since."""
    async with moment(filled) as now:
        other = await filled.connect()
        await other.execute("DELETE FROM exercises")
        taken = await now.take(tmp_path)
    assert now.options["counts"]["public.exercises"] == taken.rows["public.exercises"] > 0


async def test_password(filled: Database, tmp_path: Path) -> None:
    """A password with every character that a URL or a connection string could trip over is no obstacle."""
    admin = await filled.connect_admin()
    await admin.execute("CREATE ROLE \"o'dd user\" LOGIN PASSWORD '" + HOSTILE.replace("'", "''") + "'")
    try:
        await admin.execute(f'GRANT {OWNER} TO "o\'dd user"')
        url = filled.server.url(filled.name, user="o'dd user", password=HOSTILE)
        async with moment(filled) as now:
            taken = await now.take(tmp_path, url=f"{url}?sslmode=prefer&work_mem=4MB&options=-c%20jit%3Doff")
        assert taken.path.exists()
    finally:
        await admin.execute(f'REVOKE {OWNER} FROM "o\'dd user"')
        await admin.execute('DROP ROLE "o\'dd user"')


async def test_socket(filled: Database, tmp_path: Path) -> None:
    """A server that listens on a socket is reached there."""
    server = filled.server
    socket = quote(str(server.directory), safe="")
    url = filled.url.replace(f"@{server.host}:", f"@{socket}:")
    if not os.access(server.directory, os.X_OK):
        pytest.skip("the socket lies in a directory of the server's user")
    async with moment(filled) as now:
        taken = await now.take(tmp_path, url=url)
    assert taken.path.exists()


async def test_unknown_settings(
    filled: Database, empty_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a newer pg_dump sets and the server does not know is taken out."""
    newest = embedded_binaries() / "pg_dump"
    monkeypatch.setattr(pg_dump, "_candidates", lambda _: [newest])
    async with moment(filled) as now:
        known = now.options["known_settings"] - {"transaction_timeout"}
        taken = await now.take(tmp_path, known_settings=known)
    assert taken.program.startswith("pg_dump 18.")
    assert b"SET transaction_timeout" not in gzip.decompress(taken.path.read_bytes())
    await restore(taken.path, empty_database)
    assert await checksums(filled) == await checksums(empty_database)


async def test_read(filled: Database, tmp_path: Path) -> None:
    """What was written is read entry by entry, with every table's rows."""
    async with moment(filled) as now:
        taken = await now.take(tmp_path)
    items = [item async for item in archive.read(taken.path)]
    tables = [f"{item.schema}.{item.table}" for item in items if isinstance(item, CopyBegin)]
    rows = [item.rows for item in items if isinstance(item, CopyEnd)]
    assert taken.rows == dict(zip(tables, rows, strict=True))
    assert "END" == [item for item in items if isinstance(item, Entry)][-1].kind


async def test_standard_output(
    filled: Database, empty_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a directory the same goes to standard output, proved on its way."""
    path = tmp_path / "streamed.sql.gz"
    with path.open("wb") as file:
        monkeypatch.setattr(take, "_STANDARD_OUTPUT", file.fileno())
        async with moment(filled) as now:
            taken = await now.take(None)
    assert (None, path.stat().st_size) == (taken.path, taken.size_bytes)
    assert now.options["counts"] == taken.rows
    await restore(path, empty_database)
    assert await checksums(filled) == await checksums(empty_database)
