"""Statements that a file may not hold, for the tests of both examiners."""

from __future__ import annotations

from typing import NamedTuple

from entrypoint.sqlfiles.roles import Role

_MIGRATION = Role.VERSIONED


class Bad(NamedTuple):
    """Hold a text that is refused in a file of this role, and words of the reason."""

    role: Role
    text: str
    words: str


SUPPORTED_ELSEWHERE = [
    Bad(Role.BASELINE, "INSERT INTO t VALUES (1)", "INSERT may not stand in the baseline"),
    Bad(Role.BASELINE, "UPDATE t SET a = 1", "UPDATE may not stand in the baseline"),
    Bad(
        Role.BASELINE,
        "WITH d AS (DELETE FROM t RETURNING a) SELECT a FROM d",
        "may not stand in the baseline",
    ),
    Bad(Role.BASELINE, "TRUNCATE t", "TRUNCATE may not stand in the baseline"),
    Bad(Role.BASELINE, "SELECT setval('s', 7)", "SELECT may not stand in the baseline"),
    Bad(Role.BASELINE, "SELECT a INTO u FROM t", "SELECT INTO may not stand in the baseline"),
    Bad(Role.BASELINE, "COPY t FROM '/srv/t.csv'", "COPY may not stand in the baseline"),
    Bad(Role.BASELINE, "DO $$ BEGIN NULL; END $$", "DO may not stand in the baseline"),
    Bad(Role.BASELINE, "CALL p()", "CALL may not stand in the baseline"),
    Bad(Role.BASELINE, "LOCK TABLE t", "LOCK may not stand in the baseline"),
    Bad(Role.BASELINE, "DROP TABLE IF EXISTS t", "leave the object out, and drop it in a migration"),
    Bad(Role.BASELINE, "DROP INDEX i", "leave the object out, and drop it in a migration"),
    Bad(Role.BASELINE, "CREATE TABLE u AS SELECT a FROM t", "its columns would not be written down"),
    Bad(Role.BASELINE, "CREATE TABLE u (a) AS EXECUTE q", "CREATE TABLE AS may not stand"),
    Bad(Role.BASELINE, "CREATE TEMP TABLE u (a INT)", "it would end with the session"),
    Bad(Role.BASELINE, "CREATE FUNCTION f() RETURNS INT RETURN 1", "it belongs in init_functions.sql"),
    Bad(
        Role.BASELINE,
        "CREATE OR REPLACE PROCEDURE p() AS '' LANGUAGE sql",
        "it belongs in init_functions.sql",
    ),
    Bad(Role.BASELINE, "CREATE OR REPLACE VIEW v AS SELECT 1 AS a", "it belongs in init_views.sql"),
    Bad(
        Role.BASELINE,
        "CREATE MATERIALIZED VIEW v AS SELECT 1 AS a WITH NO DATA",
        "it belongs in init_views.sql",
    ),
    Bad(
        Role.BASELINE,
        "CREATE OR REPLACE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
        "it belongs in init_triggers.sql",
    ),
    Bad(Role.BASELINE, "COMMENT ON FUNCTION f() IS 'x'", "it belongs in init_functions.sql"),
    Bad(Role.BASELINE, "COMMENT ON VIEW v IS 'x'", "it belongs in init_views.sql"),
    Bad(Role.BASELINE, "ALTER TYPE mood ADD VALUE 'sad'", "write the object as it is to be"),
    Bad(Role.BASELINE, "ALTER SEQUENCE s RESTART WITH 7", "ALTER SEQUENCE may not stand in the baseline"),
    Bad(Role.BASELINE, "ALTER INDEX i RENAME TO j", "ALTER INDEX may not stand in the baseline"),
    Bad(
        Role.BASELINE,
        "REFRESH MATERIALIZED VIEW v",
        "REFRESH MATERIALIZED VIEW may not stand in the baseline",
    ),
    Bad(Role.BASELINE, "SET CONSTRAINTS ALL DEFERRED", "SET CONSTRAINTS may not stand in the baseline"),
    Bad(Role.FUNCTIONS, "CREATE FUNCTION f() RETURNS INT RETURN 1", "only CREATE OR REPLACE FUNCTION, "),
    Bad(Role.FUNCTIONS, "CREATE AGGREGATE a (INT) (SFUNC = f, STYPE = INT)", "CREATE OR REPLACE AGGREGATE"),
    Bad(Role.FUNCTIONS, "ALTER FUNCTION f() STABLE", "may stand in this file"),
    Bad(Role.FUNCTIONS, "DROP FUNCTION IF EXISTS f()", "may stand in this file"),
    Bad(Role.FUNCTIONS, "CREATE TYPE mood AS ENUM ('a')", "may stand in this file"),
    Bad(Role.FUNCTIONS, "COMMENT ON TABLE t IS 'x'", "may stand in this file"),
    Bad(Role.TRIGGERS, "DROP TRIGGER g ON t", "only CREATE OR REPLACE TRIGGER, COMMENT ON TRIGGER may stand"),
    Bad(Role.TRIGGERS, "ALTER TABLE t DISABLE TRIGGER g", "may stand in this file"),
    Bad(
        Role.TRIGGERS,
        "CREATE CONSTRAINT TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
        "constraint triggers are not supported",
    ),
    Bad(Role.VIEWS, "CREATE VIEW v AS SELECT 1 AS a", "only CREATE OR REPLACE VIEW, "),
    Bad(Role.VIEWS, "CREATE OR REPLACE TEMP VIEW v AS SELECT 1 AS a", "may stand in this file"),
    Bad(Role.VIEWS, "CREATE MATERIALIZED VIEW v AS SELECT 1 AS a", "a materialized view needs WITH NO DATA"),
    Bad(Role.VIEWS, "CREATE MATERIALIZED VIEW v AS SELECT 1 AS a WITH DATA", "needs WITH NO DATA"),
    Bad(Role.VIEWS, "CREATE MATERIALIZED VIEW v AS SELECT t.* FROM t WITH NO DATA", "name the columns"),
    Bad(Role.VIEWS, "REFRESH MATERIALIZED VIEW v", "may stand in this file"),
    Bad(Role.VIEWS, "CREATE TABLE t (a INT)", "may stand in this file"),
    Bad(Role.VIEWS, "ALTER VIEW v SET (security_barrier)", "may stand in this file"),
    Bad(
        Role.SEED,
        "CREATE TABLE t (a INT)",
        "only INSERT, UPDATE, DELETE, MERGE, COPY, SELECT, WITH may stand",
    ),
    Bad(Role.SEED, "TRUNCATE t", "may stand in this file"),
    Bad(Role.SEED, "DO $$ BEGIN NULL; END $$", "may stand in this file"),
    Bad(Role.SEED, "SELECT a INTO u FROM t", "may stand in this file"),
    Bad(Role.SEED, "ALTER TABLE t ADD COLUMN b INT", "may stand in this file"),
    Bad(Role.SEED, "COPY t FROM STDIN", "COPY FROM STDIN is refused"),
    Bad(Role.SEED, "SET CONSTRAINTS ALL DEFERRED", "may stand in this file"),
    Bad(Role.CHECK, "DELETE FROM t", "only SELECT, WITH may stand in this file"),
    Bad(
        Role.CHECK, "WITH a AS (SELECT 1) INSERT INTO t SELECT 2", "only SELECT, WITH may stand in this file"
    ),
    Bad(
        Role.CHECK,
        "WITH a AS (UPDATE t SET a = 1 RETURNING a) SELECT a FROM a",
        "UPDATE is refused: a check only",
    ),
    Bad(Role.CHECK, "SELECT a FROM t FOR UPDATE", "FOR UPDATE or SHARE is refused"),
    Bad(Role.CHECK, "SELECT a FROM t FOR KEY SHARE", "FOR UPDATE or SHARE is refused"),
    Bad(Role.CHECK, "SELECT a INTO u FROM t", "only SELECT, WITH may stand in this file"),
    Bad(Role.CHECK, "SELECT set_config('a', 'b', FALSE)", "set_config() is refused"),
    Bad(Role.ROLLBACK, "DROP TABLE IF EXISTS t CASCADE", "CASCADE is refused"),
    Bad(Role.ROLLBACK, "DROP TABLE t", "only DROP VIEW IF EXISTS, "),
    Bad(Role.ROLLBACK, "DROP SCHEMA IF EXISTS s", "DROP SCHEMA IF EXISTS is refused"),
    Bad(Role.ROLLBACK, "DROP EXTENSION IF EXISTS pg_trgm", "may stand in this file"),
    Bad(Role.ROLLBACK, "DROP INDEX CONCURRENTLY IF EXISTS i", "this cannot run in a transaction"),
    Bad(Role.ROLLBACK, "DELETE FROM t", "may stand in this file"),
]
ALTERATIONS = [
    Bad(
        Role.BASELINE,
        f"ALTER TABLE t {action}",
        "ALTER TABLE may not stand in the baseline: write it into CREATE TABLE",
    )
    for action in (
        "ADD COLUMN b INT",
        "DROP COLUMN a",
        "ALTER COLUMN a SET NOT NULL",
        "ALTER COLUMN a TYPE BIGINT",
        "ALTER COLUMN a SET STATISTICS 100",
        "ADD CONSTRAINT c CHECK (a > 0)",
        "ADD CONSTRAINT p PRIMARY KEY (a)",
        "ADD CONSTRAINT c CHECK (a > 0) NOT VALID, VALIDATE CONSTRAINT c",
        "DISABLE ROW LEVEL SECURITY",
        "NO FORCE ROW LEVEL SECURITY",
        "ENABLE ROW LEVEL SECURITY, ADD COLUMN b INT",
        "RENAME a TO b",
        "ATTACH PARTITION p FOR VALUES IN (1)",
        "INHERIT u",
        "OWNER TO somebody",
        "SET (fillfactor = 70)",
        "SET UNLOGGED",
        "ENABLE ALWAYS TRIGGER g",
        "CLUSTER ON i",
        "OF mood",
    )
]
UNSUPPORTED = [
    Bad(role, text, words)
    for role in (Role.BASELINE, _MIGRATION)
    for text, words in (
        ("CREATE OPERATOR === (LEFTARG = INT, RIGHTARG = INT, FUNCTION = f)", "operators are not supported"),
        (
            "CREATE OPERATOR CLASS o FOR TYPE INT USING btree AS OPERATOR 1 <",
            "operator classes are not supported",
        ),
        ("CREATE OPERATOR FAMILY o USING btree", "operator families are not supported"),
        (
            "ALTER OPERATOR FAMILY o USING btree DROP OPERATOR 1 (INT, INT)",
            "operator families are not supported",
        ),
        ("CREATE CAST (TEXT AS mood) WITH INOUT", "casts are not supported"),
        ("CREATE COLLATION c (LOCALE = 'C')", "collations are not supported"),
        ("CREATE DEFAULT CONVERSION c FOR 'UTF8' TO 'LATIN1' FROM f", "conversions are not supported"),
        ("CREATE TEXT SEARCH CONFIGURATION c (COPY = simple)", "text search objects are not supported"),
        ("CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple)", "text search objects are not supported"),
        ("ALTER TEXT SEARCH DICTIONARY d (stopwords = 'x')", "text search objects are not supported"),
        ("CREATE STATISTICS s ON a, b FROM t", "extended statistics are not supported"),
        ("ALTER STATISTICS s RENAME TO r", "extended statistics are not supported"),
        (
            "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()",
            "event triggers are not supported",
        ),
        ("CREATE FOREIGN DATA WRAPPER w", "foreign data wrappers are not supported"),
        ("CREATE SERVER s FOREIGN DATA WRAPPER w", "foreign servers are not supported"),
        ("CREATE FOREIGN TABLE r (a INT) SERVER s", "foreign tables are not supported"),
        ("IMPORT FOREIGN SCHEMA x FROM SERVER s INTO y", "foreign tables are not supported"),
        ("CREATE USER MAPPING FOR CURRENT_USER SERVER s", "user mappings are not supported"),
        ("CREATE PUBLICATION p FOR TABLE t", "publications are not supported"),
        ("ALTER PUBLICATION p ADD TABLE t", "publications are not supported"),
        ("CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p", "subscriptions are not supported"),
        ("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO x", "default privileges are not supported"),
        ("CREATE ACCESS METHOD m TYPE TABLE HANDLER h", "access methods are not supported"),
        ("CREATE TRANSFORM FOR INT LANGUAGE sql (FROM SQL WITH FUNCTION f(internal))", "transforms are not"),
        ("CREATE TYPE b (INPUT = f, OUTPUT = g)", "base types are not supported"),
        ("CREATE TYPE shell", "base types are not supported"),
        ("SECURITY LABEL ON TABLE t IS 'x'", "security labels are not supported"),
        ("COMMENT ON LARGE OBJECT 7 IS 'x'", "large objects are not supported"),
        ("COMMENT ON OPERATOR CLASS o USING btree IS 'x'", "operator classes are not supported"),
        ("CREATE EXTENSION IF NOT EXISTS pg_trgm", "extensions are not supported"),
        ("ALTER EXTENSION pg_trgm UPDATE", "extensions are not supported"),
        ("CREATE SCHEMA app", "the schema belongs to the database"),
        ("DROP SCHEMA app", "the schema belongs to the database"),
        ("CREATE ROLE r", "roles belong to the operator"),
        ("ALTER USER u SET search_path = x", "roles belong to the operator"),
        ("ALTER DATABASE d SET search_path = x", "belong to the operator"),
        ("REASSIGN OWNED BY a TO b", "owners belong to the operator"),
        ("DROP OWNED BY a", "it would drop what belongs to others"),
        ("GRANT a TO b", "privileges belong to the operator"),
        ("LOAD 'x'", "the entrypoint sets the session"),
    )
]
NAMES = [
    Bad(Role.BASELINE, 'CREATE TABLE t (a "serial")', "serial makes a sequence"),
    Bad(Role.BASELINE, "CREATE TABLE t (LIKE u INCLUDING ALL)", "its copies get generated names"),
    Bad(
        Role.BASELINE,
        "CREATE TABLE t (LIKE u INCLUDING DEFAULTS INCLUDING INDEXES)",
        "its copies get generated",
    ),
    Bad(Role.BASELINE, "CREATE TABLE t PARTITION OF u (UNIQUE (a)) DEFAULT", "UNIQUE has no CONSTRAINT name"),
    Bad(Role.BASELINE, "CREATE TABLE t OF mood (PRIMARY KEY (a))", "PRIMARY KEY has no CONSTRAINT name"),
    Bad(Role.BASELINE, "ALTER TABLE t ADD CHECK (a > 0) NOT VALID", "CHECK has no CONSTRAINT name"),
    Bad(_MIGRATION, "ALTER TABLE t ADD COLUMN b INT REFERENCES u (a)", "REFERENCES has no CONSTRAINT name"),
    Bad(_MIGRATION, "ALTER DOMAIN d ADD CHECK (VALUE > 0)", "CHECK has no CONSTRAINT name"),
    Bad(Role.BASELINE, "CREATE INDEX ON t (a)", "the index has no name"),
    Bad(Role.BASELINE, "CREATE TABLE t (a INT DEFAULT nextval('public.s'))", "`public.` is refused"),
    Bad(Role.BASELINE, "CREATE TABLE t (a OID DEFAULT 'public.s'::regclass)", "`public.` is refused"),
    Bad(Role.VIEWS, "CREATE OR REPLACE VIEW v AS SELECT a.b FROM public . t AS a", "`public.` is refused"),
    Bad(
        Role.FUNCTIONS,
        "CREATE OR REPLACE FUNCTION f(a public.mood) RETURNS INT RETURN 1",
        "`public.` is refused",
    ),
    Bad(
        Role.FUNCTIONS,
        "CREATE OR REPLACE FUNCTION f() RETURNS INT RETURN (SELECT a FROM public.t)",
        "`public.`",
    ),
    Bad(
        Role.VIEWS,
        "CREATE OR REPLACE VIEW v AS WITH c AS (SELECT a FROM t JOIN u USING (a) AS j) SELECT a FROM c",
        "JOIN USING (...) AS is refused",
    ),
]
# Only the tree can tell: the words alone have another meaning as well, or hide the name.
ONLY_ON_THE_TREE = [
    Bad(Role.BASELINE, 'CREATE TABLE U&"\\0070ublic".t (a INT)', "`public.` is refused"),
    Bad(Role.BASELINE, "CREATE TABLE app.t (a INT)", "`app.` is refused"),
    Bad(_MIGRATION, "ALTER TABLE t SET SCHEMA public", "`public.` is refused"),
    Bad(_MIGRATION, "UPDATE t SET a = app.f(b)", "`app.` is refused"),
    Bad(_MIGRATION, "SELECT 1 WHERE a OPERATOR(app.=) b", "`app.` is refused"),
    Bad(_MIGRATION, "COMMENT ON COLUMN app.t.a IS 'x'", "`app.` is refused"),
    Bad(_MIGRATION, "ALTER SEQUENCE s OWNED BY app.t.a", "`app.` is refused"),
    Bad(_MIGRATION, "SELECT U&\"set\\005fconfig\"('a', 'b', FALSE)", "set_config() is refused"),
    Bad(Role.BASELINE, 'CREATE TABLE t (a U&"seri\\0061l")', "serial makes a sequence"),
    Bad(
        Role.FUNCTIONS,
        "CREATE OR REPLACE FUNCTION f() RETURNS INT RETURN (SELECT a FROM t JOIN u USING (a) AS j)",
        "JOIN USING (...) AS is refused",
    ),
    Bad(_MIGRATION, "CLUSTER", "this cannot run in a transaction"),
    Bad(_MIGRATION, "UPDATE t SET = 1", "syntax error at or near"),
]
BOTH = [*SUPPORTED_ELSEWHERE, *ALTERATIONS, *UNSUPPORTED, *NAMES]
