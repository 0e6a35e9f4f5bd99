"""Finding cases and opening records, also where somebody wants to mislead."""

import gzip

import pytest
from tests.services.eval_repository import CASE, Repository

from pawl.base.errors import BadFile, BadValue
from pawl.evals.sealing import TamperedRecord, seal
from pawl.evals.shelf import (
    RECORDS,
    RecordFile,
    Shelf,
    chosen,
    opened,
    opened_at,
    packed_bytes,
)

GOOD = CASE.format(id="other", kind="behaviour")


def _with(path: str, text: str | bytes) -> Shelf:
    repository = Repository()
    repository.case()
    repository.tree.held[path] = text if isinstance(text, bytes) else text.encode()
    return Shelf(repository.tree)


def test_cases_are_found_in_folders_and_policy_files_are_none() -> None:
    """YAML below the folder is a case, in any depth, sorted by id."""
    shelf = _with(".pawl/evals/team/deep/more.yml", GOOD)
    assert [(each.case.id, each.file) for each in shelf.cases()] == [
        ("other", ".pawl/evals/team/deep/more.yml"),
        ("release", ".pawl/evals/release.yaml"),
    ]
    for name in ("gate.yaml", "quarantine.yaml", "records/release/x.yaml"):
        assert len(_with(f".pawl/evals/{name}", "no case: [").cases()) == 1


def test_an_id_is_of_one_case_in_all_files() -> None:
    """The second file is named, and whose the id is."""
    with pytest.raises(BadFile, match=r"taken by .*release.yaml") as caught:
        _with(".pawl/evals/z.yaml", CASE.format(id="release", kind="guard")).cases()
    assert caught.value.place == ".pawl/evals/z.yaml"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (GOOD.replace("covers:", "cover:"), 5),
        (GOOD + "  - {contians: x}\n", 10),
        ("a: [1\nb: }", 2),
        (GOOD.encode().replace(b"ship it", b"\xff\xfe"), None),
        ("x" * (5 * 1024 * 1024), None),
    ],
)
def test_a_broken_case_is_refused_with_its_place(text: str | bytes, line: int | None) -> None:
    """Unknown keys, broken YAML, what is no text and what is too large name file and line."""
    with pytest.raises(BadFile) as caught:
        _with(".pawl/evals/bad.yaml", text).cases()
    place = ".pawl/evals/bad.yaml"
    assert caught.value.place == (place if line is None else f"{place}:{line}")


def test_a_link_is_no_case_file() -> None:
    """A link is refused, wherever it points."""
    for target in ("release.yaml", "bad.yaml", "/etc/passwd"):
        with pytest.raises(BadFile, match="no regular file"):
            _with(".pawl/evals/bad.yaml", f"-> {target}").cases()


def test_yaml_of_a_workspace_is_no_case() -> None:
    """What is in a case's workspace is for the agent, broken or not."""
    held = GOOD.replace("run:", "setup: {workspace: fixtures/a}\nrun:")
    repository = Repository()
    repository.tree.held[".pawl/evals/other.yaml"] = held.encode()
    repository.tree.held[".pawl/evals/fixtures/a/deploy.yaml"] = b"{{ template }}"
    assert [each.case.id for each in Shelf(repository.tree).cases()] == ["other"]


def test_a_workspace_cannot_make_a_case_disappear() -> None:
    """A workspace is neither around its own case nor around another one."""
    held = GOOD.replace("run:", "setup: {workspace: team}\nrun:")
    shelf = _with(".pawl/evals/other.yaml", held)
    shelf.files.held[".pawl/evals/team/guard.yaml"] = (  # type: ignore[attr-defined]
        CASE.format(id="a-guard", kind="guard").encode()
    )
    with pytest.raises(BadFile, match="workspace of another"):
        Shelf(shelf.files).cases()
    with pytest.raises(BadFile, match="holds its own case"):
        _with(".pawl/evals/t/a.yaml", held.replace("team", "../t")).cases()
    with pytest.raises(BadFile, match="not below"):
        _with(".pawl/evals/t/a.yaml", held.replace("team", "../../../..")).cases()


def test_schemas_are_read_from_beside_the_case() -> None:
    """A schema named by path becomes part of the case; one that is missing is an error."""
    text = GOOD + "  - {json_schema: schemas/answer.json}\n"
    repository = Repository()
    repository.tree.held[".pawl/evals/team/other.yaml"] = text.encode()
    with pytest.raises(BadFile, match="missing"):
        Shelf(repository.tree).cases()
    repository.tree.held[".pawl/evals/team/schemas/answer.json"] = b'{"type": "object"}'
    (placed,) = Shelf(repository.tree).cases()
    assert placed.case.asserts[1]["json_schema"] == {"type": "object"}


def test_a_name_that_is_no_case_is_refused_with_the_nearest() -> None:
    """Cases are chosen by id or by file."""
    shelf = _with(".pawl/evals/other.yaml", GOOD)
    cases = shelf.cases()
    assert [each.case.id for each in chosen(cases, [".pawl/evals/other.yaml"])] == ["other"]
    assert len(chosen(cases, [])) == 2
    with pytest.raises(BadValue, match="releas") as caught:
        chosen(cases, ["releas"])
    assert "release" in caught.value.hint


def test_a_record_is_the_same_file_each_time_and_opens() -> None:
    """Packing is determined, and every gzip reader opens it."""
    repository = Repository()
    case = repository.case()
    made = repository.trial(case)
    sealed = seal(made, {})
    packed = packed_bytes(sealed.data)
    assert packed == packed_bytes(sealed.data)
    assert gzip.decompress(packed) == sealed.data
    file = RecordFile(case.id, "x", sealed.address)
    assert opened(packed, file).manifest == made.manifest


def test_what_is_no_record_is_refused_by_name() -> None:
    """Altered bytes, another address, another case, no gzip, a bomb and a link."""
    repository = Repository()
    case = repository.case()
    (path,) = repository.add(case, ["done"])
    packed = repository.tree.held[path]
    address = path.rpartition("/")[2].removesuffix(".trial.gz")
    data = gzip.decompress(packed)
    bad = {
        "altered": packed_bytes(data.replace(b"done", b"d0ne")),
        "no gzip": b"hello",
        "cut": packed[:-20],
        "a bomb": packed_bytes(b"\0" * (65 * 1024 * 1024)),
        "a link": b"-> oracle.trial.gz",
    }
    for what, content in bad.items():
        repository.tree.held[path] = content
        with pytest.raises(TamperedRecord) as caught:
            opened_at(Shelf(repository.tree), RecordFile(case.id, path, address))
        assert caught.value.place == path, what
    repository.tree.held[path] = packed
    for wrong in (
        RecordFile(case.id, path, "0" * 64),
        RecordFile("another", path, address),
        RecordFile(case.id, path, "no-address"),
    ):
        with pytest.raises(TamperedRecord):
            opened_at(Shelf(repository.tree), wrong)


def test_records_of_no_case_are_told() -> None:
    """Records whose case is gone are strangers; other files beside records are nothing."""
    repository = Repository()
    case = repository.case()
    repository.add(case, ["done"])
    repository.tree.held[f"{RECORDS}/gone/{'0' * 64}.trial.gz"] = b"x"
    repository.tree.held[f"{RECORDS}/release/notes.txt"] = b"x"
    shelf = Shelf(repository.tree)
    assert shelf.strangers(shelf.cases()) == ("gone",)
    assert len(shelf.records("release")) == 1
