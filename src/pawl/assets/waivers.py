"""Findings that somebody allows: in a comment beside the place, or in the settings; never for ever.

    <!-- pawl: allow missing-import until 2027-01-31 because the file is generated on release -->

A waiver names rules, says why, and may say until when. It holds for its own line and the next; with
`allow-file` for its file. One without a reason, or that ended, holds nothing and is told of.
"""

from collections.abc import Iterable, Iterator

import msgspec

from pawl.base.patterns import regex

_RULE = r"[a-z][a-z0-9-]{1,60}(?:/[A-Za-z0-9][\w.-]{0,60})?"
"""A rule of ours, or `tool/rule` of another one's."""
_INLINE = regex(
    rf"pawl:[ \t]*(allow|allow-file)[ \t]+({_RULE}(?:[ \t]*,[ \t]*{_RULE}){{0,20}})"
    r"(?:[ \t]+until[ \t]+(\S{1,20}))?(?:[ \t]+because[ \t]+([^\n]{1,300}?))?[ \t]*(?:--+>|\*/|$)"
)
_DAY = regex(r"\d{4}-\d{2}-\d{2}")


class Waiver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One allowance. `path` may end in `*`; `line` None is the whole file; `until` is a UTC day."""

    rules: tuple[str, ...]
    path: str
    reason: str = ""
    until: str | None = None
    line: int | None = None

    def covers(self, rule: str, path: str, line: int | None) -> bool:
        """Say whether a finding is one of those it names."""
        if rule not in self.rules and "*" not in self.rules:
            return False
        if self.path.endswith("*"):
            if not path.startswith(self.path[:-1]):
                return False
        elif path != self.path:
            return False
        return self.line is None or line in (self.line, self.line + 1)

    def void(self, today: str) -> str | None:
        """Return why it holds nothing, or None when it holds; `today` is `YYYY-MM-DD`."""
        if not self.reason.strip():
            return "it gives no reason"
        if self.until is not None and _DAY.fullmatch(self.until) is None:
            return f"its end is no day: {self.until[:20]!r}"
        if self.until is not None and self.until < today:
            return f"it ended on {self.until}"
        return None


def waivers_in(path: str, text: str) -> tuple[Waiver, ...]:
    """Return the waivers that stand in a file, in order."""
    return tuple(_found(path, text)) if "pawl:" in text else ()


def _found(path: str, text: str) -> Iterator[Waiver]:
    for number, line in enumerate(text.split("\n"), 1):
        match = _INLINE.search(line[:2000]) if "pawl:" in line else None
        if match is not None:
            yield Waiver(
                rules=tuple(name.strip() for name in match[2].split(",")),
                path=path,
                reason=(match[4] or "").strip(),
                until=match[3],
                line=None if match[1] == "allow-file" else number,
            )


def first_covering(
    waivers: Iterable[Waiver], rule: str, path: str, line: int | None, today: str
) -> Waiver | None:
    """Return the first waiver that holds for a finding."""
    return next(
        (each for each in waivers if each.covers(rule, path, line) and each.void(today) is None),
        None,
    )
