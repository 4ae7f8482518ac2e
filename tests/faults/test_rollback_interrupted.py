"""A rollback that is killed, cut off or left without its server: the whole database, or none and a backup."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from entrypoint.errors import ExitCode
from tests.support.cluster import Server
from tests.support.database import Database, borrowed
from tests.support.database_state import assert_converged
from tests.support.paused_command import (
    COMMIT,
    COMMIT_ANSWERED,
    DROPPED,
    DROPPING,
    EXPORTED,
    LOCKING,
    PG_DUMP_BEGINS_ROWS,
    PG_DUMP_CONNECTS,
    PG_DUMP_ENDS_ROWS,
    PG_DUMP_IN_ROWS,
    PG_DUMP_LOCKS,
    PROVED,
    Contents,
    PausedCommand,
    Point,
    assert_empty,
    assert_gone,
    assert_restorable,
    assert_whole,
    backups_in,
    contents_of,
    crash,
    kill,
    kill_pg_dump,
    lose_connection,
    make_filled,
    paused_at,
    run,
    terminate,
)
from tests.support.process import Completed
from tests.support.proxy import proxied
from tests.support.servers import ServerFactory

Harm = Callable[[PausedCommand], Awaitable[Completed]]

REBUILDING = Point(text=b"CREATE TABLE IF NOT EXISTS users", after=b"DROP SCHEMA entrypoint")
RECORDING = Point(text=b"INSERT INTO entrypoint.history")

_BEFORE_COMMIT = {
    "taking locks": LOCKING,
    "snapshot exported": EXPORTED,
    "in the rows": PG_DUMP_IN_ROWS,
    "backup proved": PROVED,
    "dropping": DROPPING,
}
_IN_PG_DUMP = {
    "connecting": PG_DUMP_CONNECTS,
    "locking": PG_DUMP_LOCKS,
    "before the rows": PG_DUMP_BEGINS_ROWS,
    "in the rows": PG_DUMP_IN_ROWS,
    "at the last rows": PG_DUMP_ENDS_ROWS,
}
# How far a conversation has come, in parts of its messages, when it breaks.
_SHARES = (0.1, 0.5, 0.8)


@pytest.fixture
async def filled(server: Server) -> AsyncIterator[Database]:
    """Lend a database with rows in it."""
    async with borrowed(server, "interrupted", template=await make_filled(server)) as database:
        yield database


def _rollback(directory: Path) -> tuple[str, ...]:
    return ("rollback", "--confirm", "--save-backup", "--backup-dir", str(directory))


def _reinstall(directory: Path) -> tuple[str, ...]:
    return ("--init-only", "--force", "--confirm", "--save-backup", "--backup-dir", str(directory))


@pytest.mark.representative("kill")
@pytest.mark.parametrize("harm", [kill, terminate])
async def test_ended_before_commit(filled: Database, tmp_path: Path, harm: Harm) -> None:
    """Killed or told to end anywhere before COMMIT, a rollback leaves every row, and no unfinished file."""
    before = await contents_of(filled)
    for name, point in _BEFORE_COMMIT.items():
        directory = _made(tmp_path / name)
        async with paused_at(filled, point, *_rollback(directory)) as paused:
            await harm(paused)
        await assert_gone(filled, directory, killed=harm is kill)
        await assert_whole(filled, before)
        assert (point in (PROVED, DROPPING)) == bool(backups_in(directory)), name


@pytest.mark.parametrize("point", [COMMIT, COMMIT_ANSWERED], ids=["sent", "answered"])
async def test_killed_at_commit(filled: Database, tmp_path: Path, point: Point) -> None:
    """Killed when COMMIT is on its way, it leaves an empty database and a backup that restores."""
    before = await contents_of(filled)
    async with paused_at(filled, point, *_rollback(tmp_path)) as paused:
        await kill(paused)
    await assert_gone(filled, tmp_path)
    await assert_empty(filled)
    [backup] = backups_in(tmp_path)
    await assert_restorable(filled, before, backup)


async def test_told_to_end_at_commit(filled: Database, tmp_path: Path) -> None:
    """Told to end before COMMIT has left, it leaves the whole database, and the backup that it proved."""
    before = await contents_of(filled)
    async with paused_at(filled, DROPPED, *_rollback(tmp_path)) as paused:
        await terminate(paused)
    await assert_gone(filled, tmp_path)
    await assert_whole(filled, before)
    assert 1 == len(backups_in(tmp_path))


@pytest.mark.representative("kill-dropping", "terminate-dropped")
@pytest.mark.parametrize("point", [DROPPING, DROPPED], ids=["dropping", "dropped"])
@pytest.mark.parametrize("harm", [kill, terminate])
async def test_without_a_backup(filled: Database, tmp_path: Path, harm: Harm, point: Point) -> None:
    """Without a backup a rollback is all or nothing just the same."""
    before = await contents_of(filled)
    async with paused_at(filled, point, "rollback", "--confirm") as paused:
        await harm(paused)
    await assert_gone(filled, tmp_path)
    await assert_whole(filled, before)


async def test_pg_dump_is_killed(filled: Database, tmp_path: Path) -> None:
    """A pg_dump that dies, wherever it is, ends the rollback with code 3, and nothing is dropped."""
    before = await contents_of(filled)
    for name, point in _IN_PG_DUMP.items():
        directory = _made(tmp_path / name)
        async with paused_at(filled, point, *_rollback(directory)) as paused:
            kill_pg_dump(filled)
            paused.go_on()
            completed = await paused.running.wait()
        assert 3 == completed.exit_code, completed.stdout
        assert "was ended by SIGKILL" in completed.event("start.failed")["message"]
        await assert_gone(filled, directory)
        assert [] == backups_in(directory)
        await assert_whole(filled, before)


async def test_server_crashes(private_server: ServerFactory, tmp_path: Path) -> None:
    """A server that crashes costs an attempt or the backup; what is left is whole, or backed up."""
    server = await private_server()
    async with borrowed(server, "crash", template=await make_filled(server)) as database:
        before = await contents_of(database)
        for name, point, code in (
            ("in the rows", PG_DUMP_IN_ROWS, 3),
            ("proved", PROVED, ExitCode.OK),
            ("committed", COMMIT_ANSWERED, ExitCode.OK),
        ):
            directory = _made(tmp_path / name)
            async with paused_at(database, point, *_rollback(directory)) as paused:
                completed = await crash(paused, server)
            assert (name, code) == (name, completed.exit_code), completed.stdout
            await assert_gone(database, directory)
            await _assert_as_told(database, before, directory, completed)


async def test_connection_breaks(filled: Database, tmp_path: Path) -> None:
    """Wherever one of its connections breaks, a rollback ends as it says: all is there, or backed up."""
    before = await contents_of(filled)
    async with proxied(filled.server.host, filled.server.port) as proxy:
        total = 0
        for share in (0.0, *_SHARES):
            directory = _made(tmp_path / str(share))
            proxy.messages["client"] = 0
            if total:
                proxy.cut_after("client", round(total * share))
            completed = await run(filled, *_rollback(directory), DATABASE_URL=proxy.url(filled.url))
            total = total or proxy.messages["client"]
            await assert_gone(filled, directory)
            await _assert_as_told(filled, before, directory, completed)


@pytest.mark.representative("recording")
@pytest.mark.parametrize("point", [REBUILDING, RECORDING], ids=["rebuilding", "recording"])
async def test_reinstallation_is_killed(filled: Database, tmp_path: Path, point: Point) -> None:
    """A reinstallation that is killed leaves the old database, and the backup that it proved."""
    before = await contents_of(filled)
    async with paused_at(filled, point, *_reinstall(tmp_path)) as paused:
        await kill(paused)
    await assert_gone(filled, tmp_path)
    await assert_whole(filled, before)
    assert 1 == len(backups_in(tmp_path))


async def test_reinstallation_loses_its_connection(filled: Database, tmp_path: Path) -> None:
    """A reinstallation that is cut off begins again, and comes to its end with the rows in its backup."""
    before = await contents_of(filled)
    async with paused_at(filled, RECORDING, *_reinstall(tmp_path)) as paused:
        completed = await lose_connection(paused)
    assert ExitCode.OK == completed.exit_code, completed.stdout
    await assert_gone(filled, tmp_path)
    await _assert_reinstalled(filled)
    assert ExitCode.OK == (await run(filled, "rollback", "--confirm")).exit_code
    await assert_restorable(filled, before, backups_in(tmp_path)[-1])


async def test_network_falls_silent(filled: Database, tmp_path: Path) -> None:
    """In the middle of a backup a network that is gone can be left by a signal, and nothing was dropped."""
    before = await contents_of(filled)
    async with paused_at(filled, PG_DUMP_IN_ROWS, *_rollback(tmp_path)) as paused:
        paused.freeze()
        await terminate(paused)
    await assert_gone(filled, tmp_path)
    await assert_whole(filled, before)


@pytest.mark.parametrize(("point", "status"), [(COMMIT, "aborted"), (COMMIT_ANSWERED, "committed")])
async def test_commit_in_doubt(filled: Database, tmp_path: Path, point: Point, status: str) -> None:
    """The server is asked what became of a COMMIT; only what is still there is backed up again."""
    async with paused_at(filled, point, *_rollback(tmp_path)) as paused:
        completed = await lose_connection(paused)
    assert ExitCode.OK == completed.exit_code, completed.stdout
    assert status == completed.event("commit.resolved")["status"]
    assert "Everything that the product owned was dropped" in completed.event("start.finished")["summary"]
    assert {"aborted": 2, "committed": 1}[status] == len(backups_in(tmp_path))
    await assert_gone(filled, tmp_path)
    await assert_empty(filled)


async def test_commit_of_a_reinstallation_in_doubt(filled: Database, tmp_path: Path) -> None:
    """A reinstallation whose COMMIT is not answered is not done a second time."""
    async with paused_at(filled, COMMIT_ANSWERED, *_reinstall(tmp_path)) as paused:
        completed = await lose_connection(paused)
    assert ExitCode.OK == completed.exit_code, completed.stdout
    assert 1 == completed.event_names.count("rollback.proved")
    await _assert_reinstalled(filled)


@pytest.mark.representative("_rollback")
@pytest.mark.parametrize("argv", [_rollback, _reinstall])
async def test_lost_just_before_commit(
    filled: Database, tmp_path: Path, argv: Callable[[Path], tuple[str, ...]]
) -> None:
    """A connection lost between the last change and COMMIT leaves no doubt: all of it is done again."""
    point = Point(text=b"pg_current_xact_id_if_assigned")
    async with paused_at(filled, point, *argv(tmp_path)) as paused:
        completed = await lose_connection(paused)
    assert ExitCode.OK == completed.exit_code, completed.stdout
    if argv is _rollback:
        await assert_empty(filled)
    else:
        await _assert_reinstalled(filled)


async def _assert_reinstalled(database: Database) -> None:
    await assert_converged(database)
    connection = await database.connect()
    assert 0 == await connection.fetchval("SELECT count(*) FROM app_users")
    await database.close()


async def _assert_as_told(
    database: Database, before: Contents, directory: Path, completed: Completed
) -> None:
    """Fail unless success means empty and backed up, and failure means untouched; put everything back."""
    if completed.exit_code != ExitCode.OK:
        assert 3 == completed.exit_code, completed.stdout
        assert before.as_restored() == (await contents_of(database)).as_restored()
        assert [] == backups_in(directory)
        return
    await assert_empty(database)
    await assert_restorable(database, before, backups_in(directory)[-1])


def _made(directory: Path) -> Path:
    directory.mkdir()
    return directory
