"""What Render is told to run: render.yaml, with and without the services that are switched off."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import urllib.error
import urllib.request

import pytest

from tests.support.files import instead
from tests.support.unit.blueprint import ROOT, Blueprint, committed, everything_on, own_images, parsed
from tests.support.unit.blueprint_rules import RULES, Rule
from tests.support.waiting import PATIENCE_SECONDS

DEAD_URL = "postgresql://nobody@127.0.0.1:1/nothing"
NOT_FOUND = 404
# What would break each rule: its name, a text of render.yaml, and what stands there instead.
BREACHES = [
    ("is_legal", "runtime: docker", "env: docker"),
    ("is_legal", 'generation: "off"', "generation: off"),
    ("is_legal", "ipAllowList: []", "ipAllowlist: []"),
    ("is_legal", "property: connectionString", "property: connection_string"),
    ("is_not_deprecated", "runtime: docker", "env: docker"),
    ("is_not_deprecated", "numInstances: 1", "pullRequestPreviewsEnabled: false"),
    ("is_not_deprecated", "type: keyvalue\n    name", "type: redis\n    name"),
    ("holds_no_secret", "key: MORSE_START_BUDGET_SECONDS", "key: SESSION_SECRET"),
    ("holds_no_secret", 'value: "300"', "value: postgresql://morse:pw@db/morse"),
    ("holds_no_secret", "https://github", "https://token@github"),
    ("names_known_variables", "key: MORSE_START_BUDGET_SECONDS", "key: MORSE_BUDGET_SECONDS"),
    ("leaves_the_environment_to_render", "key: MORSE_START_BUDGET_SECONDS", "key: MORSE_ENVIRONMENT"),
    ("has_the_direct_url", "key: MORSE_ADMIN_DATABASE_URL", "key: OTHER"),
    ("has_the_direct_url", "property: connectionString", "property: connectionPoolString"),
    ("has_the_pooler_that_it_uses", "connectionPool: pgbouncer", "connectionPool: none"),
    ("is_internal", "ipAllowList: []", 'ipAllowList: [{source: "0.0.0.0/0"}]'),
    ("is_internal", "    ipAllowList: []\n", ""),
    ("pins_the_server", 'Version: "18"', "Version: 18"),
    ("pins_the_server", 'Version: "18"', 'Version: "13"'),
    ("pins_the_server", '    postgresMajorVersion: "18"\n', ""),
    ("is_in_one_region", 'Version: "18"\n', 'Version: "18"\n    region: ohio\n'),
    ("is_in_one_region", "    region: oregon\n    postgres", "    postgres"),
    ("refers_to_what_is_there", "- name: morse-db", "- name: morse-database"),
    ("refers_to_what_is_there", "name: morse-redis\n    region", "name: morse-queue\n    region"),
    ("builds_from_what_is_there", "./Dockerfile", "./docker/Dockerfile"),
    ("builds_from_what_is_there", "key: API_IMAGE", "key: BASE_IMAGE"),
    ("starts_behind_the_entrypoint", "morse-entrypoint wait node", "node"),
    ("starts_behind_the_entrypoint", "morse-entrypoint wait node", "morse-entrypoint node"),
    ("leaves_time_for_two_starts", 'value: "300"', 'value: "500"'),
    ("leaves_time_for_two_starts", "key: MORSE_START_BUDGET_SECONDS", "key: OTHER"),
    ("makes_no_preview_on_production", 'generation: "off"', "generation: automatic"),
    ("deploys_what_changes_an_image", "checksPass", "commit"),
    ("deploys_what_changes_an_image", '- "**/*.md"', "- sql/**"),
]


def rule(name: str) -> Rule:
    """Return a rule by its name."""
    return next(one for one in RULES if name == one.__name__)


def on_free_plans(text: str) -> str:
    """Do what docs/render.md says of the free plans."""
    text = instead("property: connectionPoolString", "property: connectionString")(text)
    text = instead("    connectionPool: pgbouncer\n", "")(text)
    text = instead("    maxShutdownDelaySeconds: 60\n", "")(text)
    return instead("plan: starter", "plan: free")(instead("plan: basic-256mb", "plan: free")(text))


def with_a_role(text: str) -> str:
    """Enter the API's URL by hand, as a role of its own needs it."""
    source = "fromDatabase:\n          name: morse-db\n          property: connectionPoolString"
    return instead(source, "sync: false\n      - key: MORSE_API_ROLE\n        value: morse_api")(text)


@pytest.fixture(params=[str, everything_on, on_free_plans, with_a_role], ids=lambda change: change.__name__)
def blueprint(request: pytest.FixtureRequest) -> Blueprint:
    """Return the blueprint as it is committed, and with what docs/render.md says can be changed."""
    return parsed(request.param(committed()))


@pytest.mark.parametrize("kept", RULES, ids=lambda kept: kept.__name__)
def test_the_blueprint_keeps_the_rule(blueprint: Blueprint, kept: Rule) -> None:
    """Nothing in render.yaml breaks a rule, nor would it with the other services switched on."""
    assert [] == list(kept(blueprint))


@pytest.mark.parametrize(
    ("name", "old", "new"), BREACHES, ids=[f"{name}: {new}" for name, _, new in BREACHES]
)
def test_every_rule_can_be_broken(name: str, old: str, new: str) -> None:
    """Each rule finds the mistakes that it is there for."""
    broken = instead(old, new)(everything_on(committed()))
    assert [] != list(rule(name)(parsed(broken)))


def test_no_rule_is_without_a_breach() -> None:
    """Every rule has been seen to fail."""
    assert {one.__name__ for one in RULES} == {name for name, _, _ in BREACHES}


def test_the_services_keep_their_names() -> None:
    """The names by which people know the services; what no start needs is switched off."""
    assert ["morse-api", "morse-db"] == names(parsed(committed()))
    assert ["morse-api", "morse-db", "morse-frontend", "morse-redis", "morse-worker"] == names(
        parsed(everything_on(committed()))
    )


def names(blueprint: Blueprint) -> list[str]:
    """Return the names of all services and databases."""
    return sorted(one["name"] for one in [*blueprint["services"], *blueprint["databases"]])


async def test_the_health_check_asks_what_the_api_serves() -> None:
    """The stand-in API knows the path that Render asks, and answers for a dead database too."""
    [path] = {one["healthCheckPath"] for one in own_images(parsed(committed()))}
    api = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.api"),
        cwd=ROOT,
        env={**os.environ, "PORT": "0", "DATABASE_URL": DEAD_URL},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        said = await asyncio.wait_for(api.stdout.readline(), timeout=PATIENCE_SECONDS)
        [address] = re.findall(r"http://localhost:\d+", said.decode())
        with pytest.raises(urllib.error.HTTPError) as answered:
            await asyncio.to_thread(urllib.request.urlopen, f"{address}{path}", timeout=PATIENCE_SECONDS)
        answered.value.close()
    finally:
        api.terminate()
        await api.wait()
    assert NOT_FOUND != answered.value.code
