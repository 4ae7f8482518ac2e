"""A forecast in words for a terminal."""

from __future__ import annotations

from entrypoint.commands.differences import put_differences
from entrypoint.commands.plan.forecast import Forecast, Rehearsal
from entrypoint.output.messages import duration
from entrypoint.output.page import Page, Styled, plural

_WITHHELD = {
    "schema.ahead": "the database is ahead of this image",
    "environment.mismatched": "the database belongs to another environment",
}


def forecast_text(forecast: Forecast, *, rehearsed: bool, color: bool) -> str:
    """Return what `plan` prints; `rehearsed` is whether a rehearsal was asked for."""
    page = Page(color=color)
    page.heading(f"Plan for database {forecast.database}, PostgreSQL {forecast.server_version}")
    recorded = f"release {forecast.recorded_release}" if forecast.recorded_release else "nothing recorded"
    page.table(
        [
            ("this image", f"release {forecast.release}, {forecast.environment}"),
            ("the database", f"{recorded}, {forecast.stamp or 'no environment'}"),
        ]
    )
    _put_steps(page, forecast)
    _put_refusal(page, forecast)
    _put_locks(page, forecast)
    _put_differences(page, forecast)
    if forecast.rehearsal is not None:
        _put_rehearsal(page, forecast.rehearsal)
    elif rehearsed:
        page.heading("Not rehearsed: there is nothing that could be carried out")
    return page.text()


def _put_steps(page: Page, forecast: Forecast) -> None:
    if forecast.withheld:
        page.heading(f"A start would write nothing: {_WITHHELD[forecast.withheld]}")
        return
    if not forecast.something_to_do:
        page.heading("Nothing to do")
        page.line(Styled("the ledger proves that this database is what sql/ says", "success"))
        return
    page.heading("A start would, in one transaction" if forecast.deferred else "A start would")
    for step in forecast.steps:
        page.line(Styled(step.action, "bold"), step.target, Styled(f"({step.reason})", "dim"))
        if step.statement:
            page.excerpt(step.statement, indent=6, style="")
    if forecast.contained:
        page.paragraph(f"The files contain {', '.join(forecast.contained)}: recorded, not run.")
    if forecast.repairs_follow:
        page.paragraph(
            "Repairs are planned after the migrations, which change what differs.", style="warning"
        )
    if forecast.deferred:
        page.heading("and after COMMIT")
        for step in forecast.deferred:
            page.line(Styled(step.action, "bold"), step.target, Styled(f"({step.reason})", "dim"))


def _put_refusal(page: Page, forecast: Forecast) -> None:
    if forecast.undecided:
        page.heading("Undecided: no statement can repair this without a decision about the data")
        put_differences(page, forecast.undecided)
    if forecast.refusal:
        page.heading(f"A start would fail with code {forecast.refusal.exit_code}, and change nothing")
        page.paragraph(forecast.refusal.message, style="error")
        for detail in forecast.refusal.details[1:]:
            page.paragraph(detail, indent=4)
        page.paragraph(f"→ {forecast.refusal.remedy}")


def _put_locks(page: Page, forecast: Forecast) -> None:
    if forecast.locks:
        page.heading("It would lock, until it commits")
        page.table([(lock.table, lock.mode, f"blocks {lock.blocks}") for lock in forecast.locks])
    elif forecast.repairs_follow:
        page.heading("Which tables it locks, only --rehearse can tell: the migrations decide")


def _put_differences(page: Page, forecast: Forecast) -> None:
    shown = [
        item
        for item in forecast.differences
        if item not in forecast.undecided and not (forecast.fresh and item.status == "missing")
    ]
    if shown:
        page.heading(plural(len(shown), "difference"))
        put_differences(page, shown)


def _put_rehearsal(page: Page, rehearsal: Rehearsal) -> None:
    page.heading(f"Rehearsed and rolled back, in {duration(rehearsal.seconds)}")
    page.table([(step.action, step.target, duration(step.seconds)) for step in rehearsal.steps], right=(2,))
    if not rehearsal.locks:
        page.line("no table was locked above ACCESS SHARE")
        return
    page.table(
        [
            (lock.table, lock.mode, f"for {duration(lock.seconds)} at most", f"blocks {lock.blocks}")
            for lock in rehearsal.locks
        ]
    )
