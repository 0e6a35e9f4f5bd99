"""Tell what the files of a change are: what an agent is told, what is allowed, what is measured.

`.pawl/components.yaml` of the change's base, of the form of the `components.yaml` that comes with
Pawl, may make a file weightier, code into a policy say, and never lighter.
"""

from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

import msgspec

from pawl.base.canonical import sha256_hex
from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml
from pawl.changes.parts import COMPONENT, Code, EvalSet, Part, PolicyFile, Prompt

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

MAX_PROMPT = 256 * 1024
"""Bytes of a prompt that stands in a manifest word for word; of a larger one its digest does."""
MAX_PATTERNS = 1_000

FileKind = Literal["policy", "eval-set", "prompt", "code"]
_WEIGHT: dict[FileKind, int] = {"policy": 0, "eval-set": 1, "prompt": 2, "code": 3}


class KindRule(msgspec.Struct, frozen=True, kw_only=True, dict=True, forbid_unknown_fields=True):
    """Files that are of a kind, by patterns as in .gitignore."""

    kind: FileKind
    paths: tuple[str, ...]
    source: str

    @cached_property
    def spec(self) -> "GitIgnoreSpec":
        """The patterns, ready to be asked."""
        # Imported here: whoever only judges a manifest does not pay for it.
        from pathspec import GitIgnoreSpec

        return GitIgnoreSpec.from_lines(self.paths)


class KindRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All rules, in the order in which they are asked."""

    schema: Literal["pawl.components/1"]
    version: str
    as_of: str
    rules: tuple[KindRule, ...]


def parts_of(
    contents: Mapping[str, bytes | None], rules: KindRules | None = None
) -> dict[str, Part | None]:
    """Return the components of files by path; None is a file that is not there.

    `rules` are a team's own, which can only add weight.
    """
    return {
        component: part
        for path, content in sorted(contents.items())
        for component, part in [_component(path, content, rules)]
    }


def kind_of_file(path: str, rules: KindRules | None = None) -> FileKind:
    """Return what a file is: the weightier of what our rules say and what a team's do."""
    own = _kind(path, rules.rules) if rules else "code"
    return min(_kind(path, shipped_kinds().rules), own, key=_WEIGHT.__getitem__)


def load_kinds(text: str, *, place: str) -> KindRules:
    """Return rules from YAML; raises BadFile for a pattern that does not read."""
    found = load_yaml(text, KindRules, place=place)
    if sum(len(rule.paths) for rule in found.rules) > MAX_PATTERNS:
        raise BadFile(f"more than {MAX_PATTERNS:,} patterns.", place=place)
    for rule in found.rules:
        if not rule.source.strip():
            raise BadFile(f"a rule for {rule.kind} has no source.", place=place, hint="Say why.")
        try:
            _ = rule.spec
        except ValueError as error:
            raise BadFile(
                f"a pattern does not read: {error}.", place=place, hint="Write it as in .gitignore."
            ) from error
    return found


@cache
def shipped_kinds() -> KindRules:
    """Return the rules that come with Pawl."""
    text = files("pawl.changes").joinpath("components.yaml").read_text(encoding="utf-8")
    return load_kinds(text, place="components.yaml")


def _kind(path: str, rules: Iterable[KindRule]) -> FileKind:
    return next((rule.kind for rule in rules if rule.spec.match_file(path)), "code")


def _component(
    path: str, content: bytes | None, rules: KindRules | None
) -> tuple[str, Part | None]:
    kind = kind_of_file(path, rules)
    name = f"{kind}/{path}"
    if not COMPONENT.fullmatch(name):
        # A path that no line can show, or too long for one, stands there by its digest.
        name = f"{kind}/sha256:{sha256_hex(path.encode('utf-8', 'surrogatepass'))}"
    return name, None if content is None else as_part(kind, content)


def as_part(kind: FileKind, content: bytes) -> Part:
    """Return the content of a file of a kind as the part it is."""
    if kind == "prompt":
        return Prompt(text=_words(content))
    digest = sha256_hex(content)
    if kind == "policy":
        return PolicyFile(digest=digest)
    return EvalSet(digest=digest) if kind == "eval-set" else Code(digest=digest)


def _words(content: bytes) -> str:
    """Return a prompt word for word, or its digest where it is none that can be read as a whole."""
    if len(content) <= MAX_PROMPT:
        try:
            return content.decode()
        except UnicodeDecodeError:
            pass
    return f"sha256:{sha256_hex(content)}"
