"""The order in which a rollback drops what the product owns."""

from __future__ import annotations

import pytest

from entrypoint.commands.rollback import drop_order
from entrypoint.commands.rollback.drop_order import Drop
from entrypoint.errors import DatabaseIncompatible


def drop(identity: str, *dependents: str, type: str = "view") -> Drop:  # noqa: A002 - the field's own name
    """Return an object whose id is its identity."""
    return Drop(id=identity, type=type, identity=identity, dependents=dependents)


def test_what_depends_goes_first() -> None:
    """A view goes before the function that it calls, and that before the table whose rows it takes."""
    drops = [
        drop("public.notes", "public.f(public.notes)", type="table"),
        drop("public.f(public.notes)", "public.long_notes", type="function"),
        drop("public.long_notes", "public.longest_note"),
        drop("public.longest_note"),
    ]
    assert [
        "DROP VIEW public.longest_note",
        "DROP VIEW public.long_notes",
        "DROP FUNCTION public.f(public.notes)",
        "DROP TABLE public.notes",
    ] == drop_order.statements(drops)


def test_tables_that_refer_to_each_other_are_one_statement() -> None:
    """Foreign keys in a circle need no CASCADE when all tables of the circle go at once."""
    drops = [drop("public.a", "public.b", type="table"), drop("public.b", "public.a", type="table")]
    assert ["DROP TABLE public.a, public.b"] == drop_order.statements(drops)


def test_any_other_circle_is_refused_by_name() -> None:
    """A function that a table calls and that takes the table's rows leaves no order without CASCADE."""
    drops = [
        drop("public.f(public.a)", "public.a", type="function"),
        drop("public.a", "public.f(public.a)", type="table"),
    ]
    with pytest.raises(DatabaseIncompatible) as raised:
        drop_order.statements(drops)
    assert "function public.f(public.a)" in str(raised.value)
    assert "the tables" in str(raised.value)
