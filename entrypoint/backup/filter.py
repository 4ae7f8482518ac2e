"""Choose from pg_dump's output what a rollback drops, and make it fit for the server and for psql."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from entrypoint.backup.dump_reader import END, PREAMBLE, Entry, MalformedDump, unquoted
from entrypoint.backup.scope import Scope
from entrypoint.sqlfiles.splitter import Kind, tokens

OURS = "entrypoint"

RELATIONS = frozenset({"TABLE", "FOREIGN TABLE", "VIEW", "MATERIALIZED VIEW", "SEQUENCE"})
ROUTINES = frozenset({"FUNCTION", "PROCEDURE", "AGGREGATE"})
TYPES = frozenset({"TYPE", "DOMAIN"})
# pg_dump writes these only of relations that it was not told to exclude.
_HANGS_ON_RELATION = RELATIONS | {
    *("TABLE DATA", "MATERIALIZED VIEW DATA", "DEFAULT", "CONSTRAINT", "CHECK CONSTRAINT", "FK CONSTRAINT"),
    *("INDEX", "INDEX ATTACH", "TABLE ATTACH", "TRIGGER", "RULE", "POLICY", "ROW SECURITY"),
    *("SEQUENCE SET", "SEQUENCE OWNED BY", "STATISTICS DATA"),
}
_SAYS_SOMETHING_OF = frozenset({"COMMENT", "ACL", "SECURITY LABEL"})
# Nothing that the product owns, and so nothing that a rollback drops.
_FOREIGN = frozenset(
    {
        *(
            "ACCESS METHOD",
            "CAST",
            "COLLATION",
            "CONVERSION",
            "DATABASE",
            "DATABASE PROPERTIES",
            "DEFAULT ACL",
        ),
        *("EVENT TRIGGER", "FOREIGN DATA WRAPPER", "FOREIGN SERVER", "OPERATOR", "OPERATOR CLASS"),
        *("OPERATOR FAMILY", "PROCEDURAL LANGUAGE", "PUBLICATION", "PUBLICATION TABLE"),
        *("PUBLICATION TABLES IN SCHEMA", "SERVER", "SHELL TYPE", "SUBSCRIPTION", "SUBSCRIPTION TABLE"),
        *(
            "TEXT SEARCH CONFIGURATION",
            "TEXT SEARCH DICTIONARY",
            "TEXT SEARCH PARSER",
            "TEXT SEARCH TEMPLATE",
        ),
        *("TRANSFORM", "USER MAPPING"),
    }
)
_TARGETS_OF_RELATIONS = ("COLUMN", "INDEX", "CONSTRAINT", "TRIGGER", "RULE", "POLICY", *sorted(RELATIONS))
_ON_RELATION = re.compile(rf"(?:{'|'.join(_TARGETS_OF_RELATIONS)}) ")
_ON_DOMAIN = re.compile(r'CONSTRAINT (?:"(?:[^"]|"")*"|[^" ]+) ON DOMAIN ')

# Behind \restrict psql obeys no command but \unrestrict, so that a server that lies cannot have programs run
# where its dump is restored; an older psql refuses the word itself. Both lines are taken out, and what they
# protect against is refused here, before a backup counts: a backslash outside of quotes.
_RESTRICTION = re.compile(r"^\\(?:un)?restrict \w+\n+", re.MULTILINE)
_SETTING = re.compile(r"^SET (\w+) = [^\n]*;\n", re.MULTILINE)
# pg_dump writes a setting before the header of the entry that needs it, so behind the one before.
_SETTINGS_BEHIND = re.compile(r"(?:^SET \w+ = [^\n]*;\n\s*)+\Z", re.MULTILINE)
# Whoever granted on somebody's behalf is not there to do it again; the owner grants the same.
_OTHER_GRANTOR = re.compile(r"^(?:RE)?SET SESSION AUTHORIZATION[^\n]*;\n+", re.MULTILINE)


class Selection(NamedTuple):
    """What stays of a dump; `known_settings` are the parameters that the server has."""

    scope: Scope
    known_settings: frozenset[str]

    def edit(self, entry: Entry) -> Entry:
        """Return the entry as the backup holds it, with little or no text when it does not belong there.

        Raises MalformedDump for what cannot be judged: a kind of a later pg_dump, or a command of psql.
        """
        text = entry.text
        if not self.keeps(entry):
            behind = _SETTINGS_BEHIND.search(text)
            text = behind[0] if behind else ""
        if entry.kind in {PREAMBLE, END}:
            text = _RESTRICTION.sub("", text)
        if entry.kind == "ACL":
            text = _OTHER_GRANTOR.sub("", text)
        text = self._without_unknown_settings(entry.kind, text)
        _refuse_commands(entry, text)
        return entry._replace(text=text)

    def keeps(self, entry: Entry) -> bool:
        """Say whether the entry belongs to the product. Raises MalformedDump for an unknown kind."""
        if entry.kind in {PREAMBLE, END}:
            return True
        if entry.schema == OURS:
            return entry.kind != "DEFAULT ACL"
        if entry.kind in _FOREIGN:
            return False
        if entry.kind in _SAYS_SOMETHING_OF:
            return self._keeps_word_on(entry.name)
        if entry.kind in _HANGS_ON_RELATION:
            return True
        chosen: dict[str, AbstractSet[str]] = {
            "SCHEMA": {OURS},
            "EXTENSION": self.scope.owned.extensions,
            "STATISTICS": self.scope.statistics,
            **dict.fromkeys(ROUTINES, self.scope.routines),
            **dict.fromkeys(TYPES, self.scope.owned.types),
        }
        if entry.kind not in chosen:
            raise MalformedDump(f"it holds a kind of entry that is not known: {entry.kind}")
        return entry.name in chosen[entry.kind]

    def _keeps_word_on(self, name: str) -> bool:
        """Judge a comment, a grant or a label by what it is about, which pg_dump writes as SQL does."""
        if domain := _ON_DOMAIN.match(name):
            return unquoted(name[domain.end() :]) in self.scope.owned.types
        if _ON_RELATION.match(name):
            return True
        kind, _, target = name.partition(" ")
        if kind in TYPES:
            return unquoted(target) in self.scope.owned.types
        if kind in ROUTINES:
            return target in self.scope.signatures
        if kind == "STATISTICS":
            return unquoted(target) in self.scope.statistics
        # A comment on an extension may be set by its owner only, who on many services is somebody else.
        return kind == "SCHEMA" and target == OURS

    def _without_unknown_settings(self, kind: str, text: str) -> str:
        def known(setting: re.Match[str]) -> str:
            return setting[0] if setting[1] in self.known_settings else ""

        if kind == PREAMBLE:
            return _SETTING.sub(known, text)
        behind = _SETTINGS_BEHIND.search(text)
        return text[: behind.start()] + _SETTING.sub(known, behind[0]) if behind else text


def _refuse_commands(entry: Entry, text: str) -> None:
    for token in tokens(text):
        if token.text == "\\" and token.kind is Kind.SYMBOL:
            raise MalformedDump(f"{entry.kind} {entry.name} holds a backslash that psql would obey")
