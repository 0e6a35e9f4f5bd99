"""What hosts and operations of honest repositories export: people who read before they approve."""

import json
from datetime import timedelta

from tests.maturity.potemkin.repositories import NOW

PEOPLE = ("amara", "bogdan", "chiara", "dmitri", "elif")
_WORDS = (
    "Could this be negative when the list is empty?",
    "I ran it against last week's data; the third case differs by one.",
    "Please say in the message why the order matters.",
    "Good, and much shorter than before.",
)


def _time(days: float) -> str:
    return (NOW - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def host(seed: int) -> dict[str, str]:
    """Return a GitHub dump of a quarter: reviewed changes, bumps by a bot, red and green runs."""
    files: dict[str, str] = {}
    pulls = []
    for number in range(1, 37):
        days = 88 - 2.4 * number
        bump = number % 9 == 0
        author = "dependabot[bot]" if bump else PEOPLE[(number + seed) % 4]
        reviewer = PEOPLE[(number + seed + 1 + number % 3) % 4]
        reviewer = PEOPLE[4] if reviewer == author else reviewer
        hours = 3 + (number * 7 + seed) % 40
        kind = "Bot" if bump else "User"
        lines = 6 + (number * 13 + seed) % 120
        pull = {
            "number": number,
            "state": "closed",
            "user": {"login": author, "type": kind},
            "created_at": _time(days),
            "closed_at": _time(days - hours / 24 - 0.02),
            "merged_at": _time(days - hours / 24 - 0.02),
            "merge_commit_sha": f"{number + seed * 1000:040x}",
            "head": {"sha": f"{number + seed * 1000 + 500:040x}", "ref": f"change-{number}"},
            "base": {"ref": "main"},
        }
        pulls.append(pull)
        said = 0 if bump or number % 4 == 0 else 1 + number % 3
        files[f"pulls/{number}.json"] = json.dumps(
            pull
            | {
                "additions": lines,
                "deletions": lines // 3,
                "comments": said,
                "review_comments": said,
            }
        )
        path = "uv.lock" if bump else f"src/part_{number % 5}.py"
        files[f"files/{number}.json"] = json.dumps(
            [{"filename": path, "additions": lines, "deletions": lines // 3}]
        )
        files[f"reviews/{number}.json"] = json.dumps(
            [
                {
                    "user": {"login": reviewer, "type": "User"},
                    "state": "APPROVED",
                    "submitted_at": _time(days - hours / 24),
                    "commit_id": f"{number + seed * 1000 + 500:040x}",
                    "body": _WORDS[number % 4] if said else "",
                }
            ]
        )
    files["pulls.json"] = json.dumps(pulls)
    runs = [
        {
            "id": number,
            "name": "CI",
            "path": ".github/workflows/ci.yml",
            "event": "push" if number % 3 else "pull_request",
            "head_branch": "main",
            "head_sha": f"{number:040x}",
            "status": "completed",
            "conclusion": "failure" if (number + seed) % 17 == 0 else "success",
            "run_started_at": _time(88 - number * 0.3),
            "updated_at": _time(88 - number * 0.3 - 0.01),
        }
        for number in range(1, 260)
    ]
    files["runs.json"] = json.dumps({"total_count": len(runs), "workflow_runs": runs})
    files["repository.json"] = json.dumps({"full_name": "o/r", "default_branch": "main"})
    files["export.json"] = json.dumps(
        {
            "schema": "pawl.host/1",
            "product": "github",
            "repository": "o/r",
            "exported_at": _time(0.5),
            "complete_since": _time(120),
            "default_branch": "main",
        }
    )
    return {f"github/{path}": text for path, text in files.items()}


def operations(seed: int, product: str, runbooks: tuple[str, ...], lesson: str) -> dict[str, str]:
    """Return a year of operation: a few incidents, weekly deployments, quarterly drills."""
    rows: list[dict[str, object]] = [
        {
            "kind": "export",
            "schema": "pawl.operations/1",
            "complete_since": _time(364),
            "covers": ["incidents", "deploys", "drills", "routines", "alerts"],
        }
    ]
    for number in range(7):
        opened = 340 - number * 47 - seed
        rows.append(
            {
                "kind": "incident",
                "id": f"{product}-{number}",
                "severity": 2 + number % 3,
                "opened_at": _time(opened),
                "commander_at": _time(opened - 0.003 * (1 + number % 2)),
                "commander_acknowledged": True,
                "mitigated_at": _time(opened - 0.02 - 0.01 * number),
                "resolved_at": _time(opened - 0.2 - 0.01 * number),
                "reported_by_user": number == 2,
                "root_cause": lesson if number == 3 else f"cause-{number}",
                "postmortem_at": _time(opened - 4),
                "runbook": runbooks[number % len(runbooks)],
                "runbook_cited_at": _time(opened - 0.01),
                # Triage corrects itself within two days, once.
                **({"severity_lowered_at": _time(opened - 2)} if number == 4 else {}),
                "reopened": int(number == 5),
                "actions": [
                    {
                        "id": f"action-{number}",
                        "owned": True,
                        "due": _time(opened - 20),
                        "done_at": _time(opened - 15),
                        "evidence": f"{number:040x}",
                        "closed_as": "done",
                    }
                ],
            }
        )
    for week in range(50):
        rows.append(
            {
                "kind": "deploy",
                "id": f"deploy-{week}",
                "at": _time(351 - week * 7),
                "commit": f"{week + 7000:040x}",
                "actor": "pipeline",
                "outcome": "failed" if (week + seed) % 13 == 0 else "succeeded",
                "rework": week % 11 == 0,
            }
        )
    for quarter in range(4):
        rows.append(
            {
                "kind": "drill",
                "id": f"restore-{quarter}",
                "drill": "restore",
                "at": _time(330 - quarter * 91),
                "succeeded": True,
                "minutes": 24 - quarter,
                "checksum": True,
            }
        )
    text = "".join(json.dumps(row) + "\n" for row in rows)
    return {"operations.jsonl": text}
