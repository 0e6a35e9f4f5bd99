"""Canonical bytes and their digests, so that a decision can bind to content.

JSON is written as RFC 8785 (JSON Canonicalization Scheme) says, digests are SHA-256 in hex.
"""

import hashlib
from json import JSONEncoder
from typing import Any

import rfc8785


def canonical_json(value: Any) -> bytes:
    """Return the RFC 8785 bytes of a JSON value; raises for NaN, infinities and big integers."""
    return rfc8785.dumps(value)


def canonical_words(value: Any) -> bytes:
    """Return the RFC 8785 bytes of texts, truths and whole numbers, in a fraction of the time.

    For names in ASCII only, and numbers below 2**53; whoever calls knows that of its types.
    """
    return _WORDS.encode(value).encode()


_WORDS = JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False
)


def sha256_hex(content: bytes) -> str:
    """Return the SHA-256 of bytes in lower-case hex."""
    return hashlib.sha256(content).hexdigest()


def digest(value: Any) -> str:
    """Return the digest of a JSON value, independent of key order and spacing."""
    return sha256_hex(canonical_json(value))
