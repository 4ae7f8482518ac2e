"""What the files may hold, each rule once where it bites and once where it must not."""

from __future__ import annotations

import pytest

from entrypoint.sqlfiles.header import SqlFile
from entrypoint.sqlfiles.roles import Role
from entrypoint.sqlfiles.rules import examine
from entrypoint.sqlfiles.tree import examine as tree
from entrypoint.sqlfiles.unqualified import created

# Relations and a function that the files create.
_OURS = frozenset({"t", "v", "s", "f"})


def findings(role: Role, text: str) -> list[str]:
    """Return the findings in a file called `file.sql`, in the order of their lines."""
    found = examine(SqlFile.read("file.sql", role, text))
    return [str(finding) for finding in sorted(found, key=lambda finding: finding.line)]


def reasons(role: Role, text: str) -> list[str]:
    """Return the findings without the place."""
    return [finding.reason for finding in examine(SqlFile.read("file.sql", role, text))]


@pytest.mark.parametrize(
    "statement",
    [
        "begin",
        "BEGIN ISOLATION LEVEL SERIALIZABLE",
        "start transaction",
        "commit",
        "commit prepared 'x'",
        "end",
        "rollback",
        "rollback to savepoint a",
        "abort",
        "savepoint a",
        "release a",
        "prepare transaction 'x'",
    ],
)
@pytest.mark.parametrize("role", [Role.BASELINE, Role.FUNCTIONS, Role.SEED, Role.VERSIONED])
def test_transaction_control_is_refused(role: Role, statement: str) -> None:
    """A file that ends the transaction would commit a half-applied release."""
    (reason,) = reasons(role, f"-- first\n/* second */ {statement};")
    assert reason.endswith("is refused: the entrypoint opens and ends the transaction")


@pytest.mark.parametrize(
    "statement",
    [
        "do $$ begin if true then null; end if; end $$",
        "do 'begin commit; end'",
        "insert into t values ('commit; begin;') -- commit;",
        "comment on table \"begin\" is 'rollback'",
        "create function f() returns int begin atomic select 1; end",
        "prepare q as select 1",
        "settle accounts",
    ],
)
def test_the_words_of_a_transaction_are_fine_elsewhere(statement: str) -> None:
    """Only the first word of a statement controls a transaction."""
    assert [] == reasons(Role.VERSIONED, f"{statement}\n;")


@pytest.mark.parametrize(
    ("statement", "refused"),
    [
        ("set search_path = public", "SET"),
        ("SET LOCAL lock_timeout = 0", "SET"),
        ("reset all", "RESET"),
        ("discard all", "DISCARD"),
        ("grant select on t to x", "GRANT"),
        ("revoke all on t from x", "REVOKE"),
        ("alter default privileges grant select on tables to x", "ALTER DEFAULT PRIVILEGES"),
        ("comment on schema x is 'y'", "COMMENT ON SCHEMA"),
        ("create statistics s on a, b from t", "CREATE STATISTICS"),
    ],
)
def test_a_statement_that_is_not_ours_to_run_is_refused(statement: str, refused: str) -> None:
    """Session, privileges and what the comparison cannot see stay out of the files."""
    (reason,) = reasons(Role.VERSIONED, f"{statement};")
    assert reason.startswith(f"{refused} is refused: ")


@pytest.mark.parametrize(
    "statement",
    [
        "update t set a = 1",
        "alter table t alter column a set default 1",
        "alter table t add constraint f foreign key (a) references u (a) on delete set null",
        "create function f() returns int language sql set search_path = x as 'select 1'",
        "alter function f() set search_path = x",
        "insert into t values ('set_config(a, b, c)') on conflict (a) do update set a = 1",
        "comment on column t.set_config is 'grant'",
    ],
)
def test_a_set_clause_is_no_set_statement(statement: str) -> None:
    """SET inside a statement is legal, and so is every refused word inside a string."""
    assert [] == reasons(Role.VERSIONED, f"{statement};")


def test_a_call_that_sets_the_session_is_refused_on_its_line() -> None:
    """set_config() is SET in disguise, wherever in a statement it stands."""
    (finding,) = findings(Role.SEED, "select 1,\n  pg_catalog.set_config ('a', 'b', false);")
    assert finding.startswith("file.sql:2: set_config() is refused")


@pytest.mark.parametrize("command", ["\\i other.sql", "\\.", "\\copy t from 'x'", "select 1 \\gexec"])
def test_psql_commands_are_refused_on_their_line(command: str) -> None:
    """No psql reads these files, so a backslash outside quotes means nothing."""
    refused = "file.sql:3: psql meta-commands are refused: only SQL reaches the server"
    assert refused in findings(Role.SEED, f"select '\\.';\n\n{command}\n;")


def test_copy_from_the_client_is_refused() -> None:
    """COPY FROM STDIN would wait for input that never comes; other COPY does not."""
    assert [] == reasons(Role.SEED, "copy t from '/srv/stdin.csv'; select stdin from t;")
    (reason,) = reasons(Role.SEED, "copy t (a, b) from stdin with (format csv);")
    assert reason.startswith("COPY FROM STDIN is refused")


@pytest.mark.parametrize("name", ["public.t", "PUBLIC.t", '"public".t', "public . t"])
def test_the_name_of_the_schema_is_refused(name: str) -> None:
    """A file that names the schema would reach out of the scratch schema that it is built in."""
    (finding,) = findings(Role.SEED, f"insert into\n  {name}\n values (1);")
    assert finding.startswith("file.sql:2: `public.` is refused")


@pytest.mark.parametrize(
    ("check", "place"),
    [
        ("select a from t", "t"),
        ("select a from public.t, T", "T"),
        ('select a from public.t join "t" on true', '"t"'),
        ("select a from only t", "t"),
        ("select (select 1 from public.t as a left join v on true)", "v"),
        ("select f(1)", "f"),
        ("with x as (select a from t) select a from x", "t"),
        ("select a from public.t cross join s", "s"),
    ],
)
def test_a_check_says_where_its_relations_are(check: str, place: str) -> None:
    """A check runs without public in its path, so that it must name the schema of what is ours."""
    file = SqlFile.read("verify/a.sql", Role.CHECK, f"-- Proves something.\n{check};")
    (finding,) = examine(file, _OURS)
    assert f"`{place}` needs `public.`: a check looks nothing up in public by itself" == finding.reason
    (on_tree,) = tree.examine(file, _OURS)
    assert finding.reason.lower().replace('"', "") == on_tree.reason


@pytest.mark.parametrize(
    "check",
    [
        "select t.a from public.t where t.a > 1",
        "select public.f(1), 't' as v, a as t from public.t as s, public.v",
        "with t as (select 1 as a), v as materialized (select 2 as a) select t.a from t join v on true",
        "select 1 from pg_class as t where t.relname = 'v' -- from t",
        "select a.t, a.v from public.s as a",
    ],
)
def test_a_check_may_use_the_names_of_ours_for_something_else(check: str) -> None:
    """Qualified names, aliases, columns, strings and the names of its own queries are fine in a check."""
    file = SqlFile.read("verify/a.sql", Role.CHECK, f"-- Proves something.\n{check};")
    assert [] == [finding.reason for finding in (*examine(file, _OURS), *tree.examine(file, _OURS))]


@pytest.mark.parametrize("word", ["current_schema()", "current_schema", "CURRENT_SCHEMAS(false)"])
def test_a_check_does_not_ask_for_the_path(word: str) -> None:
    """The first schema of a check's path is pg_catalog, in which nothing of ours is ever wrong."""
    (reason,) = reasons(Role.CHECK, f"-- Proves something.\nselect {word};")
    assert reason.startswith("current_schema")
    file = SqlFile.read("verify/a.sql", Role.CHECK, f"-- Proves something.\nselect {word};")
    assert [reason] == [finding.reason for finding in tree.examine(file)]
    assert [] == reasons(Role.SEED, f"insert into t values ({word});")


def test_what_the_files_create_is_ours() -> None:
    """Relations and routines of every kind are known by name, quoted or not."""
    text = """
        create table if not exists a (id int constraint p primary key); create unlogged table b (c int);
        create or replace view "C" as select 1 as x; create sequence d; create or replace function e(a int)
        returns int return 1; create index f on a (id); create or replace procedure g() language sql as '';
    """
    file = SqlFile.read("file.sql", Role.BASELINE, text)
    assert {"a", "b", "C", "d", "e", "g"} == created(file.statements)


@pytest.mark.parametrize(
    "statement",
    [
        "create function f() returns int language sql as $$ select a from public.t $$",
        "insert into t values ('public.t', 1 /* public.t */) -- public.t",
        "insert into republic.t values (1)",
        "select public from t",
    ],
)
def test_the_name_of_the_schema_is_fine_where_nothing_resolves_it(statement: str) -> None:
    """Bodies, strings, comments and longer names may say `public`."""
    assert [] == reasons(Role.VERSIONED, f"{statement}\n;")


@pytest.mark.parametrize(
    "query",
    [
        "select * from t",
        "select a, t.* from t",
        "select a,\n * from t",
        "select distinct * from t",
        "select a from (select all * from t) as u",
    ],
)
def test_a_star_in_a_view_is_refused(query: str) -> None:
    """`*` is expanded once, so a view would differ with the age of its table."""
    text = f"create or replace view v as {query};"
    assert ["`*` in a view is refused: name the columns"] == reasons(Role.VIEWS, text)
    assert [] == reasons(Role.VERSIONED, text)


def test_counting_and_multiplying_are_no_star() -> None:
    """`*` between operands or in count(*) selects no columns."""
    text = "create or replace view v as select count(*) as n, a * b, 2 * (c) * d as p, '*' from t;"
    assert [] == reasons(Role.VIEWS, text)


def test_a_joined_column_list_may_not_have_an_alias() -> None:
    """JOIN USING is fine, its alias is not: the server does not print it back as written."""
    text = "create or replace view v as select a from t join u using (a, b){} where c;"
    assert [] == reasons(Role.VIEWS, text.format(""))
    assert [] == reasons(Role.SEED, "delete from t using (select 1) as u;")
    (reason,) = reasons(Role.VIEWS, text.format(" as j"))
    assert reason.startswith("JOIN USING (...) AS is refused: ")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("create table t (a int primary key)", ["PRIMARY KEY"]),
        ("create table t (a int not null unique)", ["UNIQUE"]),
        ("create table t (a int constraint x not null unique)", ["UNIQUE"]),
        ("create table t (a int, check (a > 0))", ["CHECK"]),
        ("create table t (a int references u)", ["REFERENCES"]),
        ("create table t (a numeric(3, 2) references u, primary key (a))", ["REFERENCES", "PRIMARY KEY"]),
        ("create table t (a int, foreign key (a) references u (a))", ["FOREIGN KEY"]),
        (
            "create table t (constraint f foreign key (a) references u (a), b int references v)",
            ["REFERENCES"],
        ),
        ("create table t (a int, exclude using gist (a with =))", ["EXCLUDE"]),
        ("create unlogged table t (a int unique nulls not distinct)", ["UNIQUE"]),
        ("alter table only t add unique (a), add check (a > 0)", ["UNIQUE", "CHECK"]),
        ("alter table t add column a int references u", ["REFERENCES"]),
        ("create domain d as int check (value > 0)", ["CHECK"]),
    ],
)
def test_every_constraint_has_a_name(statement: str, expected: list[str]) -> None:
    """A constraint without a name gets one that depends on what is already there."""
    named = [f"{constraint} has no CONSTRAINT name" for constraint in expected]
    assert named == reasons(Role.VERSIONED, f"{statement};")
    assert set(named) <= set(reasons(Role.BASELINE, f"{statement};"))


@pytest.mark.parametrize(
    "statement",
    [
        "create table t (a int constraint p primary key, b int constraint u unique)",
        'create table t (a int, constraint "f k" foreign key (a) references u (a) on delete cascade)',
        "create table t (a int constraint r references u (a) constraint c check (a > 0))",
        "create table t (a int, constraint x exclude using gist (a with =))",
        "create table t (exclude boolean, \"unique\" int, d text default 'check (x)')",
        "create table t (a int generated always as (b * 2) stored, b int not null)",
        "create unique index i on t (a)",
        "create temp table t (a int primary key)",
        "alter table t drop constraint c, add constraint c unique using index i",
        "insert into t values (1) on conflict on constraint p do nothing",
        "create function f(a int) returns int return case when a in (1) then 1 end",
        "create table t (a json, constraint c check (a is json object with unique keys))",
    ],
)
def test_a_named_constraint_is_fine(statement: str) -> None:
    """Named constraints, indexes, and the same words with another meaning are left alone."""
    assert [] == reasons(Role.VERSIONED, f"{statement};")


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("a serial", "serial makes a sequence with a generated name"),
        ('b int, "A" BIGSERIAL not null', "bigserial makes a sequence with a generated name"),
        ("a smallserial", "smallserial makes a sequence with a generated name"),
        ('a "serial"', "serial makes a sequence with a generated name"),
        ("a serial8", "serial8 makes a sequence with a generated name"),
        (
            "a int generated always as identity",
            "the identity column does not name its sequence (SEQUENCE NAME ...)",
        ),
        (
            "a int generated always as identity, sequence numeric(2)",
            "the identity column does not name its sequence (SEQUENCE NAME ...)",
        ),
        (
            "a int generated by default as identity (start 2), b text default (sequence(1))",
            "the identity column does not name its sequence (SEQUENCE NAME ...)",
        ),
    ],
)
def test_every_sequence_has_a_name(column: str, expected: str) -> None:
    """A sequence that the server makes for a column gets a generated name."""
    assert [expected] == reasons(Role.BASELINE, f"create table t ({column});")


@pytest.mark.parametrize("column", ["a", "column a", "column if not exists a", 'b int, add "A"'])
def test_a_serial_column_that_is_added_is_found(column: str) -> None:
    """ALTER TABLE makes sequences too; the place is that of the type."""
    (finding,) = findings(Role.VERSIONED, f"alter table t\n add {column}\n serial;")
    assert "file.sql:3: serial makes a sequence with a generated name" == finding


@pytest.mark.parametrize(
    "statement",
    [
        "create table t (a int generated always as identity (sequence name a_seq start 2))",
        "create table t (serial text, a text default 'a serial')",
        "alter table t add column serial int, alter column serial set not null",
        "alter table t add constraint u unique (a, serial), add serial int",
        "alter table t add a int, drop b, alter serial drop not null, drop serial",
        "alter table t rename a to serial",
        "create table t (serial int, constraint c check ((serial) > 0))",
    ],
)
def test_a_named_sequence_is_fine(statement: str) -> None:
    """A sequence with a name, and a column that is called serial, are left alone."""
    assert [] == reasons(Role.VERSIONED, f"{statement};")


@pytest.mark.parametrize("kind", ["index", "unique index", "index concurrently"])
def test_every_index_has_a_name(kind: str) -> None:
    """An index without a name gets one that depends on what is already there."""
    header = "-- entrypoint: no-transaction\n"
    assert ["the index has no name"] == reasons(Role.VERSIONED, f"{header}create {kind} on t (a);")
    assert [] == reasons(Role.BASELINE, 'create index "on" on t (a);')


@pytest.mark.parametrize(
    "statement",
    [
        "vacuum t",
        "create index concurrently i on t (a)",
        "drop index concurrently i",
        "reindex table concurrently t",
        "reindex (verbose) database d",
        "alter table t detach partition p concurrently",
        "create database d",
        "alter system set work_mem = 1",
    ],
)
def test_a_statement_that_needs_to_be_alone_needs_the_header(statement: str) -> None:
    """What PostgreSQL refuses in a transaction block is for no-transaction migrations."""
    expected = "this cannot run in a transaction; it needs a no-transaction migration"
    assert [expected] == reasons(Role.VERSIONED, f"{statement};")
    assert [expected] == reasons(Role.BASELINE, f"{statement};")
    built = ", builds i" if statement.startswith("create index") else ""
    assert [] == reasons(Role.VERSIONED, f"-- entrypoint: no-transaction{built}\n{statement};")


@pytest.mark.parametrize(
    "statement",
    [
        "refresh materialized view concurrently v",
        "reindex table t",
        "create index vacuum on t (a)",
        "comment on index i is 'built concurrently'",
    ],
)
def test_a_statement_that_may_run_in_a_transaction_needs_no_header(statement: str) -> None:
    """The word CONCURRENTLY alone does not keep a statement out of a transaction."""
    assert [] == reasons(Role.VERSIONED, f"{statement};")


@pytest.mark.parametrize(
    ("builds", "expected"),
    [
        (", builds a, b", []),
        (", builds a", ["b"]),
        ("", ["a", "b"]),
        (", builds a, b, c", ["c"]),
    ],
)
def test_the_header_names_exactly_the_indexes_that_are_built(builds: str, expected: list[str]) -> None:
    """A deferred index with a wrong name would be missed, or missing for ever."""
    text = (
        f"-- entrypoint: no-transaction{builds}\n"
        "create index concurrently a on t (a);\n"
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS /* why */ B ON t (b);\n"
        "analyze t;\n"
    )
    disagree = "CREATE INDEX CONCURRENTLY and `builds` in the header disagree on"
    assert [f"{disagree} {name}" for name in expected] == reasons(Role.VERSIONED, text)


@pytest.mark.parametrize(
    ("role", "allowed", "refused"),
    [
        (Role.FUNCTIONS, "create or replace function f() returns int return 1", "create function f()"),
        (Role.FUNCTIONS, "create or replace procedure p() as ''", "create table t (a int)"),
        (Role.FUNCTIONS, "comment on function f is 'x'", "drop function f"),
        (Role.TRIGGERS, "create or replace trigger g before insert on t", "create trigger g"),
        (Role.TRIGGERS, "comment on trigger g on t is 'x'", "comment on table t is 'x'"),
        (Role.VIEWS, "create or replace view v as select 1 as a", "create view v as select 1 as a"),
        (Role.VIEWS, "comment on view v is 'x'", "create or replace viewpoint"),
        (Role.ROLLBACK, "drop table if exists t", "drop table t"),
        (Role.ROLLBACK, "drop function if exists f(int)", "drop extension if exists pg_trgm"),
        (Role.CHECK, "select 1", "delete from t"),
        (Role.CHECK, "with a as (select 1) select 2", "values (1)"),
    ],
)
def test_a_file_holds_only_what_its_name_says(role: Role, allowed: str, refused: str) -> None:
    """Repeatable files hold only what can be repeated, checks only what reads."""
    comment = "-- What it is for.\n"
    assert [] == findings(role, f"{comment}{allowed};")
    (finding,) = findings(role, f"{comment}{refused};")
    assert finding.startswith("file.sql:2: only ")
    assert finding.endswith(" may stand in this file")


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.CHECK, Role.ROLLBACK)])
def test_a_file_without_a_statement_is_refused(role: Role) -> None:
    """A file of comments alone is one that lost its content."""
    assert ["file.sql: holds no statement"] == findings(role, "-- nothing;\n;\n")


def test_a_rollback_may_name_nothing() -> None:
    """As long as no name has left the other files, the rollback file is a comment."""
    assert [] == findings(Role.ROLLBACK, "-- nothing yet\n")


def test_a_rollback_never_cascades() -> None:
    """What CASCADE would drop belongs to somebody else."""
    assert ["file.sql:2: CASCADE is refused: it would drop what belongs to others"] == findings(
        Role.ROLLBACK, "drop table if exists t\n cascade;"
    )


def test_a_check_is_one_query_with_a_summary() -> None:
    """A check is told by its first comment, and its last semicolon may be missing."""
    assert [] == findings(Role.CHECK, "-- Rows are whole.\nselect 1")
    assert ["file.sql: holds more than one statement; a check is one query"] == findings(
        Role.CHECK, "-- Rows are whole.\nselect 1; select 2;"
    )
    summary = "file.sql: its first line must be a comment that says what the check proves"
    assert [summary] == findings(Role.CHECK, "select 1 -- Rows are whole.\n;")
    assert [summary] == findings(Role.CHECK, "-- entrypoint: deep\nselect 1;")
    assert summary in findings(Role.CHECK, "select 1; -- Rows are whole.\n-- entrypoint: deep")


@pytest.mark.parametrize("opened", ["'a;\n", '"a;\n', "$a$;$b$\n", "/* ;\n"])
def test_an_open_quote_is_refused_where_it_opens(opened: str) -> None:
    """The place is the start of the quote, not the end of the file where the server stumbles."""
    expected = ["file.sql:3: nothing closes this quote or comment"]
    assert expected == findings(Role.SEED, f"select 1;\nselect\n{opened}; select 3;\n")


def test_the_last_statement_needs_its_semicolon() -> None:
    """A file that was cut off ends in the middle of a statement, or of a parenthesis."""
    expected = "no semicolon ends this statement; a parenthesis or BEGIN ATOMIC may be open"
    assert [f"file.sql:2: {expected}"] == findings(Role.SEED, "select 1;\nselect 2\n")
    assert [f"file.sql:1: {expected}"] == findings(Role.SEED, "select (1;\nselect 2;\n")


@pytest.mark.parametrize(
    ("role", "directive"),
    [
        (Role.BASELINE, "-- entrypoint: deep"),
        (Role.SEED, "-- entrypoint: no-transaction"),
        (Role.VERSIONED, "-- entrypoint: deep"),
        (Role.VERSIONED, "-- entrypoint: no-transaction, builds"),
        (Role.VERSIONED, "-- entrypoint: no-transaction, builds a b"),
        (Role.VERSIONED, "-- entrypoint: no-transactions"),
        (Role.VERSIONED, "--Entrypoint : Deep"),
        (Role.VERSIONED, "select 1;\n-- entrypoint: no-transaction"),
        (Role.VERSIONED, "/* x */ -- entrypoint: no-transaction"),
    ],
)
def test_a_directive_that_nobody_obeys_is_refused(role: Role, directive: str) -> None:
    """A directive that is misspelt, in the wrong file or below the header would be ignored."""
    statement = "create table t (a int)" if role is Role.BASELINE else "select 1"
    text = f"{directive}\n{statement};\n"
    line = directive.count("\n") + 1
    wanted = directive.partition(":")[2].strip()
    assert [f"file.sql:{line}: `{wanted}` is no directive here"] == findings(role, text)


def test_every_breach_in_a_file_is_found() -> None:
    """One run names all that is wrong."""
    text = "begin;\ncreate table public.t (\n  a serial primary key\n);\n\\q\n"
    assert ["1", "2", "3", "3", "5"] == [finding.split(":")[1] for finding in findings(Role.BASELINE, text)]
