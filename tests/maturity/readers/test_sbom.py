"""Bills of materials: packages, and the build that a bill is of."""

import json

import pytest

from pawl.base.errors import BadFile
from pawl.maturity.facts.reports import Component
from pawl.maturity.readers.sbom import read_cyclonedx, read_spdx


def test_cyclonedx() -> None:
    """Nested components count, scopes are part of the name, the digest names the build."""
    text = json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "metadata": {
                "timestamp": "2026-11-20T10:00:00Z",
                "component": {
                    "name": "shop",
                    "type": "container",
                    "hashes": [{"alg": "SHA-256", "content": "AB" * 32}],
                },
            },
            "components": [
                {
                    "type": "library",
                    "group": "@babel",
                    "name": "core",
                    "version": "7.1",
                    "components": [{"type": "library", "name": "inner"}],
                },
                {"type": "library", "group": "org.x", "name": "y", "version": "1"},
            ],
        }
    )
    told = read_cyclonedx(text, "b.json", "d")
    assert told.components == (
        Component("@babel/core", "7.1"),
        Component("inner", ""),
        Component("org.x:y", "1"),
    )
    assert told.subject_digest == "sha256:" + "ab" * 32
    assert told.at == "2026-11-20T10:00:00.000000Z"


def test_spdx() -> None:
    """What the document describes is no component of itself."""
    text = json.dumps(
        {
            "spdxVersion": "SPDX-2.3",
            "creationInfo": {"created": "2026-11-20T10:00:00Z"},
            "packages": [
                {
                    "SPDXID": "SPDXRef-root",
                    "name": "shop",
                    "checksums": [{"algorithm": "SHA256", "checksumValue": "CD"}],
                },
                {"SPDXID": "SPDXRef-a", "name": "a", "versionInfo": "1.0"},
            ],
            "relationships": [
                {
                    "spdxElementId": "SPDXRef-DOCUMENT",
                    "relationshipType": "DESCRIBES",
                    "relatedSpdxElement": "SPDXRef-root",
                }
            ],
        }
    )
    told = read_spdx(text, "b.json", "d")
    assert told.components == (Component("a", "1.0"),)
    assert told.subject_digest == "sha256:cd"


def test_what_is_refused() -> None:
    """Another version of SPDX, and components nested without end, are named as unreadable."""
    with pytest.raises(BadFile, match="SPDX-3"):
        read_spdx('{"spdxVersion": "SPDX-3.0"}', "b.json", "d")
    deep = '{"name": "a", "components": [' * 30 + "]}" * 30
    with pytest.raises(BadFile, match="nested"):
        read_cyclonedx('{"components": [' + deep + "]}", "b.json", "d")
