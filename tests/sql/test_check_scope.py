"""sql/verify/: what the checks look at, and what they leave alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.database import Database
from tests.support.sql.integrity_checks import CHECKS, DEEP, violations

QUICK = [name for name, path in CHECKS.items() if DEEP not in path.read_text()]
TABLES = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""


async def test_tables_of_others_are_not_judged(database: Database) -> None:
    """A table that is not ours may lack a key, an index, and whatever else it likes."""
    connection = await database.connect()
    await connection.execute("CREATE TABLE user_profiles (user_id uuid REFERENCES users (id))")
    assert {} == {name: found for name in QUICK if (found := await violations(connection, name))}


@pytest.mark.parametrize("name", QUICK)
async def test_a_quick_check_reads_only_catalogs(database: Database, name: str) -> None:
    """A check that runs at every start locks no table of ours."""
    connection = await database.connect()
    async with connection.transaction():
        await violations(connection, name)
        locked = await connection.fetch(
            """
            SELECT relation::regclass::text FROM pg_locks
            WHERE pid = pg_backend_pid() AND relation >= 16384
            """
        )
    assert [] == locked


@pytest.mark.parametrize("name", [name for name in QUICK if "t.relname" in CHECKS[name].read_text()])
async def test_a_quick_check_names_every_table(database: Database, name: str) -> None:
    """The list of tables in a check is the list of tables in the baseline."""
    connection = await database.connect()
    tables = {table for (table,) in await connection.fetch(TABLES)}
    listed = re.search(r"t\.relname IN \((.*?)\)", CHECKS[name].read_text(), re.DOTALL)
    assert listed
    assert tables == set(re.findall(r"'(\w+)'", listed[1]))


async def test_the_checks_name_every_function_and_trigger(database: Database) -> None:
    """The functions and triggers that are checked are those that exist."""
    connection = await database.connect()
    text = CHECKS["every_function_pins_its_search_path"].read_text()
    functions = await connection.fetch(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    )
    listed = re.search(r"p\.proname IN \((.*?)\)", text, re.DOTALL)
    assert listed
    assert {name for (name,) in functions} == set(re.findall(r"'(\w+)'", listed[1]))
    triggers = await connection.fetch(
        "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    pairs = re.findall(r"\('(\w+)', '(\w+_\w+)'\)", CHECKS["every_trigger_is_enabled"].read_text())
    assert {tuple(row) for row in triggers} == set(pairs)


@pytest.mark.parametrize("path", CHECKS.values(), ids=CHECKS)
def test_a_check_says_what_it_proves(path: Path) -> None:
    """The first line is a comment that is one sentence; a deep check says so in the second."""
    first, second, *_ = path.read_text().splitlines()
    assert re.fullmatch(r"-- [A-Za-z].*\.", first)
    assert second in (DEEP, "SELECT")
