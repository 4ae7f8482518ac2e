"""The deploy logs of five typical starts, as Render shows them: for a test, and for docs/deploy-log.md.

`python -m tests.support.deploy_logs` prints them as that page has them; with --write it puts them there.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.cluster import Server
from tests.support.database import Database, borrowed
from tests.support.files import files_with, plus
from tests.support.process import ROOT, minimal_environment, started_entrypoint
from tests.support.servers import ServerPool

PAGE = ROOT / "docs" / "deploy-log.md"
BEGIN, END = "<!-- deploy logs: begin -->\n", "<!-- deploy logs: end -->\n"
# They are the same on every line, or different in every run.
LEFT_OUT = ("timestamp", "service", "instance", "commit")

_RENDER = {
    "RENDER": "true",
    "RENDER_SERVICE_NAME": "morse-api",
    "RENDER_INSTANCE_ID": "srv-d1c2b3a4e5f6-x7k2p",
    "RENDER_GIT_COMMIT": "3f1c9a7be2d84f60a1b5c7d9e0f2a4b6c8d0e2f4",
}
_TABLE = """
CREATE TABLE IF NOT EXISTS workout_notes (
    workout_id UUID,
    note TEXT,
    CONSTRAINT workout_notes_pkey PRIMARY KEY (workout_id),
    CONSTRAINT workout_notes_workout_id_fkey FOREIGN KEY (workout_id) REFERENCES workouts (id)
);
"""
_DRIFT = """
DROP INDEX idx_workouts_user_id;
ALTER TABLE audio_files DISABLE TRIGGER trigger_update_device_last_seen;
ALTER FUNCTION claim_workout SECURITY DEFINER;
"""
_DECISION = "ALTER TABLE teams ALTER COLUMN team_name TYPE VARCHAR(300)"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployLog:
    """What one start wrote to standard output and to standard error, line by line."""

    title: str
    lines: tuple[str, ...]
    errors: tuple[str, ...]


async def produce(database: Database, directory: Path) -> list[DeployLog]:
    """Run the five starts against an empty database; `directory` is for their files."""
    logs = [
        await _start(database, directory, "A first deploy"),
        await _start(database, directory, "A restart with nothing to do"),
    ]
    files = files_with(
        directory,
        {"init_production_schema.sql": plus(_TABLE), "migrations/0002_add_workout_notes.sql": _TABLE},
    )
    logs.append(await _start(database, directory, "A deploy with a migration", files))
    owner = await database.connect()
    await owner.execute(_DRIFT)
    logs.append(await _start(database, directory, "A deploy after somebody changed the database", files))
    await owner.execute(_DECISION)
    logs.append(await _start(database, directory, "A deploy that fails", files, last="exit.delayed"))
    return logs


async def _start(
    database: Database,
    directory: Path,
    title: str,
    files: Mapping[str, str] | None = None,
    *,
    last: str = "process.handed_over",
) -> DeployLog:
    """Start `node src/app.js`, which ends at once, and take its log up to the event `last`."""
    programs = directory / "bin"
    programs.mkdir(exist_ok=True)
    node = programs / "node"
    node.write_text("#!/bin/sh\n", encoding="utf-8")
    node.chmod(0o755)
    path = f"{programs}:{minimal_environment()['PATH']}"
    env = {"DATABASE_URL": database.url, "PATH": path, **_RENDER, **(files or {})}
    async with started_entrypoint("node", "src/app.js", env=env) as running:
        await running.wait_for_event(last)
        lines = running.stdout.splitlines()
        if last == "exit.delayed":
            running.send_signal(signal.SIGTERM)
        completed = await running.wait()
    return DeployLog(title=title, lines=tuple(lines), errors=tuple(completed.stderr.splitlines()))


def shown(log: DeployLog) -> str:
    """Return a log as the page has it, without the fields of LEFT_OUT."""
    lines = [json.loads(line) for line in log.lines]
    kept = [{name: fact for name, fact in line.items() if name not in LEFT_OUT} for line in lines]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in kept)
    return f"<details><summary>{log.title}</summary>\n\n```json\n{text}\n```\n\n</details>\n"


def documented() -> dict[str, list[dict[str, object]]]:
    """Return the lines of each log that the page has, by its title."""
    text = PAGE.read_text("utf-8").split(BEGIN)[1].split(END)[0]
    logs = {}
    for block in text.split("<details><summary>")[1:]:
        title, _, rest = block.partition("</summary>")
        lines = rest.split("```json\n")[1].split("\n```")[0].splitlines()
        logs[title] = [json.loads(line) for line in lines]
    return logs


async def _produce_all(server: Server) -> list[DeployLog]:
    with tempfile.TemporaryDirectory() as directory:
        async with borrowed(server, "morse") as database:
            return await produce(database, Path(directory))


def main() -> None:
    """Produce the logs; print them, or write them into the page."""
    server_pool = ServerPool()
    try:
        server = asyncio.run(server_pool.server("deploys"))
        text = "\n".join(shown(log) for log in asyncio.run(_produce_all(server)))
    finally:
        server_pool.close(keep=False)
    if sys.argv[1:] != ["--write"]:
        print(text)  # noqa: T201 - what the program is for
        return
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
