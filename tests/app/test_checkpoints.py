"""`pawl up` signs checkpoints where the machine's own file says so, and leaves it where not."""

from pathlib import Path

import pytest

from pawl.app import records_engine
from pawl.app.checkpoints import ledger_keeper, make_signing_key
from pawl.app.serving import server_services
from pawl.base.errors import BadFile, BadValue
from pawl.governance.ledger import PAWL, Draft
from pawl.governance.note import notes_in
from pawl.services.ledger_evidence import evidence
from pawl.store.records.engine import writing
from pawl.store.records.ledger import append

AT = "2026-11-21T12:00:00.000000Z"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("PAWL_RECORDS_URL", "PAWL_EVENTS_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def settle(folder: Path, text: str) -> None:
    (folder / "pawl.toml").write_text(text)


def fill(folder: Path, count: int) -> None:
    engine = records_engine(folder)
    with writing(engine) as connection:
        for number in range(count):
            draft = Draft(
                type="rules.tested", subject="s", actor=PAWL, body={}, claimed_at=AT,
                recorded_at=AT, idempotency_key=f"k{number}",
            )  # fmt: skip
            append(connection, draft)
    engine.dispose()


def test_a_server_that_ends_leaves_a_checkpoint_of_all(folder: Path, tmp_path: Path) -> None:
    """Whatever was appended while it ran is signed before it is gone."""
    settle(folder, f'[ledger.places.disk]\nkind = "file"\npath = "{tmp_path}/kept"\n')
    key = make_signing_key(folder, "example.org/ledger")
    serving = server_services(folder, url="http://127.0.0.1:1")
    assert serving.ledger is not None
    serving.ledger.start()
    fill(folder, 3)
    serving.ledger.stop()
    serving.stop()
    notes = [("kept", note) for note in notes_in((tmp_path / "kept").read_text())]
    found = evidence(notes, [key])
    assert found.claims[-1].size >= 3
    assert {each.signature for each in found.seen} == {"holds"}


def test_a_machine_that_names_no_place_signs_nothing(folder: Path) -> None:
    """The server runs as it did."""
    serving = server_services(folder, url="http://127.0.0.1:1")
    assert serving.ledger is None
    serving.stop()


@pytest.mark.parametrize(
    "text",
    [
        '[ledger]\nevery = "soon"\n[ledger.places.a]\nkind = "file"\npath = "/tmp/x"\n',
        '[ledger.places.a]\nkind = "carrier-pigeon"\n',
        '[ledger.places.a]\nkind = "file"\npath = "relative"\n',
        '[ledger.places.a]\nkind = "webhook"\nchannel = "none"\n',
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(folder: Path, text: str) -> None:
    """And not found out when the first checkpoint is due."""
    settle(folder, text)
    with pytest.raises(BadValue):
        ledger_keeper(folder)


def test_a_misspelt_key_is_refused(folder: Path) -> None:
    """A section that nothing reads would be relied on."""
    settle(folder, "[ledger]\nevrey = 1\n")
    with pytest.raises(BadFile):
        ledger_keeper(folder)
