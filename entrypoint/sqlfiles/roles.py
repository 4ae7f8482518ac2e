"""What each file under `sql/` is for."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a file is for, which decides what it may hold."""

    BASELINE = "baseline"
    FUNCTIONS = "functions"
    TRIGGERS = "triggers"
    VIEWS = "views"
    SEED = "seed"
    VERSIONED = "versioned"
    CHECK = "check"
    ROLLBACK = "rollback"


NAMES = {
    Role.BASELINE: "init_production_schema.sql",
    Role.FUNCTIONS: "init_functions.sql",
    Role.TRIGGERS: "init_triggers.sql",
    Role.VIEWS: "init_views.sql",
    Role.SEED: "init_test_data.sql",
    Role.ROLLBACK: "rollback_database.sql",
}


def role_of(name: str) -> Role | None:
    """Return what a path relative to `sql/` is for, or None when it is not sent to a server."""
    if name.startswith("verify/"):
        return Role.CHECK
    if name.startswith("migrations/"):
        return Role.VERSIONED
    return next((role for role, fixed in NAMES.items() if fixed == name), None)
