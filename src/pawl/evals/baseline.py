"""Blessed baselines: which trials somebody took for how a case behaves, and on what.

A baseline belongs to a key: a case on one product, in one version, with one model, in one kind of
sandbox. Trials of different keys are never pooled. The file says what was blessed, when and why;
who it was says the entry of the ledger whose hash it holds, so that a person can be forgotten
there without a commit being rewritten.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from pawl.base import typed
from pawl.base.canonical import canonical_json, digest
from pawl.base.errors import BadFile, BadValue
from pawl.base.loading import MAX_TEXT
from pawl.evals.counts import Tally
from pawl.evals.record import Manifest

Address = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class Key(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """On what trials were run; empty text is unknown."""

    agent: str
    agent_version: str = ""
    model: str = ""
    sandbox: str = "none"

    @property
    def label(self) -> str:
        """The key as people read it."""
        model = self.model or "model unknown"
        return f"{self.agent} {self.agent_version or '?'}, {model}, sandbox {self.sandbox}"

    @property
    def without_version(self) -> tuple[str, str, str]:
        """What a new version of the same product shares with the one before."""
        return self.agent, self.model, self.sandbox


class Baseline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The blessed trials of one case and key.

    `records` are the addresses of those that ended in pass or fail, `infra` of those that were
    lost before, and are known of. `replaces` are versions of the product that this one follows.
    `ledger` is the hash of the entry that recorded the blessing; the digest it holds leaves it out.
    """

    case: str
    agent: str
    agent_version: str = ""
    model: str = ""
    sandbox: str = "none"
    passes: int
    trials: int
    case_digest: str
    stimulus: str
    assets: dict[str, str]
    records: tuple[Address, ...]
    infra: tuple[Address, ...] = ()
    replaces: tuple[str, ...] = ()
    blessed_at: str
    reason: str
    ledger: str = ""

    @property
    def key(self) -> Key:
        """On what the trials were run."""
        return Key(
            agent=self.agent,
            agent_version=self.agent_version,
            model=self.model,
            sandbox=self.sandbox,
        )


class Baselines(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All baselines of a repository, sorted by case and key."""

    schema: Literal["pawl.eval-baselines/1"] = "pawl.eval-baselines/1"
    baselines: tuple[Baseline, ...] = ()


def key_of(manifest: Manifest) -> Key:
    """Return on what a trial was run."""
    return Key(
        agent=manifest.agent,
        agent_version=manifest.agent_version or "",
        model=manifest.model or "",
        sandbox=manifest.sandbox.kind,
    )


def read_baselines(text: str, *, place: str) -> Baselines:
    """Return the baselines of a file; raises BadFile for what cannot be."""
    if len(text) > MAX_TEXT * 4:
        raise BadFile(f"larger than {MAX_TEXT * 4:,} characters.", place=place)
    try:
        found = typed.decode(text, type=Baselines)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        raise BadFile(
            f"no file of baselines: {error}.",
            place=place,
            hint="Take it from the last commit; `pawl eval bless` writes it.",
        ) from error
    seen: set[tuple[str, Key]] = set()
    for at, each in enumerate(found.baselines):
        where = f"{place}: baselines[{at}]"
        if (each.case, each.key) in seen:
            raise BadFile(f"{each.case} stands twice with {each.key.label}.", place=where)
        seen.add((each.case, each.key))
        try:
            Tally(each.passes, each.trials)
        except BadValue as error:
            raise BadFile(error.message, place=where, hint=error.hint) from error
        if len(set(each.records)) != each.trials:
            raise BadFile(
                f"{each.trials} trials and {len(set(each.records))} records.", place=where
            )
    return found


def baselines_text(baselines: Iterable[Baseline]) -> str:
    """Return the file of baselines: the same ones always give the same text."""
    value = msgspec.to_builtins(_sorted(baselines))
    return msgspec.json.format(canonical_json(value), indent=2).decode() + "\n"


def baselines_digest(baselines: Iterable[Baseline]) -> str:
    """Return what a blessing binds to: all that the file says but the entries of the ledger."""
    value: Any = msgspec.to_builtins(_sorted(baselines))
    for each in value["baselines"]:
        del each["ledger"]
    return digest(value)


def _sorted(baselines: Iterable[Baseline]) -> Baselines:
    return Baselines(baselines=tuple(sorted(baselines, key=lambda each: (each.case, each.key))))
