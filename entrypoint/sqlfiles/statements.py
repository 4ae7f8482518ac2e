"""The kinds of SQL statement, which of them may stand in which file, and why the others may not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from entrypoint.sqlfiles.roles import NAMES, Role
from entrypoint.sqlfiles.splitter import Kind, Token

NOT_TRANSACTIONAL = "this cannot run in a transaction; it needs a no-transaction migration"
SESSION = "the entrypoint sets the session; a function has its own SET clause"
OWNED_BY = "ALTER SEQUENCE ... OWNED BY"
WITH_NO_DATA = "CREATE MATERIALIZED VIEW ... WITH NO DATA"
NOT_VALID = "ALTER TABLE ... ADD CONSTRAINT ... NOT VALID"
ENABLE_ROW_SECURITY = "ALTER TABLE ... ENABLE ROW LEVEL SECURITY"
FORCE_ROW_SECURITY = "ALTER TABLE ... FORCE ROW LEVEL SECURITY"
REPLICA_IDENTITY = "ALTER TABLE ... REPLICA IDENTITY"
SET_STORAGE = "ALTER TABLE ... ALTER COLUMN ... SET STORAGE"
SET_COMPRESSION = "ALTER TABLE ... ALTER COLUMN ... SET COMPRESSION"

_TRANSACTION = "the entrypoint opens and ends the transaction"
_PRIVILEGES = "privileges belong to the operator of the database"
_SCHEMA = "the schema belongs to the database, not to these files"
_OPERATOR = "{} belong to the operator of the database, not to these files"
_NOT_COMPARED = "{} are not supported, because the comparison does not cover them"

_REFUSED = {
    **dict.fromkeys(("BEGIN", "START TRANSACTION", "COMMIT", "END", "ROLLBACK", "ABORT"), _TRANSACTION),
    **dict.fromkeys(("SAVEPOINT", "RELEASE", "PREPARE TRANSACTION"), _TRANSACTION),
    **dict.fromkeys(("SET", "RESET", "DISCARD", "LOAD"), SESSION),
    **dict.fromkeys(("GRANT", "REVOKE"), _PRIVILEGES),
    "ALTER DATABASE": _OPERATOR.format("settings of the database"),
    "ALTER DEFAULT PRIVILEGES": f"default privileges are not supported: {_PRIVILEGES}",
    "DROP OWNED": "it would drop what belongs to others",
    "DROP ROLE": _OPERATOR.format("roles"),
    "DROP SCHEMA": _SCHEMA,
    "IMPORT FOREIGN SCHEMA": _NOT_COMPARED.format("foreign tables"),
    "REASSIGN OWNED": _OPERATOR.format("owners"),
    "SECURITY LABEL": _NOT_COMPARED.format("security labels"),
}
# No file may make, alter or comment on an object of these classes; a migration may drop one.
_UNSUPPORTED = {
    "ACCESS METHOD": "access methods",
    "BASE TYPE": "base types",
    "CAST": "casts",
    "COLLATION": "collations",
    "CONSTRAINT TRIGGER": "constraint triggers",
    "CONVERSION": "conversions",
    "EVENT TRIGGER": "event triggers",
    "FOREIGN DATA WRAPPER": "foreign data wrappers",
    "FOREIGN TABLE": "foreign tables",
    "LANGUAGE": "languages",
    "LARGE OBJECT": "large objects",
    "OPERATOR": "operators",
    "OPERATOR CLASS": "operator classes",
    "OPERATOR FAMILY": "operator families",
    "PUBLICATION": "publications",
    "SERVER": "foreign servers",
    "STATISTICS": "extended statistics",
    "SUBSCRIPTION": "subscriptions",
    "TEXT SEARCH CONFIGURATION": "text search objects",
    "TEXT SEARCH DICTIONARY": "text search objects",
    "TEXT SEARCH PARSER": "text search objects",
    "TEXT SEARCH TEMPLATE": "text search objects",
    "TRANSFORM": "transforms",
    "USER MAPPING": "user mappings",
}
_REASONS = {of: _NOT_COMPARED.format(plural) for of, plural in _UNSUPPORTED.items()} | {
    "EXTENSION": "extensions are not supported, because they belong to the operator of the database",
    "ROLE": _OPERATOR.format("roles"),
    "SCHEMA": _SCHEMA,
}


def _each(opening: str, *classes: str, end: str = "") -> tuple[str, ...]:
    return tuple(f"{opening} {of}{end}" for of in classes)


# A role that is not here takes whatever is not refused everywhere.
ALLOWED = {
    Role.BASELINE: (
        *_each("CREATE", "TYPE", "DOMAIN", "TABLE", "SEQUENCE", "INDEX", "RULE", "POLICY"),
        *("CREATE OR REPLACE RULE", OWNED_BY, NOT_VALID, ENABLE_ROW_SECURITY, FORCE_ROW_SECURITY),
        *(REPLICA_IDENTITY, SET_STORAGE, SET_COMPRESSION),
        *_each("COMMENT ON", "TYPE", "DOMAIN", "TABLE", "COLUMN", "CONSTRAINT", "SEQUENCE", "INDEX"),
        *_each("COMMENT ON", "RULE", "POLICY"),
    ),
    Role.FUNCTIONS: (
        *_each("CREATE OR REPLACE", "FUNCTION", "PROCEDURE", "AGGREGATE"),
        *_each("COMMENT ON", "FUNCTION", "PROCEDURE", "AGGREGATE", "ROUTINE"),
    ),
    Role.TRIGGERS: ("CREATE OR REPLACE TRIGGER", "COMMENT ON TRIGGER"),
    Role.VIEWS: (
        *("CREATE OR REPLACE VIEW", WITH_NO_DATA, "CREATE INDEX"),
        *_each("COMMENT ON", "VIEW", "MATERIALIZED VIEW", "COLUMN", "INDEX"),
    ),
    Role.SEED: ("INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "SELECT", "WITH"),
    Role.CHECK: ("SELECT", "WITH"),
    Role.ROLLBACK: (
        *_each("DROP", "VIEW", "MATERIALIZED VIEW", "TABLE", "SEQUENCE", "TYPE", "DOMAIN", end=" IF EXISTS"),
        *_each("DROP", "FUNCTION", "PROCEDURE", "AGGREGATE", end=" IF EXISTS"),
    ),
}
_HOMES = (
    (re.compile(r"(CREATE|COMMENT ON)\b.* (FUNCTION|PROCEDURE|AGGREGATE|ROUTINE)"), Role.FUNCTIONS),
    (re.compile(r"(CREATE|COMMENT ON)\b.* TRIGGER"), Role.TRIGGERS),
    (re.compile(r"(CREATE|COMMENT ON)\b.* VIEW( .*)?"), Role.VIEWS),
    (re.compile(r"(CREATE|COMMENT ON) (TYPE|DOMAIN|TABLE|SEQUENCE|INDEX|RULE|POLICY)"), Role.BASELINE),
)
_NOT_IN_BASELINE = (
    (re.compile(r"ALTER TABLE"), "write it into CREATE TABLE"),
    (re.compile(r"DROP "), "leave the object out, and drop it in a migration"),
    (re.compile(r"CREATE TABLE AS|SELECT INTO"), "its columns would not be written down"),
    (re.compile(r"CREATE TEMPORARY "), "it would end with the session"),
    (re.compile(r"CREATE UNLOGGED "), "only tables may be unlogged"),
    (re.compile(r"ALTER "), "write the object as it is to be"),
)
_NO_OBJECT = "it would change new databases only, because rows are not compared"

_CLASSES = (
    *(*_REASONS, "AGGREGATE", "COLUMN", "CONSTRAINT", "DATABASE", "DOMAIN", "FUNCTION", "GROUP", "INDEX"),
    *("MATERIALIZED VIEW", "POLICY", "PROCEDURE", "ROUTINE", "RULE", "SEQUENCE", "SYSTEM", "TABLE"),
    *("TABLESPACE", "TRIGGER", "TYPE", "USER", "VIEW"),
)
_OBJECT = re.compile(
    r"(create|alter|drop|comment on) (or replace )?"
    r"((?:(?:global|local|temp|temporary|unlogged|unique|recursive|default|trusted|procedural) )*)"
    rf"({'|'.join(sorted(_CLASSES, key=len, reverse=True)).lower()}) (?:concurrently )?(if exists )?"
)
_PHRASES = re.compile(
    r"(?:start|prepare) transaction|alter default privileges|drop owned|import foreign schema|reassign owned"
    r"|security label|set constraints|refresh materialized view|(?:create|alter|drop|comment on) \S+|\S+"
)
_INTO = re.compile(r"(?<!insert)(?<!merge) into ")
_AFTER_WITH = re.compile(r"\( (insert|update|delete|merge) ")
_NAME = r"\S+(?: \. \S+)*"
_TYPE = re.compile(rf"create type {_NAME} as (enum |range )?\( $")
_OWNED_BY = re.compile(rf"alter sequence (if exists )?{_NAME} owned by {_NAME} ")
_ALTER_TABLE = re.compile(rf"alter table (if exists )?(only )?{_NAME}( \*)? ")
_ACTIONS = {
    rf"add (constraint {_NAME} )?(check|foreign key) .* not valid .*": NOT_VALID,
    r"enable row level security ": ENABLE_ROW_SECURITY,
    r"force row level security ": FORCE_ROW_SECURITY,
    r"replica identity .*": REPLICA_IDENTITY,
    r"alter (column )?\S+ set storage \S+ ": SET_STORAGE,
    r"alter (column )?\S+ set compression \S+ ": SET_COMPRESSION,
}


def refusal_of(role: Role, kind: str) -> str | None:
    """Return why no file, or no file of this role, may hold a statement of this kind; None if it may."""
    if reason := reason_everywhere(kind):
        return f"{kind} is refused: {reason}"
    allowed = ALLOWED.get(role)
    if allowed is None or kind in allowed:
        return None
    if role is Role.BASELINE:
        return f"{kind} may not stand in the baseline: {_advice(kind)}"
    if role is Role.VIEWS and kind == "CREATE MATERIALIZED VIEW":
        return "a materialized view needs WITH NO DATA, because its rows are not compared"
    return f"only {', '.join(allowed)} may stand in this file"


def reason_everywhere(kind: str) -> str | None:
    """Return why a statement of this kind is refused in every file, or None."""
    if reason := _REFUSED.get(kind.removesuffix(" IF EXISTS")):
        return reason
    made = re.fullmatch(r"(?:CREATE(?: OR REPLACE)?|ALTER|COMMENT ON) (.*)", kind)
    return _REASONS.get(made[1]) if made else None


def home_of(kind: str) -> str | None:
    """Return the file in which a statement of this kind belongs, or None when it belongs in no file."""
    homes = (NAMES[role] for pattern, role in _HOMES if pattern.fullmatch(kind))
    return None if reason_everywhere(kind) else next(homes, None)


def kind_of(tokens: Sequence[Token]) -> str:
    """Return the kind of a statement by its words, given without blanks and comments."""
    outline = _outline(tokens)
    found = _OBJECT.match(outline)
    if not found:
        kind = "SELECT" if outline.startswith("( ") else _PHRASES.findall(outline)[0].upper()
        if kind == "WITH" and (writes := _AFTER_WITH.search(outline)):
            return writes[1].upper()
        return "SELECT INTO" if kind in ("SELECT", "WITH") and _INTO.search(outline) else kind
    verb, replaced, modifiers, of, exists = (part.upper() if part else "" for part in found.groups())
    of = "ROLE" if of in ("USER", "GROUP") else of
    if verb == "DROP":
        return f"DROP {of} {exists}".rstrip()
    kind = f"{verb} {replaced}{_persistence(modifiers, of)}{of}"
    return _narrowed(kind, outline)


def _outline(tokens: Sequence[Token]) -> str:
    """Return the words and symbols outside parentheses in lower case, each name in quotes as two quotes."""
    parts, depth = [], 0
    for token in tokens:
        if token.text == ")":
            depth = max(0, depth - 1)
        elif depth == 0:
            parts.append('""' if token.kind is Kind.QUOTED else token.text.lower())
        depth += token.text == "("
    return " ".join(parts) + " "


def _persistence(modifiers: str, of: str) -> str:
    if "TEMP" in modifiers:
        return "TEMPORARY "
    return "UNLOGGED " if "UNLOGGED" in modifiers and of != "TABLE" else ""


def _narrowed(kind: str, outline: str) -> str:
    match kind:
        case "CREATE TABLE" if " as " in outline:
            return "CREATE TABLE AS"
        case "CREATE TYPE" if not _TYPE.match(outline):
            return "CREATE BASE TYPE"
        case "CREATE MATERIALIZED VIEW" if outline.endswith(" with no data "):
            return WITH_NO_DATA
        case "ALTER SEQUENCE" if _OWNED_BY.fullmatch(outline):
            return OWNED_BY
        case "ALTER TABLE":
            return _altered(outline)
    return kind


def _altered(outline: str) -> str:
    """Return the first action of ALTER TABLE if all of them have a kind, else the plain kind."""
    actions = _ALTER_TABLE.sub("", outline).split(" , ")
    kinds = [
        next(
            (kind for pattern, kind in _ACTIONS.items() if re.fullmatch(pattern, f"{action.rstrip()} ")), None
        )
        for action in actions
    ]
    return "ALTER TABLE" if None in kinds else kinds[0] or ""


def _advice(kind: str) -> str:
    if home := home_of(kind):
        return f"it belongs in {home}"
    return next((advice for pattern, advice in _NOT_IN_BASELINE if pattern.match(kind)), _NO_OBJECT)
