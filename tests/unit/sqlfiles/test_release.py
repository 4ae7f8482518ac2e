"""`make release`: what it writes, what it refuses, and what `--check` finds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from entrypoint.errors import ExitCode, FilesRefused
from entrypoint.sqlfiles.release import check, main, release
from tests.support.files import load
from tests.support.waiting import PATIENCE_SECONDS

ROOT = Path(__file__).parents[3]
CONFLICTS = {
    "number and digest": "<<<<<<< HEAD\n3\nsha256:aa\n=======\n7\nsha256:bb\n>>>>>>> other\n",
    "digest": "7\n<<<<<<< HEAD\nsha256:aa\n=======\nsha256:bb\n>>>>>>> other\n",
    "with the base": "<<<<<<< HEAD\n7\nsha256:a\n||||||| 1\n5\nsha256:c\n=======\n6\nsha256:b\n>>>>>>> x\n",
    "lines of Windows": "<<<<<<< HEAD\r\n3\r\nsha256:aa\r\n=======\r\n7\r\nsha256:bb\r\n>>>>>>> other\r\n",
}


@pytest.fixture
def repository(sound: Path) -> Path:
    """Lend the sound files as the only commit of a repository."""
    _git(sound, "init", "--quiet", "--initial-branch=main")
    _commit(sound, "first")
    return sound


def _git(directory: Path, *words: str) -> str:
    who = {
        f"GIT_{role}_{part}": "somebody@example.org"
        for role in ("AUTHOR", "COMMITTER")
        for part in ("NAME", "EMAIL")
    }
    env = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = ["git", "-C", str(directory), *words]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=30)  # noqa: S603 - our own words
    return done.stdout


def _commit(directory: Path, message: str) -> None:
    _git(directory, "add", "--all")
    _git(directory, "commit", "--quiet", "--no-verify", f"--message={message}")


def _refused(directory: Path) -> str:
    with pytest.raises(FilesRefused) as refusal:
        release(directory)
    return refusal.value.message


def test_unchanged_files_are_released_once(sound: Path) -> None:
    """Running it again neither raises the number nor writes."""
    (sound / "RELEASE").unlink()
    assert "release 1 is written" == release(sound)
    (sound / "RELEASE").chmod(0o444)
    before = (sound / "RELEASE").stat().st_mtime_ns
    assert "release 1 is unchanged" == release(sound)
    assert before == (sound / "RELEASE").stat().st_mtime_ns
    assert f"1\nsha256:{load(sound).digest}\n" == (sound / "RELEASE").read_text()


@pytest.mark.parametrize("content", ["", "seven\n", "7\n", "0\nsha256:0\n"])
def test_a_lost_release_number_is_not_made_up(sound: Path, content: str) -> None:
    """A number that starts again would make every database look newer than its image."""
    (sound / "RELEASE").write_text(content)
    with pytest.raises(FilesRefused) as refusal:
        release(sound)
    assert "restore it from version control" == refusal.value.remedy
    assert content == (sound / "RELEASE").read_text()


def test_files_that_break_their_contract_are_not_released(
    sound: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command prints every finding and leaves RELEASE alone."""
    (sound / "init_test_data.sql").write_text("commit;\nrollback;\n")
    before = (sound / "RELEASE").read_text()
    assert ExitCode.FILES == main(sound)
    assert before == (sound / "RELEASE").read_text()
    out, err = capsys.readouterr()
    assert "" == out
    assert ["init_test_data.sql:1", "init_test_data.sql:2", "correct the file, then run"] == [
        line.split(": ")[0].split(" `")[0] for line in err.splitlines()
    ]


def test_the_command_prints_one_line(sound: Path) -> None:
    """`make release` runs the module with the directory, or in the repository without one."""
    command = [sys.executable, "-m", "entrypoint.sqlfiles.release", str(sound)]
    done = subprocess.run(  # noqa: S603 - our own program
        command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True, cwd=ROOT
    )
    assert ("release 1 is unchanged\n", "") == (done.stdout, done.stderr)


@pytest.mark.parametrize("text", CONFLICTS.values(), ids=CONFLICTS)
def test_two_releases_become_a_third(sound: Path, text: str) -> None:
    """A RELEASE that git could not merge gets the number after the larger one, and is whole again."""
    (sound / "RELEASE").write_bytes(text.encode())
    assert "release 8 is written" == release(sound)
    assert 8 == load(sound).release


def test_a_conflict_of_files_is_no_release(sound: Path) -> None:
    """Markers of a conflict in a file of SQL are refused with their line; the numbers stay."""
    views = sound / "init_views.sql"
    views.write_text(f"<<<<<<< HEAD\n{views.read_text()}=======\n>>>>>>> other\n")
    assert _refused(sound).startswith("init_views.sql:1: ")


def test_a_mistake_of_syntax_is_refused_with_its_line(sound: Path) -> None:
    """The parser's words and the line of the file, in a statement that begins further up."""
    with (sound / "init_test_data.sql").open("a") as seed:
        seed.write("\nUPDATE notes\nSET body = = 'é';\n")
    assert 'init_test_data.sql:4: syntax error at or near "="' == _refused(sound)


def test_what_both_examiners_see_is_said_once(sound: Path) -> None:
    """A breach that the words tell is not reported again from the tree."""
    (sound / "init_test_data.sql").write_text("COMMIT;\n")
    refused = "init_test_data.sql:1: COMMIT is refused: the entrypoint opens and ends the transaction"
    assert refused == _refused(sound)


def test_without_the_parser_nothing_is_released(
    sound: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files that nobody examined on the tree get no number; the command says what is missing."""
    monkeypatch.setitem(sys.modules, "pglast", None)
    for name in ("examine", "kinds"):
        monkeypatch.delitem(sys.modules, f"entrypoint.sqlfiles.tree.{name}", raising=False)
        monkeypatch.delattr(f"entrypoint.sqlfiles.tree.{name}", raising=False)
    assert ExitCode.USAGE == main(sound)
    assert capsys.readouterr().err.startswith("pglast, with which the files are examined, is not installed")


def test_the_migration_that_came_last_is_renumbered(repository: Path) -> None:
    """Of two migrations of one number the newer one moves behind the last; its command is in the finding."""
    migrations = repository / "migrations"
    (migrations / "0002_add_other.sql").write_text("DROP VIEW IF EXISTS other;\n")
    command = f"git mv {migrations}/0002_add_other.sql {migrations}/0003_add_other.sql"
    assert f"`{command}` renumbers the newest" in _refused(repository)
    _commit(repository, "second")
    assert command in _refused(repository)
    _git(repository, *command.split()[1:])
    assert "release 2 is written" == release(repository)


def test_our_migration_is_renumbered_in_a_merge(repository: Path) -> None:
    """In a merge the other side's migration keeps its number, however late it was written."""
    migrations = repository / "migrations"
    _git(repository, "checkout", "--quiet", "-b", "other")
    (migrations / "0003_add_theirs.sql").write_text("DROP VIEW IF EXISTS theirs;\n")
    _commit(repository, "theirs")
    _git(repository, "checkout", "--quiet", "main")
    (migrations / "0003_add_ours.sql").write_text("DROP VIEW IF EXISTS ours;\n")
    _commit(repository, "ours")
    _git(repository, "merge", "--no-commit", "--no-ff", "other")
    assert f"`git mv {migrations}/0003_add_ours.sql {migrations}/0004_add_ours.sql`" in _refused(repository)


def test_a_forgotten_release_is_named_with_the_files_that_changed(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--check` writes nothing and ends with 1; changed, new and removed files stand in its answer."""
    assert (ExitCode.OK, []) == (main(repository, only_check=True), check(repository))
    with (repository / "init_views.sql").open("a") as views:
        views.write("-- changed\n")
    (repository / "verify" / "notes_are_dated.sql").unlink()
    (repository / "verify" / "notes_are_new.sql").write_text("-- New.\nSELECT 1;\n")
    (repository / "README.md").write_text("changed\n")
    before = (repository / "RELEASE").read_text()
    assert ExitCode.USAGE == main(repository, only_check=True)
    assert before == (repository / "RELEASE").read_text()
    commit = _git(repository, "log", "-1", "--format=%h").strip()
    out, err = capsys.readouterr()
    assert "" == out
    names = "init_views.sql, verify/notes_are_dated.sql, verify/notes_are_new.sql"
    assert [
        f"{repository}/RELEASE: does not hold a release number and the digest of these files",
        f"changed since commit {commit}, which wrote RELEASE: {names}",
        "run `make release`",
    ] == err.splitlines()


def test_a_forgotten_release_is_found_without_git(sound: Path) -> None:
    """In an image's build there is no repository: the answer says so."""
    with (sound / "init_views.sql").open("a") as views:
        views.write("-- changed\n")
    assert "which files changed is not known, because git does not know RELEASE here" == check(sound)[1]


def test_the_release_of_this_repository_was_not_forgotten() -> None:
    """What the build of an image asks, with the standard library alone."""
    command = [sys.executable, "-S", "-m", "entrypoint.sqlfiles.release", "--check"]
    done = subprocess.run(  # noqa: S603 - our own program
        command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False, cwd=ROOT
    )
    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)
