"""Roles of a test; they go with the server."""

from __future__ import annotations

import itertools

from tests.support.cluster import CANARY, Server

_numbers = itertools.count(1)


async def make_role(server: Server, *, attributes: str = "LOGIN") -> str:
    """Create a role whose name needs quotes and return the name, without them."""
    name = f"api-{next(_numbers)}"
    admin = await server.admin()
    try:
        await admin.execute(f"CREATE ROLE \"{name}\" {attributes} PASSWORD '{CANARY}'")
    finally:
        await admin.close()
    return name
