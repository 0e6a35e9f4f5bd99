"""Which CI jobs may hand over evidence, and what a job's identity token must say to be one of them.

A file such as `.pawl/ci.yaml` of the protected branch:

    schema: pawl.ci-trust/1
    audience: https://pawl.example.org/acme/shop
    trusted:
      - kind: github
        repository: "1234"
        workflow: acme/shop/.github/workflows/checks.yml@refs/heads/main
      - kind: gitlab
        issuer: https://gitlab.example.org
        repository: "77"
        workflow: gitlab.example.org/acme/shop//.gitlab-ci.yml@refs/heads/main
        environment: staging

`repository` is the host's number, which a repository keeps when it is renamed and nobody can take.
`workflow` is the whole `job_workflow_ref` (GitHub) or `ci_config_ref_uri` (GitLab), so a job of the
change itself, from another branch, is none. A token says which workflow ran. It never says that
anybody approved: whoever started a job is no approver.

Claims: https://docs.github.com/en/actions/reference/security/oidc and
https://docs.gitlab.com/ci/secrets/id_token_authentication/.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml
from pawl.base.patterns import regex
from pawl.base.times import parse_time, time_from_ms
from pawl.changes.change import Refusal

LEEWAY_S = 60.0
"""Seconds that clocks may differ."""
MAX_LIFE_S = 86_400.0
"""Seconds that a token may be good for; GitHub's live minutes, GitLab's as long as a job."""
MAX_TRUSTED = 1_000
ISSUERS = {"github": "https://token.actions.githubusercontent.com", "gitlab": "https://gitlab.com"}
_ISSUER = regex(r"https://[A-Za-z0-9.-]{1,253}(?::\d{1,5})?(?:/[A-Za-z0-9._/-]{0,200})?")
_NUMBER = regex(r"[1-9]\d{0,18}")
_WORKFLOW = regex(r"[^\s@]{1,400}@[^\s]{1,300}")
_REPOSITORY = {"github": "repository_id", "gitlab": "project_id"}
_WORKFLOW_OF = {"github": "job_workflow_ref", "gitlab": "ci_config_ref_uri"}
_RUN = {"github": ("run_id", "run_attempt"), "gitlab": ("pipeline_id", "job_id")}
_MAX_CLAIM = 1_000


class Trusted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One workflow of one repository. With an environment only jobs in that one count."""

    kind: Literal["github", "gitlab"]
    repository: str
    workflow: str
    issuer: str = ""
    environment: str = ""

    @property
    def issued_by(self) -> str:
        """Who signs its tokens."""
        return self.issuer or ISSUERS[self.kind]

    @property
    def producer(self) -> str:
        """What evidence of it says, and what gates name: `ci:github:1234/checks.yml@refs/...`."""
        path, _, ref = self.workflow.partition("@")
        host = self.issued_by.removeprefix("https://").partition("/")[0]
        named = self.kind if self.issued_by == ISSUERS[self.kind] else f"{self.kind}@{host}"
        place = f"#{self.environment}" if self.environment else ""
        return f"ci:{named}:{self.repository}/{path.rpartition('/')[2]}@{ref}{place}"


class CiTrust(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All workflows that may hand over evidence. `audience` is whom their tokens must be for."""

    schema: Literal["pawl.ci-trust/1"]
    audience: str
    trusted: tuple[Trusted, ...]


class CiRun(msgspec.Struct, frozen=True, kw_only=True):
    """A job that proved what it is. `jti` names the token, which is good once, until `ends_at`."""

    producer: str
    issuer: str
    repository: str
    workflow: str
    run: str
    attempt: str
    environment: str
    jti: str
    ends_at: str


def load_ci_trust(text: str, *, place: str) -> CiTrust:
    """Return which workflows are trusted; raises BadFile for one that is not pinned down."""
    trust = load_yaml(text, CiTrust, place=place)
    if not trust.audience.strip() or len(trust.audience) > _MAX_CLAIM:
        raise BadFile("names no audience.", place=place, hint="Write one that is yours alone.")
    if trust.audience in (*ISSUERS.values(), "sigstore"):
        raise BadFile(f"{trust.audience} is others' audience.", place=place, hint="Take your own.")
    if len(trust.trusted) > MAX_TRUSTED:
        raise BadFile(f"trusts more than {MAX_TRUSTED:,} workflows.", place=place)
    producers: dict[str, int] = {}
    for number, each in enumerate(trust.trusted):
        where = f"{place}: trusted[{number}]"
        if not _ISSUER.fullmatch(each.issued_by):
            raise BadFile(f"{each.issuer!r:.90} is no https address of an issuer.", place=where)
        if not _NUMBER.fullmatch(each.repository):
            raise BadFile(
                f"{each.repository!r:.90} is no number of a repository.",
                place=where,
                hint="Names change hands; write the id that the host's API tells.",
            )
        if not _WORKFLOW.fullmatch(each.workflow) or "*" in each.workflow:
            raise BadFile(
                f"{each.workflow!r:.90} does not pin a workflow.",
                place=where,
                hint="Write its path and its ref, such as "
                "acme/shop/.github/workflows/checks.yml@refs/heads/main.",
            )
        if (other := producers.setdefault(each.producer, number)) != number:
            raise BadFile(
                f"cannot be told from trusted[{other}]: both are {each.producer}.",
                place=where,
                hint="Give one of the workflows another file name.",
            )
    return trust


def accept(claims: Mapping[str, Any], trust: CiTrust, *, now: str) -> CiRun | Refusal:
    """Return which trusted job a token is of, by its claims alone, or why it is of none.

    The signature is verified before, by the key of the issuer that the claims name.
    """
    why = _not_for_us(claims, trust) or _not_now(claims, now)
    if why:
        return _refused(why)
    issuer, jti = _text(claims, "iss"), _text(claims, "jti")
    if not jti:
        return _refused("It has no id of its own (jti).")
    reasons: list[str] = []
    for each in trust.trusted:
        if each.issued_by != issuer:
            continue
        against = _differs(claims, each)
        if against:
            reasons.append(against)
            continue
        run, attempt = (_text(claims, name) for name in _RUN[each.kind])
        if not run or not attempt:
            return _refused("It does not say of which run it is.")
        return CiRun(
            producer=each.producer,
            issuer=issuer,
            repository=each.repository,
            workflow=each.workflow,
            run=run,
            attempt=attempt,
            environment=_text(claims, "environment"),
            jti=jti,
            ends_at=time_from_ms((float(claims["exp"]) + LEEWAY_S) * 1000),
        )
    return _refused(*(reasons[:5] or ["Nobody trusts its issuer."]))


def _not_for_us(claims: Mapping[str, Any], trust: CiTrust) -> str:
    audience = claims.get("aud")
    # One for several audiences may be played on by any of them.
    if audience != trust.audience and audience != [trust.audience]:
        return f"It is for {audience!r:.90}, and not for {trust.audience}."
    return ""


def _not_now(claims: Mapping[str, Any], now: str) -> str:
    instant = parse_time(now).timestamp()
    exp, iat = _seconds(claims.get("exp")), _seconds(claims.get("iat"))
    nbf = _seconds(claims["nbf"]) if "nbf" in claims else iat
    if exp is None or iat is None or nbf is None:
        return "It does not say from when on and how long it is good."
    if instant >= exp + LEEWAY_S:
        return "It has expired."
    if instant < max(iat, nbf) - LEEWAY_S:
        return "It is not good yet."
    if exp - iat > MAX_LIFE_S:
        return "It is good for longer than a day."
    return ""


def _differs(claims: Mapping[str, Any], trusted: Trusted) -> str:
    """Say in what a token differs from a trusted job; empty where in nothing."""
    wanted = [
        (_REPOSITORY[trusted.kind], trusted.repository),
        (_WORKFLOW_OF[trusted.kind], trusted.workflow),
    ]
    if trusted.environment:
        wanted.append(("environment", trusted.environment))
    for name, value in wanted:
        if _text(claims, name) != value:
            return f"Its {name} is {_text(claims, name)[:90]!r}, and not {value!r:.90}."
    return ""


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and len(value) <= _MAX_CLAIM else ""


def _seconds(value: Any) -> float | None:
    """Return seconds since 1970 of a year that can be, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < 1e11 else None


def _refused(*reasons: str) -> Refusal:
    return Refusal(
        code="bad-token",
        reasons=reasons,
        hint="Ask for a token in a job that .pawl/ci.yaml of the protected branch names.",
    )
