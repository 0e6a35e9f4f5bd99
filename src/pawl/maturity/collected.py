"""What a collection from a code host brought."""

import msgspec


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """What a collection brought. Times are canonical.

    `missing` says part by part what could not be fetched and why, `untold` what the host does not
    keep for anybody. `stopped` is why it stopped before its end; it then goes on when run again.
    `kept` files were good from before; `unchanged` requests cost nothing of GitHub's limit.
    """

    product: str
    repository: str
    into: str
    began: str
    complete_since: str
    resumed: bool
    stopped: str
    missing: dict[str, str]
    untold: dict[str, str]
    changes: int
    files: int
    kept: int
    requests: int
    unchanged: int
    waited_s: float
