"""The alerts and the dashboard speak of metrics that exist, in a language that Prometheus understands."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

from tests.support.pushgateways import promtool
from tests.support.reference import METRICS

FOLDER = Path(__file__).parents[2] / "monitoring"
NAME = re.compile(r"\bmorse_entrypoint_[a-z_]+")


def dashboard() -> dict[str, Any]:
    """Return the dashboard as Grafana would read it."""
    found = json.loads((FOLDER / "dashboard.json").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def queries() -> list[str]:
    """Return every query of the dashboard's panels and annotations."""
    found = dashboard()
    panels = [target["expr"] for panel in found["panels"] for target in panel["targets"]]
    return panels + [item["expr"] for item in found["annotations"]["list"]]


def names_in(*files: str) -> set[str]:
    """Return the name of every metric of ours that stands in the files."""
    text = "\n".join((FOLDER / file).read_text("utf-8") for file in files)
    return set(NAME.findall(text)) - {"morse_entrypoint"}


def test_alerts_and_dashboard_name_metrics_that_exist() -> None:
    """No alert and no panel waits for a metric that was renamed or never was."""
    assert set() == names_in("alerts.yml", "alerts_test.yml", "dashboard.json", "README.md") - set(METRICS)


def test_every_metric_is_on_the_dashboard() -> None:
    """A metric that nobody sees would not be worth its name."""
    assert set() == set(METRICS) - {name for expression in queries() for name in NAME.findall(expression)}


def test_every_alert_is_proved_to_fire_and_to_be_quiet() -> None:
    """The tests of the rules name each alert at least twice: where it fires and where it does not."""
    alerts = re.findall(r"- alert: (\w+)", (FOLDER / "alerts.yml").read_text("utf-8"))
    tests = (FOLDER / "alerts_test.yml").read_text("utf-8")
    assert 10 == len(alerts)
    assert [] == [alert for alert in alerts if tests.count(alert) < 2]


def test_the_rules_are_well_formed() -> None:
    """Prometheus' own tool accepts the file of rules."""
    assert "SUCCESS: 10 rules found" in promtool("check", "rules", "--lint-fatal", str(FOLDER / "alerts.yml"))


def test_the_rules_fire_when_they_should() -> None:
    """The rules' own unit tests pass."""
    assert "SUCCESS" in promtool("test", "rules", str(FOLDER / "alerts_test.yml"))


def test_the_dashboards_queries_are_well_formed(tmp_path: Path) -> None:
    """Prometheus' own tool accepts each query of the dashboard, as if it were a rule."""
    rules = [{"record": f"panel:{number}", "expr": text} for number, text in enumerate(queries())]
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}), encoding="utf-8")
    assert f"{len(rules)} rules found" in promtool("check", "rules", str(file))


def test_the_dashboards_panels_have_a_place_of_their_own() -> None:
    """No two panels have one id or share a place, and every variable of a query is defined."""
    panels = dashboard()["panels"]
    assert len(panels) == len({panel["id"] for panel in panels})
    for one, other in combinations([panel["gridPos"] for panel in panels], 2):
        assert (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        ), (one, other)
    used = {name for text in queries() for name in re.findall(r"\$\{?(\w+)", text)}
    assert set() == used - {item["name"] for item in dashboard()["templating"]["list"]}
