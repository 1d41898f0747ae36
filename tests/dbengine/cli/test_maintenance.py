"""The commands that look after a database."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from dbengine import DbEngine, codec
from dbengine.cli.maintenance import _ranges
from tests.dbengine.cli.conftest import Terminal
from tests.dbengine.cli.test_app import process
from tests.dbengine.helpers import object_files, settled

pytestmark = pytest.mark.usefixtures("fruit")


# ---- verify -------------------------------------------------------------------------------------


def test_verify_is_content_with_a_sound_database(dbengine: Terminal) -> None:
    ran = dbengine("verify")
    assert ran.status == 0
    assert "4 versions of 1 entry checked: all is well." in ran.out
    report = dbengine("verify", "--json").json
    assert (report["ok"], report["problems"], report["healed"]) == (True, [], [])


def test_verify_names_a_damaged_object_and_ends_with_1(dbengine: Terminal, fruit: DbEngine) -> None:
    damaged = object_files(settled(fruit))[0]
    damaged.write_bytes(b"{}")
    ran = dbengine("verify")
    assert ran.status == 1
    assert damaged.name in ran.out
    report = dbengine("verify", "--json")
    assert (report.status, report.json["ok"]) == (1, False)
    assert damaged.name in {problem["digest"] for problem in report.json["problems"]}


def test_verify_says_which_versions_are_hurt(dbengine: Terminal, fruit: DbEngine) -> None:
    digest = fruit.save("t", "ana", "fruit", ["only", "here", "x" * 20_000])
    content = next(p for p in object_files(settled(fruit)) if b'\t"only"' in p.read_bytes())
    content.unlink()
    assert "1 version of fruit: 5" in dbengine("verify").out
    [problem] = dbengine("verify", "--json").json["problems"]
    assert problem["hurts"] == [{"tenant": "t", "entry": "fruit", "seq": 5, "digest": digest}]


def test_verify_ends_with_1_where_a_head_is_behind(
    dbengine: Terminal, fruit: DbEngine, root: Path
) -> None:
    older = fruit.at("t", "fruit", 2)
    (settled(fruit) / "t" / "head").write_bytes(codec.dump({"fruit": older}))
    ran = dbengine("verify")
    assert ran.status == 1
    assert "The head of 'fruit' is behind: 2 newer versions are stored." in ran.out
    assert dbengine("verify", "--json").json["problems"][0]["certain"] is False


def test_verify_repairs_only_when_asked(dbengine: Terminal, fruit: DbEngine) -> None:
    ran = dbengine("verify", "--repair")
    assert (ran.status, ran.err) == (0, "")
    damaged = object_files(settled(fruit))[0]
    damaged.write_bytes(b"{}")
    assert dbengine("verify", "--repair").status == 1
    assert damaged.read_bytes() == b"{}"


def test_verify_says_what_a_repair_would_mend(
    dbengine: Terminal, fruit: DbEngine, root: Path
) -> None:
    damaged = object_files(settled(fruit))[0]
    whole = damaged.read_bytes()
    dbengine("pack")
    damaged.parent.mkdir(exist_ok=True)
    damaged.write_bytes(b"{}")
    assert "`dbengine verify --repair` puts it in place." in dbengine("verify").out
    [problem] = dbengine("verify", "--json").json["problems"]
    assert (problem["digest"], problem["repairable"]) == (damaged.name, True)
    mended = dbengine("verify", "--repair")
    assert mended.status == 0
    assert "`" not in mended.out
    assert damaged.read_bytes() == whole


def test_what_is_kept_nowhere_else_cannot_be_repaired(dbengine: Terminal, fruit: DbEngine) -> None:
    object_files(settled(fruit))[0].write_bytes(b"{}")
    assert "--repair" not in dbengine("verify").out
    problems = dbengine("verify", "--json").json["problems"]
    assert {problem["repairable"] for problem in problems} == {False}


def test_versions_that_are_hurt_are_told_as_ranges() -> None:
    assert _ranges([1]) == "1"
    assert _ranges([1, 2, 3, 7, 9, 10]) == "1–3, 7, 9–10"
    assert _ranges([0, 1, 2]) == "?, 1–2"
    assert _ranges(list(range(1, 100, 2))) == "1, 3, 5, 7, 9, 11, 13, 15 …"


# ---- pack ---------------------------------------------------------------------------------------


def test_pack_says_what_it_saved(dbengine: Terminal, fruit: DbEngine) -> None:
    for number in range(40):
        fruit.put("t", "ana", "fruit", "apple", {"price": number})
    settled(fruit)
    before = fruit.load("t", "fruit")
    ran = dbengine("pack", "t")
    assert ran.status == 0
    assert "packed:" in ran.out
    assert dbengine("show", "t", "fruit").json == before
    assert dbengine("verify").status == 0
    assert dbengine("pack").out == "Nothing to pack.\n"


def test_pack_for_programs(dbengine: Terminal, fruit: DbEngine) -> None:
    settled(fruit)
    packed = dbengine("pack", "--json").json
    assert packed.keys() == {"objects", "before", "after"}
    assert packed["objects"] > 0


def test_a_dry_run_only_counts(dbengine: Terminal, fruit: DbEngine) -> None:
    files = object_files(settled(fruit))
    ran = dbengine("pack", "--dry-run")
    assert ran.status == 0
    assert ran.out.startswith("About ")
    assert dbengine("pack", "t", "--dry-run", "--json").json.keys() == {"loose"}
    assert object_files(fruit.root) == files


def test_a_tenant_that_is_not_there_is_not_packed(dbengine: Terminal) -> None:
    ran = dbengine("pack", "nope")
    assert ran.status == 1
    assert "There is no tenant 'nope'" in ran.err


# ---- export and import --------------------------------------------------------------------------


@pytest.fixture
def elsewhere(dbengine: Terminal, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """Another database, in which nothing is yet."""
    return Terminal(tmp_path / "elsewhere", capsys)


def test_an_entry_goes_from_one_database_to_another(
    dbengine: Terminal, elsewhere: Terminal, tmp_path: Path
) -> None:
    file = str(tmp_path / "fruit.dbx")
    ran = dbengine("export", "t", "fruit", file)
    assert ran.status == 0
    assert ran.out.startswith(f"4 versions of 1 entry written to {file}, ")
    ran = elsewhere("import", file)
    assert ran.status == 0
    heading, row, summary = ran.out.splitlines()
    assert heading.split() == ["Entry", "New", "versions", "Head", "It", "was"]
    assert row.split()[:2] == ["fruit", "4"]
    assert summary == "4 versions written to t."
    assert (
        elsewhere("log", "t", "fruit", "--json").json
        == dbengine("log", "t", "fruit", "--json").json
    )
    assert "the same already" in elsewhere("import", file).out


def test_a_tenant_goes_to_another_name_and_one_entry_of_it(
    dbengine: Terminal, elsewhere: Terminal, fruit: DbEngine, tmp_path: Path
) -> None:
    fruit.save("t", "ana", "list", [1])
    file = str(tmp_path / "all.dbx")
    exported = dbengine("export", "t", file, "--json").json
    assert (exported["file"], exported["entries"], exported["versions"]) == (file, 2, 5)
    imported = elsewhere("import", file, "u", "--entry", "list", "--json").json
    assert imported["tenant"] == "u"
    assert imported["written"] == 1
    assert imported["entries"] == [
        {"entry": "list", "was": "missing", "head": fruit.get_digest("t", "list"), "written": 1}
    ]
    assert [e["entry"] for e in elsewhere("entries", "u", "--json").json] == ["list"]


def test_an_entry_that_went_another_way_is_refused(
    dbengine: Terminal, elsewhere: Terminal, fruit: DbEngine, tmp_path: Path
) -> None:
    file = str(tmp_path / "fruit.dbx")
    dbengine("export", "t", file)
    elsewhere("import", file)
    elsewhere("put", "t", "fruit", "fig", "1")
    fruit.put("t", "ana", "fruit", "kiwi", 1)
    dbengine("export", "t", file)
    ran = elsewhere("import", file)
    assert (ran.status, ran.out) == (1, "")
    assert len(ran.err.splitlines()) == 1
    assert "has gone two ways" in ran.err


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("export", "t"), 2, "Missing argument"),
        (("export", "t", "a", "b", "c"), 2, "Give one entry, or none"),
        (("export", "t", "nope", "file"), 1, "There is no entry 'nope'"),
        (("export", "nope", "file"), 1, "There is no tenant 'nope'"),
        (("import", "/no/such/file"), 1, "No such file"),
        (("import", "."), 1, "is a folder"),
        (("watch", "nope"), 1, "There is no tenant 'nope'"),
        (("watch", "t", "--timeout", "-1"), 2, "--timeout"),
    ],
)
def test_an_error_is_one_line(
    dbengine: Terminal, arguments: tuple[str, ...], status: int, message: str
) -> None:
    ran = dbengine(*arguments)
    assert (ran.status, ran.out) == (status, "")
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1


# ---- watch --------------------------------------------------------------------------------------


def watching(root: Path, *arguments: str) -> subprocess.Popen[str]:
    return process(root, "watch", *arguments)


def test_watch_ends_after_a_quiet_time(dbengine: Terminal) -> None:
    ran = dbengine("watch", "t", "--timeout", "0")
    assert (ran.status, ran.out, ran.err) == (0, "", "")


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise on Windows")
def test_watch_prints_a_line_a_version_until_ctrl_c(root: Path, fruit: DbEngine) -> None:
    running = watching(root, "t", "fruit", "--json")
    with running:
        assert running.stdout
        seen = read_until_it_follows(running, fruit)
        fruit.save("t", "ana", "other", 1)
        fruit.put("t", "marco", "fruit", "fig", 1, note="Ripe")
        while seen["note"] != "Ripe":
            seen = json.loads(running.stdout.readline())
        assert (seen["entry"], seen["user"]) == ("fruit", "marco")
        running.send_signal(signal.SIGINT)
        rest, err = running.communicate(timeout=30)
    assert (rest, err.strip(), running.returncode) == ("", "", 130)


def read_until_it_follows(running: subprocess.Popen[str], fruit: DbEngine) -> dict[str, str]:
    """It takes a moment to start: write until it tells of something."""
    assert running.stdout
    os.set_blocking(running.stdout.fileno(), False)
    for number in range(3000):
        fruit.put("t", "ana", "fruit", "plum", number)
        line = running.stdout.readline()
        if line.endswith("\n"):
            os.set_blocking(running.stdout.fileno(), True)
            return dict(json.loads(line))
    raise AssertionError("it never told of anything")


def test_a_line_of_watch_says_who_wrote_what(
    dbengine: Terminal, fruit: DbEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that is as quick as can be: it writes as soon as somebody watches."""
    from dbengine import maintenance

    real = maintenance.watch

    def followed(*arguments: object) -> object:
        watched = real(*arguments)  # type: ignore[arg-type]
        fruit.put("t", "marco", "fruit", "fig", 1, note="Ripe\x1b[31m")
        return watched

    monkeypatch.setattr(maintenance, "watch", followed)
    [line] = dbengine("watch", "t", "--timeout", "0.2").out.splitlines()
    assert line.startswith("fruit  version 5 (")
    assert ") by marco, 2026-01-31 " in line
    assert line.endswith("  +1  Ripe\ufffd[31m")
