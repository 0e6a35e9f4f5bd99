"""Secrets, placeholders, and what is neither."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.assets.credentials import judge, judge_address, judge_words


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_TOKEN", "ghp_Zk3kdSDk20sdkKDs02kdkdks02kd"),
        ("anything", "ghp_Zk3kdSDk20sdkKDs02kdkdks02kd"),
        ("Authorization", "Bearer kds92kdk2kd9s2kd9"),
        ("DB_PASSWORD", "hunter2hunter2"),
        ("DATABASE_URL", "postgres://u:pw93kd93@db.acme.dev/x"),
    ],
)
def test_secrets(name: str, value: str) -> None:
    """The mark of an issuer and a grave name show a secret."""
    assert judge(name, value) == "secret"


@pytest.mark.parametrize(
    ("name", "value"),
    [("API_KEY", "your-api-key-here"), ("TOKEN", "<token>"), ("x", "AKIAIOSFODNN7EXAMPLE")],
)
def test_placeholders(name: str, value: str) -> None:
    """What waits to be replaced is no secret yet."""
    assert judge(name, value) == "placeholder"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOKEN", "${TOKEN}"),
        ("TOKEN", "{env:TOKEN}"),
        ("Authorization", "Bearer ${TOKEN}"),
        ("DATABASE_URL", "postgres://u:${PW}@db.acme.dev/x"),
        ("DATABASE_URL", "postgres://postgres:postgres1@localhost/x"),
        ("MAX_TOKENS", "64000"),
        ("TOKEN_PATH", "/run/secrets/token"),
        ("API_KEY", ""),
        ("MODEL", "claude-opus-4-8-20260101"),
    ],
)
def test_harmless_values(name: str, value: str) -> None:
    """What is taken from elsewhere, counted, or of this machine hides nothing."""
    assert judge(name, value) is None


def test_arguments_and_addresses() -> None:
    """An option's value and a query's are judged by their names."""
    words = ("x", "--token", "k29dkwo2k3nnd9", "--api-key=k29dkwo2k3nnd9", "--name", "a1b2c3d4e5f6")
    assert dict(judge_words(words)) == {"token": "secret", "api-key": "secret"}
    assert judge_address("https://a.dev/x?api_key=k29dkwo2k3nnd9") == ("api_key", "secret")
    assert judge_address("https://a.dev/x?page=k29dkwo2k3nnd9") is None


@given(st.text(max_size=60), st.text(max_size=200))
def test_any_text_is_judged(name: str, value: str) -> None:
    """No name and no value makes the judgement fail."""
    assert judge(name, value) in ("secret", "placeholder", None)
    judge_address(value)
    list(judge_words((name, value)))
