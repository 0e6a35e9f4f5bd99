"""From the rules, our numbers and `[alerts]` of `pawl.toml` to what is watched and told."""

from collections.abc import Iterable, Mapping

import msgspec

from pawl.alerts.alert import Silence
from pawl.alerts.budget_letter import RULE
from pawl.alerts.objectives import Objective
from pawl.alerts.policy import DAY_S, Policy, Route, RulePolicy
from pawl.alerts.reading import Level
from pawl.alerts.requests import Price
from pawl.alerts.rule import Rule, Thresholds
from pawl.alerts.thresholds import shipped_numbers, thresholds_of
from pawl.alerts.watching import Watching, chosen
from pawl.base.durations import parse_duration
from pawl.base.errors import BadFile
from pawl.runs.alert_settings import AlertSettings


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides what is an alert and who is told."""

    rules: dict[str, Rule]
    thresholds: dict[str, Thresholds]
    objectives: tuple[Objective, ...]
    policy: Policy

    @property
    def history_s(self) -> float:
        """Seconds of the past that the rules need to be themselves after a restart."""
        return max((rule.history_s for rule in self.rules.values()), default=0.0)

    def watching(self, price: Price | None = None) -> Watching:
        """Return all rules at the beginning of their work."""
        return Watching(self.rules, self.thresholds, price=price, objectives=self.objectives)


def set_up(
    rules: Mapping[str, Rule],
    settings: AlertSettings,
    *,
    objectives: Iterable[Objective] = (),
    silences: Iterable[Silence] = (),
    place: str = "pawl.toml",
) -> Setup:
    """Return what `settings` ask for; raises BadFile for what means nothing.

    Without routes each channel of the settings is told of everything, and without channels the
    route is `default`.
    """
    own = chosen(rules, settings.off)
    thresholds = thresholds_of(rules, shipped_numbers(), settings.rules, place=place)
    unknown = sorted(set(settings.noise_filter) - set(rules))
    if unknown:
        raise BadFile(f"no rule is called {unknown[0]!r}.", place=f"{place}: alerts.noise_filter")
    policies = {
        name: RulePolicy(
            for_s=thresholds[name].for_s,
            period_s=max(60.0, thresholds[name].period_s),
            response=rule.response,
            noise_filter=name in settings.noise_filter,
        )
        for name, rule in own.items()
    }
    quiet = settings.quiet_for
    quiet_s = 7 * DAY_S
    if quiet is not None:
        quiet_s = parse_duration(quiet, place=f"{place}: alerts.quiet_for")
    return Setup(
        rules=own,
        thresholds={name: thresholds[name] for name in own},
        objectives=tuple(objectives),
        policy=Policy(
            rules=policies,
            routes=routes_of(settings, place),
            silences=tuple(silences),
            quiet_s=quiet_s,
        ),
    )


def routes_of(settings: AlertSettings, place: str = "pawl.toml") -> tuple[Route, ...]:
    """Return whom `settings` want told, in order; raises BadFile for a channel that is not there.

    `budgets` outranks the routes for what is told of budgets.
    """
    named = [(f"alerts.routes[{n}]", route.to) for n, route in enumerate(settings.routes)]
    if settings.budgets is not None:
        named.insert(0, ("alerts.budgets", settings.budgets))
    for where, to in named:
        unknown = [name for name in to if name not in settings.channels]
        if unknown:
            raise BadFile(
                f"no channel is called {unknown[0]!r}.",
                place=f"{place}: {where}",
                hint="Declare it as [alerts.channels.NAME].",
            )
    budgets: tuple[Route, ...] = ()
    if settings.budgets is not None:
        budgets = (Route(to=settings.budgets, rules=(RULE,)),)
    channels = tuple(sorted(settings.channels))
    if not settings.routes:
        return (*budgets, Route(to=channels or ("default",)))
    return budgets + tuple(
        Route(
            to=route.to,
            rules=route.rules,
            levels=tuple(Level(level) for level in route.levels),
            scope=route.scope,
            go_on=route.continue_,
            group_by=route.group_by,
            resolved=route.resolved,
            declare=route.declare,
        )
        for route in settings.routes
    )
