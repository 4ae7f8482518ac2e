"""The words of each event in the console; its name is for programs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

Facts = Mapping[str, Any]

# The fragments of a phrase; one whose facts are not all there is left out.
PHRASES: Mapping[str, tuple[str, ...]] = {
    "start.begun": ("{command}", " by version {version}", ", {environment}", ", {database}"),
    "start.finished": ("{summary}",),
    "start.failed": ("the start failed", " (exit code {exit_code})", ": {message}", ": {error}"),
    "embedded.started": ("a PostgreSQL of its own runs in {directory}", ", after {seconds}"),
    "settings.warned": ("{message}",),
    "signal.received": ("received {signal}, stopping", ": {message}"),
    "exit.delayed": ("exiting in {seconds}, since Render starts us again at once",),
    "database.awaited": (
        "waiting for the database",
        " {progress}",
        ", attempt {attempt}",
        ": {message}",
    ),
    "database.connected": (
        "connected",
        " to PostgreSQL {server_version}",
        ", database {database}",
        " as {role}",
        ", attempt {attempts}",
    ),
    "pooler.detected": ("a connection pooler stands before the database",),
    "environment.mismatched": ("the database belongs to another environment than {environment}",),
    "schema.unchanged": ("the database is what sql/ says", ", release {release}"),
    "schema.ahead": ("the database is ahead of this image", ", which is release {release}"),
    "schema.exposed": ("others may create in schema public: {roles}",),
    "schema.shadowed": ("tables named like ours stand in another schema of the path: {tables}",),
    "release.unchanged": ("sql/ was changed, but it still says release {release}",),
    "lock.awaited": (
        "waiting for the advisory lock",
        " since {waited_seconds}",
        ", held by {holder}",
    ),
    "lock.acquired": ("acquired the advisory lock", " after {waited_seconds}"),
    "table.busy": ("table {table} is busy", ", held by {holder}"),
    "plan.made": (
        "planned {files} files, {migrations} migrations and {repairs} repairs",
        ", {deferred} deferred until after COMMIT",
    ),
    "step.applied": ("{action} {target}", " ({reason})", ", {seconds}"),
    "transaction.retried": (
        "the transaction starts again",
        " after attempt {attempt}",
        ": {message}",
    ),
    "migration.noticed": ("{migration}: {message}",),
    "index.dropped": ("dropped index {index}, which an interrupted build left invalid",),
    "table.locked": ("held {mode} on {table}", " for {seconds} at the most"),
    "commit.resolved": ("the answer to COMMIT was lost; the server says: {status}",),
    "rollback.unneeded": ("nothing of the product is in {database}",),
    "rollback.delayed": ("readers keep the tables busy; trying again", ": {reason}"),
    "rollback.proved": ("nothing of the product is left", ": {tables} tables, {objects} objects"),
    "backup.ephemeral": ("{directory} is lost with the next deploy",),
    "backup.checked": ("{path} is what it was when it was proved",),
    "backup.replayed": ("{path} was replayed", ", {rows} rows"),
    "restore.progressed": ("restoring {table}", ", {bytes} bytes so far"),
    "restore.foreseen": ("what the next start does here", ": {steps}", ": {message}"),
    "restore.unverified": ("nothing is recorded with which the objects could be compared",),
    "stamp.changed": ("stamped {environment}", ", was {before}"),
    "ledger.recorded": ("recorded release {release} in the ledger",),
    "difference.found": ("{status} {kind} {name}", " on {relation}", " ({severity})"),
    "extras.counted": ("of others there are {extras}", ", {unnamed} of which are not named"),
    "check.passed": ("{check} holds",),
    "check.failed": ("{check} is violated",),
    "verification.passed": (
        "verified",
        " {objects} of {expected} objects",
        " and {checks} checks",
        ", {warnings} warnings",
    ),
    "verification.failed": (
        "the database is not what sql/ says",
        ": {objects} of {expected} objects match",
    ),
    "backup.progressed": ("{activity} the backup", ": {rows} of {total} rows", ", {bytes} bytes"),
    "backup.proved": ("the backup is proved", ": {path}", ", {rows} rows", " in {bytes} bytes"),
    "metrics.written": ("wrote the metrics to {path}",),
    "metrics.write_failed": ("the metrics were not written", ": {reason}"),
    "metrics.pushed": ("pushed the metrics to {gateway}", ", {seconds}"),
    "metrics.push_failed": ("the metrics were not pushed", " to {gateway}", ": {reason}"),
    "metrics.incomplete": ("the metrics lack {missing}", ": {reason}"),
    "process.handed_over": ("{summary}",),
}

_FIELD = re.compile(r"\{(\w+)\}")
_BAR_CELLS = 10
_LIST_COLUMNS = 60
_MINUTE = 60
_SIDES = ("expected", "actual")
# A line of the log is never empty.
_BLANK = "↵"

# These are the same on every line, or have a place of their own in it.
_FRAME = frozenset({"timestamp", "level", "event", "service", "instance", "commit", "remedy"})


class Phrase(NamedTuple):
    """An event in words. `asides` and `blocks` hold every fact that the sentence leaves out."""

    sentence: str
    asides: tuple[str, ...]
    blocks: Mapping[str, tuple[str, ...]]


def phrase_of(event: Facts) -> Phrase:
    """Return `event` in words; one without a phrase by its name."""
    name = str(event["event"])
    facts = {fact: value for fact, value in event.items() if fact not in _FRAME}
    sentence, used = _row(name, facts) or _compose(name, facts)
    rest = {
        fact: value
        for fact, value in facts.items()
        if fact not in used and (value is not None or fact in _SIDES)
    }
    blocks = {fact: lines for fact, value in rest.items() if (lines := _block(fact, value))}
    return Phrase(
        sentence=sentence,
        asides=tuple(f"{fact}={inline(fact, value)}" for fact, value in rest.items() if fact not in blocks),
        blocks=blocks,
    )


def _compose(event: str, facts: Facts) -> tuple[str, set[str]]:
    known, used = {**facts, "progress": _progress(facts)}, set[str]()
    sentence = ""
    for fragment in PHRASES.get(event, ()):
        fields = _FIELD.findall(fragment)
        if all(known.get(field) not in (None, "") for field in fields):
            sentence += _FIELD.sub(lambda match: inline(match[1], known[match[1]]), fragment)
            used.update(fields)
    if "progress" in used:
        used |= {"elapsed_seconds", "remaining_seconds"}
    return sentence.lstrip(" ,;:") or visible(event), used


def _row(event: str, facts: Facts) -> tuple[str, set[str]] | None:
    """Return what is read as the row of a table, in columns; None for any other event."""
    match event, facts:
        case "verification.counted", {"category": category, "expected": expected, **rest}:
            extra = f"   {rest['extra']} extra" if rest.get("extra") else ""
            row = f"{visible(str(category)):<18}{rest.get('matched')!s:>5} of {expected!s:<5}{extra}"
            return row.rstrip(), {"category", "expected", "matched", "extra"}
        case "phase.finished", {"phase": phase, "seconds": seconds}:
            return f"{visible(str(phase)):<28}{inline('seconds', seconds):>10}", {
                "phase",
                "seconds",
            }
        case "check.passed", {"check": check, "seconds": seconds}:
            return f"{visible(str(check)):<28}{inline('seconds', seconds):>10}", {"check", "seconds"}
    return None


def _block(fact: str, value: object) -> tuple[str, ...]:
    """Return the lines of a fact that deserves lines of its own, none for any other."""
    if fact in _SIDES:
        value = "nothing" if value is None else str(value)
    elif isinstance(value, str) and "\n" not in value.strip():
        return ()
    if isinstance(value, str):
        lines = value.expandtabs(4).rstrip().lstrip("\n").split("\n")
        return tuple(visible(line.rstrip()) or _BLANK for line in lines) if value.strip() else ("",)
    if isinstance(value, list) and len(inline(fact, value)) > _LIST_COLUMNS:
        return tuple(f"- {inline(fact, item)}" for item in value)
    return ()


def inline(fact: str, value: object) -> str:
    """Render a value on one line, a duration by the unit that the name of the fact ends with."""
    match value:
        case bool() | None:
            return {True: "yes", False: "no", None: "none"}[value]
        case int() | float() if fact.endswith("seconds"):
            return duration(value)
        case dict():
            return ", ".join(f"{visible(str(key))}={inline(str(key), item)}" for key, item in value.items())
        case list():
            return ", ".join(inline(fact, item) for item in value)
    return visible(str(value))


def duration(seconds: float) -> str:
    """Render seconds for a person: 12 ms, 3.4 s, 2 min 5 s."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if round(seconds, 1) < _MINUTE:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), _MINUTE)
    return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"


def visible(text: str) -> str:
    """Spell out what a terminal would obey or hide: escapes, line ends, direction marks."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text
    )


def _progress(facts: Facts) -> str | None:
    elapsed, left = facts.get("elapsed_seconds"), facts.get("remaining_seconds")
    if not isinstance(elapsed, float | int) or not isinstance(left, float | int):
        return None
    budget = elapsed + max(left, 0)
    full = round(_BAR_CELLS * elapsed / budget) if budget else _BAR_CELLS
    bar = "█" * full + "░" * (_BAR_CELLS - full)
    return f"{bar} {duration(elapsed)} of {duration(budget)}"
