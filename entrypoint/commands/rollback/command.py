"""`rollback`: drop what the product owns, or report what that would be."""

from __future__ import annotations

from entrypoint.commands.answer import Answer
from entrypoint.commands.command import (
    ALWAYS,
    BACKUP_DIR,
    BUSY,
    SAVE_BACKUP,
    UNREACHABLE,
    Command,
    Example,
    Exit,
    Flag,
    confirm,
)
from entrypoint.commands.rollback import drop
from entrypoint.commands.rollback.inventory import Inventory
from entrypoint.commands.rollback.text import inventory_text
from entrypoint.deploy import transaction
from entrypoint.deploy.run import Run, opened
from entrypoint.errors import BackupFailed, ConfigurationError, EntrypointError, ExitCode
from entrypoint.output.plain import facts
from entrypoint.postgres.retry import retry
from entrypoint.report.journal import Concluded, Outcome


async def roll_back(run: Run) -> Answer | None:
    """Drop what the product owns and nothing else, in one transaction, or change nothing.

    Reports what would be dropped when it was not confirmed, which is no success: the rollback that was
    asked for did not happen. Raises EntrypointError.
    """
    inventory = await retry(run.budget, lambda: _roll_back_once(run))
    if inventory is None:
        return None
    return Answer(
        facts=facts(inventory),
        text=lambda color: inventory_text(inventory, color=color),
        exit_code=ExitCode.USAGE,
    )


async def _roll_back_once(run: Run) -> Inventory | None:
    async with opened(run) as this:
        await transaction.resolve(this)
        if run.confirmed is None:
            return await drop.survey(this)
        # A COMMIT in doubt that came true is not done again: what is there now was made since.
        if not run.journal.changed:
            async with transaction.apply_transaction(this):
                await drop.remove(this)
        run.journal.note(Concluded(Outcome.REMOVED if run.journal.changed else Outcome.ABSENT))
        return None


COMMAND = Command(
    name="rollback",
    summary="report what is ours; --confirm drops it",
    text="""\
Lists the tables that the product owns with their numbers of rows. With --confirm they and everything else
that the product owns are dropped in one transaction; what belongs to others stays, or the rollback is
refused.""",
    examples=(
        Example("rollback", "what would be dropped?"),
        Example("rollback --confirm=morse --save-backup", "drop it, after a backup that was read back"),
    ),
    run=roll_back,
    flags=(
        confirm("drop everything that the product owns; on production with the name of the database"),
        SAVE_BACKUP,
        BACKUP_DIR,
        Flag("--json", "write what would be dropped, or what was done, to standard output as JSON"),
    ),
    writes=True,
    answers=True,
    acts_with="--confirm",
    exits=(
        Exit(0, "dropped, and proved"),
        Exit(1, "not confirmed; usage or configuration", (ConfigurationError,)),
        UNREACHABLE,
        Exit(3, "the backup could not be taken, or is not as proved; nothing was dropped", (BackupFailed,)),
        Exit(4, "refused or failed; nothing was dropped", (EntrypointError,)),
        BUSY,
        *ALWAYS,
    ),
)
