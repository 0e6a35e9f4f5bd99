"""Breaking glass in an emergency, by whoever commands it and by nobody else, end to end."""

from pathlib import Path

import pytest
from tests.end_to_end.incident_rig import GRANTS, Site, until

pytestmark = pytest.mark.heavy
BACK = ("--back-by", "command")


def test_the_commander_of_an_open_severity_1_breaks_glass(tmp_path: Path) -> None:
    """Only in an open incident that they command and were trusted with; it must be ratified."""
    grants = {**GRANTS, "ada": ("product-eng",), "grace": ("security-lead",)}
    with Site(tmp_path, grants=grants) as site:
        served = site.serve()
        site.commit({".pawl/allowed_signers": site.signers("chief", "pia", "eve")})
        site.enrol("pia", "chief", "ada")
        site.up()
        site.here()
        site.git("checkout", "-q", "-B", "fix", "main")
        site.commit({"CLAUDE.md": "Say nothing.\n"})
        change = site.told("change", "new", "--from-diff", "main..HEAD", *BACK)["change"]["id"]
        site.git("checkout", "-q", "main")
        site.told("change", "submit", change)
        assert site.gates(change, status=1)["approvals"] == "UNSATISFIED"

        one = site.as_("ada").declare("Answers insult people", "--severity", "1")["id"]
        glass = (
            *("exception", "break-glass", change, "--gate", "approvals", "--incident", one),
            *(
                "--reason",
                "It insults people now.",
                "--compensating-control",
                "I read all answers.",
            ),
            *("--hours", "2", "--ssh-key"),
        )

        def broken(who: str, status: int) -> dict[str, object]:
            site.here()
            found: dict[str, object] = site.told(*glass, str(site.key(who)), status=status)
            return found

        broken("chief", 1)  # Nobody commands yet.
        site.as_("pia").run("incident", "accept")
        broken("pia", 1)  # She commands, and was never trusted with this.
        broken("chief", 1)  # He was, and does not command.
        site.as_("chief").run("incident", "take-over", one, "--reason", "Pia needs sleep.")
        given = broken("chief", 0)["exception"]
        assert isinstance(given, dict)
        assert (given["approved_by"], given["incident"]) == ("chief", one)
        assert site.gates(change, "start", status=0)["approvals"] == "OVERRIDDEN"
        assert site.told("change", "start", change)["change"]["state"] == "rolling-out"
        until(lambda: "Say nothing" in served.read_text())

        # When it is over nobody breaks glass in it; whoever broke it does not ratify that.
        site.as_("chief").run("incident", "mitigate", one)
        site.run("incident", "resolve", one)
        broken("chief", 1)
        ratify = ("exception", "ratify", str(given["id"]), "--ssh-key")
        site.told(*ratify, str(site.key("chief")), status=1)
        # Not ratified in time, it holds up what comes next.
        site.wind(days=2)
        site.git("checkout", "-q", "-B", "next", "main")
        site.commit({"CLAUDE.md": "Say a little.\n"})
        later = site.told("change", "new", "--from-diff", "main..HEAD", *BACK)["change"]["id"]
        assert site.gates(later, status=1)["broken-glass"] == "UNSATISFIED"
        site.told(*ratify, str(site.key("eve")))
        assert site.gates(later, status=1)["broken-glass"] == "SATISFIED"
