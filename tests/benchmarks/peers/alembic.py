"""Alembic, with the files of SQL run by revisions in Python."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.installation import python_packages, python_version
from tests.benchmarks.peers.kit import Peer, environment, steps, write_steps
from tests.benchmarks.stopwatch import Command

_CONFIGURATION = "[alembic]\nscript_location = scripts\npath_separator = os\n"
_ENVIRONMENT = """
import os
from alembic import context
from sqlalchemy import create_engine, pool

url = os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg2:")
engine = create_engine(url, poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
_REVISION = """
from pathlib import Path
from alembic import op

revision, down_revision = "{number}", {previous!r}


def upgrade():
    op.get_bind().exec_driver_sql(Path("{number}_{step}.sql").read_text())
"""


def install(scratch: Path, _: Path) -> Peer:
    """Install the package with its usual driver, and write the revisions."""
    directory = scratch / "alembic"
    program = python_packages(directory / "venv", "alembic", "psycopg2-binary") / "alembic"
    versions = directory / "scripts" / "versions"
    versions.mkdir(parents=True, exist_ok=True)
    write_steps(directory, "{number}_{step}.sql")
    for number, step, _text in steps():
        previous = str(number - 1) if number > 1 else None
        revision = _REVISION.format(number=number, step=step, previous=previous)
        (versions / f"{number}_{step}.py").write_text(revision)
    (directory / "scripts" / "env.py").write_text(_ENVIRONMENT)
    (directory / "alembic.ini").write_text(_CONFIGURATION)

    def command(url: str) -> Command:
        return Command(
            argv=(str(program), "upgrade", "head"), environ=environment(DATABASE_URL=url), directory=directory
        )

    return Peer(name="alembic", version=python_version(program, "alembic"), command=command)
