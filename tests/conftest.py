"""Fixtures for every test: a defined environment, a real server, a database of one's own."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.cluster import Server
from tests.support.database import Database, borrowed, make_template
from tests.support.deploys import make_initialised
from tests.support.servers import ServerFactory, ServerPool

# The same examples in every run; `make fuzz` chooses the other profile.
_EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2000"))
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("fuzz", derandomize=False, deadline=None, max_examples=_EXAMPLES, print_blob=True)
settings.load_profile("repeatable")

_SCRUBBED = ("DATABASE_URL", "MORSE_", "PG", "RENDER", "PUSHGATEWAY", "PROMETHEUS_")
_SCRUBBED_NAMES = {"IS_PULL_REQUEST", "NO_COLOR", "FORCE_COLOR", "PORT", "PYTHONASYNCIODEBUG"}


@pytest.fixture(scope="session", autouse=True)
def _environment() -> Iterator[None]:
    """Remove every variable that would change what the entrypoint or a server does."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(_SCRUBBED) or name in _SCRUBBED_NAMES:
                patch.delenv(name)
        yield


@pytest.fixture
def reachable_path() -> Iterator[Path]:
    """Lend a directory that a server's user can reach, unlike `tmp_path`.

    pytest closes the directory above that one for others whenever a session starts.
    """
    with tempfile.TemporaryDirectory(prefix="morse-tests-") as directory:
        yield Path(directory)


@pytest.fixture(scope="session")
def server_pool(request: pytest.FixtureRequest) -> Iterator[ServerPool]:
    """Make servers for this session; their data is kept when a failed test's database is."""
    server_pool = ServerPool()
    yield server_pool
    server_pool.close(keep=request.config.stash.get(_KEPT, False))


@pytest.fixture(scope="session")
def server(server_pool: ServerPool) -> Server:
    """Share one server; a test that stops or reconfigures one takes `private_server`."""
    return asyncio.run(server_pool.server("shared"))


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """Name a database that holds what `sql/` says; nobody may be connected to it."""
    return asyncio.run(make_template(server, "morse_template"))


@pytest.fixture
async def database(server: Server, template: str, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """Lend a database made from `sql/` without the entrypoint's help, so without a ledger."""
    async with borrowed(server, request.node.name, template=template) as database:
        yield database


@pytest.fixture
async def empty_database(server: Server, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """Lend a database without any object, as Render hands it out."""
    async with borrowed(server, request.node.name) as database:
        yield database


@pytest.fixture(scope="session")
def initialised_template(server: Server) -> str:
    """Name a database that a start has brought to what `sql/` says; nobody may be connected to it."""
    return asyncio.run(make_initialised(server, "morse_initialised"))


@pytest.fixture
async def initialised_database(
    server: Server, initialised_template: str, request: pytest.FixtureRequest
) -> AsyncIterator[Database]:
    """Lend a database that a start has made, with its ledger, stamped as one of development."""
    async with borrowed(server, request.node.name, template=initialised_template) as database:
        yield database


@pytest.fixture
async def private_server(server_pool: ServerPool) -> AsyncIterator[ServerFactory]:
    """Lend a maker of servers that a test may stop and kill; settings are its keywords."""
    before = set(server_pool.servers)

    async def make(**settings: str) -> Server:
        return await server_pool.server(f"private{len(server_pool.servers)}", **settings)

    yield make
    for private in [server for server in server_pool.servers if server not in before]:
        server_pool.discard(private)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the cases that `make test` leaves out; a case that is named on the command line is not one."""
    kept, left_out = set[str](), set[str]()
    for item in items:
        chosen = item.get_closest_marker("representative")
        if not isinstance(item, pytest.Function) or chosen is None or "::" in "".join(config.args):
            continue
        if item.callspec.id in chosen.args:
            kept.add(item.originalname)
        else:
            left_out.add(item.originalname)
            item.add_marker("more")
    if left_out - kept:
        raise pytest.UsageError(f"no case is called as `representative` says: {sorted(left_out - kept)}")


_KEPT = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep the databases of a test that failed, and say how to look into them."""
    report = yield
    if report.when != "call" or not report.failed:
        return report
    for value in getattr(item, "funcargs", {}).values():
        if isinstance(value, Database):
            value.keep = item.config.stash[_KEPT] = True
            start = f"{value.server.bin}/pg_ctl -D {value.server.data} start"
            report.sections.append(("database", f"kept: {value.masked_url}\nserver: {start}"))
    return report
