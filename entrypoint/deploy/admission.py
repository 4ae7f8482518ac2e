"""Whether a start may write to this database at all: the stamp and the release decide."""

from __future__ import annotations

import structlog

from entrypoint.deploy.run import Run
from entrypoint.errors import ConfigurationError, FilesRefused
from entrypoint.ledger.ledger import Ledger
from entrypoint.settings.variables import Environment
from entrypoint.sqlfiles.directory import Released

log = structlog.get_logger()


def admit(run: Run, found: Ledger | None, *, inhabited: bool = False) -> str | None:
    """Return why this start must not write, if so. Raises when it must not even run like this."""
    environment = run.settings.environment
    if run.with_test_data:
        if run.source.seed is None:
            raise FilesRefused(
                "--with-test-data was given, but there is no init_test_data.sql",
                remedy="add the file to sql/, or leave the flag out",
            )
        refuse_test_data(found, environment)
    reason = why_not_write(found, run.source, environment, inhabited=inhabited)
    if reason is None and is_unreleased_change(found, run.source, environment):
        log.warning("release.unchanged", release=run.source.release, remedy="run `make release`")
    return reason


def why_not_write(
    ledger: Ledger | None, source: Released, environment: Environment, *, inhabited: bool = False
) -> str | None:
    """Return the name of the warning under which this start must not write, or None when it may.

    `environment.mismatched`: the database belongs to another environment; pull-request previews carry
    their parent's DATABASE_URL, so that tables without a ledger (`inhabited`) are never a preview's to
    adopt. `schema.ahead`: a newer release was applied, and must not be undone.
    """
    if ledger is None:
        return "environment.mismatched" if inhabited and environment is Environment.PREVIEW else None
    if ledger.stamp is not None and ledger.stamp is not environment:
        return "environment.mismatched"
    if ledger.release > source.release:
        return "schema.ahead"
    return None


def is_unreleased_change(ledger: Ledger | None, source: Released, environment: Environment) -> bool:
    """Return whether the files differ from those applied under the same release number.

    Raises FilesRefused for that everywhere but in development.
    """
    if ledger is None or ledger.release != source.release or ledger.digest == source.digest:
        return False
    if environment is not Environment.DEVELOPMENT:
        raise FilesRefused(
            f"other files were applied here under release {source.release}",
            remedy="raise sql/RELEASE with `make release` and build the image again",
            applied_digest=ledger.digest,
            digest=source.digest,
        )
    return True


def refuse_test_data(ledger: Ledger | None, environment: Environment) -> None:
    """Raise ConfigurationError on production, by environment or stamp."""
    stamped = ledger is not None and ledger.stamp is Environment.PRODUCTION
    if environment is Environment.PRODUCTION or stamped:
        raise ConfigurationError(
            "--with-test-data is refused on production"
            + (": the database is stamped production" if stamped else ""),
            remedy="leave --with-test-data out, or connect to a development database",
        )


def is_production(ledger: Ledger | None, environment: Environment) -> bool:
    """Return whether the environment or the stamp makes this production."""
    stamped = ledger is not None and ledger.stamp is Environment.PRODUCTION
    return stamped or environment is Environment.PRODUCTION


def refuse_unconfirmed(
    ledger: Ledger | None, environment: Environment, database: str, confirmed: str | None
) -> None:
    """Raise ConfigurationError for another database's name, and on production for none."""
    if confirmed == database or (confirmed == "" and not is_production(ledger, environment)):
        return
    raise ConfigurationError(
        f"--confirm does not name this database, which is {database}; nothing was changed"
        if confirmed
        else f"this is production, and --confirm does not name its database {database}; nothing was changed",
        remedy=f"if it is this one that you mean, write --confirm={database}",
    )


def refuse_rehearsal(
    ledger: Ledger | None, environment: Environment, database: str, confirmed: str | None
) -> None:
    """Raise ConfigurationError on production, by environment or stamp, without the database's name."""
    if confirmed == database or not is_production(ledger, environment):
        return
    raise ConfigurationError(
        "--rehearse holds table locks while it runs, and this is production"
        + (f"; --confirm does not name its database {database}" if confirmed else ""),
        remedy=f"to rehearse here all the same, add --confirm={database}",
    )
