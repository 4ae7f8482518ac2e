"""The two examiners of the files: by their words, which every start can do, and on PostgreSQL's own tree."""

from __future__ import annotations

from pathlib import Path

import pytest
from pglast import ast, parse_sql

from entrypoint.sqlfiles import rules, statements
from entrypoint.sqlfiles.directory import read
from entrypoint.sqlfiles.findings import Finding
from entrypoint.sqlfiles.header import SqlFile
from entrypoint.sqlfiles.roles import Role, role_of
from entrypoint.sqlfiles.splitter import significant
from entrypoint.sqlfiles.tree import examine as tree
from entrypoint.sqlfiles.tree import kinds as tree_kinds
from tests.unit.sqlfiles.contract import BOTH, ONLY_ON_THE_TREE, Bad

COMPLETE = Path(__file__).parent / "complete"
STATEMENTS = Path(__file__).parent / "statements.txt"
# On the tree it is the SELECT that it stands for.
_STRICTER_WORDS = {"TABLE t"}
# Nodes that are part of a statement, or stand for one after it was analysed.
_NO_STATEMENTS = {"RawStmt", "PLAssignStmt", "ReturnStmt", "SetOperationStmt", "ReplicaIdentityStmt"}
# Nodes whose names are the kinds of their statements.
_PLAIN = """
AlterDatabase AlterDefaultPrivileges AlterDomain AlterExtension AlterFunction AlterOperator
AlterPolicy AlterPublication AlterRole AlterSubscription AlterSystem AlterType AlterUserMapping Call
CheckPoint ClosePortal Cluster Copy CreateCast CreateConversion CreateDomain CreateExtension
CreatePolicy CreatePublication CreateRole CreateSchema CreateSubscription CreateTransform
CreateUserMapping Deallocate DeclareCursor Delete Discard Do DropOwned DropRole DropSubscription
DropUserMapping Execute Explain Fetch ImportForeignSchema Insert Listen Load Lock Merge Notify
Prepare ReassignOwned Reindex Truncate Unlisten Update Vacuum VariableShow
"""


def _file(bad: Bad) -> SqlFile:
    return SqlFile.read("file.sql", bad.role, f"-- What it is for.\n\n{bad.text};\n")


def _complete() -> list[SqlFile]:
    texts = read(COMPLETE).texts.items()
    return [SqlFile.read(name, role, text) for name, text in texts if (role := role_of(name))]


def _reasons(findings: list[Finding], words: str) -> list[str]:
    assert {3} >= {finding.line for finding in findings}
    return [finding.reason for finding in findings if words in finding.reason]


def _kinds(text: str) -> tuple[str, str]:
    """Return the kind of a statement by its words and by its node."""
    return statements.kind_of(list(significant(text))), tree_kinds.kind_of(parse_sql(text)[0].stmt)


@pytest.mark.parametrize("bad", BOTH, ids=lambda bad: f"{bad.role}: {bad.text}")
def test_both_examiners_refuse_it(bad: Bad) -> None:
    """A statement in the wrong file, or of an unsupported class, is named with its line by either one."""
    assert _reasons(list(rules.examine(_file(bad))), bad.words)
    assert _reasons(list(tree.examine(_file(bad))), bad.words)


@pytest.mark.parametrize("bad", ONLY_ON_THE_TREE, ids=lambda bad: f"{bad.role}: {bad.text}")
def test_only_the_tree_tells(bad: Bad) -> None:
    """What the words do not tell is refused when the release is made."""
    assert [] == list(rules.examine(_file(bad)))
    assert _reasons(list(tree.examine(_file(bad))), bad.words)


@pytest.mark.parametrize("file", _complete(), ids=lambda file: file.name)
def test_both_examiners_take_what_is_allowed(file: SqlFile) -> None:
    """A statement that belongs in its file is refused by neither."""
    assert [] == list(rules.examine(file))
    assert [] == list(tree.examine(file))


@pytest.mark.parametrize("role", statements.ALLOWED)
def test_every_kind_that_is_allowed_is_tried(role: Role) -> None:
    """The complete files hold each kind of statement that a file of their role may hold."""
    texts = [part.text for file in _complete() if file.role is role for part in file.statements]
    assert set(statements.ALLOWED[role]) == {_kinds(text)[0] for text in texts}


def test_both_examiners_name_a_statement_alike() -> None:
    """A statement is of one kind, by its leading words and by its node."""
    texts = [bad.text for bad in BOTH] + [part.text for file in _complete() for part in file.statements]
    assert [] == [(text, *_kinds(text)) for text in texts if len(set(_kinds(text))) > 1]


@pytest.mark.parametrize("role", Role)
def test_both_examiners_agree(role: Role) -> None:
    """In each file, what one examiner takes the other takes too, whatever class of statement it is."""
    complete = [part.text for file in _complete() for part in file.statements]
    texts = [*STATEMENTS.read_text().splitlines(), *(bad.text for bad in BOTH), *complete]
    files = [_file(Bad(role, text, "")) for text in texts if text not in _STRICTER_WORDS]
    assert [] == [file.text for file in files if bool(list(rules.examine(file))) != bool(tree.examine(file))]


def test_every_statement_of_the_parser_has_a_kind() -> None:
    """A statement that a newer PostgreSQL brings is looked at before its kind is made of its name."""
    nodes = {name for name in dir(ast) if name.endswith("Stmt")} - _NO_STATEMENTS
    named = nodes - tree_kinds.KINDS.keys() - tree_kinds.BY_ATTRIBUTES.keys()
    assert sorted(_PLAIN.split()) == sorted(name.removesuffix("Stmt") for name in named)
