"""Catalogs written by hand, for the parts that decide without a database."""

from __future__ import annotations

from collections.abc import Mapping

from entrypoint.catalog.objects import Catalog, CatalogObject


def table(name: str) -> CatalogObject:
    """Return a table without columns."""
    statements = {"create": f"CREATE TABLE {name} ()"}
    return CatalogObject(
        kind="table", name=name, relation=None, facets={"definition": "TABLE"}, statements=statements
    )


def column(relation: str, name: str, type_: str = "text", **facets: str | None) -> CatalogObject:
    """Return a nullable column without default unless `facets` say otherwise."""
    target = f"ALTER TABLE {relation} ALTER COLUMN {name}"
    return CatalogObject(
        kind="column",
        name=f"{relation}.{name}",
        relation=relation,
        facets={
            "type": type_,
            "identity": None,
            "generated": None,
            "default": None,
            "not_null": None,
            **facets,
        },
        statements={
            "create": f"ALTER TABLE {relation} ADD COLUMN {name} {type_}",
            "alter": f"{target} ",
            "alter_only": f"{target} ",
        },
    )


def part(
    kind: str,
    relation: str,
    name: str,
    definition: str = "as it should be",
    *,
    columns: tuple[str, ...] = (),
    references: str | None = None,
    **facets: str | None,
) -> CatalogObject:
    """Return something that belongs to a table; indexes have a name of their own."""
    return CatalogObject(
        kind=kind,
        name=name if kind in ("index", "comment", "sequence") else f"{relation}.{name}",
        relation=relation,
        facets={"definition": definition, **facets},
        statements={
            verb: f"{verb} {kind} {name}" for verb in ("create", "drop", "replace", "validated", "enabled")
        },
        columns=columns,
        references=references,
    )


def function(name: str, body: str = "body", *, result: str = "integer") -> CatalogObject:
    """Return a function; its name holds its argument types."""
    return CatalogObject(
        kind="function",
        name=name,
        relation=None,
        facets={"arguments": "", "result": result, "definition": f"{name} {result} {body}"},
        statements={"create": f"create {name} {body}", "drop": f"drop {name}"},
    )


def catalog_of(*items: CatalogObject) -> Catalog:
    """Return the catalog that holds `items`."""
    found: Mapping[tuple[str, str], CatalogObject] = {item.key: item for item in items}
    return found
