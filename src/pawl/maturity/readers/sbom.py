"""Bills of materials: CycloneDX and SPDX 2, as JSON.

The thing that the bill is about is no component of itself. Its digest, where the bill gives one,
says which build the bill is of.
"""

import msgspec

from pawl.maturity.facts.reports import Component, Sbom
from pawl.parsing.bounds import cut, decode, refuse, time_or_none

MAX_COMPONENTS = 200_000
_MAX_DEPTH = 20


class _Hash(msgspec.Struct, frozen=True):
    alg: str = ""
    content: str = ""


class _Part(msgspec.Struct, frozen=True):
    name: str = ""
    version: str | None = None
    group: str | None = None
    hashes: tuple[_Hash, ...] | None = None
    components: "tuple[_Part, ...] | None" = None


class _Metadata(msgspec.Struct, frozen=True):
    timestamp: str | None = None
    component: _Part | None = None


class _CycloneDx(msgspec.Struct, frozen=True):
    metadata: _Metadata | None = None
    components: tuple[_Part, ...] | None = None


class _Checksum(msgspec.Struct, frozen=True):
    algorithm: str = ""
    value: str = msgspec.field(default="", name="checksumValue")


class _Package(msgspec.Struct, frozen=True):
    id: str = msgspec.field(default="", name="SPDXID")
    name: str = ""
    version: str | None = msgspec.field(default=None, name="versionInfo")
    checksums: tuple[_Checksum, ...] | None = None


class _Creation(msgspec.Struct, frozen=True):
    created: str | None = None


class _Relation(msgspec.Struct, frozen=True):
    kind: str = msgspec.field(default="", name="relationshipType")
    subject: str = msgspec.field(default="", name="spdxElementId")
    object: str = msgspec.field(default="", name="relatedSpdxElement")


class _Spdx(msgspec.Struct, frozen=True):
    version: str = msgspec.field(name="spdxVersion")
    creation: _Creation = msgspec.field(default_factory=_Creation, name="creationInfo")
    described: tuple[str, ...] | None = msgspec.field(default=None, name="documentDescribes")
    packages: tuple[_Package, ...] | None = None
    relations: tuple[_Relation, ...] | None = msgspec.field(default=None, name="relationships")


def read_cyclonedx(text: str, source: str, digest: str) -> Sbom:
    """Return the components of a CycloneDX document; raises BadFile."""
    told = decode(text, _CycloneDx, source, "CycloneDX")
    found: list[Component] = []
    _collect(told.components or (), found, source)
    metadata = told.metadata or _Metadata()
    hashes = (metadata.component.hashes if metadata.component else None) or ()
    digests = [each.content.lower() for each in hashes if each.alg.upper() == "SHA-256"]
    return Sbom(
        source=source,
        digest=digest,
        at=time_or_none(metadata.timestamp),
        subject_digest=f"sha256:{digests[0]}" if digests else None,
        components=tuple(found),
    )


def read_spdx(text: str, source: str, digest: str) -> Sbom:
    """Return the packages of an SPDX 2 document; raises BadFile."""
    told = decode(text, _Spdx, source, "SPDX 2")
    if not told.version.startswith("SPDX-2."):
        refuse(f"SPDX of version {cut(told.version)!r} is not read.", source, "Export SPDX 2.3.")
    packages = told.packages or ()
    if len(packages) > MAX_COMPONENTS:
        refuse(f"more than {MAX_COMPONENTS:,} packages.", source)
    about = set(told.described or ()) | {
        each.object for each in told.relations or () if each.kind == "DESCRIBES"
    }
    digests = [
        f"sha256:{checksum.value.lower()}"
        for package in packages
        if package.id in about
        for checksum in package.checksums or ()
        if checksum.algorithm.upper() in ("SHA256", "SHA-256")
    ]
    return Sbom(
        source=source,
        digest=digest,
        at=time_or_none(told.creation.created),
        subject_digest=digests[0] if len(digests) == 1 else None,
        components=tuple(
            Component(cut(package.name), cut(package.version))
            for package in packages
            if package.id not in about and package.name
        ),
    )


def _collect(parts: tuple[_Part, ...], found: list[Component], source: str, depth: int = 0) -> None:
    if depth > _MAX_DEPTH:
        refuse("components nested too deeply.", source)
    for part in parts:
        if part.name:
            found.append(Component(_name(part), cut(part.version)))
        if len(found) > MAX_COMPONENTS:
            refuse(f"more than {MAX_COMPONENTS:,} components.", source)
        _collect(part.components or (), found, source, depth + 1)


def _name(part: _Part) -> str:
    """Return a component's name as a lock file writes it: `@scope/name`, or `group:name`."""
    if not part.group:
        return cut(part.name)
    return cut(f"{part.group}{'/' if part.group.startswith('@') else ':'}{part.name}")
