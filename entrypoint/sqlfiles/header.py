"""One .sql file: its role, what its header says, and its statements."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from entrypoint.sqlfiles.roles import Role
from entrypoint.sqlfiles.splitter import Kind, Statement, split, tokens

_DIRECTIVE = re.compile(r"--+\s*entrypoint\s*:\s*(.*)", re.IGNORECASE)
_NAME = r"[a-z_][a-z0-9_]*"
_NO_TRANSACTION = re.compile(rf"no-transaction(?:, builds ({_NAME}(?:, {_NAME})*))?")


@cache
def statements_of(text: str) -> tuple[Statement, ...]:
    """Return the statements of a file that stays in memory anyway; splitting it once is enough."""
    return split(text)


class Header(NamedTuple):
    """Hold what the comment lines at the top of a file say.

    `misread` has the line and text of every directive that the role of the file does not know or
    that stands below the first statement, where nobody looks for it.
    """

    summary: str = ""
    deep: bool = False
    transactional: bool = True
    builds: tuple[str, ...] = ()
    misread: tuple[tuple[int, str], ...] = ()

    @classmethod
    def read(cls, text: str, role: Role) -> Header:
        """Return what the header says; the first comment that is no directive is the summary."""
        header, at_top = cls(), True
        last = max((found.start() for found in _DIRECTIVE.finditer(text)), default=0)
        for token in tokens(text):
            at_top = at_top and (token.kind is Kind.SPACE or token.text.startswith("--"))
            if not at_top and token.start > last:
                break
            if token.kind is not Kind.COMMENT:
                continue
            if directive := _DIRECTIVE.match(token.text):
                applied = header._apply(directive[1].strip(), role) if at_top else None
                header = applied or header._misread(token.line, directive[1].strip())
            elif at_top and not header.summary:
                header = header._replace(summary=token.text.strip("- \t"))
        return header

    def _apply(self, directive: str, role: Role) -> Header | None:
        if role is Role.CHECK and directive == "deep":
            return self._replace(deep=True)
        found = _NO_TRANSACTION.fullmatch(directive)
        if role is Role.VERSIONED and found:
            builds = tuple(found[1].split(", ")) if found[1] else ()
            return self._replace(transactional=False, builds=builds)
        return None

    def _misread(self, line: int, directive: str) -> Header:
        return self._replace(misread=(*self.misread, (line, directive)))


class SqlFile(NamedTuple):
    """Hold a file by its path relative to `sql/`; any text can be read, the contract judges it."""

    name: str
    role: Role
    text: str
    header: Header

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements in their order."""
        return statements_of(self.text)

    @classmethod
    def read(cls, name: str, role: Role, text: str) -> SqlFile:
        """Return the file that has this text, without a byte order mark and with LF only."""
        return cls(name=name, role=role, text=text, header=Header.read(text, role))
