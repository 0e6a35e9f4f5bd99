"""The build's environment can be made again from what is written down.

Looks at every manifest with dependencies: a lock file of the same ecosystem, beside it or above
it, must hold every package that it asks for; requirements that are all exact are their own lock.
Then at the pipelines: an install must take the lock as it is (`npm ci`, `uv sync --locked`). And at
the images that containers are built on and jobs run in: a digest pins them.

What would fool it: a lock that does not match its manifest, and a lock that CI never uses.

Yes: at least half of the manifests are locked. No: fewer. Not applicable: nothing here has
dependencies or images. Cannot tell: no tree was given, or no lock could be read.
"""

from pathlib import PurePosixPath

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.container import Container, image
from pawl.maturity.extracts.lockfile import NAMES, Lockfile
from pawl.maturity.extracts.manifest import Manifest
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.delivery_text import steps
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, not_applicable, yes

MANAGERS = {
    "npm": "npm", "yarn": "npm", "pnpm": "npm", "bun": "npm", "uv": "python", "poetry": "python",
    "pdm": "python", "pipenv": "python", "pixi": "python", "pip": "python", "pip3": "python",
    "bundle": "ruby", "composer": "php", "cargo": "cargo", "go": "go",
}  # fmt: skip


def _near(manifest: str, lock: str) -> bool:
    """Say whether a lock stands beside a manifest or in a folder around it."""
    folder = PurePosixPath(lock).parent
    return folder == PurePosixPath(manifest).parent or folder in PurePosixPath(manifest).parents


def _is_locked(path: str, manifest: Manifest, tree: Tree, unread: set[str]) -> bool | None:
    """Say whether a manifest is locked; None when its lock is there and could not be read."""
    if manifest.hashed or all(each.pinned for each in manifest.dependencies):
        own = PurePosixPath(path).suffix in (".txt", ".in") or manifest.ecosystem == "python"
        if own:
            return True
    asked = {each.name.lower() for each in manifest.dependencies if not _is_local(each.spec)}
    asked.discard(manifest.name.lower())
    for lock_path, lock in tree.read("lockfile", Lockfile):
        if lock.ecosystem != manifest.ecosystem or lock.problem or not _near(path, lock_path):
            continue
        if asked <= {name for name, _ in lock.packages} or (lock.truncated and lock.packages):
            return True
    if path.endswith(".in") and path.removesuffix(".in") + ".txt" in dict(
        tree.read("manifest", Manifest)
    ):
        return True
    same = [each for each in unread if NAMES[PurePosixPath(each).name] == manifest.ecosystem]
    return None if any(_near(path, each) for each in same) else False


def _is_local(spec: str) -> bool:
    return spec.startswith(("workspace:", "file:", "link:"))


def _unread(tree: Tree) -> set[str]:
    """Return the locks that are there and could not be read, large ones among them."""
    skipped = {each.path for each in tree.skipped if PurePosixPath(each.path).name in NAMES}
    broken = {path for path, lock in tree.read("lockfile", Lockfile) if lock.problem}
    return skipped | broken


def _images(tree: Tree) -> list[tuple[Place, bool]]:
    found = [
        (Place(path, each.line), each.pinned)
        for path, container in tree.read("container", Container)
        for each in container.images
    ]
    seen = set()
    for path, _, job, _ in steps(tree):
        for name in job.images:
            if (path, job.id, name) not in seen:
                seen.add((path, job.id, name))
                found.append((Place(path, job.line), image(name, job.line).pinned))
    return found


def _is_frozen(tree: Tree, ecosystems: set[str]) -> tuple[bool, list[Place]]:
    """Say whether CI installs only from locks, and where it does not."""
    installs = [
        (Place(path, install.line), install)
        for path, _, _, step in steps(tree)
        for install in step.installs
        if MANAGERS.get(install.manager) in ecosystems
    ]
    loose = [place for place, install in installs if not install.frozen]
    return bool(installs) and not loose, loose


def judge(facts: Facts) -> Answer:
    """Judge manifests against locks, installs against both, images by their digests."""
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    manifests = [(p, m) for p, m in tree.read("manifest", Manifest) if m.dependencies]
    images = _images(tree)
    if not manifests and not images:
        return not_applicable("Nothing in the tree has dependencies or runs in an image.")
    unread = _unread(tree)
    judged = [(path, each, _is_locked(path, each, tree, unread)) for path, each in manifests]
    known = [(path, each, locked) for path, each, locked in judged if locked is not None]
    if manifests and not known:
        return cannot_tell("The lock files are too large or cannot be read.")
    hits = [each for _, each, locked in known if locked]
    frozen, loose = _is_frozen(tree, {each.ecosystem for each in hits})
    pinned = sum(each for _, each in images)
    census = tree.is_census("manifest") and len(known) == len(judged)
    values = {
        "locked": Share(len(hits), len(known), census=census),
        "frozen": frozen,
        "pinned_images": Share(pinned, len(images), census=tree.is_census("container")),
    }
    open_ones = [Place(path) for path, _, locked in known if not locked]
    places = (*open_ones, *loose, *(place for place, is_pinned in images if not is_pinned))
    told = {"values": values, "places": places, "inputs": [tree.tree, [p for p, _ in manifests]]}
    taken = "takes the locks as they are" if frozen else "does not insist on the locks"
    parts = [f"{len(hits)} of {len(known)} manifests are locked, and CI {taken}"] if known else []
    if images:
        parts.append(f"digests pin {pinned} of {len(images)} images")
    said = f"{'; '.join(parts)}."
    enough = len(hits) * 2 >= len(known) if known else pinned * 2 >= len(images)
    if not enough:
        return no(said, Kind.TREE, **told)
    return yes(said, Depth.SUBSTANTIVE, Kind.TREE, **told)


PROBE = Probe(
    claim="The build's environment can be made again.",
    area="delivery",
    version=1,
    kinds=(Kind.TREE,),
    depth=Depth.SUBSTANTIVE,
    values={
        "locked": "share of the manifests whose every dependency a lock file holds",
        "frozen": "whether CI installs, and only from lock files as they are",
        "pinned_images": "share of the images that a digest pins",
    },
    remedy=Remedy("Commit a lock file and let CI install from it without changing it.", 1.0),
    judge=judge,
)
