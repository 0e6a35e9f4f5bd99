"""Every variant fits the schema that is published for its code host, and the action fits its own.

The schemas are in `schemas/`, with where they come from and their licences.
"""

import gzip
import hashlib
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from tests.pipelines.made import VARIANTS, made

from pawl.base.yaml_text import parse_yaml
from pawl.pipelines.pattern import Host

HERE = Path(__file__).parent
SCHEMAS = HERE / "schemas"
OF_HOST = {Host.GITHUB: "github-workflows.json", Host.GITLAB: "gitlab-ci.json"}


def text_of(name: str) -> bytes:
    """Return a schema as it was published."""
    return gzip.decompress((SCHEMAS / f"{name}.gz").read_bytes())


def errors(name: str, document: Any) -> list[str]:
    """Return what a schema says against a document."""
    schema = jsonschema_rs.validator_for(msgspec.json.decode(text_of(name)))
    return [each.message for each in schema.iter_errors(document)]


def test_schemas_are_those_written_down() -> None:
    """Each schema has the digest in the table beside it, and a licence."""
    readme = (SCHEMAS / "README.md").read_text()
    rows = re.findall(r"^\| `([^`]+)` \|.*`(LICENSE\.\w+)` \| `([0-9a-f]{64})` \|$", readme, re.M)
    held = {path.name.removesuffix(".gz") for path in SCHEMAS.glob("*.gz")}
    assert {name for name, _, _ in rows} == held
    for name, licence, digest in rows:
        assert hashlib.sha256(text_of(name)).hexdigest() == digest
        assert (SCHEMAS / licence).is_file()


@pytest.mark.parametrize(("pattern", "host", "agent"), VARIANTS)
def test_a_pipeline_fits_its_host(pattern: str, host: Host, agent: str | None) -> None:
    """The schema of the code host has nothing against it."""
    generated = made(pattern, host, agent=agent)
    assert errors(OF_HOST[host], parse_yaml(generated.text, place=generated.path)) == []


def test_the_action_fits_its_schema() -> None:
    """The schema of actions has nothing against ours."""
    text = (HERE.parents[1] / "action.yml").read_text()
    assert errors("github-actions.json", parse_yaml(text, place="action.yml")) == []


@pytest.mark.parametrize("host", list(Host))
def test_a_schema_does_say_what_is_wrong(host: Host) -> None:
    """A misspelled key and a time that is none are told of."""
    text = made("gate", host).text
    old, new = (
        ("timeout-minutes:", "timeout-minuts:")
        if host is Host.GITHUB
        else ("stage: test", "stage: {}")
    )
    assert old in text
    broken = parse_yaml(text.replace(old, new), place="broken")
    assert errors(OF_HOST[host], broken)
