"""Push the metrics of a finished run to a Pushgateway, in two seconds at most."""

from __future__ import annotations

import http.client
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing
from functools import partial
from threading import Thread

from prometheus_client import CollectorRegistry, push_to_gateway

from entrypoint.report import prometheus
from entrypoint.report.report import Report
from entrypoint.settings.pushgateway_url import GatewayUrl

JOB = "morse_entrypoint"
LIMIT_SECONDS = 2.0
_ANSWER_BYTES = 4096
_REASON_LENGTH = 200

Headers = Sequence[tuple[str, str]]


class PushFailed(Exception):
    """The metrics did not arrive; the message is one line."""


def push(report: Report, url: GatewayUrl, service: str, *, limit: float = LIMIT_SECONDS) -> None:
    """Replace what the previous run of the same service and command pushed.

    Each push replaces a whole group, so that nothing outlives its run. The last success is
    a group of its own, which a failed run leaves alone. The instance is no part of a group: nothing would
    ever delete those of instances that are gone. Raises PushFailed, and whatever the socket raised.
    """
    group = {**_service_key(service), "command": report.command}
    pushes = [(group, prometheus.of_run(report))]
    if report.exit_code == 0:
        pushes.append((group | {"group": "last_success"}, prometheus.of_success(report.started_at)))
    outcome: Future[None] = Future()
    # A timeout of the socket's bounds each step, but neither their sum nor the resolver. A thread that
    # is given up ends with the process, or with exec.
    Thread(target=_deliver, args=(outcome, url, pushes, limit), daemon=True).start()
    try:
        outcome.result(timeout=limit)
    except TimeoutError:
        raise PushFailed(f"no answer within {limit:g} s") from None


def _service_key(service: str) -> dict[str, str]:
    """Return the label of a service; one of dots alone would be taken for a way through the path."""
    if service and not service.strip("."):
        return {"service@base64": urlsafe_b64encode(service.encode()).decode().rstrip("=")}
    return {"service": service}


def _deliver(
    outcome: Future[None],
    url: GatewayUrl,
    pushes: Sequence[tuple[dict[str, str], CollectorRegistry]],
    limit: float,
) -> None:
    """Send every push and note how that ended, in a thread that may have been given up."""
    try:
        for group, registry in pushes:
            push_to_gateway(f"{url}{url.path}", JOB, registry, group, limit, handler=partial(_handler, url))
    except Exception as error:  # noqa: BLE001 - it is raised where the outcome is asked for
        outcome.set_exception(error)
    else:
        outcome.set_result(None)


def _handler(
    gateway: GatewayUrl, *, url: str, method: str, timeout: float, headers: Headers, data: bytes
) -> Callable[[], None]:
    """Return what sends one request, as `push_to_gateway` wants it."""
    login = {"Authorization": gateway.authorization} if gateway.authorization else {}
    path = url.removeprefix(str(gateway))
    return lambda: _send(gateway, method, path, {**dict(headers), **login}, data, timeout)


def _send(
    url: GatewayUrl, method: str, path: str, headers: Mapping[str, str], data: bytes, limit: float
) -> None:
    # Directly, whatever http_proxy says: the gateway is on the private network, its login for it alone.
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    with closing(kind(url.host, url.port, timeout=limit)) as connection:
        connection.request(method, path, data, headers)
        response = connection.getresponse()
        answer = response.read(_ANSWER_BYTES).decode("utf-8", "replace").strip()
        # A redirection is not followed: the login is for this host.
        if not http.client.OK <= response.status < http.client.MULTIPLE_CHOICES:
            reason = answer.splitlines()[0][:_REASON_LENGTH] if answer else response.reason
            raise PushFailed(f"the answer was {response.status}: {reason}")
