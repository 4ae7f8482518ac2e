"""The files under `sql/` as one source, and every way in which they are refused."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import cast

import pytest

from entrypoint.errors import ExitCode, FilesRefused
from entrypoint.sqlfiles.known_extras import KnownExtra
from entrypoint.sqlfiles.release import release
from entrypoint.sqlfiles.roles import Role
from entrypoint.sqlfiles.source import survey
from tests.support.files import load

SQL = Path(__file__).parents[3] / "sql"
SOURCES = Path(__file__).parent / "sources"
WRONG = sorted(path.name for path in SOURCES.iterdir() if path.name != "sound")
STALE = "RELEASE: does not hold a release number and the digest of these files"


def _lines(path: Path) -> list[str]:
    """Return the lines of a file, which is removed; none when there is no file."""
    lines = path.read_text().splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return lines


def refused(directory: Path) -> list[str]:
    """Return the findings with which a directory is refused."""
    with pytest.raises(FilesRefused) as refusal:
        load(directory)
    assert ExitCode.FILES == refusal.value.exit_code
    return cast(list[str], refusal.value.facts["findings"])


def test_the_files_of_this_repository_are_released() -> None:
    """Nothing is wrong with sql/, and RELEASE belongs to it: run `make release` after a change."""
    assert 1 <= load(SQL).release
    assert [] == survey(SQL)[1]


def test_every_file_gets_its_place(sound: Path) -> None:
    """A file is found by its name, and its statements are in the order of the file."""
    source = load(sound)
    assert sound == source.directory
    assert 1 == source.release
    repeatables = (source.functions, source.triggers, source.views)
    assert [Role.FUNCTIONS, Role.TRIGGERS, Role.VIEWS] == [file.role for file in repeatables]
    assert [1, 1, 2] == [len(file.statements) for file in repeatables]
    assert ("init_production_schema.sql", Role.BASELINE) == (
        source.baseline.name,
        source.baseline.role,
    )
    assert [2, 8] == [statement.line for statement in source.baseline.statements]
    assert source.seed
    assert "init_test_data.sql" == source.seed.name
    assert (KnownExtra, 1) == (type(source.known_extras[0]), len(source.known_extras))
    assert "idx_notes_id_twice" == source.known_extras[0].name


def test_migrations_are_in_the_order_of_their_numbers(sound: Path) -> None:
    """A migration has its number, and what its header says about the transaction."""
    adopt, index = load(sound).migrations
    assert ("migrations/0001_adopt_legacy.sql", Role.VERSIONED, 1) == (
        adopt.name,
        adopt.role,
        adopt.number,
    )
    assert (True, ()) == (adopt.transactional, adopt.builds)
    assert ("migrations/0002_index_notes.sql", 2) == (index.name, index.number)
    assert (False, ("idx_notes_body", "idx_notes_written_at")) == (
        index.transactional,
        index.builds,
    )


def test_a_check_has_a_name_a_summary_and_one_query(sound: Path) -> None:
    """The first comment of a check says what it proves; only marked ones are deep."""
    dated, keys = load(sound).checks
    assert ("notes_are_dated", "Every note says when it was written.", True) == (
        dated.name,
        dated.summary,
        dated.deep,
    )
    assert "SELECT id FROM public.notes WHERE written_at IS NULL" == dated.query
    assert ("notes_have_keys", "The table of notes has a primary key.", False) == (
        keys.name,
        keys.summary,
        keys.deep,
    )


def test_what_is_optional_may_be_missing(sound: Path) -> None:
    """Without seed, migrations, checks, known extras and rollback there is still a source."""
    for name in ("init_test_data.sql", "rollback_database.sql", "known_extras.toml"):
        (sound / name).unlink()
    shutil.rmtree(sound / "migrations")
    shutil.rmtree(sound / "verify")
    release(sound)
    source = load(sound)
    assert (None, (), (), ()) == (
        source.seed,
        source.migrations,
        source.checks,
        source.known_extras,
    )
    assert 4 == len(source.files)


def test_the_digest_can_be_computed_with_a_shell(sound: Path) -> None:
    """The digest is the one of the sorted lines that sha256sum prints for all files."""
    names = [path.relative_to(sound).as_posix() for path in sound.rglob("*.*") if path.is_file()]
    names.remove("README.md")
    lines = [f"{hashlib.sha256((sound / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    source = load(sound)
    assert hashlib.sha256("".join(sorted(lines)).encode()).hexdigest() == source.digest
    assert sorted(names) == [name for name, _ in source.files]
    assert dict(source.files)["init_views.sql"] == source.views.checksum


def test_byte_order_mark_and_carriage_returns_change_nothing(sound: Path) -> None:
    """An editor on Windows makes no new release, and no other statements."""
    before = load(sound)
    for path in [*sound.rglob("*.sql"), sound / "known_extras.toml", sound / "RELEASE"]:
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert before == load(sound)


def test_files_that_are_not_sql_are_nobodys_business(sound: Path) -> None:
    """README.md and hidden files are neither read nor part of the digest."""
    before = load(sound)
    (sound / "README.md").write_bytes(b"\xff")
    (sound / ".sqlfluff").write_bytes(b"\xff")
    (sound / "migrations" / ".keep").touch()
    (sound / ".git").mkdir()
    (sound / ".git" / "index.sql").touch()
    assert before == load(sound)


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_named_with_file_and_line(sound: Path, wrong: str) -> None:
    """Each folder of bad files gives exactly the findings that are written down beside it.

    The image, which knows the words, and `make release`, which knows the tree as well, end with code 8;
    `on_tree.txt` holds what only the tree tells.
    """
    shutil.copytree(SOURCES / wrong, sound, dirs_exist_ok=True)
    expected, on_tree = (_lines(sound / name) for name in ("findings.txt", "on_tree.txt"))
    _, findings = survey(sound)
    assert expected == sorted(str(finding) for finding in findings)
    with pytest.raises(FilesRefused) as refusal:
        release(sound)
    found = [line.partition("; `git mv ")[0] for line in cast(list[str], refusal.value.facts["findings"])]
    assert sorted(expected + on_tree) == sorted(found)
    assert ExitCode.FILES == refusal.value.exit_code
    assert (expected or [STALE]) == sorted(refused(sound))


@pytest.mark.parametrize("role", ["production_schema", "functions", "triggers", "views"])
def test_a_missing_file_is_refused(sound: Path, role: str) -> None:
    """A release without one of the four files would drop what it held."""
    (sound / f"init_{role}.sql").unlink()
    assert [f"init_{role}.sql: is missing"] == refused(sound)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "init_views.sql: is empty"),
        (b"\xef\xbb\xbf \r\n", "init_views.sql: is empty"),
        (b"-- nothing\n", "init_views.sql: holds no statement"),
        (b"-- one\n-- caf\xe9\n", "init_views.sql:2: is not UTF-8"),
        (b"\xef\xbb\xbf-- one\n\xff\n", "init_views.sql:2: is not UTF-8"),
        ("select 1".encode("utf-16"), "init_views.sql:1: is not UTF-8"),
        (b"-- one\n\n-- \0\n", "init_views.sql:3: holds a NUL byte"),
    ],
)
def test_a_file_that_is_no_text_is_refused(sound: Path, content: bytes, expected: str) -> None:
    """What cannot be sent to the server is found before anything connects."""
    (sound / "init_views.sql").write_bytes(content)
    assert [expected] == refused(sound)


def test_a_file_that_cannot_be_read_is_refused(sound: Path) -> None:
    """A link that leads nowhere is not the same as no file."""
    (sound / "init_test_data.sql").unlink()
    (sound / "init_test_data.sql").symlink_to("nowhere.sql")
    unreadable = "init_test_data.sql: cannot be read: No such file or directory"
    assert [unreadable] == refused(sound)


def test_extras_that_are_not_toml_are_refused(sound: Path) -> None:
    """The parser's own words say where."""
    (sound / "known_extras.toml").write_text("[[extra]\n")
    (finding,) = refused(sound)
    assert finding.startswith("known_extras.toml: is not TOML: ")


def test_a_missing_directory_is_refused(tmp_path: Path) -> None:
    """A wrong path is not an empty set of files."""
    assert [f"{tmp_path / 'sql'}: is no directory"] == refused(tmp_path / "sql")
    (tmp_path / "sql").touch()
    assert [f"{tmp_path / 'sql'}: is no directory"] == refused(tmp_path / "sql")


def test_all_findings_come_at_once(sound: Path) -> None:
    """The message names the first finding and counts the others; the facts hold all."""
    (sound / "init_functions.sql").write_text("begin;\n\\i x\n;")
    (sound / "init_views.sql").unlink()
    with pytest.raises(FilesRefused) as refusal:
        load(sound)
    first = "init_functions.sql:1: BEGIN is refused: the entrypoint opens and ends the transaction"
    assert f"{first} (and 2 more)" == refusal.value.message
    assert "correct the file, then run `make release`" == refusal.value.remedy
    findings = cast(list[str], refusal.value.facts["findings"])
    assert ["init_functions.sql:1", "init_functions.sql:2", "init_views.sql"] == [
        finding.split(": ")[0] for finding in findings
    ]


@pytest.mark.parametrize(
    "content",
    [
        None,
        "1\n",
        "0\nsha256:{digest}\n",
        "1\n{digest}\n",
        "1\nsha256:{digest}",
        "one\nsha256:{digest}\n",
        "1\nsha256:{digest}\nmore\n",
        f"1\nsha256:{'0' * 64}\n",
    ],
)
def test_a_release_of_other_files_is_refused(sound: Path, content: str | None) -> None:
    """RELEASE names the digest of the files beside it, or nobody knows which release this is."""
    digest = load(sound).digest
    (sound / "RELEASE").unlink()
    if content is not None:
        (sound / "RELEASE").write_text(content.format(digest=digest))
    with pytest.raises(FilesRefused) as refusal:
        load(sound)
    assert (STALE, "run `make release`") == (refusal.value.message, refusal.value.remedy)


def test_a_changed_file_needs_a_release(sound: Path) -> None:
    """One changed comment is another digest, and one release more is enough to load it."""
    with (sound / "init_views.sql").open("a") as views:
        views.write("-- changed\n")
    assert [STALE] == refused(sound)
    assert "release 2 is written" == release(sound)
    assert 2 == load(sound).release
