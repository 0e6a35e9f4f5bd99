"""What gates ask of the world: read from the protected branch's commits and from nowhere else."""

import os
import subprocess
from pathlib import Path

import pytest

from pawl.app.change_drafts import draft
from pawl.app.change_sources import RepositorySources
from pawl.base.errors import BadFile, BadValue, CannotTell
from pawl.changes.change import Change, State
from pawl.changes.drafting import Plan, load_plan
from pawl.changes.manifest import Manifest, changed, manifest_digest, parts_digest
from pawl.changes.parts import Code, Model, PolicyFile, Prompt
from pawl.changes.registry import Live

NOW = "2026-11-21T12:00:00.000000Z"
ROSTER = """\
schema: pawl.roster/1
people:
  - {id: ada, identities: ["git:ada@example.com"]}
  - {id: coder, kind: agent, sponsor: ada, identities: ["git:coder@example.com"]}
"""
TERMS = Path(__file__).parents[2] / "src/pawl/changes/terms.yaml"


class Repository:
    """A repository of a test, with a working tree."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        """Run git as Ada and return what it prints."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            **{f"GIT_{who}_NAME": "Ada" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "ada@example.com" for who in ("AUTHOR", "COMMITTER")},
        }
        ran = subprocess.run(
            ("git", "-C", self.place, *arguments),
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return ran.stdout.strip()

    def commit(self, files: dict[str, str | bytes | None], message: str = "A change") -> str:
        """Commit files, None being one that goes, and return the commit."""
        for name, content in files.items():
            path = self.place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            elif isinstance(content, bytes):
                path.write_bytes(content)
            else:
                path.write_text(content)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with a prompt and a roster on main."""
    made = Repository(tmp_path / "shop")
    made.commit({"CLAUDE.md": "Be kind.\n", ".pawl/roster.yaml": ROSTER})
    return made


def change_of(manifest: Manifest) -> Change:
    return Change(
        id="chg-1",
        manifest=manifest,
        digest=manifest_digest(manifest),
        state=State.DRAFT,
        authors=(),
        opened_at=NOW,
        changed_at=NOW,
    )


def test_a_draft_holds_what_differs_and_who_wrote_it(repository: Repository) -> None:
    """Prompts word for word, policy and code by digest, with what was there before."""
    repository.git("checkout", "-qb", "work")
    repository.commit(
        {"CLAUDE.md": "Be brief.\n", "app.py": "1\n", ".pawl/evals/recurrence/a.yaml": "a"},
        "Be brief\n\nCo-authored-by: Coder <coder@example.com>",
    )
    found = draft(repository.place, "main", "work", Plan())
    assert found.manifest.title == "Be brief"
    assert found.manifest.parts["prompt/CLAUDE.md"] == Prompt(text="Be brief.\n")
    assert found.manifest.base["prompt/CLAUDE.md"] == Prompt(text="Be kind.\n")
    assert isinstance(found.manifest.parts["code/app.py"], Code)
    assert found.manifest.base["code/app.py"] is None
    assert set(found.manifest.eval_sets) == {"recurrence"}
    assert found.authors == ("git:ada@example.com", "git:coder@example.com")
    assert found.manifest.assisted


def test_the_same_commits_give_the_same_manifest(repository: Repository) -> None:
    """Approvals bind to its digest, so nothing of a machine or a day may be in it."""
    repository.git("checkout", "-qb", "work")
    repository.commit({"CLAUDE.md": "Be brief.\n"})
    one = draft(repository.place, "main", "work", Plan())
    repository.place.joinpath("CLAUDE.md").write_text("not committed")
    other = draft(repository.place / ".pawl", "main", "HEAD", Plan())
    assert manifest_digest(one.manifest) == manifest_digest(other.manifest)


def test_a_link_that_makes_a_prompt_of_a_file_makes_the_change_one_of_a_prompt(
    repository: Repository,
) -> None:
    """What an agent reads under another name is no mere code; a link to code adds nothing."""
    (repository.place / "AGENTS.md").symlink_to("docs/notes.txt")
    (repository.place / "copy.txt").symlink_to("docs/notes.txt")
    repository.commit({"docs/notes.txt": "1\n"})
    repository.git("checkout", "-qb", "work")
    repository.commit({"docs/notes.txt": "2\n"})
    manifest = draft(repository.place, "main", "work", Plan()).manifest
    assert set(manifest.parts) == {"code/docs/notes.txt", "prompt/AGENTS.md"}
    assert manifest.parts["prompt/AGENTS.md"] == Prompt(text="2\n")
    facts = RepositorySources(repository.place).facts(change_of(manifest), NOW)
    assert facts.base_digest == parts_digest(manifest.base)


def test_nothing_that_differs_is_no_change(repository: Repository) -> None:
    """Two names of one commit are refused."""
    with pytest.raises(BadValue, match="0 parts"):
        draft(repository.place, "main", "main", Plan(title="t"))


def test_the_policy_is_the_protected_branchs_and_not_the_working_trees(
    repository: Repository,
) -> None:
    """What a change says of roles and terms is not asked before it is merged."""
    before = RepositorySources(repository.place).policy("").policy.digest
    repository.git("checkout", "-qb", "work")
    terms = TERMS.read_text().replace("approval_hours: 336", "approval_hours: 9")
    repository.commit({".pawl/change-terms.yaml": terms, ".pawl/roster.yaml": None})
    sources = RepositorySources(repository.place)
    assert sources.policy("").policy.digest == before
    assert [each.id for each in sources.roster().people] == ["ada", "coder"]
    repository.git("checkout", "-q", "main")
    repository.git("merge", "-q", "work")
    sources = RepositorySources(repository.place)
    assert sources.policy("").policy.terms.approval_hours == 9
    assert sources.roster().people == ()


def test_the_base_is_what_the_same_files_are_now(repository: Repository) -> None:
    """Work on other files moves nothing; work on these does, and a rename is a file less."""
    repository.git("checkout", "-qb", "work")
    repository.commit({"CLAUDE.md": "Be brief.\n", "new\nname": "x"})
    change = change_of(draft(repository.place, "main", "work", Plan()).manifest)
    repository.git("checkout", "-q", "main")
    repository.commit({"other.py": "1\n"})
    facts = RepositorySources(repository.place).facts(change, NOW)
    assert facts.base_digest == parts_digest(change.manifest.base)
    repository.commit({"CLAUDE.md": "Be honest.\n"})
    facts = RepositorySources(repository.place).facts(change, NOW)
    assert facts.base_digest != parts_digest(change.manifest.base)
    repository.git("merge", "-q", "-X", "theirs", "work")
    now = RepositorySources(repository.place).parts_now(change)
    assert now == change.manifest.parts


def test_the_roles_that_a_change_hands_out_are_known(repository: Repository) -> None:
    """The file is found by its digest on any branch; where it is nowhere they are not known."""
    repository.git("checkout", "-qb", "work")
    given = "grants: [{person: ada, role: product-lead, granted_by: grace}]\n"
    repository.commit({".pawl/roster.yaml": ROSTER + given})
    change = change_of(draft(repository.place, "main", "work", Plan()).manifest)
    repository.git("checkout", "-q", "main")
    (grant,) = RepositorySources(repository.place).facts(change, NOW).grants or ()
    assert (grant.person, grant.role) == ("ada", "product-lead")
    repository.git("branch", "-D", "work")
    assert RepositorySources(repository.place).facts(change, NOW).grants is None


def test_a_change_of_anything_else_hands_out_no_role(repository: Repository) -> None:
    """None is unknown, and an empty list is none; incidents nobody looked at are unknown."""
    repository.git("checkout", "-qb", "work")
    repository.commit({"app.py": "1\n"})
    change = change_of(draft(repository.place, "main", "work", Plan()).manifest)
    facts = RepositorySources(repository.place).facts(change, NOW)
    assert (facts.grants, facts.actions, facts.debts, facts.budgets) == ((), None, None, ())


def test_a_server_sees_the_branch_move(repository: Repository) -> None:
    """A command looks once, and a server each time."""
    once = RepositorySources(repository.place)
    always = RepositorySources(repository.place, once=False)
    assert once.roster() == always.roster()
    repository.commit({".pawl/roster.yaml": None})
    assert once.roster().people
    assert always.roster().people == ()


def test_a_component_that_is_no_file_is_what_is_live(repository: Repository) -> None:
    """What nobody changed here is as the change says; afterwards the registry knows."""
    text = (
        "schema: pawl.plan/1\ntitle: t\nparts: {model/support: {"
        "before: {type: model, family: f, model: a}, after: {type: model, family: f, model: b}}}"
    )
    repository.git("checkout", "-qb", "work")
    repository.commit({"app.py": "1\n"})
    plan = load_plan(text, place="plan")
    change = change_of(draft(repository.place, "main", "work", plan).manifest)
    assert len(changed(change.manifest)) == 2

    def live(part: str) -> RepositorySources:
        known = Live(component="model/support", part=part, goes_back_to="", since=NOW)
        return RepositorySources(repository.place, live=lambda name: known)

    from pawl.changes.manifest import part_digest

    base = parts_digest(change.manifest.base)
    same = part_digest(Model(family="f", model="a"))
    assert RepositorySources(repository.place).facts(change, NOW).base_digest == base
    assert live(same).facts(change, NOW).base_digest == base
    assert live("0" * 64).facts(change, NOW).base_digest != base


def test_the_remotes_default_branch_comes_first(repository: Repository, tmp_path: Path) -> None:
    """Somebody's own main does not make policy."""
    clone = tmp_path / "clone"
    repository.git("clone", "-q", str(repository.place), str(clone))
    (clone / ".pawl/roster.yaml").unlink()
    subprocess.run(
        ("git", "-C", clone, "-c", "user.name=m", "-c", "user.email=m@m", "commit", "-qam", "x"),
        check=True,
    )
    assert RepositorySources(clone).committed().branch == "refs/remotes/origin/main"
    assert RepositorySources(clone).roster().people


def test_the_default_branch_says_which_branch_is_protected(repository: Repository) -> None:
    """`[changes] branch` counts as committed there, and one that is not here cannot be told."""
    repository.git("branch", "release")
    repository.commit({"pawl.toml": '[changes]\nbranch = "release"\n'})
    assert RepositorySources(repository.place).committed().branch == "refs/heads/release"
    for name in ("gone", "main~1", "--all", "main:x"):
        repository.commit({"pawl.toml": f'[changes]\nbranch = "{name}"\n'})
        with pytest.raises(CannotTell, match="not here"):
            RepositorySources(repository.place).committed()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".pawl/gates.yaml", "gates: ["),
        (".pawl/gates.yaml", "schema: pawl.gates/1\nversion: x\nas_of: y\ngates: []\nmore: 1\n"),
        (".pawl/risk.yaml", b"\xff\xfe"),
        (".pawl/gates/shop.yml", "schema: pawl.gates/1\n"),
    ],
)
def test_a_policy_that_does_not_read_is_never_passed_over(
    repository: Repository, name: str, content: str | bytes
) -> None:
    """The place names file and branch."""
    repository.commit({name: content})
    with pytest.raises(BadFile) as caught:
        RepositorySources(repository.place).policy("shop")
    assert name.removeprefix(".pawl/") in caught.value.place


def test_a_policy_that_is_a_link_is_refused(repository: Repository) -> None:
    """What it leads to could be edited by whoever may not edit policy."""
    (repository.place / ".pawl/gates.yaml").symlink_to("../elsewhere.yaml")
    repository.commit({"elsewhere.yaml": "x"})
    with pytest.raises(BadFile, match="link"):
        RepositorySources(repository.place).policy("")


def test_a_team_can_make_a_file_weightier(repository: Repository) -> None:
    """Its rules count once they are on the protected branch."""
    rules = (
        "schema: pawl.components/1\nversion: '1'\nas_of: 2026-11-21\n"
        "rules: [{kind: policy, paths: [/deploy/], source: Ours.}]\n"
    )
    repository.commit({".pawl/components.yaml": rules})
    repository.git("checkout", "-qb", "work")
    repository.commit({"deploy/x.sh": "1"})
    found = draft(repository.place, "main", "work", Plan())
    assert isinstance(found.manifest.parts["policy/deploy/x.sh"], PolicyFile)
    facts = RepositorySources(repository.place).facts(change_of(found.manifest), NOW)
    assert facts.base_digest == parts_digest(found.manifest.base)


def test_without_a_repository_nothing_can_be_told(tmp_path: Path) -> None:
    """The policy that comes with Pawl does not stand in for one that was not found."""
    with pytest.raises(CannotTell, match="no git repository"):
        RepositorySources(tmp_path).policy("")
    Repository(tmp_path / "empty")
    with pytest.raises(CannotTell, match="no branch"):
        RepositorySources(tmp_path / "empty").policy("")


def test_a_bare_clone_tells_its_default_branch_by_its_head(
    repository: Repository, tmp_path: Path
) -> None:
    """Whoever pushes a branch called main to a repository with another default makes no policy."""
    git = repository.git
    git("branch", "-m", "trunk")
    git("checkout", "-q", "-b", "main")
    repository.commit({".pawl/roster.yaml": "schema: pawl.roster/1\npeople: []\n"})
    git("checkout", "-q", "trunk")
    bare = tmp_path / "shop.git"
    git("clone", "-q", "--mirror", str(repository.place), str(bare))
    sources = RepositorySources(bare)
    assert sources.committed().branch == "refs/heads/trunk"
    assert sources.roster().people


def test_two_branches_that_could_be_the_default_decide_nothing(
    repository: Repository, tmp_path: Path
) -> None:
    """Where nobody says which one it is, a main beside a master may be anybody's."""
    git = repository.git
    git("branch", "-m", "master")
    clone = tmp_path / "clone"
    git("clone", "-q", str(repository.place), str(clone))
    git("checkout", "-q", "-b", "main")
    repository.commit({".pawl/roster.yaml": "schema: pawl.roster/1\npeople: []\n"})
    git("-C", str(clone), "fetch", "-q")
    assert RepositorySources(clone).committed().branch == "refs/remotes/origin/master"
    git("-C", str(clone), "remote", "set-head", "origin", "--delete")
    with pytest.raises(CannotTell, match="both"):
        RepositorySources(clone).committed()


def test_files_of_the_branch_are_the_kinds_that_their_components_say(tmp_path: Path) -> None:
    """Rules of today do not make another part of them, and what is not there is not spoken of."""
    there = Repository(tmp_path / "r")
    there.commit({"CLAUDE.md": "Be kind.", "src/a.py": "1"})
    sources = RepositorySources(there.place, branch="main", once=False)
    names = ("code/CLAUDE.md", "code/gone.py", "code/src/a.py", "model/x", "prompt/CLAUDE.md")
    found = sources.files_there(names)
    assert sorted(found) == ["code/CLAUDE.md", "code/src/a.py", "prompt/CLAUDE.md"]
    assert found["prompt/CLAUDE.md"] == Prompt(text="Be kind.")
    assert isinstance(found["code/CLAUDE.md"], Code)
    (there.place / "CLAUDE.md").write_text("Not committed.")
    assert sources.files_there(names) == found
    there.commit({"CLAUDE.md": "Pushed."})
    assert sources.files_there(names)["prompt/CLAUDE.md"] == Prompt(text="Pushed.")
