"""Examine files on the tree of PostgreSQL's own parser, which is a tool of developers: no image has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from pglast import ast, enums, parse_sql
from pglast.parser import ParseError

from entrypoint.sqlfiles.findings import Finding
from entrypoint.sqlfiles.header import SqlFile
from entrypoint.sqlfiles.roles import Role
from entrypoint.sqlfiles.splitter import Statement
from entrypoint.sqlfiles.statements import NOT_TRANSACTIONAL, SESSION, reason_everywhere, refusal_of
from entrypoint.sqlfiles.tree.kinds import Node, kind_of, runs_alone
from entrypoint.sqlfiles.unqualified import NEEDS_PUBLIC, OF_PATH, PATHS

_OTHER_SCHEMAS = "`{}.` is refused: the entrypoint builds the files in other schemas"
_LIKE = enums.TableLikeOption
_CLASS = enums.ObjectType
_COPIED = {
    _LIKE.CREATE_TABLE_LIKE_IDENTITY: "IDENTITY",
    _LIKE.CREATE_TABLE_LIKE_INDEXES: "INDEXES",
    _LIKE.CREATE_TABLE_LIKE_STATISTICS: "STATISTICS",
}
_NAMED = {
    enums.ConstrType.CONSTR_CHECK: "CHECK",
    enums.ConstrType.CONSTR_PRIMARY: "PRIMARY KEY",
    enums.ConstrType.CONSTR_UNIQUE: "UNIQUE",
    enums.ConstrType.CONSTR_EXCLUSION: "EXCLUDE",
    enums.ConstrType.CONSTR_FOREIGN: "FOREIGN KEY",
}
_PRINTED = {Role.BASELINE, Role.FUNCTIONS, Role.VIEWS}
_SERIALS = {f"{size}serial" for size in ("", "small", "big")} | {f"serial{n}" for n in (2, 4, 8)}
_SYSTEM_SCHEMAS = {"pg_catalog", "information_schema", "pg_temp"}
_OF_SEQUENCE = {"nextval", "currval", "setval"}
# How many parts a name of this attribute has when the first of them is a schema.
_QUALIFIED = {
    **dict.fromkeys(("funcname", "objname", "defnames", "typeName", "domainname", "collname"), 2),
    "fields": 3,
}
# How many parts it has for a class of objects where that differs; an access method's name comes first, too.
_QUALIFIED_CLASSES = {
    **dict.fromkeys((_CLASS.OBJECT_OPCLASS, _CLASS.OBJECT_OPFAMILY), 4),
    **dict.fromkeys((_CLASS.OBJECT_COLUMN, _CLASS.OBJECT_TABCONSTRAINT, _CLASS.OBJECT_POLICY), 3),
    **dict.fromkeys((_CLASS.OBJECT_RULE, _CLASS.OBJECT_TRIGGER), 3),
}


@cache
def examine(file: SqlFile, ours: frozenset[str] = frozenset()) -> tuple[Finding, ...]:
    """Return every breach of the contract by the statements of one file, in no particular order.

    `ours` are the names of the relations and routines that the files create.
    """
    return tuple(
        Finding(file=file.name, line=statement.line_at(offset + 1), reason=reason)
        for statement in file.statements
        for offset, reason in _judge(file, statement, ours)
    )


def _judge(file: SqlFile, statement: Statement, ours: frozenset[str]) -> Iterator[tuple[int, str]]:
    try:
        parsed = parse_sql(statement.text)
    except ParseError as error:
        reason, offset = (*error.args, None)[:2]
        yield max(0, offset or 0), str(reason)
        return
    for raw in parsed:
        if reason := _judge_kind(file, raw.stmt):
            yield 0, reason
        yield from _judge_nodes(file.role, raw.stmt, ours)


def _judge_kind(file: SqlFile, root: Node) -> str | None:
    kind = kind_of(root)
    if file.header.transactional and runs_alone(root) and not reason_everywhere(kind):
        return NOT_TRANSACTIONAL
    if kind == "COPY" and root.is_from and not root.filename:
        return "COPY FROM STDIN is refused: there is no input to copy from; write INSERT"
    return refusal_of(file.role, kind)


def _judge_nodes(role: Role, root: Node, ours: frozenset[str]) -> Iterator[tuple[int, str]]:
    temporary = kind_of(root).startswith("CREATE TEMPORARY ")
    queries = {node.ctename for node in _walk(root) if isinstance(node, ast.CommonTableExpr)}
    before = 0
    for node in _walk(root):
        before = getattr(node, "location", None) or before
        reasons = [*_judge_node(role, node), *(() if temporary else _unnamed(node))]
        if role is Role.CHECK:
            reasons += [*_unqualified(node, ours - queries), *(_writes(node) if node is not root else ())]
        for reason in reasons:
            yield next(filter(None, (getattr(part, "location", 0) for part in _walk(node))), before), reason


def _walk(node: Node) -> Iterator[Node]:
    if isinstance(node, ast.Node):
        yield node
        for attribute in node:
            yield from _walk(getattr(node, attribute))
    elif isinstance(node, tuple):
        for part in node:
            yield from _walk(part)


def _judge_node(role: Role, node: Node) -> Iterator[str]:
    name = type(node).__name__
    if role is not Role.CHECK:
        found = (schema for schema in _schemas(name, node) if schema not in _SYSTEM_SCHEMAS)
        yield from (_OTHER_SCHEMAS.format(schema) for schema in found)
    if name == "JoinExpr" and node.join_using_alias and role in _PRINTED:
        yield "JOIN USING (...) AS is refused: the server does not print it back as written"
    if name == "FuncCall" and node.funcname[-1].sval == "set_config":
        yield f"set_config() is refused: {SESSION}"
    if name == "ResTarget" and role is Role.VIEWS and _is_star(node.val):
        yield "`*` in a view is refused: name the columns"
    if name == "DropStmt" and role is Role.ROLLBACK and node.behavior == enums.DropBehavior.DROP_CASCADE:
        yield "CASCADE is refused: it would drop what belongs to others"


def _is_star(value: Node) -> bool:
    parts = getattr(value, "fields", None) or getattr(value, "indirection", None) or (None,)
    return isinstance(parts[-1], ast.A_Star)


def _writes(node: Node) -> Iterator[str]:
    if isinstance(node, ast.InsertStmt | ast.UpdateStmt | ast.DeleteStmt | ast.MergeStmt):
        yield f"{kind_of(node)} is refused: a check only reads"
    if isinstance(node, ast.LockingClause):
        yield "FOR UPDATE or SHARE is refused: a check only reads"


def _unqualified(node: Node, ours: frozenset[str]) -> Iterator[str]:
    match type(node).__name__:
        case "RangeVar" if not node.schemaname and node.relname in ours:
            yield NEEDS_PUBLIC.format(node.relname)
        case "FuncCall" if len(node.funcname) == 1 and node.funcname[0].sval in ours:
            yield NEEDS_PUBLIC.format(node.funcname[0].sval)
        case "FuncCall" if node.funcname[-1].sval in PATHS:
            yield OF_PATH.format(node.funcname[-1].sval)
        case "SQLValueFunction" if node.op == enums.SQLValueFunctionOp.SVFOP_CURRENT_SCHEMA:
            yield OF_PATH.format("current_schema")


def _unnamed(node: Node) -> Iterator[str]:
    match type(node).__name__:
        case "IndexStmt" if not node.idxname:
            yield "the index has no name"
        case "Constraint" if node.contype in _NAMED and not node.conname:
            references = node.pktable and not node.fk_attrs
            yield f"{'REFERENCES' if references else _NAMED[node.contype]} has no CONSTRAINT name"
        case "Constraint" if node.contype == enums.ConstrType.CONSTR_IDENTITY:
            if "sequence_name" not in {option.defname for option in node.options or ()}:
                yield "the identity column does not name its sequence (SEQUENCE NAME ...)"
        case "ColumnDef" if node.typeName and node.typeName.names[-1].sval in _SERIALS:
            yield f"{node.typeName.names[-1].sval} makes a sequence with a generated name"
        case "TableLikeClause":
            for option, word in _COPIED.items():
                if node.options & option:
                    yield f"LIKE ... INCLUDING {word} is refused: its copies get generated names"


def _schemas(name: str, node: Node) -> Iterator[str]:
    """Yield the schema of each name that stands in this very node."""
    for attribute, parts in _QUALIFIED.items():
        yield from _schema_of(getattr(node, attribute, None), parts)
    if name in _OTHER_NAMES:
        yield from _OTHER_NAMES[name](node)


def _schema_of(name: Node, parts: int) -> Iterator[str]:
    if isinstance(name, tuple) and len(name) >= parts and isinstance(name[0], ast.String):
        yield str(name[0].sval)


def _schema_in_text(value: Node) -> Iterator[str]:
    text = getattr(getattr(value, "val", None), "sval", None)
    if isinstance(value, ast.A_Const) and isinstance(text, str) and "." in text.partition("(")[0]:
        yield text.partition(".")[0].strip().strip('"')


def _schemas_dropped(node: Node) -> Iterator[str]:
    for name in node.objects:
        yield from _schema_of(name, _QUALIFIED_CLASSES.get(node.removeType, 2))


def _schema_of_sequence(node: Node) -> Iterator[str]:
    if node.args and node.funcname[-1].sval in _OF_SEQUENCE:
        yield from _schema_in_text(node.args[0])


def _schema_of_option(node: Node) -> Iterator[str]:
    parts = {"owned_by": 3, "sequence_name": 2}.get(node.defname)
    return _schema_of(node.arg, parts) if parts else iter(())


_OTHER_NAMES: dict[str, Callable[[Node], Iterator[str]]] = {
    "A_Expr": lambda node: _schema_of(node.name, 2),
    "AlterObjectSchemaStmt": lambda node: iter([node.newschema]),
    "CommentStmt": lambda node: _schema_of(node.object, _QUALIFIED_CLASSES.get(node.objtype, 2)),
    "DefElem": _schema_of_option,
    "DropStmt": _schemas_dropped,
    "FuncCall": _schema_of_sequence,
    "RangeVar": lambda node: iter([node.schemaname] if node.schemaname else []),
    "TypeCast": lambda node: (
        _schema_in_text(node.arg) if node.typeName.names[-1].sval.startswith("reg") else iter(())
    ),
    "TypeName": lambda node: _schema_of(node.names, 3 if node.pct_type else 2),
}
