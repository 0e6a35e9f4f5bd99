"""The models that come with Pawl are faithful to their sources, and sound."""

from collections import Counter
from pathlib import Path

import pytest
from tests.maturity.probes.test_probes import CASES, Cases
from tests.maturity.told import facts

import pawl.maturity
import pawl.maturity.probes
from pawl.base.catalogue import discover
from pawl.base.durations import parse_duration
from pawl.base.loading import load_yaml
from pawl.maturity.crosswalk import load_crosswalk
from pawl.maturity.evidence import Depth, Share, Value
from pawl.maturity.lint import CONTEXT_ONLY, lint_crosswalk, lint_model
from pawl.maturity.loading import MODELS, load_model
from pawl.maturity.model import Model
from pawl.maturity.probe import Probe, ask
from pawl.maturity.shape import load_value_types, shapes

FOLDER = Path(pawl.maturity.__path__[0])
TYPES = load_value_types((FOLDER / "value_types.yaml").read_text(), place="value_types.yaml")
PROBES = discover(pawl.maturity.probes, "PROBE", Probe)
LOADED = {
    name: load_model((FOLDER / "models" / f"{name}.yaml").read_text(), place=f"{name}.yaml")
    for name in MODELS
}
ENG, OPS, ADOPT, TIER3 = (LOADED[name] for name in MODELS)

SECTIONS = ("history", "reports", "host", "operations", "practice")
"""The facts that a probe's case may give beside files."""

ENG_WORDS = {
    1: {
        "Minimal testing",
        "Manual deployments",
        "Incidents handled ad-hoc",
        "No runbooks",
        "Knowledge in heads",
    },
    2: {
        "Version control enforced",
        "Basic CI",
        "PM2 / process manager in place",
        "Manual but documented deployments",
        "Some security controls",
    },
    3: {
        "CI/CD standardized",
        "Runbooks exist",
        "Monitoring & alerts present",
        "Defined ownership",
        "Secure defaults enforced",
    },
    4: {
        "SLIs / SLOs defined",
        "Error budgets enforced",
        "Quality scorecards active",
        "Reliability drives planning",
        "Metrics guide decisions",
    },
    5: {
        "Self-healing systems",
        "Predictive alerting",
        "Continuous refactoring",
        "Automated compliance",
        "Learning organization",
    },
}


def _cases(probe: str) -> Path:
    """Return where a probe's cases are; that each has some is another test's promise."""
    return CASES / f"{probe}.yaml"


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_sound(name: str) -> None:
    """A model that comes with Pawl has no finding of its lint, against the probes that exist."""
    found = lint_model(LOADED[name], shapes(PROBES, TYPES))
    assert [each.message for each in found] == []


@pytest.mark.parametrize("name", [each for each in sorted(PROBES) if _cases(each).is_file()])
def test_the_types_of_values_are_those_that_a_probe_answers(name: str) -> None:
    """Every value whose type is written down is declared, and answered in that type."""
    types = TYPES.values[name]
    assert PROBES[name].values.keys() >= types.keys()
    path = _cases(name)
    for case in load_yaml(path.read_text(), Cases, place=str(path)).yes:
        sections = {each: getattr(case, each) for each in SECTIONS if getattr(case, each)}
        record = ask(name, PROBES[name], facts(case.files, as_of=case.as_of, **sections))
        answered = {key: _type(value) for key, value in record.values.items() if key in types}
        assert answered.items() <= types.items(), case.name


def _type(value: Value) -> str:
    named = {Share: "share", bool: "flag", str: "text"}
    return named.get(type(value), "number")


def test_every_value_that_a_model_bounds_has_a_type() -> None:
    """No threshold of a model goes unchecked for want of a type."""
    asked = {
        (need.probe, name)
        for each in LOADED.values()
        for criterion in each.criteria
        for need in criterion.needs.values()
        for name in need.where
    }
    assert asked <= {(probe, name) for probe, types in TYPES.values.items() for name in types}
    assert TYPES.values.keys() == PROBES.keys()


def test_the_folder_holds_the_models_and_the_crosswalk() -> None:
    """Every file of the folder is a model that is listed, or the crosswalk."""
    found = {each.stem for each in (FOLDER / "models").glob("*.yaml")}
    assert found == {*MODELS, "crosswalk"}
    assert {each.id: name for name, each in LOADED.items()} == {name: name for name in MODELS}


def test_engineering_has_the_five_levels_of_its_source() -> None:
    """Names, descriptions, risks and focuses of PHASE-51 stand as it states them."""
    told = [(each.name, each.description, each.risk, each.focus) for each in ENG.levels]
    assert told == [
        ("Reactive", "Fixing fires, little structure", "Extremely high", ""),
        ("Managed", "Basic processes, manual controls", "High", "Stabilization"),
        ("Defined", "Standardized, repeatable practices", "Moderate", "Consistency"),
        ("Measured", "Metrics-driven decisions", "Low", "Optimization"),
        ("Optimizing", "Continuous, proactive improvement", "Very low", "Excellence"),
    ]
    assert [each.id for each in ENG.levels] == [f"eng.L{number}" for number in range(1, 6)]
    assert [each.allowed for each in ENG.levels] == ["Early-stage only", "", "", "", ""]
    assert ENG.baseline == 3
    assert ENG.max_step == 1


def test_engineering_has_the_five_dimensions_of_its_source() -> None:
    """The mandatory dimensions are named and ordered as in PHASE-51."""
    assert [each.name for each in ENG.dimensions] == [
        "Code Quality",
        "Delivery & Deployment",
        "Reliability & Operations",
        "Security & Compliance",
        "Culture & Ownership",
    ]


@pytest.mark.parametrize("level", ENG_WORDS)
def test_engineering_has_the_descriptors_of_its_source(level: int) -> None:
    """The five descriptors of a level stand word for word, and are marked as the source's."""
    found = [each for each in ENG.descriptors if each.level == level]
    assert len(found) == 5
    assert {each.text for each in found} == ENG_WORDS[level]
    assert {each.origin for each in found} == {"seed"}


def test_engineering_leaves_six_cells_empty_and_says_so() -> None:
    """The cells without a descriptor are the six declared, and their criteria are ours."""
    every = {(each.id, level.ordinal) for each in ENG.dimensions for level in ENG.levels}
    stated = {(each.dimension, each.level) for each in ENG.descriptors}
    empty = {(each.dimension, each.level) for each in ENG.empty_cells}
    assert every - stated == empty
    assert empty == {
        ("security", 1),
        ("culture", 2),
        ("code", 3),
        ("delivery", 4),
        ("security", 4),
        ("delivery", 5),
    }
    for dimension, level in empty:
        assert {each.origin for each in ENG.cell(dimension, level)} <= {"authored"}


def test_engineering_keeps_the_rules_of_its_source() -> None:
    """Progression, cadence, outputs, governance and what is forbidden are quoted."""
    assert "Skipping levels is not permitted." in ENG.rules["progression"]
    assert "Advancing requires evidence, not declarations" in ENG.rules["progression"]
    assert ENG.rules["cadence"][:3] == (
        "Quarterly (formal)",
        "Post-incident (focused)",
        "Pre-scale events (mandatory)",
    )
    assert len(ENG.rules["assessment_produces"]) == 5
    assert len(ENG.rules["governance"]) == 4
    assert len(ENG.rules["forbidden"]) == 5
    assert len(ENG.rules["assessed_across"]) == 5


def test_engineering_asks_for_deeper_and_fresher_evidence_level_by_level() -> None:
    """Level n asks for depth n, and evidence lasts about half as long from one to the next."""
    assert [each.min_depth for each in ENG.levels] == list(Depth)
    days = [parse_duration(each.fresh_for) / 86_400 for each in ENG.levels]
    assert days == [365, 365, 180, 90, 45]
    assert [each.ordinal for each in ENG.levels if each.recheck] == [4, 5]


def test_operations_has_the_four_levels_of_its_source() -> None:
    """Features, risks and the conditions for the next step stand as Part 12 states them."""
    told = [(each.name, each.description, each.risk, each.exit_condition) for each in OPS.levels]
    assert told == [
        (
            "experimental type",
            "Personalized tuning, temporary response",
            "Quality deviation, non-reproducibility",
            "Change record/evaluation set introduction",
        ),
        (
            "Managed",
            "Existence of basic indicators/distribution procedures",
            "Goal conflict between teams",
            "Common Gate and Separation of Responsibilities",
        ),
        (
            "operational",
            "Quality/Security/Cost Integrated Control",
            "Increased complexity",
            "Automated Rollback/Governance",
        ),
        (
            "optimized",
            "Learning Loop Automation, Predictive Operations",
            "Over-optimization risk",
            "Regular standard re-verification",
        ),
    ]


@pytest.mark.parametrize("level", [1, 2, 3])
def test_an_exit_condition_is_asked_on_entering_the_next_level(level: int) -> None:
    """The condition of level n is a descriptor of level n+1 that criteria there prove."""
    condition = OPS.level(level).exit_condition
    found = [each for each in OPS.descriptors if each.text == condition]
    assert [each.level for each in found] == [level + 1]
    proving = [each for each in OPS.criteria if found[0].id in each.descriptors]
    assert proving
    assert {each.level for each in proving} == {level + 1}


def test_the_top_of_operations_lapses_without_verification() -> None:
    """Level 4 stands 90 days, and asks for a fresh verification of the standard itself."""
    assert [each.recheck for each in OPS.levels] == [None, None, None, "90d"]
    proving = [each for each in OPS.criteria if "ops.L4.recheck" in each.descriptors]
    assert [each.id for each in proving] == ["ops.overall.L4.standard"]
    assert OPS.level(4).exit_condition == "Regular standard re-verification"


def test_operations_never_grades_teams() -> None:
    """The source's own limit on the use of the result is a forbidden use."""
    assert "grading teams" in OPS.forbidden_uses
    assert OPS.rates == "organisation"
    assert OPS.rules["conflict_order"] == ("security", "safety", "quality", "cost")


def test_adoption_has_the_four_stages_of_its_source() -> None:
    """Names, features and benefits stand as Session 24 states them; it has no exit rules."""
    assert [(each.id, each.name, each.description, each.benefit) for each in ADOPT.levels] == [
        (
            "adopt.S1",
            "Ad-hoc Usage",
            "Individual devs use Claude Code, no shared config",
            "Personal productivity boost",
        ),
        (
            "adopt.S2",
            "Personal Automation",
            "Custom CLAUDE.md, personal skills, allowlists",
            "Consistent personal workflows",
        ),
        (
            "adopt.S3",
            "Team Standardization",
            "Shared CLAUDE.md in repo, team skills, CI/CD",
            "Team-wide consistency and quality",
        ),
        (
            "adopt.S4",
            "Platform Integration",
            "All pipelines, custom MCP servers, dashboards",
            "Organizational capability",
        ),
    ]
    assert {each.exit_condition for each in ADOPT.levels} == {""}
    assert {each.risk for each in ADOPT.levels} == {""}
    assert ADOPT.max_step is None


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_each_feature_of_a_stage_is_a_descriptor(level: int) -> None:
    """Joined, the descriptors of a stage are the source's sentence about it."""
    words = [each.text for each in ADOPT.descriptors if each.level == level]
    assert ", ".join(words) == ADOPT.level(level).description


def test_tier_3_is_a_profile_of_four_capabilities() -> None:
    """The four modules are its dimensions; its two levels and all criteria are ours, and say so."""
    assert [each.name for each in TIER3.dimensions] == [
        "M11: Post-Deployment",
        "M12: CI/CD Integration",
        "M13: Team Adoption",
        "M14: What\u2019s Next",
    ]
    assert [each.name for each in TIER3.levels] == ["Not ready", "Ready"]
    assert {each.origin for each in TIER3.levels} == {"authored"}
    assert {each.origin for each in TIER3.criteria} == {"authored"}
    assert {each.origin for each in TIER3.dimensions} == {"seed"}


@pytest.mark.parametrize(
    ("dimension", "focus"),
    [
        ("post-deployment", "Monitoring, observability, incident response"),
        ("ci-cd", "Pipeline automation, headless workflows, batching"),
        ("team-adoption", "Standards, safety, scaling to teams"),
        ("tool-evaluation", "Tool evaluation, future of roles, transferable principles"),
    ],
)
def test_the_focus_of_each_module_is_its_descriptors(dimension: str, focus: str) -> None:
    """Joined, the descriptors of a capability are the source's focus of the module."""
    words = [each.text for each in TIER3.descriptors if each.dimension == dimension]
    assert ", ".join(words) == focus


@pytest.mark.parametrize("name", MODELS)
def test_no_model_is_for_judging_people(name: str) -> None:
    """Every model forbids its use on individuals."""
    assert any("individuals" in each for each in LOADED[name].forbidden_uses)


@pytest.mark.parametrize("name", MODELS)
def test_notes_on_culture_are_in_no_criterion(name: str) -> None:
    """No level hangs on how postmortems are worded or on a survey."""
    asked = {need.probe for each in LOADED[name].criteria for need in each.needs.values()}
    assert not asked & CONTEXT_ONLY


def test_every_other_probe_serves_a_criterion() -> None:
    """There is no probe that no model asks, the two notes apart."""
    asked = {
        need.probe
        for each in LOADED.values()
        for criterion in each.criteria
        for need in criterion.needs.values()
    }
    assert asked == PROBES.keys() - CONTEXT_ONLY


def _deepest_needs(model: Model, dimension: str, level: int) -> list[Depth]:
    return [
        need.depth or model.level(level).min_depth
        for each in model.cell(dimension, level)
        for need in each.needs.values()
    ]


@pytest.mark.parametrize("name", MODELS)
def test_presence_alone_reaches_no_second_level(name: str) -> None:
    """Above the lowest level every cell needs evidence of substance, and without alternative."""
    loaded = LOADED[name]
    for dimension in loaded.dimensions:
        for level in loaded.levels[1:]:
            assert max(_deepest_needs(loaded, dimension.id, level.ordinal)) >= Depth.SUBSTANTIVE


@pytest.mark.parametrize("name", MODELS)
def test_a_first_look_can_reach_the_third_level(name: str) -> None:
    """Up to level 3 nothing must have held for a time: exports prove it on the first day."""
    early = [each for each in LOADED[name].criteria if each.level <= 3]
    assert {each.hold_for for each in early} <= {None}
    late = [each for each in LOADED[name].criteria if each.level >= 4]
    waits = [each.id for each in late if each.hold_for is None]
    assert waits in ([], ["ops.overall.L4.standard"])


def test_the_crosswalk_is_an_opinion_about_levels_that_exist() -> None:
    """It loads, says that it is an opinion, and names no level that is not there."""
    text = (FOLDER / "models" / "crosswalk.yaml").read_text()
    crosswalk = load_crosswalk(text, place="crosswalk.yaml")
    assert crosswalk.standing == "opinion"
    assert any("never averaged or converted" in each for each in crosswalk.never)
    assert lint_crosswalk(crosswalk, LOADED) == []
    assert all(each.says.keys() == LOADED.keys() for each in crosswalk.disagreements)


def test_no_finding_carries_more_than_three_criteria() -> None:
    """One probe's answer is asked three times at most over all models: no level rests on it."""
    asked = Counter(
        probe
        for each in LOADED.values()
        for criterion in each.criteria
        for probe in {need.probe for need in criterion.needs.values()}
    )
    assert {probe: times for probe, times in asked.items() if times > 3} == {}
