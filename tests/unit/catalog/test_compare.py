"""What counts as a difference, how much it matters, and in which order it is told."""

from __future__ import annotations

import pytest

from entrypoint.catalog.compare import compare, interface_differences
from entrypoint.catalog.objects import CatalogObject
from tests.support.unit.catalogs import catalog_of, column, function, part, table

OURS = (table("users"), column("users", "id"), function("claim(uuid)"))


def test_equal_catalogs_have_no_difference() -> None:
    """Two catalogs with the same definitions differ in nothing, whatever restores them."""
    assert () == compare(catalog_of(*OURS), catalog_of(*OURS), {})


@pytest.mark.parametrize(
    ("extra", "severity"),
    [
        (table("others"), "warning"),
        (column("users", "nickname"), "warning"),
        (column("users", "age", not_null="NOT NULL", default="DEFAULT 0"), "warning"),
        (column("users", "age", not_null="NOT NULL", identity="GENERATED ALWAYS AS IDENTITY"), "warning"),
        (column("users", "age", not_null="NOT NULL"), "failure"),
        (part("index", "users", "idx_x"), "warning"),
        (part("index", "users", "idx_x", columns=("id",)), "failure"),
        (part("index", "users", "idx_x", columns=("nickname",)), "warning"),
        (part("constraint", "users", "c", columns=("id",)), "failure"),
        (part("constraint", "users", "c", columns=("nickname",)), "warning"),
        (part("trigger", "users", "t"), "failure"),
        (part("rule", "users", "r"), "failure"),
        (part("policy", "users", "p"), "failure"),
        (part("row security", "users", "users"), "failure"),
        (part("trigger", "others", "t"), "warning"),
        (function("claim(text)"), "failure"),
        (function("claims(uuid)"), "warning"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.kind} {value.name}",
)
def test_an_extra_object_fails_only_when_ours_behave_differently(extra: CatalogObject, severity: str) -> None:
    """Extra objects warn unless they limit, fill or intercept what our objects do."""
    [difference] = compare(catalog_of(*OURS), catalog_of(*OURS, extra), {})
    assert ("extra", severity) == (difference.status, difference.severity)


def test_a_known_extra_only_warns_and_says_why() -> None:
    """An object on the list of known extras is a warning that carries its reason."""
    trigger = part("trigger", "users", "t")
    [difference] = compare(catalog_of(*OURS), catalog_of(*OURS, trigger), {trigger.key: "an old API"})
    assert ("warning", "an old API") == (difference.severity, difference.note)


def test_comments_only_warn() -> None:
    """A missing, changed or extra comment is a warning."""
    comment = part("comment", "users", "table users")
    changed = part("comment", "users", "table users", "something else")
    whole, without = catalog_of(*OURS, comment), catalog_of(*OURS)
    for expected, actual in (
        (whole, without),
        (whole, catalog_of(*OURS, changed)),
        (without, whole),
    ):
        assert ["warning"] == [difference.severity for difference in compare(expected, actual, {})]


def test_what_belongs_to_a_missing_table_is_counted_and_not_listed() -> None:
    """A missing table is one difference whose note counts what went with it."""
    parts = (column("teams", "id"), column("teams", "name"), part("index", "teams", "idx_teams"))
    [difference] = compare(catalog_of(*OURS, table("teams"), *parts), catalog_of(*OURS), {})
    assert ("table", "teams", "with its 2 columns, 1 index") == (
        difference.kind,
        difference.name,
        difference.note,
    )


def test_causes_come_before_effects() -> None:
    """Missing comes before changed before extra, tables before columns before what depends on them."""
    expected = catalog_of(
        *OURS,
        column("users", "name"),
        part("index", "users", "idx_name"),
        part("constraint", "users", "fk", "FOREIGN KEY (name)"),
        part("constraint", "users", "users_pkey", "PRIMARY KEY (id)"),
    )
    actual = catalog_of(*OURS[:2], function("claim(uuid)", "other"), table("others"))
    assert [
        "users.name",
        "users.users_pkey",
        "users.fk",
        "idx_name",
        "claim(uuid)",
        "others",
    ] == [difference.name for difference in compare(expected, actual, {})]


def test_long_definitions_are_cut_to_the_place_where_they_part() -> None:
    """Two long bodies that differ far behind are shown around the first difference."""
    before, after = function("claim(uuid)", "x" * 900 + "old"), function("claim(uuid)", "x" * 900 + "new")
    [difference] = compare(catalog_of(before), catalog_of(after), {})
    assert ("…" + "x" * 60 + "old", "…" + "x" * 60 + "new") == (difference.expected, difference.actual)


def test_the_interface_is_tables_column_types_signatures_and_nothing_more() -> None:
    """A body, a default or an extra object is no matter of the interface; a type or a result is."""
    expected = catalog_of(*OURS)
    fine = catalog_of(
        table("users"),
        column("users", "id", default="DEFAULT 'x'"),
        function("claim(uuid)", "other"),
        table("t"),
    )
    broken = catalog_of(table("users"), column("users", "id", "uuid"), function("claim(uuid)", result="text"))
    assert () == interface_differences(expected, fine)
    assert ["users.id", "claim(uuid)"] == [item.name for item in interface_differences(expected, broken)]
