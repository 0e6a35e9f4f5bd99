"""Deployments, out of the file in which the pipeline records them.

Reads: `deploys` of `[investigation]`, a JSON object a line (see `investigation/deploy_records`).
"""

from pawl.base.errors import CannotTell
from pawl.investigation.deploy_records import read_deploys
from pawl.investigation.facts import Facts
from pawl.world.source import Asking, Source, files_of, lines_of, tail_of


def _missing(asking: Asking) -> str:
    if not asking.settings.deploys:
        return "[investigation] names no file of deployments."
    return ""


def _look(asking: Asking) -> Facts:
    assert asking.settings.deploys is not None
    (path, *_) = files_of(asking, (asking.settings.deploys,))
    content, whole = tail_of(path, asking.most)
    lines = lines_of(content)
    changes, unread = read_deploys(lines, path.name)
    if unread and not changes:
        raise CannotTell("no line of it is a deployment.", place=path.name)
    left = [f"{unread:,} lines are no deployments."] if unread else []
    if not whole:
        left.append(f"only the last {asking.settings.max_mib} MiB were read.")
    window = asking.window
    return Facts(
        changes=tuple(each for each in changes if window.since <= each.at <= window.until),
        left=tuple(left),
    )


SOURCE = Source(title="Deployments", answers=("deploys",), missing=_missing, look=_look)
