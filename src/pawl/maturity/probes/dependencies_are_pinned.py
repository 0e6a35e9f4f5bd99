"""What CI downloads is pinned by digest.

Claims: actions, called workflows and container images are named by a digest that nobody can move.

Looks at: every different action, called workflow and image of CI files, Dockerfiles and compose
files. A workflow of the repository itself is resolved: what it uses is counted where it stands.

Fooled by: one pinned action repeated a hundred times (each counts once), pins in a job that can
never run (left out), a short commit id, a tag that looks like one or a digest of zeros (no pin).

Yes: at least one is pinned; `pinned` says how many. No: none is. Not applicable: nothing is
downloaded. Cannot tell: no tree, or no CI file that can be read.
"""

from pawl.base.finding import Place
from pawl.base.patterns import regex
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.container import Container
from pawl.maturity.extracts.workflow import Job, Workflow
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.tree import Tree
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, not_applicable, yes

# Zeros alone are what git writes for no object at all.
_COMMIT = regex(r"(?!0+$)[0-9a-f]{40}(?:[0-9a-f]{24})?")
_DIGEST = regex(r"@sha256:(?!0+$)[0-9a-f]{64}$")

_Use = tuple[str, bool]
"""What is downloaded, and whether a digest pins it."""


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    found, broken = _uses(tree)
    loose = {use: place for use, place in found.items() if not use[1]}
    pinned = len(found) - len(loose)
    whole = not broken and tree.is_census("workflow") and tree.is_census("container")
    told = {
        "values": {"pinned": Share(pinned, len(found), census=whole)},
        "places": tuple(loose[use] for use in sorted(loose)),
        "inputs": sorted([name, is_pinned] for name, is_pinned in found),
    }
    if not found:
        if broken:
            return cannot_tell("No CI file could be read.", places=tuple(broken))
        return not_applicable("CI files and container files download nothing.", **told)
    reason = f"{pinned} of {len(found)} actions and images are pinned by digest."
    if not pinned:
        return no(reason, Kind.TREE, **told)
    return yes(reason, Depth.SUBSTANTIVE, Kind.TREE, **told)


def _uses(tree: Tree) -> tuple[dict[_Use, Place], list[Place]]:
    """Return what is downloaded with its first place, and the files that could not be read."""
    found: dict[_Use, Place] = {}
    broken: list[Place] = []
    for path, workflow in tree.read("workflow", Workflow):
        if workflow.problem:
            broken.append(Place(path))
        for job in workflow.jobs:
            if job.never is None:
                for use, line in _job(job):
                    found.setdefault(use, Place(path, line))
    for path, container in tree.read("container", Container):
        if container.problem:
            broken.append(Place(path))
        for image in container.images:
            if image.name != "scratch":
                found.setdefault((f"image:{image.name}", image.pinned), Place(path, image.line))
    return found, broken


def _job(job: Job) -> list[tuple[_Use, int | None]]:
    found: list[tuple[_Use, int | None]] = []
    calls = [(job.uses, job.ref, job.line), *((s.uses, s.ref, s.line) for s in job.steps)]
    for uses, ref, line in calls:
        if uses.startswith("docker://"):
            whole = f"{uses}@{ref}" if ref else uses
            found.append(((whole, _DIGEST.search(whole) is not None), line))
        elif uses and not uses.startswith(("./", ".\\", "/", "$")):
            found.append(((f"{uses}@{ref}", _COMMIT.fullmatch(ref) is not None), line))
    for image in job.images:
        if "$" not in image:
            found.append(((f"image:{image}", _DIGEST.search(image) is not None), job.line))
    return found


PROBE = Probe(
    claim="What CI downloads is pinned",
    area="security",
    version=2,
    kinds=(Kind.TREE,),
    depth=Depth.SUBSTANTIVE,
    values={"pinned": "share of different actions, called workflows and images named by digest"},
    remedy=Remedy(
        "Name actions by their full commit id and images by digest, and let a bot update them.", 0.5
    ),
    judge=_judge,
)
