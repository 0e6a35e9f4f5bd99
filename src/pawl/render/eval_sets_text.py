"""Text of the eval commands beside grading: what there is, what was blessed, what differs."""

from collections.abc import Iterator

from pawl.base.durations import format_duration
from pawl.base.money import format_usd
from pawl.evals.answers import Blessing, ImportedSuite, Listed
from pawl.evals.comparison import Comparison, Pair, SideNumbers
from pawl.render.escaping import plain
from pawl.render.eval_text import around, between, points, share


def list_text(cases: tuple[Listed, ...]) -> str:
    """Return the cases, one or more lines each."""
    return "".join(f"{plain(line)}\n" for line in _listed(cases))


def comparison_text(comparison: Comparison) -> str:
    """Return each pair with its cases, those that differ most surely first."""
    lines = (line for pair in comparison.pairs for line in _pair(pair, comparison))
    return "".join(f"{plain(line)}\n" for line in lines)


def blessing_text(blessing: Blessing) -> str:
    """Return what was blessed and what was not, one line each."""
    return "".join(f"{plain(line)}\n" for line in _blessing(blessing))


def import_text(told: ImportedSuite) -> str:
    """Return what was made of a file, and each thing that was left of it."""
    lines = [f"{each.place}: left {each.what}: {each.why}." for each in told.left]
    made = f"{len(told.cases)} cases written to {told.file}" if told.cases else "no case was made"
    rest = f"; {len(told.left)} things were left out" if told.left else ""
    lines.append(f"{made}{rest}.")
    if told.cases:
        lines.append("Review them, then record an oracle and a null for each.")
    return "".join(f"{plain(line)}\n" for line in lines)


def _blessing(blessing: Blessing) -> Iterator[str]:
    for done in blessing.blessed:
        before = "" if done.before is None else f" after {done.before[0]} of {done.before[1]}"
        note = f"; {done.note}" if done.note else ""
        yield f"blessed {done.case} on {done.key.label}: {done.after[0]} of {done.after[1]}" + (
            f"{before}{note}"
        )
        for version in done.replaces:
            yield f"    it replaces version {version or 'unknown'}"
    for each in blessing.refused:
        on = "" if each.key is None else f" on {each.key.label}"
        yield f"not blessed {each.case}{on}: {each.why}"
    if blessing.blessed:
        yield f"Recorded in the ledger as {blessing.ledger[:12]}."
        yield "Commit .pawl/evals/baselines.json."
    else:
        yield "Nothing was blessed."


def _listed(cases: tuple[Listed, ...]) -> Iterator[str]:
    for case in cases:
        counts = f"{case.fresh} fresh, {case.stale} stale"
        for name, count in (
            ("lost to infra", case.infra),
            ("cannot be told of", case.cannot_tell),
            ("refused", case.refused),
        ):
            counts += f", {count} {name}" if count else ""
        blessed = f"{case.blessed} blessed" if case.blessed else "no baseline"
        yield f"{case.id} ({case.kind.value}, {case.file}): {counts}; {blessed}"
        if case.covers:
            yield f"    covers {', '.join(case.covers)}"
        yield from (f"    on {key}" for key in case.on)
        if case.changed:
            yield f"    changed since: {', '.join(case.changed[:5])}"
        yield from (f"    invalid: {problem}" for problem in case.problems)
        yield from (f"    note: {note}" for note in case.notes)
    yield f"{len(cases)} case{'' if len(cases) == 1 else 's'}."


def _pair(pair: Pair, comparison: Comparison) -> Iterator[str]:
    yield f"{pair.first.name} against {pair.second.name}"
    yield from (_side(side) for side in (pair.first, pair.second))
    for case in sorted(pair.cases, key=lambda each: (each.p_adjusted, each.p, each.case)):
        one, two = case.first, case.second
        yield (
            f"  {case.case}: {one.passes} of {one.n} ({between(*case.first_interval)}), then "
            f"{two.passes} of {two.n} ({between(*case.second_interval)}), "
            f"{points(case.difference)} ({around(case.low, case.high)}), "
            f"p {case.p:.2g}, among all cases {case.p_adjusted:.2g}"
        )
    for name, left in (
        (pair.first.name, pair.only_first),
        (pair.second.name, pair.only_second),
    ):
        if left:
            yield f"  only of {name}: {', '.join(left[:10])}{' …' if len(left) > 10 else ''}"
    if pair.p is None or pair.p_adjusted is None:
        yield "  no case has trials on both sides: nothing can be compared"
        return
    surely = pair.p_adjusted <= comparison.alpha
    yield (
        f"  mean of {len(pair.cases)} cases: {points(pair.difference)} "
        f"({around(pair.low, pair.high)}), p {pair.p:.2g}, "
        f"among all pairs {pair.p_adjusted:.2g}: "
        f"{'they differ' if surely else 'no difference was shown'}"
    )


def _side(side: SideNumbers) -> str:
    cost = "cost a passed trial unknown"
    if side.per_pass_micros is not None:
        cost = f"{format_usd(side.per_pass_micros)} a passed trial"
    walls = "wall unknown"
    if side.wall_p50_ms is not None and side.wall_p95_ms is not None:
        shown = [format_duration(ms / 1000) for ms in (side.wall_p50_ms, side.wall_p95_ms)]
        walls = f"wall p50 {shown[0]}, p95 {shown[1]}"
    rate = share(side.passes / side.n) if side.n else "-"
    lost = f", {side.infra} lost to infra" if side.infra else ""
    untold = f", {side.cannot_tell} cannot be told of" if side.cannot_tell else ""
    return f"  {side.name}: {side.passes} of {side.n} pass ({rate}), {cost}, {walls}{lost}{untold}"
