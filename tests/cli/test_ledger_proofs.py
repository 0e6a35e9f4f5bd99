"""`pawl ledger`: keys, signed checkpoints, places, lists, proofs, and what they exit with."""

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest
from tests.services.made_desk import Made

from pawl.alerts.alert import NoticeKind
from pawl.cli.main import main
from pawl.governance.ledger import PAWL, Draft
from pawl.store.records.engine import open_records, writing
from pawl.store.records.ledger import append
from pawl.store.records.outbox import OutboxRecords

AT = "2026-11-21T00:00:00.000000Z"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with five entries."""
    folder = tmp_path / "data"
    fill(folder, 1, 5)
    return folder


def fill(folder: Path, first: int, last: int) -> None:
    engine = open_records(folder)
    with writing(engine) as connection:
        for number in range(first, last + 1):
            kind = "run.started" if number % 2 else "rules.tested"
            draft = Draft(
                type=kind, subject=f"s{number}\x1b[31m", actor=PAWL, body={"n": number},
                claimed_at=AT, recorded_at=AT, idempotency_key=f"k{number}",
            )  # fmt: skip
            append(connection, draft)
    engine.dispose()


def spoil(folder: Path, statement: str) -> None:
    engine = open_records(folder)
    with writing(engine) as connection:
        connection.execute(statement)
    engine.dispose()


def run(folder: Path, *arguments: object) -> int:
    return main(["--data", str(folder), "ledger", *map(str, arguments)])


def out(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def make_key(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(folder, "key", "--name", "example.org/ledger") == 0
    return out(capsys).strip()


def test_a_key_is_made_once_for_this_user_only(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Printed is the public half; asked again it is the same, and a second is refused."""
    assert run(folder, "key") == 3
    key = make_key(folder, capsys)
    assert key.startswith("example.org/ledger+")
    assert run(folder, "key") == 0
    assert out(capsys).strip() == key
    assert run(folder, "key", "--name", "other") == 2
    kept = folder / "ledger" / "signing-key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert kept.read_text().startswith("PRIVATE+KEY+")


def test_signed_checkpoints_are_kept_and_compared(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At a place named on the command line, then against all of them, with the key demanded."""
    kept = tmp_path / "kept"
    assert run(folder, "checkpoint", "--signed") == 3
    key = make_key(folder, capsys)
    assert run(folder, "checkpoint", "--to", f"file:{kept}") == 0
    fill(folder, 6, 9)
    assert run(folder, "checkpoint", "--to", f"file:{kept}") == 0
    (tmp_path / "key").write_text(f"{key}\n")
    capsys.readouterr()
    for spelt in (key, tmp_path / "key"):
        assert run(folder, "verify", "--against", kept, "--pubkey", spelt, "--json") == 0
        told = json.loads(out(capsys))
        assert told["truncation_excluded"]
        assert [each["signature"] for each in told["checkpoints"]] == ["holds", "holds"]
    assert run(folder, "verify", "--against", kept) == 0
    said, warned = capsys.readouterr()
    assert "2 checkpoints agree, the newest at entry 9" in said
    assert "no signature was checked" in warned
    spoil(folder, "DELETE FROM ledger WHERE seq > 7")
    assert run(folder, "verify", "--against", kept) == 1
    assert "ledger ends at entry 7" in out(capsys)
    assert run(folder, "checkpoint", "--signed") == 3
    assert run(folder, "checkpoint", "--signed", "--anew") == 0
    assert out(capsys).split("\n")[1] == "7"


def test_another_key_is_a_no_and_a_misspelt_one_was_asked_wrongly(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1 for a checkpoint that the demanded key did not sign, 2 for what is no key."""
    make_key(folder, capsys)
    assert run(folder, "checkpoint", "--signed", "--output", tmp_path / "kept") == 0
    other = tmp_path / "other"
    fill(other, 1, 5)
    foreign = make_key(other, capsys)
    assert run(folder, "verify", "--against", tmp_path / "kept", "--pubkey", foreign) == 1
    assert "(signature)" in out(capsys)
    assert run(folder, "checkpoint", "--output", tmp_path / "plain") == 0
    assert run(folder, "verify", "--against", tmp_path / "plain", "--pubkey", foreign) == 1
    assert run(folder, "verify", "--against", tmp_path / "kept", "--pubkey", "a+b+c") == 2
    assert run(folder, "verify", "--against", tmp_path / "kept", "--pubkey", "absent") == 3


def test_places_of_the_config_are_written_and_read(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file, a repository and a webhook, all at once; one that fails is a no that names it."""
    audit = tmp_path / "audit"
    for command in (
        ("init", "-q", str(audit)),
        ("-C", str(audit), "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-q",
         "--allow-empty", "-m", "begin"),
    ):  # fmt: skip
        subprocess.run(
            ("git", *command), check=True, env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null"}
        )
    (folder / "pawl.toml").write_text(
        f"""
        [ledger]
        every = "5m"
        [ledger.places.disk]
        kind = "file"
        path = "{tmp_path}/kept"
        [ledger.places.audit]
        kind = "git-tag"
        repository = "{audit}"
        [ledger.places.hook]
        kind = "webhook"
        channel = "out"
        [alerts.channels.out]
        kind = "webhook"
        url = "https://receiver.example/"
        secret = "NAME"
        """
    )
    make_key(folder, capsys)
    assert run(folder, "checkpoint", "--to", "all") == 0
    assert "tag pawl-ledger-000000000005" in capsys.readouterr().err
    for place in ("places", "place:disk", "place:audit", f"tag:pawl-ledger-*@{audit}"):
        assert run(folder, "verify", "--against", place, "--json") == 0
        assert json.loads(out(capsys))["truncation_excluded"]
    engine = open_records(folder)
    (letter,) = OutboxRecords(engine).letters("waiting")
    engine.dispose()
    assert (letter.channel, letter.notice.kind) == ("out", NoticeKind.CHECKPOINT)
    assert letter.notice.text == (tmp_path / "kept").read_text()
    assert run(folder, "verify", "--against", "place:hook") == 3
    assert run(folder, "verify", "--against", "tag:none") == 2
    assert run(folder, "checkpoint", "--to", "nowhere") == 2
    (tmp_path / "kept").unlink()
    (tmp_path / "kept").mkdir()
    fill(folder, 6, 6)
    capsys.readouterr()
    assert run(folder, "checkpoint", "--to", "all") == 1
    told = capsys.readouterr().err
    assert "disk:" in told
    assert "tag pawl-ledger-000000000006" in told


def test_proofs_convince_somebody_without_the_ledger(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One entry, growth, and a whole export, each verified with nothing but file and key."""
    key = make_key(folder, capsys)
    assert run(folder, "checkpoint", "--signed", "--output", tmp_path / "old") == 0
    fill(folder, 6, 8)
    nobody = tmp_path / "nobody"

    def verified(name: str, text: str, *more: object) -> tuple[int, str]:
        (tmp_path / name).write_text(text)
        status = run(nobody, "verify", "--export", tmp_path / name, "--pubkey", key, *more)
        return status, out(capsys)

    capsys.readouterr()
    assert run(folder, "prove", 3) == 0
    proof = out(capsys)
    assert verified("proof", proof) == (
        0, "entry 3 is in the ledger of that checkpoint, word for word\n"
        "the checkpoint at entry 8 agrees\n",
    )  # fmt: skip
    assert verified("proof", proof.replace("run.started", "run.stopped"))[0] == 1
    assert run(folder, "prove", "--since", tmp_path / "old") == 0
    growth = out(capsys)
    assert verified("growth", growth, "--against", tmp_path / "old")[0] == 0
    assert run(folder, "export", "--proof", 2) == 0
    whole = out(capsys)
    status, told = verified("export", whole)
    assert status == 0
    assert "intact: 8 entries" in told
    assert "entry 2 is in the ledger" in told
    assert verified("export", whole, "--json")[0] == 0
    assert verified("cut", "".join(whole.splitlines(keepends=True)[:-1]))[0] == 1
    assert not nobody.exists()
    assert run(folder, "prove", 99) == 2
    assert run(folder, "prove") == 2
    assert run(folder, "verify", "--export", tmp_path / "export", "--replay") == 2
    assert run(folder, "verify", "--export", tmp_path / "absent") == 3
    assert run(folder, "verify", "--export", tmp_path / "old") == 2


def test_entries_are_listed_and_shown_without_what_a_terminal_obeys(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Newest first, page by page; exit 1 when none matches; escapes come out harmless."""
    assert run(folder, "list", "--type", "run.", "--limit", 2) == 0
    said, more = capsys.readouterr()
    assert [line.split()[0] for line in said.splitlines()] == ["5", "3"]
    assert "\x1b" not in said
    assert "--before 3" in more
    assert run(folder, "list", "--type", "run.", "--limit", 2, "--before", 3, "--json") == 0
    page = json.loads(out(capsys))
    assert ([entry["seq"] for entry in page["entries"]], page["before"]) == ([1], None)
    assert run(folder, "list", "--since", "2026-11-22") == 1
    assert run(folder, "list", "--since", "yesterday") == 2
    assert run(folder, "show", 2) == 0
    shown = out(capsys)
    assert '"n": 2' in shown
    assert "\x1b" not in shown
    assert run(folder, "show", 2, "--json") == 0
    assert json.loads(out(capsys))["seq"] == 2
    assert run(folder, "show", 77) == 2


def test_stored_decisions_are_judged_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same bytes come out of what was stored; a decision that was touched up is named."""
    engine = open_records(tmp_path)
    Made(engine).live()
    engine.dispose()
    assert run(tmp_path, "verify", "--judge", "--replay", "--json") == 0
    assert json.loads(out(capsys))["judged"] > 0
    spoil(
        tmp_path,
        "UPDATE gate_decisions SET body = replace(body, '\"allowed\":true', '\"allowed\":false')",
    )
    assert run(tmp_path, "verify") == 0
    assert run(tmp_path, "verify", "--judge") == 1
    assert "(decision)" in out(capsys)
