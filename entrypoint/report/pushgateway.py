"""Push the metrics of a finished run to a Pushgateway, in two seconds at most."""

from __future__ import annotations

import http.client
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import closing
from threading import Thread
from urllib.parse import quote

from entrypoint.report import prometheus
from entrypoint.report.report import Report
from entrypoint.settings.pushgateway_url import GatewayUrl

JOB = "morse_entrypoint"
LIMIT_SECONDS = 2.0
_ANSWER_BYTES = 4096
_REASON_LENGTH = 200


class PushFailed(Exception):
    """The metrics did not arrive; the message is one line."""


def push(report: Report, url: GatewayUrl, service: str, *, limit: float = LIMIT_SECONDS) -> None:
    """Replace what the previous run of the same service and command pushed.

    Each push replaces a whole group, so that nothing outlives its run. The last success is
    a group of its own, which a failed run leaves alone. The instance is no part of a group: nothing would
    ever delete those of instances that are gone. Raises PushFailed, and whatever the socket raised.
    """
    group = {"job": JOB, "service": service, "command": report.command}
    pushes = {_path(group): prometheus.of_run(report)}
    if report.exit_code == 0:
        pushes[_path(group | {"group": "last_success"})] = prometheus.of_success(report.started_at)
    outcome: Future[None] = Future()
    # A timeout of the socket's bounds each step, but neither their sum nor the resolver. A thread that
    # is given up ends with the process, or with exec.
    Thread(target=_deliver, args=(outcome, url, pushes, limit), daemon=True).start()
    try:
        outcome.result(timeout=limit)
    except TimeoutError:
        raise PushFailed(f"no answer within {limit:g} s") from None


def _path(group: Mapping[str, str]) -> str:
    """Return the path of a group, whose values may hold any character."""
    return "/metrics" + "".join(f"/{_label(name, value)}" for name, value in group.items())


def _label(name: str, value: str) -> str:
    if value.strip(".") and "/" not in value:
        return f"{name}/{quote(value, safe='')}"
    # Pushgateway's own way to spell what a path cannot hold; a lone = is the empty value.
    return f"{name}@base64/{urlsafe_b64encode(value.encode()).decode() or '='}"


def _deliver(outcome: Future[None], url: GatewayUrl, pushes: Mapping[str, str], limit: float) -> None:
    """Send every push and note how that ended, in a thread that may have been given up."""
    try:
        for path, text in pushes.items():
            _put(url, path, text, limit)
    except Exception as error:  # noqa: BLE001 - it is raised where the outcome is asked for
        outcome.set_exception(error)
    else:
        outcome.set_result(None)


def _put(url: GatewayUrl, path: str, text: str, limit: float) -> None:
    # Directly, whatever http_proxy says: the gateway is on the private network, its login for it alone.
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
    if url.authorization:
        headers["Authorization"] = url.authorization
    with closing(kind(url.host, url.port, timeout=limit)) as connection:
        connection.request("PUT", url.path + path, text.encode(), headers)
        response = connection.getresponse()
        answer = response.read(_ANSWER_BYTES).decode("utf-8", "replace").strip()
        # A redirection is not followed: the login is for this host.
        if not http.client.OK <= response.status < http.client.MULTIPLE_CHOICES:
            reason = answer.splitlines()[0][:_REASON_LENGTH] if answer else response.reason
            raise PushFailed(f"the answer was {response.status}: {reason}")
