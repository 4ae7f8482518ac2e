"""Reading render.yaml, as it is committed and with every service switched on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]

Blueprint = dict[str, Any]
_SERVERS = {"web", "worker", "pserv"}


def committed() -> str:
    """Return the text of render.yaml."""
    return (ROOT / "render.yaml").read_text("utf-8")


def everything_on(text: str) -> str:
    """Switch on every service that is switched off."""
    return re.sub(r"(?m)^#(?=  )", "", text)


def parsed(text: str) -> Blueprint:
    """Read a blueprint; its keys are looked at by the rules."""
    blueprint: Blueprint = yaml.safe_load(text)
    return blueprint


def variables(service: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the variables of a service by name."""
    return {variable["key"]: variable for variable in service.get("envVars", [])}


def servers(blueprint: Blueprint) -> Iterator[dict[str, Any]]:
    """Yield every service that runs a program."""
    return (service for service in blueprint["services"] if service["type"] in _SERVERS)


def own_images(blueprint: Blueprint) -> Iterator[dict[str, Any]]:
    """Yield every service that is built from this repository's Dockerfile."""
    return (service for service in servers(blueprint) if service["runtime"] == "docker")
