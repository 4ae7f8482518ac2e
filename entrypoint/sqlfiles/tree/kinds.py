"""The kind of a statement by its node in the tree of PostgreSQL's own parser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from pglast import enums

from entrypoint.sqlfiles.statements import (
    ENABLE_ROW_SECURITY,
    FORCE_ROW_SECURITY,
    NOT_VALID,
    OWNED_BY,
    REPLICA_IDENTITY,
    SET_COMPRESSION,
    SET_STORAGE,
    WITH_NO_DATA,
)

# Typed, every attribute of a node is one that may be missing.
Node: TypeAlias = Any

KINDS = {
    "AlterCollationStmt": "ALTER COLLATION",
    "AlterDatabaseRefreshCollStmt": "ALTER DATABASE",
    "AlterDatabaseSetStmt": "ALTER DATABASE",
    "AlterEnumStmt": "ALTER TYPE",
    "AlterEventTrigStmt": "ALTER EVENT TRIGGER",
    "AlterExtensionContentsStmt": "ALTER EXTENSION",
    "AlterFdwStmt": "ALTER FOREIGN DATA WRAPPER",
    "AlterForeignServerStmt": "ALTER SERVER",
    "AlterOpFamilyStmt": "ALTER OPERATOR FAMILY",
    "AlterRoleSetStmt": "ALTER ROLE",
    "AlterStatsStmt": "ALTER STATISTICS",
    "AlterTSConfigurationStmt": "ALTER TEXT SEARCH CONFIGURATION",
    "AlterTSDictionaryStmt": "ALTER TEXT SEARCH DICTIONARY",
    "AlterTableMoveAllStmt": "ALTER TABLE",
    "AlterTableSpaceOptionsStmt": "ALTER TABLESPACE",
    "CompositeTypeStmt": "CREATE TYPE",
    "ConstraintsSetStmt": "SET CONSTRAINTS",
    "CreateAmStmt": "CREATE ACCESS METHOD",
    "CreateEnumStmt": "CREATE TYPE",
    "CreateEventTrigStmt": "CREATE EVENT TRIGGER",
    "CreateFdwStmt": "CREATE FOREIGN DATA WRAPPER",
    "CreateForeignServerStmt": "CREATE SERVER",
    "CreateForeignTableStmt": "CREATE FOREIGN TABLE",
    "CreateOpClassStmt": "CREATE OPERATOR CLASS",
    "CreateOpFamilyStmt": "CREATE OPERATOR FAMILY",
    "CreatePLangStmt": "CREATE LANGUAGE",
    "CreateRangeStmt": "CREATE TYPE",
    "CreateStatsStmt": "CREATE STATISTICS",
    "CreateTableSpaceStmt": "CREATE TABLESPACE",
    "CreatedbStmt": "CREATE DATABASE",
    "DropTableSpaceStmt": "DROP TABLESPACE",
    "DropdbStmt": "DROP DATABASE",
    "IndexStmt": "CREATE INDEX",
    "RefreshMatViewStmt": "REFRESH MATERIALIZED VIEW",
    "SecLabelStmt": "SECURITY LABEL",
}
_CLASSES = {
    "ATTRIBUTE": "TYPE",
    "DOMCONSTRAINT": "CONSTRAINT",
    "FDW": "FOREIGN DATA WRAPPER",
    "FOREIGN SERVER": "SERVER",
    "LARGEOBJECT": "LARGE OBJECT",
    "MATVIEW": "MATERIALIZED VIEW",
    "OPCLASS": "OPERATOR CLASS",
    "OPFAMILY": "OPERATOR FAMILY",
    "STATISTIC EXT": "STATISTICS",
    "TABCONSTRAINT": "CONSTRAINT",
    "TSCONFIGURATION": "TEXT SEARCH CONFIGURATION",
    "TSDICTIONARY": "TEXT SEARCH DICTIONARY",
    "TSPARSER": "TEXT SEARCH PARSER",
    "TSTEMPLATE": "TEXT SEARCH TEMPLATE",
}
_ACTIONS = {
    enums.AlterTableType.AT_EnableRowSecurity: ENABLE_ROW_SECURITY,
    enums.AlterTableType.AT_ForceRowSecurity: FORCE_ROW_SECURITY,
    enums.AlterTableType.AT_ReplicaIdentity: REPLICA_IDENTITY,
    enums.AlterTableType.AT_SetStorage: SET_STORAGE,
    enums.AlterTableType.AT_SetCompression: SET_COMPRESSION,
}
_TRANSACTION = {
    enums.TransactionStmtKind.TRANS_STMT_START: "START TRANSACTION",
    enums.TransactionStmtKind.TRANS_STMT_ROLLBACK_TO: "ROLLBACK",
    enums.TransactionStmtKind.TRANS_STMT_PREPARE: "PREPARE TRANSACTION",
    enums.TransactionStmtKind.TRANS_STMT_COMMIT_PREPARED: "COMMIT",
    enums.TransactionStmtKind.TRANS_STMT_ROLLBACK_PREPARED: "ROLLBACK",
}


def kind_of(node: Node) -> str:
    """Return the kind of a statement, as `statements` names it."""
    name = type(node).__name__
    if name in KINDS:
        return KINDS[name]
    return BY_ATTRIBUTES[name](node) if name in BY_ATTRIBUTES else _plain(name)


def runs_alone(node: Node) -> bool:
    """Return whether the server refuses a statement inside a transaction."""
    name = type(node).__name__
    return name in _ALONE or (name in _SOMETIMES_ALONE and bool(_SOMETIMES_ALONE[name](node)))


def _class(kind: Node) -> str:
    name = str(kind.name).removeprefix("OBJECT_").replace("_", " ")
    return _CLASSES.get(name, name)


def _plain(name: str) -> str:
    return " ".join(re.findall("[A-Z][a-z]+", name.removesuffix("Stmt"))).upper()


def _selected(node: Node) -> str:
    kind = "WITH" if node.withClause else "VALUES" if node.valuesLists else "SELECT"
    return "SELECT INTO" if _fills_table(node) else kind


def _fills_table(node: Node) -> bool:
    return bool(node) and bool(node.intoClause or _fills_table(node.larg) or _fills_table(node.rarg))


def _controlled(node: Node) -> str:
    return _TRANSACTION.get(node.kind) or str(node.kind.name).rpartition("_")[2]


def _renamed(node: Node) -> str:
    match node.renameType.name:
        case "OBJECT_COLUMN":
            return f"ALTER {_class(node.relationType)}"
        case "OBJECT_TABCONSTRAINT":
            return "ALTER TABLE"
        case "OBJECT_DOMCONSTRAINT":
            return "ALTER DOMAIN"
    return f"ALTER {_class(node.renameType)}"


def _altered(node: Node) -> str:
    if node.objtype != enums.ObjectType.OBJECT_TABLE:
        return f"ALTER {_class(node.objtype)}"
    kinds = [_ACTIONS.get(command.subtype) or _added(command) for command in node.cmds]
    return kinds[0] if all(kinds) else "ALTER TABLE"


def _added(command: Node) -> str:
    if command.subtype != enums.AlterTableType.AT_AddConstraint:
        return ""
    of = (enums.ConstrType.CONSTR_CHECK, enums.ConstrType.CONSTR_FOREIGN)
    return NOT_VALID if command.def_.contype in of and command.def_.skip_validation else ""


def _sequence(node: Node) -> str:
    owned = [option.defname for option in node.options or ()] == ["owned_by"]
    return OWNED_BY if owned else "ALTER SEQUENCE"


def _filled(node: Node) -> str:
    if node.objtype != enums.ObjectType.OBJECT_MATVIEW:
        return f"CREATE {_persistence(node.into.rel)}TABLE AS"
    return WITH_NO_DATA if node.into.skipData else "CREATE MATERIALIZED VIEW"


def _defined(node: Node) -> str:
    of = _class(node.kind)
    return _replaced(node, "BASE TYPE" if of == "TYPE" else of)


def _replaced(node: Node, of: str) -> str:
    return f"CREATE {'OR REPLACE ' if node.replace else ''}{of}"


def _persistence(relation: Node) -> str:
    return {"t": "TEMPORARY ", "u": "UNLOGGED "}.get(relation.relpersistence, "")


BY_ATTRIBUTES: dict[str, Callable[[Node], str]] = {
    "AlterObjectDependsStmt": lambda node: f"ALTER {_class(node.objectType)}",
    "AlterObjectSchemaStmt": lambda node: f"ALTER {_class(node.objectType)}",
    "AlterOwnerStmt": lambda node: f"ALTER {_class(node.objectType)}",
    "AlterSeqStmt": _sequence,
    "AlterTableStmt": _altered,
    "CommentStmt": lambda node: f"COMMENT ON {_class(node.objtype)}",
    "CreateFunctionStmt": lambda node: _replaced(node, "PROCEDURE" if node.is_procedure else "FUNCTION"),
    "CreateSeqStmt": lambda node: f"CREATE {_persistence(node.sequence)}SEQUENCE",
    "CreateStmt": lambda node: f"CREATE {_persistence(node.relation)}TABLE".replace("UNLOGGED ", ""),
    "CreateTableAsStmt": _filled,
    "CreateTrigStmt": lambda node: _replaced(node, f"{'CONSTRAINT ' if node.isconstraint else ''}TRIGGER"),
    "DefineStmt": _defined,
    "DropStmt": lambda node: f"DROP {_class(node.removeType)}{' IF EXISTS' if node.missing_ok else ''}",
    "GrantRoleStmt": lambda node: "GRANT" if node.is_grant else "REVOKE",
    "GrantStmt": lambda node: "GRANT" if node.is_grant else "REVOKE",
    "RenameStmt": _renamed,
    "RuleStmt": lambda node: _replaced(node, "RULE"),
    "SelectStmt": _selected,
    "TransactionStmt": _controlled,
    "VariableSetStmt": lambda node: "RESET" if "RESET" in node.kind.name else "SET",
    "ViewStmt": lambda node: _replaced(node, f"{_persistence(node.view)}VIEW"),
}
_ALONE = {"AlterSystemStmt", "CreatedbStmt", "DropdbStmt", "CreateTableSpaceStmt", "DropTableSpaceStmt"}
_WIDE = {"REINDEX_OBJECT_SCHEMA", "REINDEX_OBJECT_SYSTEM", "REINDEX_OBJECT_DATABASE"}
_SOMETIMES_ALONE: dict[str, Callable[[Node], object]] = {
    "AlterTableStmt": lambda node: any(getattr(command.def_, "concurrent", False) for command in node.cmds),
    "ClusterStmt": lambda node: node.relation is None,
    "DropStmt": lambda node: node.concurrent,
    "IndexStmt": lambda node: node.concurrent,
    "ReindexStmt": lambda node: (
        node.kind.name in _WIDE or any(option.defname == "concurrently" for option in node.params or ())
    ),
    "VacuumStmt": lambda node: node.is_vacuumcmd,
}
