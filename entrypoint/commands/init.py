"""A start, as far as most starts go; what the others need is loaded when one of them needs it."""

from __future__ import annotations

from entrypoint.commands.command import (
    ALWAYS,
    BACKUP_DIR,
    BUSY,
    FILES,
    INCOMPATIBLE,
    NO_EXEC,
    SAVE_BACKUP,
    STRICT,
    UNREACHABLE,
    USAGE,
    VERIFICATION,
    Command,
    Example,
    Exit,
    Flag,
    confirm,
)
from entrypoint.deploy import admission, up_to_date
from entrypoint.deploy.run import Run, opened
from entrypoint.postgres.retry import retry


async def initialize(run: Run) -> None:
    """Make the database what `sql/` says and prove it, or change nothing.

    Connect; if the ledger proves that nothing differs, stop there. Otherwise `pipeline.change` takes the
    advisory lock and does the rest. Whatever raises rolls all of it back; busy tables and lost connections
    are tried again within the budget. Data are never scanned and extra objects never dropped. Raises
    EntrypointError.
    """
    if run.with_test_data:
        admission.admit(run, None)
    await retry(run.budget, lambda: _initialize_once(run))


async def _initialize_once(run: Run) -> None:
    async with opened(run) as this:
        if run.journal.in_doubt is not None:
            from entrypoint.deploy import transaction  # noqa: PLC0415 - see the module

            await transaction.resolve(this)
        standing = await up_to_date.look(this)
        up_to_date.warn_of_others(run, standing)
        if up_to_date.nothing_to_do(this, standing):
            up_to_date.keep(run, standing)
        elif run.force:
            from entrypoint.commands import reinstall  # noqa: PLC0415 - see the module

            await reinstall.reinstall(this)
        else:
            from entrypoint.deploy import pipeline  # noqa: PLC0415 - see the module

            await pipeline.change(this, standing)


COMMAND = Command(
    name="init",
    summary="prepare the database, then exec COMMAND",
    text="""\
A start waits for the server, takes an advisory lock, and in one transaction creates or repairs what differs
from sql/, verifies every object and commits. What does not verify is rolled back. A start that has nothing
to do writes nothing and takes no lock that anybody could notice. Then the process becomes COMMAND.

The word init may be left out: the first word that is neither a flag nor a command of ours starts COMMAND.""",
    examples=(
        Example("node src/app.js", "what a container runs: prepare the database, then become the API"),
        Example(
            "--embedded --init-only --with-test-data",
            "try it on your desk, without a server and without Docker",
        ),
    ),
    run=initialize,
    flags=(
        Flag("--init-only", "stop after the database is proved; needs no COMMAND"),
        Flag("--embedded", "run a PostgreSQL of its own in ./.postgres (extra `embedded`), never on Render"),
        Flag("--with-test-data", "add the sample devices, workouts and account; refused on production"),
        STRICT,
        Flag(
            "--force",
            "drop everything first, as rollback does, in the same transaction; with --init-only",
            needs={
                "--confirm": "--force drops every table: add --confirm=DATABASE with the name of the "
                "database",
                "--init-only": "a container that starts again would drop the database again; reinstall once, "
                "by hand, with --init-only",
            },
        ),
        confirm("required by --force; on production with the name of the database"),
        SAVE_BACKUP._replace(
            meaning="with --force: write and prove a backup before anything is dropped", needs={"--force": ""}
        ),
        BACKUP_DIR,
    ),
    writes=True,
    execs=True,
    instead="--init-only",
    exits=(
        Exit(0, "done, and proved"),
        USAGE,
        UNREACHABLE,
        Exit(
            3,
            "a table, constraint or index could not be made; with --force also: the backup could not be "
            "taken, or is not as proved",
        ),
        Exit(4, "a function, trigger or view could not be made"),
        Exit(5, "the test data could not be written"),
        VERIFICATION,
        BUSY,
        FILES,
        INCOMPATIBLE,
        *ALWAYS,
        *NO_EXEC,
    ),
)
