"""A status in words for a terminal."""

from __future__ import annotations

from datetime import UTC, datetime

from entrypoint.commands.differences import put_differences
from entrypoint.commands.status.status import Status
from entrypoint.output.messages import duration
from entrypoint.output.page import Cell, Page, Styled, plural, size

_MOST_USED = 10


def status_text(status: Status, *, color: bool) -> str:
    """Return what `status` prints."""
    page = Page(color=color)
    page.heading(f"Database {status.database}, PostgreSQL {status.server_version}, as {status.role}")
    page.table(_summary(status))
    for note in status.notes:
        page.paragraph(note, style="warning")
    if status.differences:
        page.heading(plural(len(status.differences), "difference"))
        put_differences(page, status.differences)
    if status.tables:
        _put_tables(page, status)
    if status.indexes:
        _put_indexes(page, status)
    if status.slow_queries:
        _put_slow_queries(page, status)
    return page.text()


def _summary(status: Status) -> list[tuple[Cell, Cell]]:
    applied = status.applied
    foreign = status.stamp not in (None, status.environment)
    behind = applied is None or applied.release != status.release
    return [
        ("environment", status.environment),
        ("stamp", Styled(status.stamp or "none", "warning" if foreign else "")),
        ("release here", str(status.release)),
        ("release applied", Styled(str(applied.release) if applied else "none", "warning" if behind else "")),
        *([("applied at", _moment(applied.at)), ("applied by", _author(status))] if applied else []),
        ("pending", _pending(status)),
        ("differences", _differences(status)),
        ("size", size(status.database_bytes)),
    ]


def _author(status: Status) -> str:
    if status.applied is None:
        return ""
    names = (status.applied.service, status.applied.instance)
    return f"commit {status.applied.commit or 'unknown'}, {' on '.join(filter(None, names))}"


def _pending(status: Status) -> Cell:
    if status.pending is None:
        return Styled("unknown", "warning")
    return Styled(", ".join(status.pending), "warning") if status.pending else "no migration"


def _differences(status: Status) -> Cell:
    if status.differences is None:
        return Styled("unknown", "warning")
    failures = sum(item.severity == "failure" for item in status.differences)
    warnings = len(status.differences) - failures
    counts = [plural(count, noun) for count, noun in ((failures, "failure"), (warnings, "warning")) if count]
    proved = " (proved by the ledger)" if status.proved else ""
    return Styled(
        (", ".join(counts) or "none") + proved, "error" if failures else "warning" if warnings else "success"
    )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _put_tables(page: Page, status: Status) -> None:
    page.heading(f"{plural(len(status.tables), 'table')}, estimated by the last VACUUM or ANALYZE")
    rows: list[tuple[Cell, ...]] = [_dim("table", "rows", "data", "indexes")]
    rows += [
        (
            table.name,
            "unknown" if table.rows is None else f"{table.rows:,}",
            size(table.table_bytes),
            size(table.index_bytes),
        )
        for table in status.tables
    ]
    page.table(rows, right=(1, 2, 3))


def _put_indexes(page: Page, status: Status) -> None:
    since = _moment(status.counted_since) if status.counted_since else "the database exists"
    page.heading(f"{plural(len(status.indexes), 'index', 'indexes')}, scans since {since}")
    used = [index for index in status.indexes if index.scans]
    if used:
        rows: list[tuple[Cell, ...]] = [_dim("index", "on", "scans")]
        rows += [(index.name, index.table, f"{index.scans:,}") for index in used[:_MOST_USED]]
        page.table(rows, right=(2,))
    if len(used) > _MOST_USED:
        page.line(Styled(f"and {len(used) - _MOST_USED} more that are used", "dim"))
    unused = [index.name for index in status.indexes if not index.scans and not index.enforces]
    if unused:
        page.paragraph(
            f"Never used, and needed by no unique constraint ({len(unused)}): {', '.join(sorted(unused))}",
        )


def _put_slow_queries(page: Page, status: Status) -> None:
    page.heading("Slowest statements, by their average")
    rows: list[tuple[Cell, ...]] = [_dim("average", "calls", "total", "statement")]
    rows += [
        (duration(item.mean_seconds), f"{item.calls:,}", duration(item.total_seconds), item.text)
        for item in status.slow_queries or ()
    ]
    page.table(rows, right=(0, 1, 2))


def _dim(*names: str) -> tuple[Cell, ...]:
    return tuple(Styled(name, "dim") for name in names)
