"""Content that was rolled back: a part under its component, by digest, and since when."""

from collections.abc import Mapping

from pawl.changes.manifest import Manifest, changed, part_digest


def quarantine_keys(manifest: Manifest) -> tuple[str, ...]:
    """Return what is kept of a change that was rolled back: `component@digest` of each part.

    By part and not by change, so that another title, or half of the change, is the same content.
    """
    return tuple(f"{name}@{part_digest(manifest.parts[name])}" for name in changed(manifest))


def quarantined(manifest: Manifest, known: Mapping[str, str]) -> dict[str, str]:
    """Return which parts of a change were rolled back before, each with when last."""
    keys = quarantine_keys(manifest) if known else ()
    return {key: known[key] for key in keys if key in known}
