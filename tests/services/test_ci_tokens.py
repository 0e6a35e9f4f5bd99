"""Identity tokens of CI jobs: made with keys of the test, verified offline."""

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from tests.world.host.fake_host import Sent, told
from tests.world.host.serving import serving

from pawl.base.errors import BadFile, BadValue, CannotTell
from pawl.base.times import parse_time
from pawl.changes.change import Refusal
from pawl.changes.ci_trust import CiRun, CiTrust, accept, load_ci_trust
from pawl.changes.verdict import Verdict
from pawl.services.ci_tokens import AGAIN_S, FRESH_S, Keyring, by_ci, evidence_of, verify_ci_token
from pawl.world.host.ci_keys import fetch_keys

NOW = "2026-11-21T12:00:00.000000Z"
NOW_S = int(parse_time(NOW).timestamp())
AUDIENCE = "https://pawl.example.org/acme/shop"
GITHUB = "https://token.actions.githubusercontent.com"
WORKFLOW = "acme/shop/.github/workflows/checks.yml@refs/heads/main"
TEXT = f"""
schema: pawl.ci-trust/1
audience: {AUDIENCE}
trusted:
  - {{kind: github, repository: "1234", workflow: "{WORKFLOW}"}}
  - kind: github
    repository: "99"
    workflow: acme/deploy/.github/workflows/go.yml@refs/heads/main
    environment: production
  - kind: gitlab
    issuer: https://gitlab.example.org
    repository: "77"
    workflow: gitlab.example.org/acme/shop//.gitlab-ci.yml@refs/heads/main
"""
TRUST = load_ci_trust(TEXT, place="ci.yaml")
KEY = RSAKey.generate_key(2048, {"kid": "k1"}, private=True)
OTHER = RSAKey.generate_key(2048, {"kid": "k1"}, private=True)
SHORT = rsa.generate_private_key(65537, 1024)


def claims(**other: Any) -> dict[str, Any]:
    """Return what GitHub says of the trusted job; None takes a claim out."""
    said = {
        "iss": GITHUB,
        "aud": AUDIENCE,
        "sub": "repo:acme/shop:ref:refs/heads/main",
        "repository_id": "1234",
        "job_workflow_ref": WORKFLOW,
        "run_id": "5550",
        "run_attempt": "2",
        "actor": "ada",
        "jti": "j-1",
        "iat": NOW_S - 10,
        "nbf": NOW_S - 10,
        "exp": NOW_S + 300,
    }
    return {name: value for name, value in {**said, **other}.items() if value is not None}


def token(said: dict[str, Any], key: Any = KEY, **header: Any) -> str:
    """Return a token as the issuer signs one."""
    told_ = {"alg": "RS256", "typ": "JWT", "kid": "k1", **header}
    algorithms = [told_["alg"]]
    return jws.serialize_compact(told_, json.dumps(said).encode(), key, algorithms=algorithms)


def published(*keys: Any) -> bytes:
    """Return a key set as an issuer publishes it."""
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]}).encode()


class Seen:
    """Remembers in memory what was heard."""

    def __init__(self) -> None:
        self.names: set[tuple[str, str]] = set()

    def first(self, source: str, name: str, until: str) -> bool:
        """Say whether a name is new."""
        new = (source, name) not in self.names
        self.names.add((source, name))
        return new


def keyring(fetch: Callable[[str, str], bytes] | None = None, clock: Any = None) -> Keyring:
    """Return a keyring with the test's key."""
    return Keyring(fetch or (lambda issuer, kind: published(KEY)), clock or (lambda: 0.0))


def verified(text: str, seen: Seen | None = None, trust: CiTrust = TRUST) -> CiRun | Refusal:
    """Verify a token against the test's key."""
    return verify_ci_token(text, trust, keyring(), seen or Seen(), now=NOW)


def refused(found: CiRun | Refusal, *words: str) -> None:
    """Check that a token was refused for a reason with some words."""
    assert isinstance(found, Refusal), found
    text = " ".join(found.reasons)
    assert all(word in text for word in words), text


def test_a_trusted_job_is_known_by_its_numbers() -> None:
    """A token of the pinned workflow proves the producer, the run and its attempt."""
    found = verified(token(claims()))
    assert isinstance(found, CiRun)
    assert found.producer == "ci:github:1234/checks.yml@refs/heads/main"
    assert (found.run, found.attempt) == ("5550", "2")
    by = by_ci(found)
    assert (by.identity, by.source, by.assurance) == (found.producer, "ci", "authenticated")


def test_a_job_of_gitlab_is_known_by_its_own_claims() -> None:
    """GitLab's project, configuration and job are read by the names that it gives them."""
    said = {
        "iss": "https://gitlab.example.org", "project_id": "77", "pipeline_id": "8",
        "ci_config_ref_uri": "gitlab.example.org/acme/shop//.gitlab-ci.yml@refs/heads/main",
        "job_id": "9", "repository_id": None, "job_workflow_ref": None, "nbf": None,
    }  # fmt: skip
    found = verified(token(claims(**said)))
    assert isinstance(found, CiRun)
    assert found.producer == "ci:gitlab@gitlab.example.org:77/.gitlab-ci.yml@refs/heads/main"
    assert (found.run, found.attempt) == ("8", "9")


@pytest.mark.parametrize(
    ("other", "word"),
    [
        ({"aud": "https://elsewhere.example"}, "elsewhere"),
        ({"aud": [AUDIENCE, "https://elsewhere.example"]}, "elsewhere"),
        ({"aud": None}, "None"),
        ({"repository_id": "4321"}, "repository_id"),
        ({"repository_id": None, "repository": "acme/shop"}, "repository_id"),
        ({"job_workflow_ref": WORKFLOW.replace("main", "evil")}, "job_workflow_ref"),
        ({"job_workflow_ref": WORKFLOW.replace("refs/heads/main", "refs/pull/7/merge")}, "pull"),
        ({"job_workflow_ref": None, "workflow_ref": WORKFLOW}, "job_workflow_ref"),
        ({"run_id": None}, "run"),
        ({"run_attempt": None}, "run"),
        ({"jti": None}, "jti"),
        ({"iss": "https://issuer.example"}, "issuer"),
        ({"iss": "https://gitlab.example.org"}, "project_id"),
        ({"exp": None}, "how long"),
        ({"iat": None, "nbf": None}, "how long"),
        ({"exp": NOW_S - 90}, "expired"),
        ({"exp": "soon"}, "how long"),
        ({"exp": True}, "how long"),
        ({"exp": 1e30}, "how long"),
        ({"nbf": NOW_S + 90}, "not good yet"),
        ({"iat": NOW_S + 90}, "not good yet"),
        ({"nbf": "x"}, "how long"),
        ({"exp": NOW_S + 90_000}, "a day"),
    ],
)
def test_a_token_of_anything_else_is_refused(other: dict[str, Any], word: str) -> None:
    """Another audience, repository, workflow, issuer or time, or none at all: each is named."""
    refused(verified(token(claims(**other))), word)


def test_a_minute_is_forgiven() -> None:
    """Clocks may differ by a minute and no more, at either end."""
    for other in ({"exp": NOW_S - 59}, {"nbf": NOW_S + 60}, {"iat": NOW_S + 60}):
        assert isinstance(verified(token(claims(**other))), CiRun), other
    refused(verified(token(claims(exp=NOW_S - 60))), "expired")
    refused(verified(token(claims(nbf=NOW_S + 61))), "not good yet")


def test_an_environment_is_asked_for_where_it_is_named() -> None:
    """A workflow that is trusted in one environment is not in another, nor outside of any."""
    said = {
        "repository_id": "99",
        "job_workflow_ref": "acme/deploy/.github/workflows/go.yml@refs/heads/main",
    }
    found = verified(token(claims(**said, environment="production")))
    assert isinstance(found, CiRun)
    assert found.producer.endswith("go.yml@refs/heads/main#production")
    refused(verified(token(claims(**said))), "environment")
    refused(verified(token(claims(**said, environment="staging"))), "staging")


def test_a_token_is_good_once() -> None:
    """The same token is refused again; a bad one before it uses nothing up."""
    seen = Seen()
    refused(verified(token(claims(aud="x")), seen))
    assert isinstance(verified(token(claims()), seen), CiRun)
    refused(verified(token(claims()), seen), "once")
    refused(verified(token(claims(run_attempt="3")), seen), "once")
    assert isinstance(verified(token(claims(jti="j-2")), seen), CiRun)


def _unsigned(alg: str, said: dict[str, Any]) -> str:
    parts = [{"alg": alg, "kid": "k1"}, said]
    text = [base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in parts]
    return b".".join([*text, b""]).decode()


def test_only_rs256_with_a_published_key_is_taken() -> None:
    """No algorithm, another one, or a key that the issuer has not: all are refused."""
    public = KEY.as_pem(private=False)
    head = _unsigned("HS256", claims()).rstrip(".")
    seal = hmac.new(public, head.encode(), "sha256").digest()
    confused = f"{head}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"
    for text in (
        _unsigned("none", claims()),
        _unsigned("RS256", claims()),
        confused,
        token(claims(), OTHER),
        token(claims(), OTHER, jwk=OTHER.as_dict(private=False)),
        token(claims(), KEY, alg="RS384"),
        token(claims(), KEY, alg="PS256"),
        token(claims(), ECKey.generate_key("P-256"), alg="ES256"),
        token(claims(), KEY, kid="k2"),
        token(claims()).rpartition(".")[0] + ".AAAA",
    ):
        refused(verified(text))
    for name, key in (("crit", ["exp"]), ("b64", True), ("zip", "DEF"), ("kid", 7)):
        head, body, end = token(claims()).split(".")
        header = json.loads(base64.urlsafe_b64decode(head + "=="))
        changed = json.dumps({**header, name: key}).encode()
        head = base64.urlsafe_b64encode(changed).rstrip(b"=").decode()
        refused(verified(f"{head}.{body}.{end}"), "key" if name == "kid" else "RS256 alone")


def test_keys_that_are_weak_or_for_something_else_are_not_taken() -> None:
    """Short keys, keys to encrypt, other kinds and doubles in a set sign nothing."""
    number = SHORT.public_key().public_numbers().n.to_bytes(128)
    text = base64.urlsafe_b64encode(number).rstrip(b"=").decode()
    short = json.dumps({"keys": [{"kty": "RSA", "kid": "k1", "n": text, "e": "AQAB"}]}).encode()
    found = verify_ci_token(
        token(claims()), TRUST, keyring(lambda issuer, kind: short), Seen(), now=NOW
    )
    refused(found, "publishes no such key")
    plain = KEY.as_dict(private=False)
    for odd in (
        {"use": "enc"},
        {"alg": "RS512"},
        {"kty": "oct", "k": "AAAA"},
        {"n": "!!"},
        {"e": ""},
    ):
        keys = json.dumps({"keys": [{**plain, **odd}, "x", 7]}).encode()
        found = verify_ci_token(token(claims()), TRUST, keyring(_answers(keys)), Seen(), now=NOW)
        refused(found, "publishes no such key")


def _answers(keys: bytes) -> Callable[[str, str], bytes]:
    return lambda issuer, kind: keys


class Clock:
    """A clock with a dial."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_keys_are_asked_for_seldom_and_fail_closed() -> None:
    """Known keys are kept for an hour; unknown ones are asked for once a minute; none is no yes."""
    clock, asked, answers = Clock(), [], [published(KEY)]

    def fetch(issuer: str, kind: str) -> bytes:
        asked.append((issuer, kind))
        if not answers[-1]:
            raise CannotTell("down")
        return answers[-1]

    ring = keyring(fetch, clock)
    for _ in range(3):
        assert ring.key(GITHUB, "github", "k1") is not None
    assert asked == [(GITHUB, "github")]
    assert ring.key(GITHUB, "github", "new") is None
    clock.now = AGAIN_S
    assert ring.key(GITHUB, "github", "new") is None
    assert ring.key(GITHUB, "github", "new") is None
    assert len(asked) == 2
    clock.now += FRESH_S
    answers.append(b"")
    with pytest.raises(CannotTell):
        ring.key(GITHUB, "github", "k1")
    with pytest.raises(CannotTell, match="a moment ago"):
        ring.key(GITHUB, "github", "k1")
    assert len(asked) == 3
    clock.now += AGAIN_S
    answers.append(published(KEY))
    assert ring.key(GITHUB, "github", "k1") is not None
    for odd in (b"", b"[]", b'{"keys": 1}', b"<html>", json.dumps({"keys": [{}] * 101}).encode()):
        with pytest.raises(CannotTell):
            keyring(_answers(odd)).key(GITHUB, "github", "k1")


class Issuer:
    """An issuer that answers everything alike, and counts."""

    def __init__(self, sent: Sent) -> None:
        self.sent = sent
        self.origin = ""
        self.paths: list[str] = []

    def answer(self, method: str, target: str, headers: dict[str, str], content: Any) -> Sent:
        """Return the reply to a request."""
        self.paths.append(target)
        return self.sent


def test_keys_come_from_the_issuer_and_nobody_else() -> None:
    """Keys are asked for at the documented path; a failure or a redirect is none."""
    issuer = Issuer(told({"keys": []}))
    with serving(issuer) as origin:
        assert fetch_keys(origin, "github") == b'{"keys": []}'
        assert fetch_keys(origin, "gitlab") == b'{"keys": []}'
        assert issuer.paths == ["/.well-known/jwks", "/oauth/discovery/keys"]
        for sent in (
            told({}, 500),
            Sent(302, {"Location": "https://elsewhere.example/"}, b""),
            Sent(200, {}, b"x" * 300_000),
        ):
            issuer.sent = sent
            with pytest.raises(CannotTell):
                fetch_keys(origin, "github")
    with pytest.raises(CannotTell):
        fetch_keys("http://issuer.example", "github")


def statement(**other: Any) -> bytes:
    """Return a statement of evidence as a job sends it."""
    predicate = {
        "kind": "lint", "base": "b" * 64, "verdict": "pass", "events": 5, "payload": {"failing": 0},
        "producedAt": "2026-11-21T11:59:00Z", "producer": "somebody-else", **other,
    }  # fmt: skip
    return json.dumps(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": "change", "digest": {"sha256": "d" * 64}}],
            "predicateType": "urn:pawl:evidence:1",
            "predicate": predicate,
        }
    ).encode()


def test_evidence_is_of_the_job_that_proved_itself() -> None:
    """Whoever a statement says produced it, the evidence is of the job, and tells its run."""
    run = verified(token(claims()))
    assert isinstance(run, CiRun)
    found = evidence_of(statement(), run, now=NOW)
    assert found.producer == run.producer
    assert found.verdict is Verdict.PASS
    assert found.payload["ci"] == {"run": "5550", "attempt": "2", "environment": ""}
    again = evidence_of(statement(payload={"ci": {"run": "1"}}), run, now=NOW)
    assert again.payload["ci"]["run"] == "5550"
    for odd in (b"", b"[]", b"{}", statement(verdict="maybe"), statement(payload=1)):
        with pytest.raises((BadFile, BadValue)):
            evidence_of(odd, run, now=NOW)


@pytest.mark.parametrize(
    ("was", "now_is"),
    [
        (AUDIENCE, '""'),
        (AUDIENCE, GITHUB),
        ('"1234"', '"acme/shop"'),
        ('"1234"', '"0"'),
        (WORKFLOW, WORKFLOW.partition("@")[0]),
        (WORKFLOW, WORKFLOW.replace("main", "*")),
        ("https://gitlab.example.org", "http://gitlab.example.org"),
        ("https://gitlab.example.org", "https://user@gitlab.example.org"),
        ("environment: production", "environments: production"),
        ('repository: "99"\n    workflow: acme/deploy/.github/workflows/go.yml@refs/heads/main'
         '\n    environment: production',
         'repository: "1234"\n    workflow: acme/x/checks.yml@refs/heads/main'),
    ],
)  # fmt: skip
def test_trust_that_is_not_pinned_down_is_refused(was: str, now_is: str) -> None:
    """A name for a number, any ref, plain HTTP or two of one name do not load."""
    assert was in TEXT
    with pytest.raises(BadFile):
        load_ci_trust(TEXT.replace(was, now_is, 1), place="ci.yaml")


@settings(max_examples=80, deadline=None)
@given(
    st.text(max_size=120) | st.builds(lambda a, b, c: f"{a}.{b}.{c}", *[st.text(max_size=40)] * 3)
)
def test_no_text_breaks_the_reader_of_tokens(text: str) -> None:
    """Whatever is sent as a token is refused with a reason."""
    refused(verified(text))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_change_to_a_token_is_noticed(data: st.DataObject) -> None:
    """A token cut short, or with a letter changed, proves nothing."""
    at = data.draw(st.integers(0, len(TOKEN) - 1))
    letter = data.draw(st.sampled_from("AZaz09-_.=+/ é"))
    changed = TOKEN[:at] + letter + TOKEN[at + 1 :]
    refused(verified(TOKEN[:at]))
    if _bits(changed) != _bits(TOKEN):
        refused(verified(changed))


def _bits(text: str) -> Any:
    """Return what a token holds: the last letters of a part carry bits that mean nothing."""
    try:
        parts = text.encode("ascii").split(b".")
        return [base64.b64decode(part + b"=" * (-len(part) % 4), b"-_", True) for part in parts]
    except ValueError:
        return text


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*claims(), "environment"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
        | st.lists(st.text(max_size=5), max_size=2),
        max_size=4,
    )
)  # fmt: skip
def test_no_claims_break_the_judge(other: dict[str, Any]) -> None:
    """Whatever an issuer signs is a trusted job or is refused, and never both."""
    found = accept({**claims(), **other}, TRUST, now=NOW)
    if isinstance(found, CiRun):
        assert found.repository == "1234"
        assert other.keys() <= {"sub", "actor", "jti", "run_id", "run_attempt", "environment",
                                "iat", "nbf", "exp"}  # fmt: skip


TOKEN = token(claims())
