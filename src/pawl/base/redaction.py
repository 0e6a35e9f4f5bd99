"""Take secrets out of text before it is stored.

Shapes, not lists: keys of well-known issuers by their prefix, and values that stand behind a
word such as `password`. A shape that is missed stays; what is kept is short (the tail of a
stderr), and prompts and tool contents are not stored at all.
"""

import re

_NAMED = r"(?:api[_-]?key|access[_-]?key|auth[_-]?token|password|passwd|secret|token|credential)"

_SHAPES = (
    # A whole private key, however it was wrapped; a cut one up to where it was cut.
    re.compile(
        r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)",
        re.DOTALL,
    ),
    re.compile(r"\bsk-[A-Za-z0-9_-]{8,}"),
    re.compile(r"\b(?:gh[opsur]_|github_pat_|glpat-|xox[abeprs]-|npm_|pypi-)[A-Za-z0-9_-]{8,}"),
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b"),
    re.compile(r"\bAIza[A-Za-z0-9_-]{20,}"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"),
)

_AFTER = (
    re.compile(r"(?i)(\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(r"(?i)(\bx-api-key[\"']?\s*[:=]\s*[\"']?)[^\s\"',;&]{4,}"),
    re.compile(rf"(?i)(\b[a-z0-9_.-]{{0,40}}{_NAMED}[\"']?\s*[:=]\s*[\"']?)[^\s\"',;&]{{4,}}"),
    # The password of a URL: scheme://user:password@host
    re.compile(r"(\b[a-z][a-z0-9+.-]{0,20}://[^\s/:@]{0,200}:)[^\s/@]{1,200}(?=@)"),
)

REDACTED = "[redacted]"


def redact(text: str) -> str:
    """Return text with what looks like a secret replaced by `[redacted]`."""
    for shape in _SHAPES:
        text = shape.sub(REDACTED, text)
    for shape in _AFTER:
        text = shape.sub(rf"\1{REDACTED}", text)
    return text
