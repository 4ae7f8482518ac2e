"""Every kind of object, in the order in which people read them."""

from __future__ import annotations

from collections.abc import Mapping

from entrypoint.catalog.kinds.column import Column
from entrypoint.catalog.kinds.comment import Comment
from entrypoint.catalog.kinds.constraint import Constraint
from entrypoint.catalog.kinds.extension import Extension
from entrypoint.catalog.kinds.function import Function
from entrypoint.catalog.kinds.grant import Grant
from entrypoint.catalog.kinds.index import Index
from entrypoint.catalog.kinds.kind import Kind
from entrypoint.catalog.kinds.materialized_view import MaterializedView
from entrypoint.catalog.kinds.policy import Policy
from entrypoint.catalog.kinds.row_security import RowSecurity
from entrypoint.catalog.kinds.rule import Rule
from entrypoint.catalog.kinds.sequence import Sequence
from entrypoint.catalog.kinds.storage_parameters import StorageParameters
from entrypoint.catalog.kinds.table import Table
from entrypoint.catalog.kinds.trigger import Trigger
from entrypoint.catalog.kinds.type import Type
from entrypoint.catalog.kinds.view import View

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Extension(),
        Type(),
        Table(),
        Column(),
        Constraint(),
        Index(),
        Sequence(),
        Function(),
        View(),
        MaterializedView(),
        Trigger(),
        Rule(),
        Policy(),
        RowSecurity(),
        StorageParameters(),
        Comment(),
        Grant(),
    )
}


def kind_of(name: str) -> Kind:
    """Return the kind of this name; one that no module here defines is only compared."""
    return KINDS.get(name) or _Unknown(name)


class _Unknown(Kind):
    """A kind of which an older or newer image left a record."""

    rank = 1000

    def __init__(self, name: str) -> None:
        self.name = self.plural = name
