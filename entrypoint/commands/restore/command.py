"""`restore`: bring back a backup, prove it, and report what a start would do with it."""

from __future__ import annotations

from entrypoint.commands.command import ALWAYS, BUSY, UNREACHABLE, Command, Example, Exit, Flag, confirm
from entrypoint.commands.plan import preview
from entrypoint.commands.restore import replay
from entrypoint.commands.restore import restore as restoration
from entrypoint.deploy import transaction
from entrypoint.deploy.run import Run, Session, opened
from entrypoint.errors import BackupFailed, ConfigurationError, EntrypointError, VerificationFailed
from entrypoint.postgres.retry import retry
from entrypoint.report.journal import Concluded, Outcome


async def restore(run: Run) -> None:
    """Bring back what a backup holds, prove it, and log what a start would do with it.

    With `migrate` do that too. Raises EntrypointError; before COMMIT nothing is left of it, afterwards the
    database is what the backup holds, and a VerificationFailed names what differs.
    """
    digest = await restoration.check(run)
    await retry(run.budget, lambda: _restore_once(run, digest))
    restoration.conclude(run)
    if run.migrate:
        await restoration.start_on_top(run)


async def _restore_once(run: Run, digest: str) -> None:
    async with opened(run) as this:
        await transaction.resolve(this)
        if not run.journal.changed:
            async with transaction.apply_transaction(this) as changes:
                expected = await restoration.expect(this)
                await replay.replay(this, digest)
                await restoration.prove(this, expected, changes.steps)
        run.journal.note(Concluded(Outcome.RESTORED))
        await _preview(this)


async def _preview(this: Session) -> None:
    """Log what the next start does here; that it could not is no failure of what is done already."""
    try:
        restoration.log_next_start(await preview.preview(this))
    except EntrypointError as error:
        restoration.log_unpreviewed(error)


COMMAND = Command(
    name="restore",
    summary="bring back a backup, in one transaction",
    text="""\
Replays a backup that rollback or init --force wrote into a database that holds nothing of the product,
proves what came back, and reports what a start would do with it.""",
    examples=(
        Example("restore backups/morse.sql.gz --confirm", "bring it back in development"),
        Example(
            "restore morse.sql.gz --confirm=morse --migrate",
            "bring it back in production, then to the release of this image",
        ),
    ),
    run=restore,
    flags=(
        confirm("required; on production with the name of the database"),
        Flag("--migrate", "afterwards do what a start does, where the backup is older than this image"),
    ),
    operand="FILE",
    writes=True,
    confirmed=True,
    exits=(
        Exit(0, "restored, and proved"),
        Exit(1, "not confirmed; usage or configuration", (ConfigurationError,)),
        UNREACHABLE,
        Exit(3, "the file is no backup that was proved; nothing was restored", (BackupFailed,)),
        Exit(4, "refused or failed; nothing was restored", (EntrypointError,)),
        Exit(6, "restored and committed, but not as it should be", (VerificationFailed,)),
        BUSY,
        *ALWAYS,
    ),
)
