"""The text of --help, made from the tables that the code itself uses."""

from __future__ import annotations

from collections.abc import Mapping

from entrypoint.cli.flags import FLAGS, spelled
from entrypoint.settings.variables import VARIABLES

EXIT_CODES: Mapping[int, str] = {
    0: "done, and proved",
    1: "usage or configuration; for verify: not passed, or not possible",
    2: "database not reachable, login refused, or not writable although something had to be written",
    3: "a table, constraint or index could not be made; a backup could not be taken, or is not as proved",
    4: "a function, trigger or view could not be made; a rollback or restore was refused or failed",
    5: "the test data could not be written",
    6: "verification failed; the transaction was rolled back (after a restore it was not)",
    7: "busy: the advisory lock or a table lock was not obtained in time",
    8: "the files under sql/ break their contract",
    9: "the database needs a decision: ownership, privileges, version, shape, environment",
    10: "plan --check: a start would have something to do",
    70: "a mistake in the entrypoint itself; please report it",
    126: "COMMAND cannot be executed",
    127: "COMMAND was not found",
    143: "ended by SIGTERM (130: by SIGINT); the transaction was rolled back",
}

_HEAD = """\
morse-entrypoint: bring the MORSE database to what sql/ says, prove it, then become COMMAND.

  morse-entrypoint [init] [FLAGS] [--] COMMAND ARG...   prepare the database, then exec COMMAND
  morse-entrypoint [init] --init-only [FLAGS]           prepare the database, then exit
  morse-entrypoint verify [FLAGS]                       compare every object with sql/; writes nothing
  morse-entrypoint plan [FLAGS]                         say what a start would do, and change nothing
  morse-entrypoint status [FLAGS]                       say what the database is: release, sizes, usage
  morse-entrypoint wait [--] COMMAND ARG...             for workers: exec once the database is ready
  morse-entrypoint rollback [FLAGS]                     say what is ours; with --confirm drop it
  morse-entrypoint restore FILE --confirm [FLAGS]       bring back a backup, in one transaction
  morse-entrypoint stamp ENVIRONMENT --confirm          say to which environment the database belongs

A start waits for the server, takes an advisory lock, and in one transaction creates or repairs what
differs from sql/, verifies every object and commits. What does not verify is rolled back. A start
that has nothing to do writes nothing and takes no lock that anybody could notice.

Try it on your desk, without a server and without Docker:

  morse-entrypoint --embedded --init-only --with-test-data
"""


def text() -> str:
    """Return the help text, at most 100 columns wide."""
    sections = [_HEAD]
    for verb, flags in FLAGS.items():
        if flags:
            sections.append(_section(f"Flags of {verb}", {spelled(flag): flags[flag] for flag in flags}))
    sections.append(_section("Environment variables", VARIABLES))
    sections.append(_section("Exit codes", {str(code): words for code, words in EXIT_CODES.items()}))
    return "\n".join(sections)


def _section(title: str, rows: Mapping[str, str]) -> str:
    width = max(len(name) for name in rows)
    return f"{title}:\n" + "".join(f"  {name:<{width}}  {words}\n" for name, words in rows.items())
