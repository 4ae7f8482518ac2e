"""Every catalog of PostgreSQL: compared, reported as an extra, or not looked at.

`REPORTED` holds statements that make one object of the class, with the kind and the name under which it is
reported; they run as a superuser in a database that holds a table `ours` and a type `mood`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

# Rows of these define an object that the comparison reads, or a part of one.
COMPARED = frozenset(
    {
        *("pg_aggregate", "pg_attrdef", "pg_attribute", "pg_class", "pg_constraint", "pg_depend"),
        *("pg_description", "pg_enum", "pg_extension", "pg_index", "pg_inherits", "pg_namespace"),
        *("pg_partitioned_table", "pg_policy", "pg_proc", "pg_range", "pg_rewrite", "pg_sequence"),
        *("pg_trigger", "pg_type"),
    }
)

NOT_LOOKED_AT: Mapping[str, str] = {
    "pg_auth_members": "roles belong to the server; what MORSE_API_ROLE reaches is compared as its grants",
    "pg_authid": "roles belong to the server; MORSE_API_ROLE is compared as its grants",
    "pg_database": "the database itself is given",
    "pg_init_privs": "what extensions granted themselves",
    "pg_largeobject": "data",
    "pg_largeobject_metadata": "data",
    "pg_parameter_acl": "rights on the server's parameters",
    "pg_replication_origin": "the server's bookkeeping",
    "pg_seclabel": "labels of a security module, which decides itself what they mean",
    "pg_shdepend": "owners and grants, of which owners and MORSE_API_ROLE are looked at by themselves",
    "pg_shdescription": "comments on what belongs to the server",
    "pg_shseclabel": "labels of a security module",
    "pg_statistic": "counted by ANALYZE",
    "pg_statistic_ext_data": "counted by ANALYZE",
    "pg_subscription": "its connection string is a secret, which only a superuser may read",
    "pg_subscription_rel": "belongs to a subscription",
    "pg_tablespace": "where the server stores files",
}


class Case(NamedTuple):
    """One object of a class; `since` is the first major version that has it."""

    statements: str
    kind: str
    name: str
    harmful: bool = False
    since: int = 14


REPORTED: Mapping[str, tuple[Case, ...]] = {
    "pg_am": (
        Case(
            "CREATE FUNCTION handler(internal) RETURNS index_am_handler LANGUAGE internal AS 'bthandler'; "
            "CREATE ACCESS METHOD other_am TYPE INDEX HANDLER handler",
            *("access method", "other_am"),
        ),
    ),
    "pg_amop": (
        Case(
            "CREATE OPERATOR === (leftarg = money, rightarg = integer, function = other_equal); "
            "ALTER OPERATOR FAMILY integer_ops USING hash ADD OPERATOR 1 === (money, integer)",
            *("operator", "===(pg_catalog.money,integer)"),
        ),
        Case(
            "CREATE OPERATOR === (leftarg = money, rightarg = integer, function = other_equal); "
            "ALTER OPERATOR FAMILY integer_ops USING hash ADD OPERATOR 1 === (money, integer)",
            "operator of access method",
            "operator 1 (pg_catalog.money, integer) of pg_catalog.integer_ops USING hash",
        ),
    ),
    "pg_amproc": (
        Case(
            "ALTER OPERATOR FAMILY integer_ops USING hash ADD FUNCTION 1 (mood, mood) other_hash(mood)",
            "function of access method",
            "function 1 (public.mood, public.mood) of pg_catalog.integer_ops USING hash",
        ),
    ),
    "pg_cast": (
        Case("CREATE CAST (ours AS text) WITH INOUT", "cast", "(public.ours AS pg_catalog.text)"),
        Case(
            "CREATE CAST (mood AS integer) WITH INOUT AS IMPLICIT", "cast", "(public.mood AS integer)", True
        ),
        Case(
            "CREATE CAST (money AS bigint) WITH INOUT AS ASSIGNMENT",
            "cast",
            "(pg_catalog.money AS bigint)",
            True,
        ),
        Case(
            "CREATE TYPE theirs AS ENUM ('a'); CREATE CAST (theirs AS integer) WITH INOUT AS IMPLICIT",
            *("cast", "(public.theirs AS integer)"),
        ),
    ),
    "pg_collation": (Case('CREATE COLLATION other_collation FROM "C"', "collation", "other_collation"),),
    "pg_conversion": (
        Case(
            "CREATE CONVERSION other_conversion FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8",
            *("conversion", "other_conversion"),
        ),
    ),
    "pg_db_role_setting": (
        Case("ALTER ROLE ALL SET work_mem = '5MB'", "setting", "work_mem of every role"),
        Case("ALTER ROLE morse SET search_path = 'kanari9'", "setting", "search_path of role morse"),
    ),
    "pg_default_acl": (
        Case(
            "ALTER DEFAULT PRIVILEGES FOR ROLE morse GRANT SELECT ON TABLES TO PUBLIC",
            *("default privileges", "for role morse on tables"),
        ),
        Case(
            "ALTER DEFAULT PRIVILEGES FOR ROLE morse IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC",
            *("default privileges", "for role morse in schema public on tables"),
        ),
    ),
    "pg_event_trigger": (
        Case(
            "CREATE FUNCTION fires() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; "
            "CREATE EVENT TRIGGER other_event ON ddl_command_end EXECUTE FUNCTION fires()",
            *("event trigger", "other_event"),
        ),
    ),
    "pg_foreign_data_wrapper": (Case("{foreign_table}", "foreign-data wrapper", "other_wrapper"),),
    "pg_foreign_server": (Case("{foreign_table}", "server", "other_server"),),
    "pg_foreign_table": (Case("{foreign_table}", "table", "elsewhere"),),
    "pg_user_mapping": (Case("{foreign_table}", "user mapping", "morse on server other_server"),),
    "pg_language": (
        Case(
            "CREATE FUNCTION handles() RETURNS language_handler LANGUAGE c "
            "AS '$libdir/plpgsql', 'plpgsql_call_handler'; CREATE LANGUAGE other_language HANDLER handles",
            *("language", "other_language"),
        ),
    ),
    "pg_opclass": (
        Case(
            "CREATE OPERATOR CLASS other_ops FOR TYPE integer USING btree AS FUNCTION 1 btint4cmp(int, int)",
            *("operator class", "other_ops USING btree"),
        ),
        Case(
            "CREATE OPERATOR CLASS other_ops DEFAULT FOR TYPE mood USING gin "
            "AS FUNCTION 1 enum_cmp(anyenum, anyenum)",
            *("operator class", "other_ops USING gin"),
            harmful=True,
        ),
    ),
    "pg_operator": (
        Case(
            "CREATE OPERATOR === (leftarg = integer, rightarg = integer, function = int4eq)",
            *("operator", "===(integer,integer)"),
        ),
    ),
    "pg_opfamily": (
        Case(
            "CREATE OPERATOR FAMILY other_family USING btree", "operator family", "other_family USING btree"
        ),
    ),
    "pg_publication": (
        Case("CREATE PUBLICATION other_publication FOR ALL TABLES", "publication", "other_publication", True),
        Case(
            "CREATE PUBLICATION other_publication FOR ALL TABLES WITH (publish = 'insert')",
            *("publication", "other_publication"),
        ),
    ),
    "pg_publication_rel": (
        Case("CREATE PUBLICATION other_publication FOR TABLE ours", "publication", "other_publication", True),
        Case(
            "ALTER TABLE ours ADD PRIMARY KEY (id); CREATE PUBLICATION other_publication FOR TABLE ours",
            *("publication", "other_publication"),
        ),
    ),
    "pg_publication_namespace": (
        Case(
            "CREATE PUBLICATION other_publication FOR TABLES IN SCHEMA public",
            *("publication", "other_publication"),
            harmful=True,
            since=15,
        ),
    ),
    "pg_statistic_ext": (
        Case("CREATE STATISTICS other_statistics ON id, name FROM ours", "statistics", "other_statistics"),
    ),
    "pg_transform": (
        Case(
            "CREATE FUNCTION transforms(internal) RETURNS internal LANGUAGE internal IMMUTABLE "
            "AS 'prsd_lextype'; "
            "CREATE TRANSFORM FOR mood LANGUAGE plpgsql (FROM SQL WITH FUNCTION transforms(internal))",
            *("transform", "for public.mood"),
        ),
    ),
    "pg_ts_config": (
        Case(
            "CREATE TEXT SEARCH CONFIGURATION other_words (parser = default)",
            *("text search configuration", "other_words"),
        ),
    ),
    "pg_ts_config_map": (
        Case(
            "CREATE TEXT SEARCH CONFIGURATION other_words (copy = simple)",
            *("text search configuration", "other_words"),
        ),
    ),
    "pg_ts_dict": (
        Case(
            "CREATE TEXT SEARCH DICTIONARY other_words (template = simple)",
            *("text search dictionary", "other_words"),
        ),
    ),
    "pg_ts_parser": (
        Case(
            "CREATE TEXT SEARCH PARSER other_parser (start = prsd_start, gettoken = prsd_nexttoken, "
            "end = prsd_end, lextypes = prsd_lextype)",
            *("text search parser", "other_parser"),
        ),
    ),
    "pg_ts_template": (
        Case(
            "CREATE TEXT SEARCH TEMPLATE other_template (lexize = dsimple_lexize)",
            *("text search template", "other_template"),
        ),
    ),
}

# Of kinds that are compared, where the comparison does not look.
ELSEWHERE = (
    Case("CREATE TABLE other.child () INHERITS (ours)", "table", "other.child", True),
    Case("CREATE TABLE other.moods (moods mood[])", "table", "other.moods"),
    Case("CREATE VIEW other.names AS SELECT name FROM ours", "view", "other.names"),
    Case("CREATE MATERIALIZED VIEW other.names AS SELECT name FROM ours", "materialized view", "other.names"),
    Case(
        "CREATE FUNCTION other.cheer(mood) RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        *("function", "other.cheer(public.mood)"),
    ),
    Case("CREATE TABLE other.bills (owner integer REFERENCES parent)", "table", "other.bills"),
    Case("CREATE TYPE shell", "type", "shell"),
)

PREPARED = """
CREATE SCHEMA other;
CREATE TYPE mood AS ENUM ('good');
CREATE TABLE ours (id integer NOT NULL, name text, mood mood);
CREATE TABLE parent (id integer CONSTRAINT parent_pkey PRIMARY KEY);
CREATE FUNCTION other_equal(money, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE FUNCTION other_hash(mood) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
"""
FOREIGN_TABLE = """
CREATE FOREIGN DATA WRAPPER other_wrapper;
CREATE SERVER other_server FOREIGN DATA WRAPPER other_wrapper OPTIONS (host 'kanari9');
CREATE USER MAPPING FOR morse SERVER other_server OPTIONS (password 'kanari9');
CREATE FOREIGN TABLE elsewhere (id integer) SERVER other_server OPTIONS (table_name 'kanari9')
"""
