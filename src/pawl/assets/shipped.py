"""Lists of judgement that come with Pawl: `data/<name>.yaml`, each with its source and day."""

from importlib import resources
from typing import TypeVar

from pawl.base.loading import load_yaml

T = TypeVar("T")


def shipped_text(name: str) -> str:
    """Return the text of a list."""
    return (resources.files("pawl.assets") / "data" / f"{name}.yaml").read_text(encoding="utf-8")


def shipped(name: str, kind: type[T]) -> T:
    """Return a list, strictly read; raises BadFile for one that is not of its type."""
    return load_yaml(shipped_text(name), kind, place=f"{name}.yaml")
