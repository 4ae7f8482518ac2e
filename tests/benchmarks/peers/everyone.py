"""Every peer that can be installed here, and why the others are missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.benchmarks.installation import NotInstalled
from tests.benchmarks.peers import alembic, dbmate, graphile_migrate, node_pg_migrate, psql, sqitch, yoyo
from tests.benchmarks.peers.kit import Peer

_INSTALLERS: Mapping[str, Callable[[Path, Path], Peer]] = {
    "psql": psql.install,
    "dbmate": dbmate.install,
    "yoyo": yoyo.install,
    "node-pg-migrate": node_pg_migrate.install,
    "graphile-migrate": graphile_migrate.install,
    "sqitch": sqitch.install,
    "alembic": alembic.install,
}


def install(scratch: Path, client: Path) -> tuple[tuple[Peer, ...], tuple[str, ...]]:
    """Install below `scratch`; return the peers and, for each that is missing, the reason."""
    peers, missing = [], []
    for name, installer in _INSTALLERS.items():
        try:
            peers.append(installer(scratch, client))
        except NotInstalled as reason:
            missing.append(f"{name}: {reason}")
    return tuple(peers), tuple(missing)
