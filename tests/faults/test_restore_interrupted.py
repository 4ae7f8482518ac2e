"""A restore that is killed, cut off or left without its server: an empty database, or the whole one."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from entrypoint.errors import ExitCode
from tests.support.cluster import Server
from tests.support.database import Database, borrowed
from tests.support.paused_command import (
    COMMIT,
    COMMIT_ANSWERED,
    Contents,
    PausedCommand,
    Point,
    assert_empty,
    assert_gone,
    assert_restorable,
    backups_in,
    contents_of,
    crash,
    kill,
    lose_connection,
    make_filled,
    paused_at,
    run,
    terminate,
)
from tests.support.pgbouncer import pooled
from tests.support.process import Completed
from tests.support.proxy import proxied
from tests.support.servers import ServerFactory

Harm = Callable[[PausedCommand], Awaitable[Completed]]

MAKING_TABLES = Point(text=b"CREATE TABLE public.users")
IN_ROWS = Point(text=b"hash 150\t")
MAKING_INDEXES = Point(text=b"CREATE INDEX idx_workouts_user_id")
RECORDING = Point(text=b"INSERT INTO entrypoint.history (\n")
_BEFORE_COMMIT = {
    "making tables": MAKING_TABLES,
    "in the rows": IN_ROWS,
    "making indexes": MAKING_INDEXES,
    "recording": RECORDING,
}
# How far a conversation has come, in parts of its messages, when it breaks.
_SHARES = (0.3, 0.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What a database held, and the backup of it."""

    before: Contents
    backup: Path

    @property
    def argv(self) -> tuple[str, ...]:
        """The command that brings it back."""
        return ("restore", str(self.backup), "--confirm")

    async def assert_back(self, database: Database) -> None:
        """Fail unless all of it is in `database`, and one line in its ledger about who restored it."""
        after = await contents_of(database)
        assert self.before.as_restored() == after.as_restored()
        assert self.before.state.entries + 1 == after.state.entries


@pytest.fixture(scope="module")
def saved(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """Say what a database with rows held, and lend its backup, which nobody may change."""
    return asyncio.run(_save(server, tmp_path_factory.mktemp("saved")))


async def _save(server: Server, directory: Path) -> Saved:
    async with borrowed(server, "saved", template=await make_filled(server)) as database:
        before = await contents_of(database)
        completed = await run(
            database, "rollback", "--confirm", "--save-backup", "--backup-dir", str(directory)
        )
        assert ExitCode.OK == completed.exit_code, completed.stdout
    [backup] = backups_in(directory)
    return Saved(before=before, backup=backup)


@pytest.mark.representative("kill")
@pytest.mark.parametrize("harm", [kill, terminate])
async def test_ended_before_commit(
    empty_database: Database, saved: Saved, tmp_path: Path, harm: Harm
) -> None:
    """Killed or told to end anywhere before COMMIT, a restore leaves the database as empty as it was."""
    for point in _BEFORE_COMMIT.values():
        async with paused_at(empty_database, point, *saved.argv) as paused:
            await harm(paused)
        await assert_gone(empty_database, tmp_path)
        await assert_empty(empty_database)
    await assert_restorable(empty_database, saved.before, saved.backup)


@pytest.mark.parametrize("point", [COMMIT, COMMIT_ANSWERED], ids=["sent", "answered"])
async def test_killed_at_commit(empty_database: Database, saved: Saved, tmp_path: Path, point: Point) -> None:
    """Killed when COMMIT is on its way, it leaves the whole database."""
    async with paused_at(empty_database, point, *saved.argv) as paused:
        await kill(paused)
    await assert_gone(empty_database, tmp_path)
    await saved.assert_back(empty_database)


@pytest.mark.representative("in the rows", "answer lost")
@pytest.mark.parametrize(
    "point",
    [
        *(IN_ROWS, RECORDING, Point(text=b"pg_current_xact_id_if_assigned")),
        *(COMMIT, COMMIT_ANSWERED),
    ],
    ids=["in the rows", "recording", "before commit", "commit never arrived", "answer lost"],
)
async def test_connection_breaks(
    empty_database: Database, saved: Saved, tmp_path: Path, point: Point
) -> None:
    """A restore that is cut off begins again if it has to, and says success only of a whole database."""
    async with paused_at(empty_database, point, *saved.argv) as paused:
        completed = await lose_connection(paused)
    assert ExitCode.OK == completed.exit_code, completed.stdout
    assert "verification.passed" in completed.event_names
    await assert_gone(empty_database, tmp_path)
    await saved.assert_back(empty_database)


async def test_connection_breaks_anywhere(empty_database: Database, saved: Saved, tmp_path: Path) -> None:
    """Wherever its connection breaks, a restore ends with every row back."""
    database = empty_database
    async with proxied(database.server.host, database.server.port) as proxy:
        total = 0
        for share in (0.0, *_SHARES):
            proxy.messages["client"] = 0
            if total:
                proxy.cut_after("client", round(total * share))
            completed = await run(database, *saved.argv, DATABASE_URL=proxy.url(database.url))
            assert ExitCode.OK == completed.exit_code, completed.stdout
            total = total or proxy.messages["client"]
            await assert_gone(database, tmp_path)
            await saved.assert_back(empty_database)
            assert ExitCode.OK == (await run(database, "rollback", "--confirm")).exit_code


async def test_server_crashes(private_server: ServerFactory, tmp_path: Path) -> None:
    """A server that crashes in the middle of a restore costs one attempt."""
    server = await private_server()
    saved = await _save(server, tmp_path)
    async with borrowed(server, "crash") as database:
        async with paused_at(database, IN_ROWS, *saved.argv) as paused:
            completed = await crash(paused, server)
        assert ExitCode.OK == completed.exit_code, completed.stdout
        await assert_gone(database, tmp_path)
        await saved.assert_back(database)


async def test_server_stays_away(private_server: ServerFactory, tmp_path: Path) -> None:
    """A server that does not come back ends a restore with code 2, and nothing of it is there later."""
    server = await private_server()
    saved = await _save(server, tmp_path)
    async with borrowed(server, "away") as database:
        env = {"MORSE_START_BUDGET_SECONDS": "1"}
        async with paused_at(database, IN_ROWS, *saved.argv, env=env) as paused:
            server.stop("immediate")
            paused.go_on()
            completed = await paused.running.wait()
        server.start()
        assert ExitCode.UNREACHABLE == completed.exit_code, completed.stdout
        await assert_gone(database, tmp_path)
        await assert_empty(database)


def _cut(text: bytes) -> bytes:
    return text[: text.index(b"hash 150\t")]


def _half_a_row(text: bytes) -> bytes:
    return text.replace(b"\thash 150\t", b"\n")


def _ends_the_transaction(text: bytes) -> bytes:
    return text.replace(
        b"\nCREATE TABLE public.users", b"\nCOMMIT;\nSELECT 1 / 0;\nCREATE TABLE public.users"
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_cut, 3),
        (_half_a_row, ExitCode.ROUTINES),
        (_ends_the_transaction, 3),
    ],
)
async def test_forged_checksum(
    empty_database: Database, saved: Saved, tmp_path: Path, change: Callable[[bytes], bytes], code: ExitCode
) -> None:
    """A file that was changed together with its checksum fails as a whole, and nothing of it stays."""
    forged = tmp_path / "forged.sql.gz"
    packed = gzip.compress(change(gzip.decompress(saved.backup.read_bytes())))
    forged.write_bytes(packed)
    Path(f"{forged}.sha256").write_text(f"{hashlib.sha256(packed).hexdigest()}  {forged.name}\n")
    completed = await run(empty_database, "restore", str(forged), "--confirm")

    assert code == completed.exit_code, completed.stdout
    assert completed.event("start.failed")["remedy"]
    await assert_gone(empty_database, tmp_path)
    await assert_empty(empty_database)
    await assert_restorable(empty_database, saved.before, saved.backup)


async def test_through_a_pooler(empty_database: Database, saved: Saved, reachable_path: Path) -> None:
    """A restore needs no session of its own: through a pooler of transactions it brings back every row."""
    async with pooled(empty_database, reachable_path) as url:
        completed = await run(empty_database, *saved.argv, DATABASE_URL=url)
    assert ExitCode.OK == completed.exit_code, completed.stdout
    await saved.assert_back(empty_database)
