"""The least that a Python process can do before it becomes the API: connect, ask, close, exec."""

import asyncio
import os

import asyncpg


async def ask() -> None:
    """Run one query over a connection of its own."""
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    await connection.fetchval("SELECT 1")
    await connection.close()


asyncio.run(ask())
os.execv("/bin/true", ["/bin/true"])  # noqa: S606 - as the product hands over
