"""A push ends in time, whatever the other side does, and goes to the group of its service and command."""

from __future__ import annotations

import asyncio
import base64
import http.client
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import pytest

from entrypoint.report.pushgateway import PushFailed, push
from entrypoint.settings.pushgateway_url import GatewayUrl
from tests.support import fake_servers, pushgateways
from tests.support.fair_clock import FairClock
from tests.support.process import minimal_environment
from tests.support.unit.metrics import of_run, of_success
from tests.support.waiting import PATIENCE_SECONDS
from tests.unit.report.test_prometheus import REPORT

_LIMIT_SECONDS = 0.4
# What a busy machine may take to wake a thread.
_SLACK_SECONDS = 1.0


async def pushed(port: int, service: str = "morse-api", **changes: Any) -> None:
    """Push a report to a server of this loop, which goes on meanwhile."""
    url = GatewayUrl.parse(f"http://127.0.0.1:{port}")
    report = REPORT._replace(**changes)
    await asyncio.to_thread(push, report, url, service, limit=_LIMIT_SECONDS)


async def test_a_success_goes_to_two_groups() -> None:
    """A success replaces the group of its service and command, and the one of its last success."""
    async with pushgateways.recording() as (port, pushes):
        await pushed(port)
    group = "/metrics/job/morse_entrypoint/command/init"
    assert [
        ("PUT", f"{group}/service/morse-api", of_run(REPORT)),
        ("PUT", f"{group}/group/last_success/service/morse-api", of_success(REPORT.started_at)),
    ] == [(push.method, push.path, push.body) for push in pushes]
    assert not any("authorization" in push.headers for push in pushes)


async def test_a_failure_leaves_the_last_success_alone() -> None:
    """A failed run replaces the group of its service and command and no other."""
    async with pushgateways.recording() as (port, pushes):
        await pushed(port, exit_code=6, command="verify")
    assert ["/metrics/job/morse_entrypoint/command/verify/service/morse-api"] == [
        push.path for push in pushes
    ]


async def test_the_path_and_the_login_of_the_url() -> None:
    """A gateway behind a path and a login gets both, the login in a header only."""
    async with pushgateways.recording() as (port, pushes):
        url = GatewayUrl.parse(f"http://me:p%40ss@127.0.0.1:{port}/gate/")
        await asyncio.to_thread(push, REPORT, url, "morse-api")
    assert pushes[0].path.startswith("/gate/metrics/job/")
    expected = base64.b64encode(b"me:p@ss").decode()
    assert {f"Basic {expected}"} == {push.headers["authorization"] for push in pushes}


@pytest.mark.parametrize(
    ("service", "label"),
    [
        ("two words", "service@base64/dHdvIHdvcmRz"),
        ("a/b", "service@base64/YS9i"),
        ("", "service@base64/="),
        ("..", "service@base64/Li4"),
        ("é", "service/%C3%A9"),
    ],
)
async def test_a_service_may_have_any_name(service: str, label: str) -> None:
    """What a path cannot hold is spelled as the Pushgateway wants it."""
    async with pushgateways.recording() as (port, pushes):
        await pushed(port, service=service)
    assert f"/metrics/job/morse_entrypoint/command/init/{label}" == pushes[0].path


_START = b"HTTP/1.1 200 OK\r\nX-Long: "
_BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"


@pytest.mark.parametrize(
    "fake",
    [fake_servers.silent, partial(pushgateways.trickling, _START), partial(pushgateways.trickling, _BODY)],
    ids=["silent", "trickling head", "trickling body"],
)
async def test_no_answer_ends_in_time(fake: Callable[[], AbstractAsyncContextManager[int]]) -> None:
    """A server that accepts and never answers, or never ends its answer, costs the limit and no more."""
    async with fake() as port:
        clock = FairClock()
        with pytest.raises(PushFailed, match=r"no answer within 0\.4 s"):
            await pushed(port)
        seconds = clock.seconds
    assert seconds < _LIMIT_SECONDS + _SLACK_SECONDS


def test_a_name_that_does_not_resolve_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that never answers, for which no socket's timeout counts, costs the limit and no more."""
    answered = threading.Event()

    def unanswered(*_: object, **__: object) -> list[object]:
        answered.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    monkeypatch.setattr(socket, "getaddrinfo", unanswered)
    url = GatewayUrl.parse("http://pushgateway.invalid:9091")
    clock = FairClock()
    with pytest.raises(PushFailed, match="no answer within"):
        push(REPORT, url, "morse-api", limit=_LIMIT_SECONDS)
    answered.set()
    assert clock.seconds < _LIMIT_SECONDS + _SLACK_SECONDS


async def test_another_answer_is_a_failure_with_its_reason() -> None:
    """An error is told with its number and the first line of its text; the second push is not tried."""
    async with pushgateways.recording("400 Bad Request", "pushed metrics are invalid\nand more") as (
        port,
        seen,
    ):
        with pytest.raises(PushFailed, match=r"^the answer was 400: pushed metrics are invalid$"):
            await pushed(port)
    assert 1 == len(seen)


async def test_a_redirection_is_not_followed() -> None:
    """The login is for the host that was named, so that another place is never asked."""
    async with pushgateways.recording() as (other, seen):
        status = f"307 Temporary Redirect\r\nLocation: http://127.0.0.1:{other}/"
        async with pushgateways.recording(status) as (port, _):
            with pytest.raises(PushFailed, match="the answer was 307"):
                await pushed(port)
    assert [] == seen


async def test_a_proxy_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy for HTTP that the environment names sees nothing of the push and of its login."""
    async with pushgateways.recording() as (proxy, asked), pushgateways.recording() as (port, seen):
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        await pushed(port)
    assert (0, 2) == (len(asked), len(seen))


async def test_a_server_that_speaks_something_else() -> None:
    """A connection that is closed without an answer is an error like any other, told in words."""
    async with fake_servers.closing() as port:
        with pytest.raises((OSError, http.client.HTTPException)):
            await pushed(port)


def test_a_start_that_nobody_measures_loads_nothing_for_it() -> None:
    """Neither HTTP nor the metrics' format is imported before somebody wants metrics."""
    unwanted = (
        "{'http.client', 'prometheus_client', 'entrypoint.report.pushgateway', 'entrypoint.report.textfile'}"
    )
    program = f"import sys, entrypoint.cli.main; print(sorted({unwanted} & set(sys.modules)))"
    shown = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program],
        env=minimal_environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )
    assert "[]" == shown.stdout.strip()
