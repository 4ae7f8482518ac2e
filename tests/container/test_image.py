"""What is in the images, and what is not."""

from __future__ import annotations

import asyncio
import mmap
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.certificates import make_certificate
from tests.support.cluster import CANARY_MARK
from tests.support.container.image_store import NEWEST, Image, ImageStore
from tests.support.container.run_image import Launcher
from tests.support.database import SQL, Database
from tests.support.process import ROOT, run_entrypoint

_MEGABYTE = 1_000_000
# Measured: 146 and 234, of which Debian is 81 and Debian with Node.js 164.
_LARGEST_ALONE = 160 * _MEGABYTE
_LARGEST_IN_FRONT = 255 * _MEGABYTE
_REQUEST_FOR_TLS = bytes.fromhex("0000000804d2162f")


def test_the_stand_alone_image_is_small(alone: Image) -> None:
    """The image stays within its bound; whoever adds to it, notices."""
    assert _LARGEST_ALONE > alone.size_bytes


def test_the_image_of_the_api_is_small(api: Image) -> None:
    """The entrypoint adds what it adds to the stand-alone image, and no more."""
    assert _LARGEST_IN_FRONT > api.size_bytes


def test_users(alone: Image, api: Image) -> None:
    """Neither image runs as root; the user is a number, so that an orchestrator can tell."""
    assert ("10001:10001", "1000:1000") == (alone.config["User"], api.config["User"])


def test_the_recorded_command(alone: Image, api: Image) -> None:
    """Alone nothing runs unasked; in front, ENTRYPOINT is ours and the API's CMD is back."""
    entrypoint = ["/usr/bin/tini", "--", "/usr/local/bin/morse-entrypoint"]

    assert (entrypoint, None) == (alone.config["Entrypoint"], alone.config.get("Cmd"))
    assert (entrypoint, ["node", "src/app.js"]) == (api.config["Entrypoint"], api.config["Cmd"])
    assert ("/var/lib/morse", "/srv/morse-api") == (alone.config["WorkingDir"], api.config["WorkingDir"])


def test_labels(api: Image) -> None:
    """The image says which commit it was built from."""
    assert "0a1b2c3" == api.config["Labels"]["org.opencontainers.image.revision"]


def test_the_files_of_the_product(alone: Image) -> None:
    """The image holds the package and every SQL file as they are in this checkout, and no test."""
    package = next(alone.rootfs.glob("opt/morse/lib/python3.*/site-packages/entrypoint"))
    expected = sorted(path.relative_to(SQL) for path in SQL.rglob("*.sql"))

    assert expected == sorted(path.relative_to(package / "sql") for path in package.glob("sql/**/*.sql"))
    assert [] == list(alone.rootfs.glob("opt/**/tests"))


@pytest.mark.parametrize("name", ["pip", "pip3", "gcc", "postgres", "initdb", "uv"])
def test_tools_that_are_absent(alone: Image, name: str) -> None:
    """What builds, and PostgreSQL's server, stay out of the image."""
    folders = ("usr/bin", "usr/local/bin", "opt/morse/bin", "opt/postgresql/bin", "tools/bin")

    assert [] == [folder for folder in folders if (alone.rootfs / folder / name).exists()]
    assert [] == list(alone.rootfs.glob(f"opt/morse/lib/python3.*/site-packages/{name}"))


def test_no_secret_is_in_a_layer(image_store: ImageStore, api: Image, tmp_path: Path) -> None:
    """Variables of the service, which Render passes to the build, are in no layer and no record of it."""
    with image_store.exclusively():
        recorded = image_store.inspected(api.name)
        layers = image_store.layers(api.name, tmp_path / "layers")

    assert CANARY_MARK not in recorded
    assert [] == [path.name for path in layers if _holds(path, CANARY_MARK.encode())]
    shutil.rmtree(tmp_path / "layers")


def test_another_ground(image_store: ImageStore) -> None:
    """An API_IMAGE that is not Debian is refused with a sentence that says so."""
    with image_store.exclusively():
        ground = image_store.without(image_store.debian(NEWEST), "/usr/bin/apt-get")
        attempt = image_store.attempt("localhost/refused", arguments={"API_IMAGE": ground})

    refusal = "API_IMAGE must hold Debian 12 (bookworm) or newer; this image has no apt-get"
    # As a line of its own: the failed command, which holds the sentence too, is repeated in another.
    assert refusal in attempt.stderr.splitlines()
    assert 0 != attempt.returncode


def test_a_forgotten_release_is_no_image(image_store: ImageStore, tmp_path: Path) -> None:
    """A build from SQL files that RELEASE does not know fails and says what to run."""
    for name in ("entrypoint", "sql", "locks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Dockerfile", ".dockerignore", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    with (tmp_path / "sql" / "init_views.sql").open("a") as views:
        views.write("-- A remark that nobody released.\n")
    with image_store.exclusively():
        ground = image_store.debian(NEWEST)
        attempt = image_store.attempt(
            "localhost/forgotten", arguments={"DEBIAN_IMAGE": ground}, context=tmp_path
        )

    assert attempt.returncode
    said = attempt.stdout + attempt.stderr
    assert "sql/RELEASE: does not hold a release number and the digest of these files" in said
    assert "run `make release`" in said


@pytest.mark.parametrize("program", ["psql", "pg_dump"])
async def test_programs_that_speak_tls(
    alone: Image,
    launched: Launcher,
    initialised_database: Database,
    reachable_path: Path,
    program: str,
) -> None:
    """The programs of PostgreSQL 18 reach a server that demands TLS, as Render's external URL does."""
    argv = {"psql": ("--command", "SELECT 1"), "pg_dump": ("--schema-only",)}[program]
    async with _encrypting(initialised_database.server.port, reachable_path) as port:
        url = initialised_database.url.replace(f":{initialised_database.server.port}/", f":{port}/")
        command = launched(alone, "--entrypoint", program)
        dialled = await asyncio.to_thread(run_entrypoint, f"{url}?sslmode=require", *argv, command=command)
    version = run_entrypoint("--version", command=launched(alone, "--entrypoint", program))

    assert (0, "") == (dialled.exit_code, dialled.stderr)
    assert f"{program} (PostgreSQL) 18." in version.stdout


@asynccontextmanager
async def _encrypting(target: int, directory: Path) -> AsyncIterator[int]:
    """Speak TLS, and only TLS, in front of a server on loopback; yield the port."""
    certificate, key = make_certificate(directory, "encrypting")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert _REQUEST_FOR_TLS == await reader.readexactly(len(_REQUEST_FOR_TLS))
        writer.write(b"S")
        await writer.drain()
        await writer.start_tls(context)
        inner, outer = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(_pass_on(reader, outer), _pass_on(inner, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    writer.close()


def _holds(path: Path, mark: bytes) -> bool:
    with path.open("rb") as file:
        if not path.stat().st_size:
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return content.find(mark) >= 0
