"""Load maturity models, and tighten them by an organisation's overlay.

A model is text in, a frozen value with its digest out. An overlay may only make a model stricter:
add criteria, raise thresholds, depth, kinds and assurance, shorten freshness, lengthen how long
something must have held. There is no way to write a removal, and a row that would loosen is refused
with its name and the reason. The digest covers what the overlay changed.
"""

from typing import Literal

import msgspec

from pawl.base.canonical import digest
from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml
from pawl.maturity.evidence import Assurance, Depth
from pawl.maturity.lint import refuse_unsound
from pawl.maturity.model import Cell, Criterion, Level, Model, Need, Threshold
from pawl.maturity.stricter import Row, plain, possible, refuse

MODELS = ("eng", "ops", "adopt", "tier3")
"""Ids of the models that come with Pawl: `models/<id>.yaml`."""


class NeedRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes stricter about a need that is there; what is not written stays.

    A further need is a criterion of its own: joined to one that is there, it could bring the kind
    of source that was missing, or make the whole not applicable.
    """

    where: dict[str, Threshold] = {}
    depth: Depth | None = None
    fresh_for: str | None = None


class CriterionRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes stricter about a criterion; what is not written stays."""

    needs: dict[str, NeedRow] = {}
    min_kinds: int | None = None
    min_assurance: Assurance | None = None
    hold_for: str | None = None
    max_gap: str | None = None
    exemptible: bool | None = None


class LevelRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes stricter about a level; what is not written stays."""

    min_depth: Depth | None = None
    fresh_for: str | None = None
    recheck: str | None = None


class Overlay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One organisation's stricter reading of one model: `.pawl/models/<name>.yaml`.

    `tighten` and `levels` are by the id of what they change, `add` are criteria of its own.
    """

    schema: Literal["pawl.maturity-overlay/1"]
    model: str
    name: str
    version: str
    tighten: dict[str, CriterionRow] = {}
    levels: dict[str, LevelRow] = {}
    add: tuple[Criterion, ...] = ()
    forbidden_uses: tuple[str, ...] = ()
    validity: str | None = None
    met_share: float | None = None
    max_step: int | None = None


def load_model(text: str, *, place: str) -> Model:
    """Return a model with its digest.

    Raises BadFile naming the line, the key path or the row. Whether its probes exist is for
    `lint_model` to say.
    """
    model = load_yaml(text, Model, place=place)
    if model.digest:
        raise BadFile(
            "a model's digest is computed, never written.", place=place, hint="Remove the key."
        )
    refuse_unsound(model, place=place)
    return with_digest(model)


def load_overlay(text: str, *, place: str) -> Overlay:
    """Return an overlay; raises BadFile naming the line or the key path."""
    return load_yaml(text, Overlay, place=place)


def with_digest(model: Model) -> Model:
    """Return the model with the digest of everything else that it says."""
    content = msgspec.to_builtins(msgspec.structs.replace(model, digest=""))
    return msgspec.structs.replace(model, digest=digest(content))


def tightened(model: Model, overlay: Overlay, *, place: str) -> Model:
    """Return the model made stricter by an overlay, with a digest of its own.

    Raises BadFile naming the row, when one would loosen the model or names nothing in it.
    """
    if overlay.model != model.id:
        raise BadFile(f"it is of the model {overlay.model!r}, not {model.id!r}.", place=place)
    known = {each.id for each in model.criteria}
    levels = {each.id for each in model.levels}
    for row in sorted(overlay.tighten.keys() - known):
        refuse(place, f"tighten.{row}", "no criterion of the model has this id.")
    for row in sorted(overlay.levels.keys() - levels):
        refuse(place, f"levels.{row}", "no level of the model has this id.")
    criteria = [
        _stricter_criterion(
            each,
            overlay.tighten[each.id],
            model.level(each.level),
            Row(place, f"tighten.{each.id}"),
        )
        if each.id in overlay.tighten
        else each
        for each in model.criteria
    ]
    criteria.extend(_added(each, model, place) for each in overlay.add)
    top = Row(place, "")
    found = msgspec.structs.replace(
        model,
        version=f"{model.version}+{overlay.name}.{overlay.version}",
        criteria=tuple(criteria),
        empty_cells=tuple(_rated(cell, overlay.add) for cell in model.empty_cells),
        levels=tuple(
            _stricter_level(each, overlay.levels[each.id], Row(place, f"levels.{each.id}"))
            if each.id in overlay.levels
            else each
            for each in model.levels
        ),
        forbidden_uses=tuple(dict.fromkeys(model.forbidden_uses + overlay.forbidden_uses)),
        validity=top.shorter("validity", model.validity, overlay.validity),
        met_share=top.higher("met_share", model.met_share, overlay.met_share, at_most=1),
        max_step=top.lower("max_step", model.max_step, overlay.max_step, at_least=1),
    )
    refuse_unsound(found, place=place)
    return with_digest(found)


def _stricter_criterion(old: Criterion, row: CriterionRow, level: Level, at: Row) -> Criterion:
    """Return a criterion made stricter."""
    needs = dict(old.needs)
    for name, wanted in row.needs.items():
        if name not in needs:
            at.refuse(f"needs.{name}", "the criterion has no such need; add a criterion instead.")
        here = Row(at.place, f"{at.row}.needs.{name}")
        needs[name] = _stricter_need(needs[name], wanted, level, here)
    if row.exemptible and not old.exemptible:
        at.refuse("exemptible", "it would allow exemptions that the model forbids.")
    return msgspec.structs.replace(
        old,
        needs=needs,
        min_kinds=at.higher("min_kinds", old.min_kinds, row.min_kinds),
        min_assurance=at.higher("min_assurance", old.min_assurance, row.min_assurance),
        hold_for=at.longer("hold_for", old.hold_for, row.hold_for),
        max_gap=at.shorter("max_gap", old.max_gap, row.max_gap) or old.max_gap,
        exemptible=old.exemptible and row.exemptible is not False,
    )


def _stricter_need(old: Need, row: NeedRow, level: Level, at: Row) -> Need:
    """Return a need made stricter. What it does not write is the level's own."""
    at.higher("depth", old.depth or level.min_depth, row.depth)
    at.shorter("fresh_for", old.fresh_for or level.fresh_for, row.fresh_for)
    where = dict(old.where)
    for name, wanted in row.where.items():
        here = Row(at.place, f"{at.row}.where.{name}")
        where[name] = _stricter_threshold(old.where.get(name, Threshold()), wanted, here)
    return msgspec.structs.replace(
        old,
        where=where,
        depth=row.depth or old.depth,
        fresh_for=row.fresh_for or old.fresh_for,
    )


def _stricter_threshold(old: Threshold, new: Threshold, at: Row) -> Threshold:
    """Return both thresholds joined; the new one may only narrow."""
    equals = old.equals if new.equals is None else new.equals
    if old.equals is not None and (type(equals), equals) != (type(old.equals), old.equals):
        at.refuse("equals", f"it would replace {plain(old.equals)} by {plain(equals)}.")
    joined = Threshold(
        at_least=at.higher("at_least", old.at_least, new.at_least),
        at_most=at.lower("at_most", old.at_most, new.at_most),
        equals=equals,
    )
    if not possible(joined):
        at.refuse("", "together with the model's own bound nothing can hold.")
    return joined


def _stricter_level(old: Level, row: LevelRow, at: Row) -> Level:
    """Return a level made stricter."""
    return msgspec.structs.replace(
        old,
        min_depth=at.higher("min_depth", old.min_depth, row.min_depth),
        fresh_for=at.shorter("fresh_for", old.fresh_for, row.fresh_for),
        recheck=at.shorter("recheck", old.recheck, row.recheck),
    )


def _added(criterion: Criterion, model: Model, place: str) -> Criterion:
    """Return an organisation's own criterion, marked as added."""
    at = Row(place, f"add.{criterion.id}")
    if criterion.id in {each.id for each in model.criteria}:
        at.refuse("id", "the model has a criterion of this id; tighten it instead.")
    if criterion.origin != "authored":
        at.refuse("origin", "what an organisation adds is authored, not of the source.")
    if criterion.dimension not in {each.id for each in model.dimensions}:
        at.refuse("dimension", f"the model has no dimension {criterion.dimension!r}.")
    if criterion.level not in {each.ordinal for each in model.levels if not each.entry}:
        at.refuse("level", f"the model asks for nothing at a level {criterion.level}.")
    if criterion.replaces:
        at.refuse("replaces", "it would take over how long another criterion has held.")
    if criterion.descriptors:
        at.refuse("descriptors", "the source's words are proved by the model's own criteria.")
    return msgspec.structs.replace(criterion, added=True)


def _rated(cell: Cell, added: tuple[Criterion, ...]) -> Cell:
    """Return an empty cell as authored, where an organisation wrote criteria for it."""
    filled = any(each.dimension == cell.dimension and each.level == cell.level for each in added)
    return msgspec.structs.replace(cell, treatment="authored") if filled else cell
