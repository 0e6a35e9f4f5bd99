"""Something starts the services again when they die.

Claims: long-running processes have a restart policy, and were restarted by it.

Looks at: compose files, systemd units, pm2 and supervisord configuration, Kubernetes workloads;
and, for 90 days, exported restarts. Files and profiles for developers and tests are left out.

Fooled by: a policy of `no` or none (not supervised), supervision only where developers work (does
not count), a bare pod (nobody brings it back with its node), a restart by hand (proves nothing).

Yes: at least one process is supervised; `supervised` says how many of all. With an exported
restart by a supervisor it is proved to run, otherwise only written. No: none is. Cannot tell: the
files were not looked at, or what runs the processes decides, as with a Procfile. Does not apply:
no long-running process is declared.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.services import Service, Services
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.operations import Restart
from pawl.maturity.looking.recent import WINDOW_DAYS, newest, within
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, not_applicable, yes


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    files = list(tree.read("services", Services))
    declared = _layered(files)
    services = [(path, each) for path, each in declared if not each.development]
    known = [(path, each) for path, each in services if each.supervised is not None]
    if not known:
        return _nothing_known(declared, services, [path for path, file in files if file.problem])
    supervised = sum(1 for _, each in known if each.supervised)
    restarts = _restarts(facts)
    told = {
        "values": {
            "supervised": Share(supervised, len(known), tree.is_census("services")),
            "services": len(services),
        },
        "places": tuple(Place(path, each.line) for path, each in known if not each.supervised),
        "claimed_at": newest(each.at for each in restarts),
        "inputs": tree.blobs_of(path for path, _ in files),
    }
    reason = f"{supervised} of {len(known)} processes are started again when they die"
    if not supervised:
        return no(f"{reason}.", Kind.TREE, **told)
    if restarts:
        reason += f"; supervisors did so {len(restarts)} times in {WINDOW_DAYS} days"
        return yes(f"{reason}.", Depth.RUNS, Kind.TREE, Kind.INCIDENT, **told)
    return yes(f"{reason}.", Depth.SUBSTANTIVE, Kind.TREE, **told)


def _layered(files: list[tuple[str, Services]]) -> list[tuple[str, Service]]:
    """Return the services declared; of a compose service in layers, the layer that decides.

    Compose lays files of one folder over each other by service: where a layer beside the plain
    file sets a policy, that one is in force, and with several of them the weakest is told.
    """
    found: dict[tuple[str, ...], tuple[str, Service]] = {}
    for path, file in files:
        folder = path.rpartition("/")[0]
        for at, each in enumerate(file.services):
            own = file.manager != "compose" or each.development
            key = (path, str(at)) if own else (folder, "compose", each.name)
            before = found.get(key)
            if before is None or _rank(path, each) > _rank(*before):
                found[key] = (path, each)
    return list(found.values())


def _rank(path: str, service: Service) -> tuple[bool, bool, bool]:
    """Rank what decides of two layers: a policy set, in a layer of its own, the weaker one."""
    plain = path.rpartition("/")[2].partition(".")[0] in ("compose", "docker-compose")
    plain = plain and path.count(".", path.rfind("/") + 1) == 1
    return service.policy != "not set", not plain, not service.supervised


def _nothing_known(
    declared: list[tuple[str, Service]], services: list[tuple[str, Service]], problems: list[str]
) -> Answer:
    """Answer where no file says of a process whether it is started again."""
    if services:
        return cannot_tell(
            f"What runs {services[0][0]} decides whether its processes are started again.",
            values={"services": len(services)},
        )
    if problems:
        return cannot_tell(f"{problems[0]} cannot be read.")
    if declared:
        return cannot_tell(
            f"Only developers' files declare processes, such as {declared[0][0]}.",
            values={"services": 0},
        )
    return not_applicable("No long-running process is declared.", values={"services": 0})


def _restarts(facts: Facts) -> list[Restart]:
    """Return the restarts that a supervisor did within the window."""
    if isinstance(facts.operations, Absent):
        return []
    return [
        each
        for each in facts.operations.restarts or ()
        if each.by == "supervisor" and within(each.at, facts.as_of)
    ]


PROBE = Probe(
    claim="Processes are supervised",
    area="reliability",
    version=1,
    kinds=(Kind.TREE, Kind.INCIDENT),
    depth=Depth.RUNS,
    values={
        "supervised": "share of the declared processes that are started again when they die",
        "services": "long-running processes declared for more than development",
    },
    remedy=Remedy("Set a restart policy on every service that production runs.", 0.5),
    judge=_judge,
)
