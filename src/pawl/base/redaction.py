"""Take secrets out of text before it is stored.

Shapes, not lists: keys of well-known issuers by their prefix, and values that stand behind a
word such as `password`. A shape that is missed stays. What is kept is short (the tail of a stderr,
a message), but for prompts and tool contents, which are kept where the machine's owner asked for
it. So no shape may take longer than its text is long, whatever the text.
"""

import re

_NAMED = (
    r"(?:api[_-]?key|access[_-]?key|account[_-]?key|shared[_-]?key|private[_-]?key"
    r"|auth[_-]?token|authtoken|password|passwd|passphrase|pwd|secret|token|credential|dsn)"
)

_SHAPES = (
    # A whole private key, however it was wrapped; a cut one up to where it was cut.
    re.compile(
        r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)",
        re.DOTALL,
    ),
    re.compile(r"\bAGE-SECRET-KEY-1[A-Z0-9]{20,}"),
    # Issuers that mark their keys; the mark alone is no secret, so some more must follow.
    re.compile(
        r"\b(?:sk-|[sr]k_(?:live|test)_|whsec_|gh[opsur]_|github_pat_|glpat-|gldt-|glrt-"
        r"|xox[abeoprs]-|xapp-|npm_|pypi-|hf_|dop_v1_|dapi|shp(?:at|ca|pa|ss)_|lin_api_|ntn_"
        r"|hvs\.|hvb\.|atlasv1\.|tskey-|nvapi-|gsk_|xai-|pplx-|r8_|key-|SG\.|sntrys_|sntryu_"
        r"|dp\.(?:pt|st|ct)\.|figd_|phc_|phx_|rubygems_|sbp_)[A-Za-z0-9._-]{12,}"
    ),
    re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}\b"),
    re.compile(r"\bAIza[A-Za-z0-9_-]{20,}"),
    re.compile(r"\bya29\.[A-Za-z0-9_-]{20,}"),
    re.compile(r"\bGOCSPX-[A-Za-z0-9_-]{16,}"),
    re.compile(r"\bEAA[A-Za-z0-9]{40,}"),
    re.compile(r"\b\d{8,10}:AA[A-Za-z0-9_-]{30,}"),
    re.compile(r"\bsq0[a-z]{3}-[A-Za-z0-9_-]{20,}"),
    # The path of an incoming webhook is its password.
    re.compile(r"(?<=hooks\.slack\.com/services/)[A-Za-z0-9/_-]{20,}"),
    re.compile(r"(?<=discord\.com/api/webhooks/)[0-9]+/[A-Za-z0-9_-]{20,}"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,2048}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"),
)

_AFTER = (
    re.compile(r"(?i)(\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(r"(?i)(\bx-api-key[\"']?\s*[:=]\s*[\"']?)[^\s\"',;&]{4,}"),
    re.compile(rf"(?i)({_NAMED}[\\\"']{{0,2}}\s*[:=]\s*[\\\"']{{0,2}})[^\s\\\"',;&]{{4,}}"),
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
