"""What looks like a secret is not stored."""

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


def test_ordinary_text_stays() -> None:
    """Messages about tokens and keys keep their sense."""
    text = "error: 1200 tokens used; the key 'name' is missing at https://example.com:8080/a@b"
    assert redact(text) == text


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    """Redaction is stable, so text may pass it on every way into a store."""
    assert redact(redact(text)) == redact(text)
