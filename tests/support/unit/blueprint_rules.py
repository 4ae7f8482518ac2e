"""The rules that render.yaml keeps, each a function that yields what breaks it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path

from jsonschema import Draft202012Validator

from entrypoint.settings import variables as environ
from tests.support.unit.blueprint import ROOT, Blueprint, own_images, servers, variables

Rule = Callable[[Blueprint], Iterator[str]]

_SCHEMA = json.loads(Path(__file__).with_name("render_blueprint_schema.json").read_text("utf-8"))
_DEPLOY_SECONDS = 15 * 60
_EXIT_DELAY_SECONDS = 10
_SOURCES = (
    "entrypoint/**/*.*",
    "sql/**/*.sql",
    "sql/RELEASE",
    "locks/*",
    "pyproject.toml",
    "Dockerfile",
    ".dockerignore",
)


def is_legal(blueprint: Blueprint) -> Iterator[str]:
    """Use only keys and values that Render accepts."""
    for error in Draft202012Validator(_SCHEMA).iter_errors(blueprint):
        yield f"{error.json_path}: {error.message}"


def is_not_deprecated(blueprint: Blueprint) -> Iterator[str]:
    """Use nothing that Render accepts only because it once did."""
    old = {key for key, of in _SCHEMA["$defs"]["server"]["properties"].items() if of.get("deprecated")}
    for service in blueprint["services"]:
        yield from sorted(service.keys() & (old | {"env", "autoDeploy"}))
        if service["type"] == "redis":
            yield "type: redis"


def holds_no_secret(blueprint: Blueprint) -> Iterator[str]:
    """Write no value where a secret would stand, and no URL with a login in it."""
    groups = [*blueprint["services"], *blueprint.get("envVarGroups", [])]
    for group in groups:
        for name, variable in variables(group).items():
            for value in (variable.get("value"), variable.get("previewValue")):
                is_secret = re.search(r"(URL|PASSWORD|PASSPHRASE|SECRET|KEY|TOKEN)$", name)
                if value is not None and (is_secret or "://" in str(value)):
                    yield f"{name} is written out"
    if re.search(r"://[^/\s\"]*@", json.dumps(blueprint)):
        yield "a URL carries a login"


def names_known_variables(blueprint: Blueprint) -> Iterator[str]:
    """Set no variable in our prefix that the entrypoint does not read."""
    for service in servers(blueprint):
        yield from sorted(
            name for name in variables(service) if name.startswith("MORSE_") and name not in environ.VARIABLES
        )


def leaves_the_environment_to_render(blueprint: Blueprint) -> Iterator[str]:
    """Say nowhere that this is production: a preview would inherit it."""
    return (service["name"] for service in servers(blueprint) if "MORSE_ENVIRONMENT" in variables(service))


def has_the_direct_url(blueprint: Blueprint) -> Iterator[str]:
    """Give every service that has the URL of a database its direct URL too, for the entrypoint."""
    for service in servers(blueprint):
        found = variables(service)
        if environ.API_URL not in found:
            continue
        direct = found.get(environ.ADMIN_URL, {}).get("fromDatabase", {})
        # A role of the API's own has a URL that no database of the file knows.
        named = found[environ.API_URL].get("fromDatabase", direct).get("name")
        if (named, "connectionString") != (direct.get("name"), direct.get("property")):
            yield service["name"]


def has_the_pooler_that_it_uses(blueprint: Blueprint) -> Iterator[str]:
    """Take a pooled URL only from a database that has a pooler."""
    pooled = {one["name"] for one in blueprint["databases"] if one.get("connectionPool") == "pgbouncer"}
    for service in servers(blueprint):
        source = variables(service).get(environ.API_URL, {}).get("fromDatabase", {})
        if source.get("property") == "connectionPoolString" and source["name"] not in pooled:
            yield f"{service['name']} takes the pooled URL of {source['name']}"


def is_internal(blueprint: Blueprint) -> Iterator[str]:
    """Let nobody outside reach a database or a key-value store."""
    stores = [service for service in blueprint["services"] if service["type"] == "keyvalue"]
    return (one["name"] for one in [*blueprint["databases"], *stores] if one.get("ipAllowList") != [])


def pins_the_server(blueprint: Blueprint) -> Iterator[str]:
    """Pin the major version of the database, as a string, to one that the entrypoint supports."""
    supported = {str(major) for major in range(14, 19)}
    for database in blueprint["databases"]:
        version = database.get("postgresMajorVersion")
        if not isinstance(version, str) or version not in supported:
            yield f"{database['name']}: {version!r}"


def is_in_one_region(blueprint: Blueprint) -> Iterator[str]:
    """Keep everything in one region, which is named: internal URLs do not leave it."""
    regions = {one.get("region") for one in [*blueprint["services"], *blueprint["databases"]]}
    if len(regions) != 1 or None in regions:
        yield f"{regions}"


def refers_to_what_is_there(blueprint: Blueprint) -> Iterator[str]:
    """Take variables only from a database or service that is in the file, under its type."""
    known = {(one["name"], one["type"]) for one in blueprint["services"]}
    known |= {(one["name"], "database") for one in blueprint["databases"]}
    for service in servers(blueprint):
        for name, variable in variables(service).items():
            source = variable.get("fromDatabase") or variable.get("fromService")
            if source and (source["name"], source.get("type", "database")) not in known:
                yield f"{name} of {service['name']}"


def builds_from_what_is_there(blueprint: Blueprint) -> Iterator[str]:
    """Build from a Dockerfile that exists and, though it is given every variable, takes API_IMAGE alone."""
    for service in own_images(blueprint):
        path = ROOT / service["dockerfilePath"]
        if not path.is_file():
            yield f"{path} does not exist"
            continue
        arguments = set(re.findall(r"(?mi)^\s*ARG\s+(\w+)", path.read_text("utf-8")))
        if arguments & variables(service).keys() != {"API_IMAGE"}:
            yield f"{service['name']} builds with {arguments & variables(service).keys()}"


def starts_behind_the_entrypoint(blueprint: Blueprint) -> Iterator[str]:
    """Let no command go round the entrypoint, and a worker only wait."""
    for service in own_images(blueprint):
        default = "morse-entrypoint" if service["type"] == "web" else ""
        words = service.get("dockerCommand", default).split()
        if words[:1] != ["morse-entrypoint"] or (service["type"] == "worker" and words[1:2] != ["wait"]):
            yield f"{service['name']}: {' '.join(words)}"


def leaves_time_for_two_starts(blueprint: Blueprint) -> Iterator[str]:
    """Fit two starts that use up their budget into the time that Render gives a deploy."""
    for service in own_images(blueprint):
        budget = float(variables(service).get("MORSE_START_BUDGET_SECONDS", {}).get("value", "inf"))
        if 2 * (budget + _EXIT_DELAY_SECONDS) > _DEPLOY_SECONDS:
            yield f"{service['name']}: {budget:.0f} s"


def makes_no_preview_on_production(blueprint: Blueprint) -> Iterator[str]:
    """Make no preview unasked, and none of a single service: it would run on the production database."""
    if blueprint.get("previews", {}).get("generation") not in ("off", "manual"):
        yield "previews"
    for service in servers(blueprint):
        if service.get("previews", {}).get("generation") != "off":
            yield service["name"]


def deploys_what_changes_an_image(blueprint: Blueprint) -> Iterator[str]:
    """Deploy whatever an image is made of, once its checks pass, and nothing for documentation."""
    sources = [path for glob in _SOURCES for path in ROOT.glob(glob)]
    parts = [path.relative_to(ROOT).as_posix() for path in sources]
    for service in own_images(blueprint):
        ignored = service.get("buildFilter", {}).get("ignoredPaths", [])
        if service.get("autoDeployTrigger") != "checksPass":
            yield f"{service['name']} does not wait for its checks"
        yield from (part for part in parts if any(fnmatch(part, pattern) for pattern in ignored))
        for document in ("README.md", "docs/render.md", "sql/README.md", "tests/unit/test_blueprint.py"):
            if not any(fnmatch(document, pattern) for pattern in ignored):
                yield f"{document} deploys {service['name']}"


RULES: tuple[Rule, ...] = (
    is_legal,
    is_not_deprecated,
    holds_no_secret,
    names_known_variables,
    leaves_the_environment_to_render,
    has_the_direct_url,
    has_the_pooler_that_it_uses,
    is_internal,
    pins_the_server,
    is_in_one_region,
    refers_to_what_is_there,
    builds_from_what_is_there,
    starts_behind_the_entrypoint,
    leaves_time_for_two_starts,
    makes_no_preview_on_production,
    deploys_what_changes_an_image,
)
