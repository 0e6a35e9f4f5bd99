"""A failing test, lint, type check, scan or build turns the pipeline red.

Looks at every command in the CI configuration that checks something, follows the shell that runs
it, and asks what becomes of its failure. A target (`make test`, `npm run lint`) is followed into
the Makefile, justfile or package.json that defines it.

What would fool it: `|| true`, `set +e`, a pipe without pipefail, `--exit-zero`, `if: false`,
`continue-on-error` on the step, `if ! pytest; then echo …`, a trap, a target that only echoes:
each is followed. A step or job that says in its name that it is advisory is not counted as hidden,
and earns nothing. A job that may fail as a whole earns nothing either: its own check stays red on
the host, while whatever depends on it sees success.

Yes: there is at least one gate, and none is hidden. No: one is hidden, or there is none that
counts. Cannot tell: no tree was given, or CI is configured where Pawl does not read it.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.extracts.workflow import Job, Step, Workflow
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.looking.delivery_text import OTHER_CI, Tasks, other_ci, steps
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes


def _hidden(job: Job, step: Step, tasks: Tasks) -> str | None:
    """Return why a step's gate does not count, or None when it does."""
    if job.never is not None:
        return job.never
    for gate in step.gates:
        hidden = gate.swallowed or (tasks.hollow(gate.task) if gate.task else None)
        if hidden:
            return hidden
    return None


def judge(facts: Facts) -> Answer:
    """Judge every gate step of every workflow."""
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    tasks = Tasks(tree)
    gates, advisory, unread = 0, 0, 0
    hidden: list[tuple[Place, str]] = []
    for path, _, job, step in steps(tree):
        unread += step.problem is not None
        if step.gate is None:
            continue
        reason = _hidden(job, step, tasks)
        if step.advisory and (reason or not job.blocks):
            advisory += 1
        elif reason:
            gates += 1
            hidden.append((Place(path, step.line), reason))
        elif not job.blocks:
            advisory += 1
        else:
            gates += 1
    values = {"gates": gates, "swallowed": len(hidden), "advisory": advisory, "unread": unread}
    inputs = [path for path, _ in tree.read("workflow", Workflow)]
    places = tuple(place for place, _ in hidden)
    told = {"values": values, "places": places, "inputs": [tree.tree, inputs]}
    if hidden:
        count = f"{len(hidden)} of {gates} gate steps cannot fail"
        return no(f"{count}: in {places[0]}, {hidden[0][1]}.", Kind.TREE, **told)
    if gates:
        count = "The one gate step" if gates == 1 else f"All {gates} gate steps"
        return yes(
            f"{count} of the CI configuration can turn it red.",
            Depth.SUBSTANTIVE,
            Kind.TREE,
            **told,
        )
    elsewhere = other_ci(tree)
    if elsewhere:
        return cannot_tell(f"CI is configured in {elsewhere}, which is not read. {OTHER_CI}")
    if any(workflow.problem for _, workflow in tree.read("workflow", Workflow)):
        return cannot_tell("A workflow could not be read.", values=values)
    rest = f"; {advisory} only advise" if advisory else ""
    return no(f"No step of the CI configuration checks anything{rest}.", Kind.TREE, **told)


PROBE = Probe(
    claim="No gate hides its failure.",
    area="delivery",
    version=1,
    kinds=(Kind.TREE,),
    depth=Depth.SUBSTANTIVE,
    values={
        "gates": "steps that check something and are meant to count, the hidden ones among them",
        "swallowed": "gate steps whose failure does not turn the pipeline red",
        "advisory": "gate steps that are declared advisory, or whose job may fail",
        "unread": "steps whose script could not be followed",
    },
    remedy=Remedy("Let the named commands fail the step, or declare the step advisory.", 0.5),
    judge=judge,
)
