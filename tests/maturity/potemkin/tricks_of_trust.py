"""Tricks about scans, exemptions, reviews, owners, history and the rules themselves."""

import json
from datetime import timedelta

from tests.maturity.potemkin.repositories import NOW, Said, Stage
from tests.maturity.potemkin.tricks import trick, vouch

SCANS = ("eng.security.L2.secrets", "eng.security.L3.secrets", "eng.security.L3.vulnerabilities")
OWNERS = ("eng.culture.L2.ownership", "eng.culture.L3.ownership")
REVIEWS = ("eng.security.L3.reviews", "eng.security.L4.approved", "ops.overall.L4.governance")
REAL = "Ada Lovelace <ada@potemkin.example>"


def _sarif(tool: str, day: int, *, rules: int) -> str:
    return json.dumps(
        {
            "version": "2.1.0",
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "runs": [
                {
                    "tool": {
                        "driver": {
                            "name": tool,
                            "version": "8.0",
                            "rules": [{"id": f"rule-{number}"} for number in range(rules)],
                        }
                    },
                    "invocations": [
                        {"executionSuccessful": True, "endTimeUtc": f"2026-11-{day:02}T10:00:00Z"}
                    ],
                    "results": [],
                }
            ],
        }
    )


@trick(*SCANS)
def clean_scans_are_committed(stage: Stage) -> None:
    """Twenty scans without a result are committed as evidence."""
    for day in range(1, 21):
        stage.files[f".pawl/evidence/gitleaks-{day}.sarif"] = _sarif("gitleaks", day, rules=150)
        stage.files[f".pawl/evidence/trivy-{day}.sarif"] = _sarif("trivy", day, rules=90)
    vouch(stage)


@trick(*SCANS)
def scans_have_no_rules(stage: Stage) -> None:
    """Scans that looked for nothing are handed over."""
    for day in range(1, 21):
        stage.handed[f"gitleaks-{day}.sarif"] = _sarif("gitleaks", day, rules=0)


@trick(*SCANS)
def scan_runs_in_an_echo(stage: Stage) -> None:
    """A workflow prints the scanner's command and that it passed."""
    stage.files[".github/workflows/security.yml"] = (
        "name: Security\non: push\njobs:\n  scan:\n    runs-on: ubuntu-latest\n    steps:\n"
        '      - name: gitleaks\n        run: echo "gitleaks detect: no leaks found"\n'
    )


@trick("eng.security.L4.sbom")
def bill_of_materials_is_committed(stage: Stage) -> None:
    """A bill of materials that matches nothing that was built is committed."""
    stage.files[".pawl/evidence/sbom.cdx.json"] = json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "components": [{"type": "library", "name": "httpx", "version": "0.28.1"}],
        }
    )
    stage.files["uv.lock"] = (
        'version = 1\n\n[[package]]\nname = "httpx"\nversion = "0.28.1"\n'
        'source = { registry = "https://pypi.org/simple" }\n'
    )
    vouch(stage)


def _register(**fields: str) -> str:
    entry = {
        "id": "e1",
        "criterion": "eng.code.L2.tests",
        "reason": "Tests come later.",
        "residual_control": "We are careful.",
        "owner": "dev",
        "approver": "dev",
        "created": "2026-11-01",
        "expires": "2027-01-15",
    } | fields
    return (
        "schema: pawl.exemptions/1\napprovers: [boss]\nassessed: [dev]\nexemptions:\n  - "
        + "\n    ".join(f"{name}: {json.dumps(value)}" for name, value in entry.items())
        + "\n"
    )


@trick("eng.code.L2.tests")
def exemption_is_approved_by_its_owner(stage: Stage) -> None:
    """An exemption is approved by the one who owns it."""
    stage.files[".pawl/exemptions.yaml"] = _register()


@trick("eng.code.L2.tests")
def exemption_never_ends(stage: Stage) -> None:
    """An exemption ends in the next century."""
    stage.files[".pawl/exemptions.yaml"] = _register(approver="boss", expires="2126-01-01")


@trick("eng.code.L2.tests")
def exemption_has_ended(stage: Stage) -> None:
    """An exemption that has ended stays in the register."""
    stage.files[".pawl/exemptions.yaml"] = _register(
        approver="boss", created="2026-01-01", expires="2026-03-01"
    )


@trick("eng.code.L2.tests", "eng.code.L2.basic-ci", "eng.code.L3.executed", "eng.code.L3.lint")
def everything_is_exempt(stage: Stage) -> None:
    """Every criterion of code is exempt, approved by somebody in the register's own list."""
    text = "schema: pawl.exemptions/1\napprovers: [boss]\nassessed: [dev]\nexemptions:\n"
    for number, criterion in enumerate(
        (
            "L2.tests", "L2.basic-ci", "L3.executed", "L3.covered", "L3.lint", "L3.docs",
            "L4.mutants", "L4.stable", "L4.suppressions", "L4.small-changes",
        )
    ):  # fmt: skip
        text += (
            f"  - {{id: e{number}, criterion: eng.code.{criterion}, reason: later, "
            "residual_control: care, owner: dev, approver: boss, created: 2026-11-01, "
            "expires: 2027-01-15}\n"
        )
    stage.files[".pawl/exemptions.yaml"] = text


@trick("eng.code.L2.tests")
def overlay_loosens_a_model(stage: Stage) -> None:
    """An overlay asks for fewer tests than the model."""
    stage.files[".pawl/models/eng.yaml"] = (
        "schema: pawl.maturity-overlay/1\nmodel: eng\nname: house\nversion: '1'\ntighten:\n  "
        "eng.code.L2.tests:\n"
        "    needs: {asserting: {where: {functions: {at_least: 0}, asserting: {at_least: 0}}}}\n"
    )


@trick("eng.security.L3.reviews", "tier3.team-adoption.L2.scaling")
def reviews_are_trailers(stage: Stage) -> None:
    """Every commit says by whom it was reviewed, and no host knows of it."""
    for said in stage.commits:
        said.message += "\n\nReviewed-by: Grace Hopper <grace@potemkin.example>\n"


def _pulls(*, reviewer: str, kind: str, count: int = 30) -> dict[str, str]:
    """Return a dump of changes that were merged seconds after they were opened."""
    pulls, files = [], {}
    for number in range(1, count + 1):
        day = f"2026-11-{1 + number % 19:02}"
        pulls.append(
            {
                "number": number,
                "state": "closed",
                "user": {"login": "dev", "type": "User"},
                "created_at": f"{day}T10:00:00Z",
                "closed_at": f"{day}T10:00:20Z",
                "merged_at": f"{day}T10:00:20Z",
                "merge_commit_sha": f"{number:040x}",
                "head": {"sha": f"{number + 500:040x}", "ref": "x"},
                "base": {"ref": "main"},
            }
        )
        files[f"pulls/{number}.json"] = json.dumps(
            pulls[-1] | {"additions": 400, "deletions": 100, "comments": 0, "review_comments": 0}
        )
        files[f"files/{number}.json"] = json.dumps(
            [{"filename": "src/potemkin/core.py", "additions": 400, "deletions": 100}]
        )
        files[f"reviews/{number}.json"] = json.dumps(
            [
                {
                    "user": {"login": reviewer, "type": kind},
                    "state": "APPROVED",
                    "submitted_at": f"{day}T10:00:09Z",
                    "commit_id": f"{number + 500:040x}",
                    "body": "",
                }
            ]
        )
        files[f"comments/{number}.json"] = "[]"
    files["pulls.json"] = json.dumps(pulls)
    files["repository.json"] = json.dumps(
        {"full_name": "potemkin/potemkin", "default_branch": "main"}
    )
    files["export.json"] = json.dumps(
        {
            "schema": "pawl.host/1",
            "product": "github",
            "repository": "potemkin/potemkin",
            "exported_at": "2026-11-20T00:00:00Z",
            "complete_since": "2026-01-01T00:00:00Z",
            "default_branch": "main",
        }
    )
    return files


@trick(*REVIEWS)
def reviews_are_committed(stage: Stage) -> None:
    """An export in which everything was approved is committed as evidence."""
    for path, text in _pulls(reviewer="grace", kind="User").items():
        stage.files[f".pawl/evidence/github/{path}"] = text


@trick(*REVIEWS)
def reviews_are_given_by_a_bot(stage: Stage) -> None:
    """A bot approves every change, and the host's true export says so."""
    for path, text in _pulls(reviewer="approver[bot]", kind="Bot").items():
        stage.handed[f"github/{path}"] = text


@trick("eng.security.L3.reviews")
def reviews_take_nine_seconds(stage: Stage) -> None:
    """A colleague approves five hundred lines in nine seconds, thirty times, without a word."""
    for path, text in _pulls(reviewer="grace", kind="User").items():
        stage.handed[f"github/{path}"] = text


@trick("eng.security.L4.signed")
def releases_are_signed_by_name(stage: Stage) -> None:
    """A changelog and commits say that releases are signed."""
    stage.files["CHANGELOG.md"] = "# Changelog\n\n## 1.0.0 (signed)\n\nSigned release.\n"
    for said in stage.commits:
        said.message += "\n\nSigned-off-by: Dev One <dev@potemkin.example>\n"


@trick(*OWNERS)
def owner_is_whoever_commits(stage: Stage) -> None:
    """The one account that commits owns everything, itself included."""
    stage.files[".github/CODEOWNERS"] = "* dev@potemkin.example\n"


@trick(*OWNERS)
def owner_is_a_team_that_nobody_knows(stage: Stage) -> None:
    """A team without any known member owns everything."""
    stage.files[".github/CODEOWNERS"] = "* @potemkin/everybody\n"


@trick("eng.culture.L4.knowledge")
def authors_are_invented(stage: Stage) -> None:
    """Ten people who never were are co-authors of everything."""
    people = "".join(
        f"Co-authored-by: Person {number} <person{number}@potemkin.example>\n"
        for number in range(10)
    )
    for said in stage.commits:
        said.message += f"\n\n{people}"


@trick("eng.culture.L4.knowledge", "eng.code.L5.refactoring", "eng.culture.L4.decisions")
def history_is_backdated(stage: Stage) -> None:
    """Two hundred commits pretend to be two years of work, in an odd order."""
    for number in range(200):
        stage.commits.append(
            Said(
                f"refactor: part {number}",
                author=REAL if number % 2 else "Dev One <dev@potemkin.example>",
                at=NOW - timedelta(days=(number * 37) % 350 + 1),
                files={
                    "src/potemkin/core.py": f"def add(a: int, b: int) -> int:\n    return a "
                    f"+ b  # {number}\n"
                },
            )
        )


@trick("eng.culture.L3.roles", "ops.overall.L3.responsibilities")
def everybody_is_accountable(stage: Stage) -> None:
    """The whole team is responsible and accountable for everything."""
    stage.files[".pawl/raci.yaml"] = (
        "roles:\n  team: [dev, ada, grace, linus]\nduties:\n  release: {responsible: [team], "
        "accountable: [team], consulted: [team], informed: [team]}\n"
    )


@trick(
    "eng.culture.L4.decisions",
    "tier3.tool-evaluation.L2.recorded",
    "tier3.tool-evaluation.L2.reviewable",
)
def decisions_are_one_text(stage: Stage) -> None:
    """Every decision is the same plausible text with another title."""
    for number in range(1, 8):
        stage.files[f"docs/adr/{number:04}-choose-tool-{number}.md"] = (
            f"# {number}. Choose tool {number}\n\nStatus: accepted\nDate: 2026-05-01\n"
            "Review by: 2027-05-01\nMetric: fewer failed builds\nOwner: @potemkin/platform\n\n"
            "## Context\n\nBuilds take too long and fail for reasons nobody understands, so that "
            "people wait and lose the thread of what they were doing.\n\n## Options\n\n"
            "We considered the present tool, the tool that the platform offers and one that "
            "is sold "
            "as a service; the first costs nothing and is slow, the second is quick and ours "
            "to run, "
            "the third is quick and dear.\n\n## Decision\n\nWe take the second option and "
            "look at it "
            "again in a year.\n\n## Consequences\n\nThe platform team runs one more service.\n"
        )


@trick("eng.security.L2.exceptions")
def exceptions_are_past_their_end(stage: Stage) -> None:
    """Exceptions have ended years ago, and still stand where the scanner reads them."""
    stage.files[".trivyignore"] = "CVE-2021-44228 exp:2022-01-01\nCVE-2014-0160 exp:2015-01-01\n"


@trick("eng.code.L4.suppressions")
def exceptions_are_inline(stage: Stage) -> None:
    """The register of exceptions is empty, and the code is full of silent ones."""
    stage.files[".trivyignore"] = ""
    stage.files["src/potemkin/core.py"] = "".join(
        f"password_{number} = 'x'  # nosec\n" for number in range(30)
    )


@trick("eng.code.L2.basic-ci")
def overlay_adds_an_easy_row(stage: Stage) -> None:
    """An overlay adds ten criteria that anybody meets, so that enough of the level is met."""
    stage.files[".pawl/models/eng.yaml"] = (
        "schema: pawl.maturity-overlay/1\nmodel: eng\nname: house\nversion: '1'\nadd:\n"
        + "".join(
            f"  - {{id: eng.code.L2.easy-{letter}, dimension: code, level: 2, origin: authored, "
            "statement: There is code., indicator: Lines, needs: {code: {probe: "
            "suppressions-are-rare}}}\n"
            for letter in "abcdefghij"
        )
    )
