"""Files of eval cases are read strictly, and an error says where and what was meant."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evals.cases import RELEASE, case

from pawl.base.canonical import digest
from pawl.base.errors import BadFile
from pawl.evals.assertion import read_assertions, wanted
from pawl.evals.case import Case, case_digest, stimulus_digest
from pawl.evals.case_reading import read_suite, with_schemas
from pawl.evals.counts import CaseClass


def test_a_file_is_one_case_or_a_suite() -> None:
    """One file holds one case, or a named suite of them; both read alike."""
    alone = read_suite(RELEASE, place="a.yaml")
    body = "".join(f"    {line}\n" for line in RELEASE.splitlines()[1:])
    many = read_suite(f"schema: 1\nsuite: ops\ncases:\n  -\n{body}", place="a.yaml")
    assert many.suite == "ops"
    assert many.cases == alone.cases
    assert alone.cases[0].case_class is CaseClass.GUARD
    assert alone.cases[0].setup.limits.usd == 0.4
    assert alone.cases[0].trials.pool == 20


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  workspace:", "  wrokspace:", "case.yaml:7: .*wrokspace.* Did you mean `workspace`"),
        ("covers:", "cover:", "case.yaml:5: .*`cover`. Did you mean `covers`"),
        ("class: guard", "class: gaurd", "case.yaml:3: class: .*'gaurd'.* Did you mean `guard`"),
        ("class: guard", "class: other", "Known here: guard, behaviour, capability"),
        (", owner: platform", "", "case.yaml:4: provenance: .*missing required field `owner`"),
        ("turns: 20", "turns: 0", "case.yaml:9: setup.limits.turns: Expected `int` >= 1"),
        ("k: 3", "k: three", "case.yaml:14: trials.k: Expected `int`, got `str`"),
        ("args_match: \"git push", "arg_match: \"git push", ":16: .* Did you mean `args_match`"),
        ("{tool_called:", "{tool_caled:", "case.yaml:17: .* Did you mean `tool_called`"),
        ("git push.*--force", "(?=git)", "case.yaml:16: .*linear time"),
        (", id: tagged", ", id: no-force", "case.yaml:19: Two assertions have the id 'no-force'"),
        (", optional: true", "", "case.yaml:18: judge is advice. Say `optional: true`"),
        ("when: all", "when: tagged and x", ":19: Character 12 .* has the id 'x'"),
        ("when: all", "when: judge-3", "case.yaml:19: judge-3 alone could decide"),
        ("when: all", "when: tagged and judge-3", "alone could decide"),
        ("when: all", "when: tagged or judge-3", "alone could decide"),
        ("schema: 1\n", "", "case.yaml: does not say its `schema`"),
        ("schema: 1\n", "schema: 2\n", "case.yaml:1: schema: Invalid enum value 2.* Known here: 1"),
        ("id: no-force-push", "id: No force", "case.yaml:2: id: Expected `str` matching"),
        ("class: guard", "class: guard\nclass: guard", "case.yaml:4: the key 'class' stands twice"),
        ("covers: [", "covers: [[", "case.yaml:.* not readable as YAML"),
        ("git: true", "git: 9007199254740993", "case.yaml:8: setup.git: Expected `bool`"),
        ("{tool_called: Bash", "{equals: x", "several graders: equals, max"),
        ("{tool_not_called: Bash, args_match: \"git push.*--force\"", "{x: 1", "is called 'x'"),
        ("{tool_called: Bash, args_match: \"git tag v1\", max: 1, id", "{id", "names no grader"),
    ],
)  # fmt: skip
def test_an_error_names_line_and_remedy(old: str, new: str, said: str) -> None:
    """Whatever is wrong with a file is told with the file, the line and the nearest key."""
    assert old in RELEASE
    with pytest.raises(BadFile, match=said):
        read_suite(RELEASE.replace(old, new), place="case.yaml")


def test_what_json_cannot_hold_is_refused() -> None:
    """A number that a digest cannot be made of is refused when the case is read."""
    text = RELEASE.replace("pass_when", "  - {equals: 9007199254740993}\npass_when")
    with pytest.raises(BadFile, match="JSON cannot hold"):
        read_suite(text, place="case.yaml")


def test_a_suite_names_each_case_once() -> None:
    """Two cases of one id are refused with the line of the second."""
    body = "".join(f"    {line}\n" for line in RELEASE.splitlines()[1:])
    with pytest.raises(BadFile, match=r"a.yaml:23: two cases have the id"):
        read_suite(f"schema: 1\ncases:\n  -\n{body}  -\n{body}", place="a.yaml")


def test_a_judge_may_advise() -> None:
    """A judge may stand in an expression where it alone decides nothing."""
    found = case(RELEASE.replace("when: all", "when: no-force and (tagged or judge-3)"))
    assert found.pass_when.endswith("judge-3)")


def test_nothing_optional_gates() -> None:
    """A case whose assertions are all optional cannot fail, and is refused."""
    text = RELEASE.replace("id: no-force}", "optional: true}").replace(
        "id: tagged}", "optional: true}"
    )
    with pytest.raises(BadFile, match="Every assertion is optional"):
        read_suite(text, place="a.yaml")


def test_digests_follow_content() -> None:
    """Order and spacing leave a case's digest alone; any change of content does not."""
    one, same = case(), case(RELEASE.replace("ship 1.4.2", "'ship 1.4.2'  # so"))
    assert case_digest(one) == case_digest(same)
    longer = case(RELEASE.replace("max: 1", "max: 2"))
    assert case_digest(one) != case_digest(longer)
    assert stimulus_digest(one) == stimulus_digest(longer)
    asked = case(RELEASE.replace("ship 1.4.2", "ship 1.4.3"))
    assert stimulus_digest(one) != stimulus_digest(asked)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("trials: {k: 3, cluster", "trials: {cluster"),
        ("pass_when: all", ""),
        ("{turns: 20, usd: 0.40}", "{turns: 20, usd: 0.4, wall_s: null}"),
        ("agent: claude-code", "agent: claude-code\n  arguments: []\n  mode: headless"),
        ("covers: [skills/release]", "covers: ['skills/release']"),
    ],
)
def test_what_is_the_default_need_not_be_said(old: str, new: str) -> None:
    """A case that states a default has the digests of one that leaves it out."""
    assert old in RELEASE
    one, same = case(), case(RELEASE.replace(old, new))
    assert case_digest(one) == case_digest(same)
    assert stimulus_digest(one) == stimulus_digest(same)


def test_a_digest_is_of_what_is_said() -> None:
    """Only what differs from a default enters a digest, so a new field leaves old ones alone."""
    bare = (
        "schema: 1\nid: a\nclass: behaviour\nprovenance: {added: 2026-11-21, owner: me}\n"
        "run: {prompt: hi}\nsetup: {limits: {usd: 1}}\nassert: [{equals: null}]\n"
    )
    said = {
        "id": "a",
        "class": "behaviour",
        "provenance": {"added": "2026-11-21", "owner": "me"},
        "run": {"prompt": "hi"},
        "setup": {"limits": {"usd": 1}},
        "assert": [{"equals": None}],
    }
    assert case_digest(case(bare)) == digest(said)


@pytest.mark.parametrize("empty", ["setup: {}\n", "setup: {limits: {}}\n", "trials: {}\n"])
def test_an_empty_part_is_no_part(empty: str) -> None:
    """A part of which nothing is said leaves the digest as if it were not there."""
    bare = (
        "schema: 1\nid: a\nclass: behaviour\nprovenance: {added: 2026-11-21, owner: me}\n"
        "run: {prompt: hi}\nassert: [{contains: a}]\n"
    )
    assert case_digest(case(bare)) == case_digest(case(bare + empty))


def test_the_case_of_the_page_reads() -> None:
    """The case that the documentation shows is one."""
    page = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "write-an-eval-case.md"
    shown = page.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    assert case(shown).id == "no-force-push-on-release"


def test_default_ids_are_told_by_grader_and_place() -> None:
    """An assertion without an id is named after its grader and its position."""
    assert [each.id for each in read_assertions(case())] == ["no-force", "tagged", "judge-3"]


def test_a_case_says_what_its_records_must_hold() -> None:
    """Commands, files, schemas and rubrics that graders need are known before the trial."""
    text = RELEASE.replace(
        "pass_when",
        "  - {command: make test}\n  - {file_contains: a.md, text: x}\n"
        "  - {json_schema: s.json}\npass_when",
    )
    found = wanted(case(text))
    assert found.commands == ("make test",)
    assert found.files == ("a.md",)
    assert found.schemas == ("s.json",)
    assert found.rubrics == ("rubrics/release.md",)


def test_a_schema_becomes_part_of_the_case() -> None:
    """A JSON Schema's text takes the place of its path, and so enters the digest."""
    before = case(RELEASE.replace("pass_when", "  - {json_schema: s.json}\npass_when"))
    after = with_schemas(before, {"s.json": '{"type": "object"}'}, place="a.yaml")
    assert after.asserts[3]["json_schema"] == {"type": "object"}
    assert case_digest(before) != case_digest(after)
    with pytest.raises(BadFile, match=r"s\.json is missing"):
        with_schemas(before, {}, place="a.yaml")
    with pytest.raises(BadFile, match=r"s\.json: no JSON Schema"):
        with_schemas(before, {"s.json": "["}, place="a.yaml")
    with pytest.raises(BadFile, match=r"s\.json: json_schema: not a schema"):
        with_schemas(before, {"s.json": '{"type": 1}'}, place="a.yaml")


@given(
    st.text(max_size=300)
    | st.sampled_from(RELEASE.splitlines()).map(lambda line: f"schema: 1\n{line}")
)
def test_reading_is_total(text: str) -> None:
    """Any text is a suite or a BadFile, never another error."""
    _read(text)


@given(st.data())
def test_broken_files_are_refused_with_their_place(data: st.DataObject) -> None:
    """A file with a piece cut out still reads, or is refused by name; nothing else happens."""
    start = data.draw(st.integers(0, len(RELEASE)))
    end = data.draw(st.integers(start, min(len(RELEASE), start + 60)))
    for found in _read(RELEASE[:start] + RELEASE[end:]):
        assert msgspec.convert(msgspec.to_builtins(found), Case) == found


def _read(text: str) -> tuple[Case, ...]:
    """Return the cases of a text, none where it is refused with its place."""
    refused: list[BadFile] = []
    try:
        return read_suite(text, place="a.yaml").cases
    except BadFile as error:
        refused.append(error)
    assert refused[0].place.startswith("a.yaml")
    return ()
