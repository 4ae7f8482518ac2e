"""Which migrations are pending, which histories are refused, and who may write at all."""

from __future__ import annotations

import pytest

from entrypoint.deploy.admission import is_unreleased_change, refuse_test_data, why_not_write
from entrypoint.errors import ConfigurationError, FilesRefused
from entrypoint.ledger.ledger import APPLIED, CONTAINED, DEFERRED, AppliedMigration, Ledger
from entrypoint.ledger.pending import pending
from entrypoint.settings.variables import Environment
from entrypoint.sqlfiles.roles import Role
from entrypoint.sqlfiles.source import Script, Source
from tests.support.files import load


def file(number: int, checksum: str = "same") -> Script:
    """Return a migration file."""
    return Script(
        name=f"migrations/{number:04}_add_x.sql",
        role=Role.VERSIONED,
        checksum=checksum,
        text="",
        number=number,
    )


def source(*files: Script) -> Source:
    """Return files of release 7 with these migrations."""
    return load()._replace(migrations=files, release=7, digest="ours")


def ledger(*outcomes: str, release: int = 7, stamp: Environment | None = None) -> Ledger:
    """Return a ledger in which migration 1, 2 ... came to these outcomes."""
    migrations = tuple(
        AppliedMigration(
            number=number, name=f"migrations/{number:04}_add_x.sql", checksum="same", outcome=outcome
        )
        for number, outcome in enumerate(outcomes, start=1)
    )
    return Ledger(release=release, digest="theirs", stamp=stamp, migrations=migrations)


def numbers(waiting: tuple[Script, ...]) -> list[int]:
    """Return the numbers of migrations."""
    return [migration.number for migration in waiting]


def test_a_database_without_a_ledger_needs_every_migration() -> None:
    """Where nothing was recorded, nothing counts as applied."""
    assert [1, 2] == numbers(pending(source(file(1), file(2)), None))


def test_what_was_applied_or_contained_is_not_pending_and_what_was_deferred_is() -> None:
    """Only migrations that are done are left out."""
    applied = ledger(APPLIED, CONTAINED, DEFERRED)
    assert [3, 4] == numbers(pending(source(file(1), file(2), file(3), file(4)), applied))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ((file(1, "edited"), file(2)), "migrations/0001_add_x.sql was edited after it was applied"),
        ((file(1),), "migrations/0002_add_x.sql was applied to this database, but is not among the files"),
    ],
)
def test_an_edited_or_removed_migration_is_refused_by_name(files: tuple[Script, ...], said: str) -> None:
    """A file that was applied must stay as it was."""
    with pytest.raises(FilesRefused, match=said):
        pending(source(*files), ledger(APPLIED, APPLIED))


def test_a_migration_that_comes_late_is_refused_by_name() -> None:
    """A number below one that was applied can no longer run in its place."""
    late = ledger(APPLIED, APPLIED)._replace(migrations=ledger(APPLIED, APPLIED).migrations[1:])
    with pytest.raises(FilesRefused, match=r"0001_add_x\.sql was never applied here"):
        pending(source(file(1), file(2)), late)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (None, None),
        (ledger(), None),
        (ledger(release=6), None),
        (ledger(release=8), "schema.ahead"),
        (ledger(stamp=Environment.DEVELOPMENT), None),
        (ledger(stamp=Environment.PRODUCTION), "environment.mismatched"),
        (ledger(stamp=Environment.PREVIEW, release=8), "environment.mismatched"),
    ],
)
def test_who_must_not_write(found: Ledger | None, reason: str | None) -> None:
    """An older image and a start of another environment write nothing."""
    assert reason == why_not_write(found, source(), Environment.DEVELOPMENT)


def test_other_files_under_the_same_release_are_for_developers_only() -> None:
    """The same number for other files is refused everywhere but in development, where it is said."""
    assert is_unreleased_change(ledger(), source(), Environment.DEVELOPMENT)
    with pytest.raises(FilesRefused, match="under release 7"):
        is_unreleased_change(ledger(), source(), Environment.PRODUCTION)


@pytest.mark.parametrize(
    ("found", "environment"),
    [
        (None, Environment.PRODUCTION),
        (ledger(stamp=Environment.PRODUCTION), Environment.DEVELOPMENT),
    ],
)
def test_test_data_are_refused_on_production(found: Ledger | None, environment: Environment) -> None:
    """Either the environment or the stamp is enough to refuse."""
    with pytest.raises(ConfigurationError, match="refused on production"):
        refuse_test_data(found, environment)


def test_test_data_are_welcome_in_development() -> None:
    """A development start on a development database may have them."""
    refuse_test_data(ledger(stamp=Environment.DEVELOPMENT), Environment.DEVELOPMENT)
