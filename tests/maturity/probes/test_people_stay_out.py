"""No probe's answer names a person, whatever the facts name."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.maturity.told import AS_OF, facts

import pawl.maturity.probes
from pawl.base.catalogue import discover
from pawl.base.yaml_text import parse_yaml
from pawl.maturity.probe import Probe, ask

CASES = Path(__file__).parent / "cases"
PROBES = discover(pawl.maturity.probes, "PROBE", Probe)
SECTIONS = ("history", "reports", "host", "operations", "practice")
PLAIN = {"nobody"}
"""Words of ours that a file may put where an owner should stand."""
WHO = ("author", "committer", "merged_by", "person", "co_authors", "members")


def _people(value: Any, found: set[str]) -> set[str]:
    """Collect accounts and addresses out of the sections of a case."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key in WHO:
                found.update(re.findall(r"[\w.@+-]{3,}", json.dumps(part)))
            _people(part, found)
    elif isinstance(value, list):
        for part in value:
            _people(part, found)
    return found


def _named() -> list[Any]:
    found = []
    for probe in PROBES:
        path = CASES / f"{probe}.yaml"
        groups = parse_yaml(path.read_text(), place=str(path)) if path.is_file() else {}
        for case in (case for group in groups.values() for case in group):
            told = {name: case[name] for name in SECTIONS if case.get(name) is not None}
            people = _people(told, set()) | _owners(case.get("files") or {})
            if people:
                found.append(pytest.param(probe, case, told, people, id=f"{probe}-{case['name']}"))
    return found


def _owners(files: dict[str, str]) -> set[str]:
    """Collect the handles that files of owners and roles name."""
    text = "\n".join(
        text for path, text in files.items() if re.search(r"(?i)owners|raci|maintainers", path)
    )
    return {each.lower() for each in re.findall(r"@([\w-]{3,})(?![\w/-])", text)}


@pytest.mark.parametrize(("probe", "case", "told", "people"), _named())
def test_an_answer_names_nobody(
    probe: str, case: dict[str, Any], told: dict[str, Any], people: set[str]
) -> None:
    """Neither the reason nor a value nor a place holds an account or address of the facts."""
    record = ask(
        probe, PROBES[probe], facts(case.get("files"), as_of=case.get("as_of", AS_OF), **told)
    )
    said = f"{record.reason} {record.values} {[str(place) for place in record.places]}".lower()
    words = set(re.findall(r"[\w.@+-]+", said))
    # An identity of facts may be a plain word of ours too; a name is never one of these.
    ours = set(re.findall(r"[\w.@+-]+", f"{PROBES[probe].claim} {PROBES[probe].values}".lower()))
    assert not {name.lower() for name in people} & (words - ours - PLAIN), record.reason
