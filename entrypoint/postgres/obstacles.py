"""What the entrypoint itself finds in the way of a start; the meaning of each is in `conditions`."""

from __future__ import annotations


class Obstacle(Exception):
    """What the entrypoint itself found in the way; each kind has its condition."""


class NotConnected(Obstacle):
    """Marks that its cause happened while connecting, where some SQLSTATEs mean something else."""


class NotWritable(Obstacle):
    """The server answers, but is a standby or refuses writes."""


class TableBusy(Obstacle):
    """A table that the plan needs was not free in time; its cause is what the driver raised."""

    def __init__(self, table: str, mode: str, waited: float) -> None:
        super().__init__(f"table {table} was not free for {mode} within {waited:.1f} s")
        self.table = table
        self.mode = mode
        self.waited = waited


class CommitPending(Obstacle):
    """The transaction whose COMMIT was not answered is still being ended by the server."""


class AlreadyApplied(Obstacle):
    """Another start changed what this one had decided upon; look again."""


class NotReady(Obstacle):
    """The database answers, but does not yet hold what is waited for."""
