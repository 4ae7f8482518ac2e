"""What docs/docker.md tells people to change in the API's own Dockerfile can be built."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.container.image_store import NEWEST, Image, ImageStore
from tests.support.container.run_image import Launcher
from tests.support.database import Database
from tests.support.process import ROOT, run_entrypoint

_STAND_IN = {
    f"FROM node:22-{NEWEST}-slim": f"FROM localhost/debian:{NEWEST}",
    "--from=morse-entrypoint": "--from=localhost/alone",
}


@pytest.fixture(scope="module")
def own(image_store: ImageStore, alone: Image, tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Build the Dockerfile that the page's diff leads to, on a Debian without Node.js."""
    assert "localhost/alone" == alone.name
    context = tmp_path_factory.mktemp("own")
    text = _after((ROOT / "docs" / "docker.md").read_text("utf-8"))
    for written, stand_in in _STAND_IN.items():
        assert written in text
        text = text.replace(written, stand_in)
    Path(context, "Dockerfile").write_text(text)
    with image_store.exclusively():
        image_store.debian(NEWEST)
        image_store.build("localhost/own", arguments={}, context=context)
        return image_store.image("localhost/own")


def test_the_entrypoint_in_the_own_image(own: Image, launched: Launcher, empty_database: Database) -> None:
    """The copied entrypoint prepares the database and becomes COMMAND in the API's directory."""
    env = {"DATABASE_URL": empty_database.url}
    ended = run_entrypoint("pwd", env=env, command=launched(own))

    assert 0 == ended.exit_code, ended.stdout + ended.stderr
    assert "/app" == ended.stdout.splitlines()[-1]


@pytest.mark.parametrize("program", ["psql", "pg_dump"])
def test_the_programs_in_the_own_image(own: Image, launched: Launcher, program: str) -> None:
    """The copied programs find their libraries."""
    ended = run_entrypoint("--version", command=launched(own, "--entrypoint", program))

    assert f"{program} (PostgreSQL) 18." in ended.stdout


def test_the_command_of_the_own_image(own: Image) -> None:
    """The API's CMD is what the entrypoint becomes."""
    assert ["tini", "--", "morse-entrypoint"] == own.config["Entrypoint"]
    assert ["node", "src/app.js"] == own.config["Cmd"]


def _after(page: str) -> str:
    """Return what the page's diff of a Dockerfile leads to."""
    diff = next(block for block in re.findall(r"```diff\n(.*?)```", page, re.DOTALL) if "FROM" in block)
    return "".join(f"{line[1:]}\n" for line in diff.splitlines() if not line.startswith("-"))
