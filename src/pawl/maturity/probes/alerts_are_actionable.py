"""Alerts lead to a runbook, and somebody acts on pages.

Claims: alert rules link a runbook that exists, and pages are acted on.

Looks at: alert rules in the tree (Prometheus, Grafana, Datadog); where there are none, the rules
that fired. A link into the repository must lead to a page that is not hollow; a link elsewhere
cannot be followed offline and counts unless it leads nowhere by its form (example.com, "TBD").
Watchdogs that fire always on purpose are left out. Pages are those of 90 days of exported alerts.

Fooled by: noise that clears itself (a page over within a minute was acted on by nobody), one link
to a hollow page (not counted), rules that reach nobody (pages are counted, not warnings).

Yes: rules are linked, and where pages were exported somebody acted; then it is proved that they
run, otherwise only that they are written. No: no rule is linked, or no page was acted on. Cannot
tell: neither rules nor an export of alerts. When more than a tenth of the pages does not tell
whether anybody acted, `acted` is left out.
"""

import posixpath

from pawl.base.finding import Place
from pawl.base.patterns import regex
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.alert_rules import AlertRule, AlertRules
from pawl.maturity.extracts.document import Document
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.operations import Alert
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.hollow import hollow
from pawl.maturity.looking.operated import recorded
from pawl.maturity.looking.recent import WINDOW_DAYS, days_between, newest, share_of, within
from pawl.maturity.probe import Answer, Probe, Remedy, no, yes
from pawl.parsing.phrases import is_placeholder

ACTED_MINUTES = 1
"""Minutes that a page lasts at least when a person did something about it; our judgement."""
UNKNOWN_SHARE = 0.1
"""Share of pages that may leave open whether anybody acted; our judgement."""

_NOWHERE = regex(r"(?i)//(?:[\w.-]*\.)?(?:example\.(?:com|org|net)|localhost)|^#|tbd|todo|xxx")


def _judge(facts: Facts) -> Answer:
    rules = _rules(facts)
    alerts = recorded(facts, lambda told: told.alerts, "alerts", WINDOW_DAYS)
    fired = (
        []
        if isinstance(alerts, Answer)
        else [each for each in alerts if within(each.at, facts.as_of)]
    )
    if not rules:
        if isinstance(alerts, Answer):
            return alerts
        if not fired:
            return no("There is no alert rule, and no alert fired in 90 days.", Kind.INCIDENT)
    values: dict[str, Share] = {}
    weak: list[Place] = []
    if rules:
        linked, weak = _linked(facts, rules)
        values["linked"] = linked
    else:
        names = {each.rule for each in fired}
        with_link = {
            each.rule for each in fired if each.runbook and not _leads_nowhere(each.runbook)
        }
        linked = values["linked"] = Share(len(with_link), len(names))
    acted = _acted(fired)
    if acted is not None:
        values["acted"] = acted
    told = {
        "values": values,
        "places": tuple(weak),
        "claimed_at": newest(each.at for each in fired),
        "inputs": [len(rules), sorted((each.rule, each.at) for each in fired)],
    }
    reason = f"{linked.hits} of {linked.of} alert rules link a runbook that is there"
    if acted is not None:
        reason += f"; somebody acted on {acted.hits} of {acted.of} pages in {WINDOW_DAYS} days"
    kinds = ((Kind.TREE,) if rules else ()) + ((Kind.INCIDENT,) if fired else ())
    if not linked.hits or (acted is not None and not acted.hits):
        return no(f"{reason}.", *kinds, **told)
    depth = Depth.SUBSTANTIVE if acted is None else Depth.RUNS
    return yes(f"{reason}.", depth, *kinds, **told)


def _rules(facts: Facts) -> list[tuple[str, AlertRule]]:
    """Return the alert rules of the tree that are meant to fire some day."""
    if isinstance(facts.tree, Absent):
        return []
    return [
        (path, rule)
        for path, file in facts.tree.read("alert-rules", AlertRules)
        for rule in file.rules
        if not rule.always and rule.has_condition
    ]


def _linked(facts: Facts, rules: list[tuple[str, AlertRule]]) -> tuple[Share, list[Place]]:
    tree = facts.tree
    assert isinstance(tree, Tree)
    pages = dict(tree.read("document", Document))
    empty = hollow(pages)
    files = tree.paths
    ours = "" if isinstance(facts.host, Absent) else facts.host.repository
    weak = [
        Place(path, rule.line)
        for path, rule in rules
        if not _leads_somewhere(rule.runbook, path, files, empty, ours)
    ]
    return Share(len(rules) - len(weak), len(rules), tree.is_census("alert-rules")), weak


def _leads_somewhere(
    runbook: str | None, rule_path: str, files: frozenset[str], empty: dict[str, str], ours: str
) -> bool:
    if runbook is None or _leads_nowhere(runbook):
        return False
    address = runbook.partition("#")[0]
    if "://" in address:
        # An address of this repository on its host ends in the path of a file.
        parts = address.partition("://")[2].split("/")
        inside = ["/".join(parts[at:]) for at in range(1, len(parts))]
        own = next((path for path in inside if path in files and "/" in path), None)
        if own is None:
            # Of other sites nothing can be looked up here; of this repository all can.
            return not (ours and f"/{ours}/" in address)
        return own not in empty
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(rule_path), address))
    found = next((each for each in (address.lstrip("./"), beside) if each in files), None)
    return found is not None and found not in empty


def _leads_nowhere(runbook: str) -> bool:
    return _NOWHERE.search(runbook) is not None or ("/" not in runbook and is_placeholder(runbook))


def _acted(fired: list[Alert]) -> Share | None:
    """Return the share of pages that somebody acted on, or None when that is not known."""
    pages = [each for each in fired if each.page]
    known = [each for each in pages if each.acted is not None]
    if not known or (len(pages) - len(known)) > UNKNOWN_SHARE * len(pages):
        return None
    hits = sum(1 for each in known if each.acted and not _brief(each))
    return share_of(hits, len(known))


def _brief(alert: Alert) -> bool:
    ended = alert.resolved_at
    return ended is not None and days_between(alert.at, ended) * 1440 < ACTED_MINUTES


PROBE = Probe(
    claim="Alerts are actionable",
    area="reliability",
    version=1,
    kinds=(Kind.TREE, Kind.INCIDENT),
    depth=Depth.RUNS,
    values={
        "linked": "share of alert rules that link a runbook that is there",
        "acted": "share of pages in 90 days that somebody acted on",
    },
    remedy=Remedy(
        "Link a runbook from each alert rule, and turn pages that nobody acts on into reports.", 2.0
    ),
    judge=_judge,
    awaits="alerts",
)
