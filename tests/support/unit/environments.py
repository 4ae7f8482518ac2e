"""Environments that a test makes up, and what is found in them."""

from __future__ import annotations

import pytest

from entrypoint.errors import ConfigurationError, ExitCode
from entrypoint.settings.settings import Settings
from tests.support.cluster import CANARY_MARK

URL = f"postgresql://morse:{CANARY_MARK}@db/morse"
ADMIN_URL = f"postgresql://admin:{CANARY_MARK}2@db/morse"


def settings(**environ: str) -> Settings:
    """Read an environment that holds a URL and `environ`."""
    return Settings.from_environ({"DATABASE_URL": URL, **environ})


def problems(**environ: str) -> list[str]:
    """Return what is wrong with an environment; nothing of it may be a secret."""
    with pytest.raises(ConfigurationError) as raised:
        Settings.from_environ(environ)
    assert ExitCode.USAGE is raised.value.exit_code
    assert CANARY_MARK not in f"{raised.value.message} {raised.value.remedy} {raised.value.facts}"
    found = raised.value.facts["problems"]
    assert isinstance(found, list)
    return found
