"""What looks like a secret is not stored."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pawl.base.redaction import REDACTED, redact

SECRETS = {
    "provider key": ("key sk-ant-api03-abcDEF123456 end", "abcDEF123456"),
    "forge token": ("remote: ghp_0123456789abcdefghij", "0123456789"),
    "cloud key": ("id AKIAIOSFODNN7EXAMPLE", "IOSFODNN7"),
    "bearer": ("Authorization: Bearer abc.def-ghi123456", "def-ghi"),
    "header": ('"x-api-key": "dummy-value"', "dummy-value"),
    "assignment": ("DB_PASSWORD=hunter2222 next", "hunter2222"),
    "json": ('{"client_secret": "s3cr3t-value"}', "s3cr3t"),
    "url": ("fatal: https://me:hunter2@example.com/x.git", "hunter2"),
    "jwt": ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdef", "eyJzdWIi"),
    "private key": ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "MIIE"),
    "cut private key": ("-----BEGIN PRIVATE KEY-----\nMIIEcut", "MIIEcut"),
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_replaced(name: str) -> None:
    """Keys of known shape, and values behind a telling word, do not survive."""
    text, secret = SECRETS[name]
    assert secret not in redact(text)
    assert REDACTED in redact(text)


def _corpus() -> list[tuple[str, str, str]]:
    """Return issuer, text and secret: put together here, so that no scanner takes it for real."""
    word = "0a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZaB3"
    marked = {
        "anthropic": "sk-ant-api03-",
        "openai": "sk-proj-",
        "stripe": "sk_" + "live_",
        "stripe restricted": "rk_" + "live_",
        "github": "gh" + "p_",
        "github app": "gh" + "s_",
        "github fine": "github_" + "pat_",
        "gitlab": "gl" + "pat-",
        "gitlab runner": "gl" + "rt-",
        "slack bot": "xo" + "xb-",
        "slack app": "xa" + "pp-",
        "npm": "np" + "m_",
        "pypi": "py" + "pi-",
        "hugging face": "h" + "f_",
        "digital ocean": "do" + "p_v1_",
        "databricks": "da" + "pi",
        "shopify": "sh" + "pat_",
        "linear": "lin_" + "api_",
        "notion": "nt" + "n_",
        "vault": "hv" + "s.",
        "tailscale": "ts" + "key-",
        "nvidia": "nv" + "api-",
        "groq": "gs" + "k_",
        "xai": "xa" + "i-",
        "replicate": "r" + "8_",
        "mailgun": "ke" + "y-",
        "sendgrid": "S" + "G.",
        "sentry": "sntr" + "ys_",
        "doppler": "dp.p" + "t.",
        "figma": "fig" + "d_",
        "posthog": "ph" + "x_",
        "rubygems": "rubygem" + "s_",
        "supabase": "sb" + "p_",
        "google": "AI" + "za",
        "google oauth": "ya" + "29.",
        "google client": "GOC" + "SPX-",
        "facebook": "EA" + "A",
        "square": "sq0" + "atp-",
        "telegram": "123456789:A" + "A",
        "age": "AGE-SECRET" + "-KEY-1",
    }
    found = []
    for name, mark in marked.items():
        body = word.upper() if name == "age" else word
        found.append((name, f"remote said: {mark}{body} is not valid", body))
    aws = "A" + "KIA" + "Q3EGRL6MXOSXAMPL"
    found += [
        ("aws", f"InvalidAccessKeyId: {aws}", aws[4:]),
        ("aws secret", f"aws_secret_access_key = {word}", word),
        ("azure", f"AccountName=x;AccountKey={word}==;Endpoint=y", word),
        ("slack hook", f"POST https://hooks.slack.com/services/T0/B0/{word}", word),
        ("discord hook", f"https://discord.com/api/webhooks/123/{word}", word),
        ("basic", f"Authorization: Basic {word}", word),
        ("npmrc", f"//registry.example/:_authToken={word}", word),
        ("env", f"export DATABASE_PASSWORD='{word}'", word),
        ("yaml", f"client_secret: {word}", word),
        ("flag", f"mysql --password={word} -h db", word),
        ("dsn", f"SENTRY_DSN=https://{word}@o1.example/2", word),
        ("query", f"GET /v1?api_key={word}&page=2", word),
        ("postgres", f"postgresql://app:{word}@db/shop", word),
        ("redis", f"redis://:{word}@cache:6379/0", word),
        ("private key", f"-----BEGIN {'OPENSSH'} PRIVATE KEY-----\n{word}\n", word),
        ("json in a string", f'{{\\"password\\": \\"{word}\\"}}', word),
    ]
    return found


@pytest.mark.parametrize(("issuer", "text", "secret"), _corpus(), ids=lambda text: text[:20])
def test_a_key_of_a_known_issuer_is_replaced(issuer: str, text: str, secret: str) -> None:
    """Nothing of the secret part is left, and the words around it are."""
    shown = redact(text)
    assert secret not in shown
    assert secret[:16] not in shown
    assert REDACTED in shown


@pytest.mark.parametrize(
    "text",
    [
        "token limit 200000 reached, 1200 tokens used",
        "key-value store, sk-learn 1.5 and hf_hub are installed",
        "the password prompt timed out after 30 s",
        "secret: no",
        "commit 6392e50c78460ba618e5b21f08a71f59c99ce99c",
        "sha256:6392e50c78460ba618e5b21f08a71f59c99ce99cdc6cf6e3dd7e6ccca8754fab",
        "run_01m7z04v9psdcpyqjstfmmq2b9 of session e97a7b80-ff09-46cb-9675-00f4884a07f5",
        "toolu_01A09q90qw90lq917835lq9 failed: exit 1",
        "req_011CSHoEeqs5C35K2UUqR7Fy took 1.2 s",
        "msg_01XFDUDYJgAACzvnptvVoYEL",
        "https://hooks.slack.com/docs and https://discord.com/developers",
        "git@github.com:octo/shop.git",
        "xai-org/grok is a repository",
        "monkey-patching and turkey-sandwich",
        "fly_me_to_the_moon.py",
        "claude-sonnet-4-5-20250929 at 3:15",
    ],
)
def test_what_only_looks_like_one_stays(text: str) -> None:
    """Ids, digests and words that begin like a key keep their sense."""
    assert redact(text) == text


def test_ordinary_text_stays() -> None:
    """Messages about tokens and keys keep their sense."""
    text = "error: 1200 tokens used; the key 'name' is missing at https://example.com:8080/a@b"
    assert redact(text) == text


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    """Redaction is stable, so text may pass it on every way into a store."""
    assert redact(redact(text)) == redact(text)


HOSTILE = {
    "tokens that never end": "eyJaaaaaaaa-",
    "one word after the other": "a.",
    "names of secrets": "password ",
    "keys that begin": "-----BEGIN PRIVATE KEY----- ",
    "addresses": "a://a:",
}


@pytest.mark.parametrize("part", HOSTILE.values(), ids=list(HOSTILE))
def test_no_text_takes_longer_than_it_is_long(part: str) -> None:
    """Whoever sends a text cannot keep the processor busy with it: four times as much takes about
    four times as long, where a shape that goes back and forth would take sixteen times."""
    once, four = (_seconds((part * 40_000)[:size]) for size in (16_384, 65_536))
    assert four < 9 * once + 0.02


def _seconds(text: str) -> float:
    """Return the processor seconds that redaction takes, the best of three."""
    times = []
    for _ in range(3):
        began = time.process_time()
        redact(text)
        times.append(time.process_time() - began)
    return min(times)
