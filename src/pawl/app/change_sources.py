"""What the gates ask of the world: policy and people of the protected branch, and what is live.

Everything is read from commits. The working tree is never asked, nor the change's own head: what
is checked out may be the very thing that is to be judged.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pawl.app.incident_facts import left_behind, trusted_emergencies
from pawl.base.errors import BadFile, CannotTell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pawl.app.incident_facts import Incidents
    from pawl.changes.change import Change
    from pawl.changes.components import FileKind, KindRules
    from pawl.changes.facts import BudgetLeft, Facts
    from pawl.changes.parts import Part
    from pawl.changes.policy_files import PolicyRead
    from pawl.changes.registry import Live
    from pawl.governance.exceptions import Emergency
    from pawl.governance.raci import Raci
    from pawl.governance.roster import Grant, Roster
    from pawl.world.git_reading import GitReading
    from pawl.world.git_tree import GitTree

POLICY = ".pawl/"
RACI, ROSTER, COMPONENTS = "raci.yaml", "roster.yaml", "components.yaml"
_FILES = frozenset(
    {"raci", "gates", "risk", "exceptions", "change-terms", "roster", "components"}
    | {"oncall", "incident-terms"}
)
_KEPT = 256
"""Answers about what is there now that are kept; each is small."""
FILE_KINDS: tuple[FileKind, ...] = ("policy", "eval-set", "prompt", "code")
_OF_FILES = frozenset(FILE_KINDS)
"""Kinds of components that are files of the repository."""


class Committed(NamedTuple):
    """The policy files of the protected branch by their names below `.pawl/`."""

    branch: str
    commit: str
    texts: Mapping[str, str]

    @property
    def place(self) -> str:
        """What to call it in messages."""
        return self.branch.removeprefix("refs/heads/").removeprefix("refs/remotes/")

    def roster(self) -> Roster:
        """Return who is who; nobody where there is no file. Raises BadFile."""
        from pawl.governance.roster import Roster, load_roster

        text = self.texts.get(ROSTER)
        return Roster() if text is None else load_roster(text, place=self._at(ROSTER))

    def raci(self) -> Raci:
        """Return who answers for what; ours where there is no file. Raises BadFile."""
        from pawl.governance.raci import load_raci, shipped_raci

        text = self.texts.get(RACI)
        return shipped_raci() if text is None else load_raci(text, place=f"{POLICY}{RACI}")

    def kinds(self) -> KindRules | None:
        """Return the team's own rules of what a file is, or None. Raises BadFile."""
        from pawl.changes.components import load_kinds

        text = self.texts.get(COMPONENTS)
        return None if text is None else load_kinds(text, place=self._at(COMPONENTS))

    def policy(self, scope: str) -> PolicyRead:
        """Return the policy of a scope; raises BadFile."""
        from pawl.changes.policy_files import read_policy

        return read_policy(self.texts, scope)

    def _at(self, name: str) -> str:
        return f"{POLICY}{name} of {self.place}"


class NoRepository:
    """What a server knows of policy and people that was not told where they are: nothing."""

    def __init__(self, folder: Path, incidents: Callable[[], Incidents] | None = None) -> None:
        self._folder = folder
        self._incidents = incidents

    def policy(self, scope: str) -> PolicyRead:
        """Raise CannotTell."""
        raise self._unknown()

    def roster(self) -> Roster:
        """Raise CannotTell."""
        raise self._unknown()

    def facts(self, change: Change, now: str) -> Facts:
        """Return what incidents left behind, and that nothing else is known."""
        from pawl.changes.facts import Facts

        return Facts(**left_behind(self._incidents))

    def emergencies(self, scope: str) -> tuple[Emergency, ...]:
        """Return no incident: nobody is known who could command one."""
        return ()

    def _unknown(self) -> CannotTell:
        return CannotTell(
            "this server was not told which repository holds policy and people.",
            place=f"{self._folder / 'pawl.toml'}: changes.repository",
            hint='Name a clone there: [changes] repository = "/path/to/clone".',
        )


class RepositorySources:
    """The sources of the changes of one repository.

    `live` tells what a component is that no file is, `budgets` what is left of error budgets. With
    `once` the branch is looked up one time, which is what a command wants; a server looks each
    time. `incidents` tells of incidents and what they left behind; without it nobody has looked,
    and gates that ask cannot tell. `branch` overrides the configuration. Raises CannotTell where
    there is no repository or no protected branch.
    """

    def __init__(
        self,
        place: Path,
        *,
        branch: str | None = None,
        live: Callable[[str], Live | None] = lambda component: None,
        budgets: Callable[[Change, str], tuple[BudgetLeft, ...] | None] = lambda change, now: (),
        incidents: Callable[[], Incidents] | None = None,
        once: bool = True,
    ) -> None:
        self._place = place
        self._branch = branch
        self._live = live
        self._budgets = budgets
        self._incidents = incidents
        self._once = once
        self._committed: Committed | None = None
        self._files: dict[tuple[str, tuple[str, ...]], dict[str, Part | None]] = {}

    def policy(self, scope: str) -> PolicyRead:
        """Return the policy of a scope, as committed on the protected branch."""
        return self.committed().policy(scope)

    def roster(self) -> Roster:
        """Return who is who, as committed on the protected branch."""
        return self.committed().roster()

    def facts(self, change: Change, now: str) -> Facts:
        """Return what is known around a change; None in it is what could not be found out."""
        from pawl.changes.facts import Facts
        from pawl.changes.manifest import parts_digest

        return Facts(
            base_digest=parts_digest(self.parts_now(change)),
            budgets=self._budgets(change, now),
            grants=self._grants(change),
            **left_behind(self._incidents),
        )

    def emergencies(self, scope: str) -> tuple[Emergency, ...]:
        """Return the incidents whose commanders may break glass, as far as they may.

        Anybody may take command of an incident; glass is broken by those who were trusted with
        commanding incidents beforehand, on the protected branch.
        """
        return trusted_emergencies(self._incidents, self, scope)

    def _grants(self, change: Change) -> tuple[Grant, ...] | None:
        """Return the roles that a change of the roster hands out; None where it is not to be had.

        The manifest knows the file by its digest only, so it is looked for at the tips of branches.
        """
        from pawl.changes.parts import PolicyFile
        from pawl.governance.roster import load_roster, newly_granted
        from pawl.world.git_range import git_reading
        from pawl.world.protected_branch import file_with_digest

        name = f"policy/{POLICY}{ROSTER}"
        part, base = change.manifest.parts.get(name), change.manifest.base.get(name)
        if part == base or not isinstance(part, PolicyFile):
            return ()
        with git_reading(self._place) as reading:
            content = file_with_digest(reading, f"{POLICY}{ROSTER}", part.digest)
        if content is None:
            return None
        try:
            proposed = load_roster(_text(content, ROSTER), place=ROSTER)
        except BadFile:
            return None
        return newly_granted(self.roster(), proposed)

    def parts_now(self, change: Change) -> dict[str, Part | None]:
        """Return the components of a change as they are on the protected branch, or live."""
        from pawl.changes.manifest import part_digest
        from pawl.changes.parts import Code

        base = change.manifest.base
        ours = tuple(sorted(filter(_is_file, base)))
        found = dict(self._file_parts(ours)) if ours else {}
        for name in base.keys() - found.keys():
            known = self._live(name)
            # Nobody has changed it here yet: it is what the change says. Else only whether it is
            # the same matters, and the digest tells that.
            same = known is None or known.part == part_digest(base[name])
            found[name] = base[name] if same or known is None else Code(digest=known.part)
        return found

    def parts_at(
        self, change: Change, revision: str
    ) -> tuple[dict[str, Part | None], dict[str, str]]:
        """Return the files of a change as a commit has them, and its eval files by object id.

        Raises BadValue for a revision that names no commit.
        """
        from pawl.changes.drafting import EVALS
        from pawl.world.git_range import commit_of, git_reading
        from pawl.world.git_tree import GitTree

        names = tuple(name for name in change.manifest.parts if _is_file(name))
        with git_reading(self._place) as reading:
            tree = GitTree(reading, commit_of(reading, revision))
            parts = _as_components(tree, names, self.committed().kinds())
            return parts, tree.blobs_below(EVALS)

    def protected_file(self, path: str) -> bytes | None:
        """Return a file of the protected branch; None where it has none; of a link what it says."""
        from pawl.world.git_range import git_reading
        from pawl.world.git_tree import GitTree

        with git_reading(self._place) as reading:
            tree = GitTree(reading, self.committed().commit, below=path)
            return dict(tree.contents((path,)))[path]

    def files_there(self, components: tuple[str, ...]) -> dict[str, Part | None]:
        """Return the components that are files of the protected branch, as the kinds they are of.

        A file that is not there is left out: it may be one of another repository. Raises CannotTell
        where there is no branch.
        """
        from pawl.changes.components import as_part
        from pawl.world.git_range import git_reading
        from pawl.world.git_tree import GitTree

        paths = {name: name.partition("/")[2] for name in components if _is_file(name)}
        with git_reading(self._place) as reading:
            tree = GitTree(reading, protected(reading, self._place, self._branch)[1])
            contents = dict(tree.contents(tuple(dict.fromkeys(paths.values()))))
        found: dict[str, Part | None] = {}
        for name, path in paths.items():
            content, kind = contents[path], name.partition("/")[0]
            for known in FILE_KINDS:
                if known == kind and content is not None:
                    found[name] = as_part(known, content)
        return found

    def committed(self) -> Committed:
        """Return the policy files as committed on the protected branch; raises BadFile."""
        if self._committed is not None and self._once:
            return self._committed
        from pawl.world.git_range import git_reading

        with git_reading(self._place) as reading:
            branch, commit = protected(reading, self._place, self._branch)
            if self._committed is None or self._committed.commit != commit:
                from pawl.world.git_tree import GitTree

                texts = policy_texts(GitTree(reading, commit, below=POLICY), branch)
                self._committed = Committed(branch, commit, texts)
        return self._committed

    def _file_parts(self, names: tuple[str, ...]) -> dict[str, Part | None]:
        committed = self.committed()
        key = (committed.commit, names)
        if key not in self._files:
            from pawl.world.git_range import git_reading
            from pawl.world.git_tree import GitTree

            with git_reading(self._place) as reading:
                tree = GitTree(reading, committed.commit)
                if len(self._files) >= _KEPT:
                    self._files.clear()
                self._files[key] = _as_components(tree, names, committed.kinds())
        return self._files[key]


def protected(reading: GitReading, place: Path, asked: str | None) -> tuple[str, str]:
    """Return the protected branch's reference and commit: as asked, as configured, the default."""
    from pawl.world.git_tree import GitTree
    from pawl.world.protected_branch import branch_named, default_branch

    if asked:
        return branch_named(reading, asked)
    reference, commit = default_branch(reading, place)
    ((_, content),) = GitTree(reading, commit, below="pawl.toml").contents(("pawl.toml",))
    if content is None or b"changes" not in content:
        return reference, commit
    from pawl.base.loading import load_toml
    from pawl.runs.config import Settings

    where = f"pawl.toml of {reference}"
    named = load_toml(_text(content, where), Settings, place=where).changes.branch
    return branch_named(reading, named) if named else (reference, commit)


def policy_texts(tree: GitTree, branch: str) -> dict[str, str]:
    """Return the texts below `.pawl/` that decide; raises BadFile for one that is no text.

    A link is refused: what it leads to may be no policy, and be edited as none.
    """
    wanted = [
        name
        for path in map(os.fsdecode, tree.entries)
        if path.startswith(POLICY) and is_policy(name := path.removeprefix(POLICY))
    ]
    files = dict(tree.contents([f"{POLICY}{name}" for name in wanted]))
    regular = {
        name: files[f"{POLICY}{name}"]
        if tree.entries[os.fsencode(f"{POLICY}{name}")].mode.startswith("100")
        else None
        for name in wanted
    }
    return {name: policy_text(name, content, branch) for name, content in regular.items()}


def policy_text(name: str, content: bytes | None, branch: str = "the working tree") -> str:
    """Return a policy file's text; None is one that is no file. Raises BadFile."""
    place = f"{POLICY}{name} of {branch}"
    if name.endswith(".yml"):
        raise BadFile("ends in .yml.", place=place, hint="Call it .yaml, or it would not count.")
    if content is None:
        raise BadFile("is a link, or too large.", place=place, hint="Put the file itself there.")
    return _text(content, place)


def is_policy(name: str) -> bool:
    """Say whether a file below `.pawl/` decides about changes, by its name there."""
    stem, dot, ending = name.rpartition(".")
    is_yaml = bool(dot) and ending in ("yaml", "yml")
    return is_yaml and (stem in _FILES or stem.startswith("gates/"))


def _is_file(component: str) -> bool:
    return component.partition("/")[0] in _OF_FILES


def _as_components(
    tree: GitTree, names: Iterable[str], kinds: KindRules | None
) -> dict[str, Part | None]:
    """Return what files are now, under the components' own names.

    One that is of another kind by now is another part, and so is seen to have changed.
    """
    from pawl.changes.components import parts_of

    paths = {name: name.partition("/")[2] for name in names}
    odd = {path for path in paths.values() if path.startswith("sha256:")}
    told = _odd_paths(tree) if odd else {}
    real = {name: told.get(path, path) for name, path in paths.items()}
    found: dict[str, Part | None] = dict.fromkeys(names)
    back: dict[str, list[str]] = {}
    for name, path in real.items():
        back.setdefault(path, []).append(name)
    for path, content in tree.contents(tuple(back)):
        (part,) = parts_of({path: content}, kinds).values()
        for name in back[path]:
            found[name] = part
    return found


def _odd_paths(tree: GitTree) -> dict[str, str]:
    """Return the paths that stand by their digest in a component's name, by that digest."""
    from pawl.base.canonical import sha256_hex
    from pawl.world.git_tree import path_text

    texts = map(path_text, tree.entries)
    return {f"sha256:{sha256_hex(text.encode('utf-8', 'surrogatepass'))}": text for text in texts}


def _text(content: bytes, place: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise BadFile("is no UTF-8 text.", place=place, hint="Save it as UTF-8.") from error
