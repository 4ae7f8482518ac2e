"""Metrics of real runs in a real Pushgateway, judged by Prometheus' own tool."""

from __future__ import annotations

from pathlib import Path

import bcrypt

from entrypoint.errors import ExitCode
from tests.support.cluster import CANARY_MARK
from tests.support.database import Database
from tests.support.deploys import deploy
from tests.support.output import assert_no_secret
from tests.support.pushgateways import Gateway, promtool, pushgateway
from tests.support.reference import METRICS

_START = (("command", "init"), ("job", "morse_entrypoint"), ("service", "morse-api"))
_VERIFY = (("command", "verify"), *_START[1:])
_SUCCESS = (_START[0], ("group", "last_success"), *_START[1:])
_COMMIT = "0123456789abcdef0123456789abcdef01234567"
_RETYPED = "ALTER TABLE teams ALTER COLUMN team_name TYPE VARCHAR(300)"


def url_of(gateway: Gateway) -> str:
    """Return the URL of a gateway that wants no login."""
    return f"http://127.0.0.1:{gateway.port}"


async def test_a_run_is_there_with_all_its_metrics(empty_database: Database) -> None:
    """After a first start the gateway shows every metric, well formed, under the service and the command."""
    async with pushgateway() as gateway:
        completed = await deploy(
            empty_database, MORSE_PUSHGATEWAY_URL=url_of(gateway), RENDER_GIT_COMMIT=_COMMIT
        )
        shown = await gateway.metrics()
        build = await gateway.samples("build_info")
        sizes = await gateway.samples("table_size_bytes")
        total = await gateway.samples("database_size_bytes")
        counted = await gateway.samples("verification_objects")
    assert ExitCode.OK == completed.exit_code
    assert "metrics.pushed" in completed.event_names
    assert set(METRICS) - absent_from_a_first_start() <= set(shown.replace("{", " ").split())
    assert [("commit", _COMMIT[:12])] == [label for label in next(iter(build)) if label[0] == "commit"]
    assert 19 == len([labels for labels in sizes if ("part", "table") in labels])
    assert 1_000_000 < total[_START] < 100_000_000
    tables = {dict(labels)["result"]: n for labels, n in counted.items() if ("category", "tables") in labels}
    assert {"matched": 19, "missing": 0, "changed": 0, "extra": 0} == tables
    ours = [line for line in shown.splitlines(keepends=True) if "morse_entrypoint_" in line]
    assert "" == promtool("check", "metrics", text="".join(ours))
    assert_no_secret(shown)


def absent_from_a_first_start() -> set[str]:
    """Return the metrics that tell of nothing when all objects are new and as they should be."""
    return {f"morse_entrypoint_{name}" for name in ("differences", "table_lock_hold_seconds")}


async def test_a_failure_leaves_the_last_success(initialised_database: Database) -> None:
    """A failed run replaces what the run before it said, and not when the last success was."""
    async with pushgateway() as gateway:
        url = url_of(gateway)
        await deploy(initialised_database, MORSE_PUSHGATEWAY_URL=url)
        before = await gateway.samples("last_success_timestamp_seconds")
        connection = await initialised_database.connect()
        await connection.execute(_RETYPED)
        completed = await deploy(initialised_database, MORSE_PUSHGATEWAY_URL=url)
        after = await gateway.samples("last_success_timestamp_seconds")
        codes = await gateway.samples("exit_code")
        checks = await gateway.samples("verification_checks")
        last_run = await gateway.samples("last_run_timestamp_seconds")
    assert ExitCode.INCOMPATIBLE == completed.exit_code
    assert [_SUCCESS] == list(before)
    assert before == after
    assert {_START: ExitCode.INCOMPATIBLE} == codes
    assert last_run[_START] > after[_SUCCESS]
    # It never came to the checks, and those of the run before are not its own.
    assert {} == checks


async def test_each_command_speaks_for_itself(initialised_database: Database) -> None:
    """A nightly `verify` that passes does not hide that the last start failed."""
    async with pushgateway() as gateway:
        url = url_of(gateway)
        await deploy(initialised_database, MORSE_SQL_DIRECTORY="/none", MORSE_PUSHGATEWAY_URL=url)
        await deploy(initialised_database, None, "verify", MORSE_PUSHGATEWAY_URL=url)
        codes = await gateway.samples("exit_code")
    assert {_START: ExitCode.FILES, _VERIFY: ExitCode.OK} == codes


async def test_a_gateway_that_wants_a_login(initialised_database: Database, tmp_path: Path) -> None:
    """A login in the URL opens the gateway and is shown nowhere; a wrong one is a warning."""
    hashed = bcrypt.hashpw(CANARY_MARK.encode(), bcrypt.gensalt(4)).decode()
    config = tmp_path / "web.yml"
    config.write_text(f"basic_auth_users:\n  push: {hashed}\n", encoding="utf-8")
    async with pushgateway(f"--web.config.file={config}") as gateway:
        for password, event in ((CANARY_MARK, "metrics.pushed"), ("wrong", "metrics.push_failed")):
            url = f"http://push:{password}@127.0.0.1:{gateway.port}"
            completed = await deploy(initialised_database, MORSE_PUSHGATEWAY_URL=url)
            assert ExitCode.OK == completed.exit_code
            assert f"http://127.0.0.1:{gateway.port}" == completed.event(event)["gateway"]
    assert "401" in completed.event("metrics.push_failed")["reason"]


async def test_the_textfile_is_well_formed(empty_database: Database, tmp_path: Path) -> None:
    """What a collector would read passes Prometheus' own check of names, helps and types."""
    file = tmp_path / "morse.prom"
    await deploy(empty_database, MORSE_METRICS_TEXTFILE=str(file))
    assert "" == promtool("check", "metrics", text=file.read_text("utf-8"))
