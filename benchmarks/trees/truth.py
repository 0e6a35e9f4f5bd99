"""The known answer of a generated tree: exact tokens, by agent, day, model and project."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

BUCKETS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")

Json = dict[str, object]


@dataclass(slots=True)
class Tokens:
    """Five disjoint token buckets, with the number of requests behind them."""

    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    requests: int = 0
    web_searches: int = 0

    def add(self, other: Tokens) -> None:
        self.input += other.input
        self.cache_read += other.cache_read
        self.cache_write_5m += other.cache_write_5m
        self.cache_write_1h += other.cache_write_1h
        self.output += other.output
        self.requests += other.requests
        self.web_searches += other.web_searches

    def to_json(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Response:
    """One answer of a model provider: what one line of an honest bill would say."""

    day: str
    model: str
    project: str
    tokens: Tokens
    case: str = "plain"


Group = defaultdict[str, Tokens]


def _group() -> Group:
    return defaultdict(Tokens)


@dataclass(slots=True)
class Account:
    """Totals and their breakdowns for one agent, or for the whole tree."""

    totals: Tokens = field(default_factory=Tokens)
    by_day: Group = field(default_factory=_group)
    by_model: Group = field(default_factory=_group)
    by_project: Group = field(default_factory=_group)
    by_day_model: defaultdict[str, Group] = field(default_factory=lambda: defaultdict(_group))
    by_case: Group = field(default_factory=_group)

    def add(self, response: Response) -> None:
        for tokens in (
            self.totals,
            self.by_day[response.day],
            self.by_model[response.model],
            self.by_project[response.project],
            self.by_day_model[response.day][response.model],
            self.by_case[response.case],
        ):
            tokens.add(response.tokens)

    def to_json(self) -> Json:
        return {
            "totals": self.totals.to_json(),
            "by_day": _sorted(self.by_day),
            "by_model": _sorted(self.by_model),
            "by_project": _sorted(self.by_project),
            "by_day_model": {
                day: _sorted(self.by_day_model[day]) for day in sorted(self.by_day_model)
            },
            "by_case": _sorted(self.by_case),
        }


def _sorted(group: Group) -> dict[str, dict[str, int]]:
    return {key: group[key].to_json() for key in sorted(group)}


@dataclass(slots=True)
class Size:
    """What was written: for throughput figures and sanity checks."""

    bytes: int = 0
    files: int = 0
    lines: int = 0
    usage_lines: int = 0

    def to_json(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Truth:
    """Everything a reader of the tree should find, and how the tree was made."""

    made_with: Json
    size: Size = field(default_factory=Size)
    everything: Account = field(default_factory=Account)
    agents: dict[str, Account] = field(default_factory=dict)

    def add(self, agent: str, response: Response) -> None:
        self.everything.add(response)
        self.agents.setdefault(agent, Account()).add(response)

    def to_json(self) -> Json:
        return {
            "made_with": self.made_with,
            "size": self.size.to_json(),
            **self.everything.to_json(),
            "agents": {name: self.agents[name].to_json() for name in sorted(self.agents)},
        }
