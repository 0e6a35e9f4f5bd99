"""A credential stands in instructions, in a skill, an agent or a command.

Bad: `Authorization: Bearer ghp_…` with the token itself. It is in the repository's history, in
every prompt that the page becomes part of, and in every transcript and log of those runs.

Instead: revoke it, and name the variable that holds the new one (`$GITHUB_TOKEN`).
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.credentials import credentials_in
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for page in assets.pages:
        for each in credentials_in(page.text):
            line = page.text.count("\n", 0, each.at) + 1
            # Keys of the browser's side of Firebase are meant to be seen.
            near = page.text[max(each.at - 400, 0) : each.at + 400].lower()
            if each.issuer == "Google" and "firebase" in near:
                continue
            yield Hit(
                path=page.path,
                line=line,
                message=f"A credential of {each.issuer} stands here in plain letters."
                if each.issuer[0].isupper()
                else f"Here stands {each.issuer} in plain letters.",
                subject=f"{each.issuer} {each.digest}",
            )


RULE = Rule(
    title="A credential stands in a page for agents",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.MEMORY, Kind.SKILL, Kind.AGENT, Kind.COMMAND}),
    check=_check,
    source="https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns",
    as_of="2026-11-21",
    hint="Revoke it, and name the variable that holds the new one.",
)
