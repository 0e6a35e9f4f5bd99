"""Whose files are in the workspace: the last checkout into its root decides."""

from typing import Any

import pytest
from tests.assets.flows import workflow

from pawl.assets.outsider_code import checkout_before

HEAD = "${{ github.event.pull_request.head.sha }}"


@pytest.mark.parametrize(
    ("step", "asks"),
    [
        ({"uses": "actions/checkout@v4", "with": {"ref": HEAD}}, True),
        ({"uses": "actions/checkout@v4", "with": {"ref": "${{ github.head_ref }}"}}, True),
        ({"uses": "actions/checkout@v4", "with": {"ref": "refs/pull/5/merge"}}, True),
        ({"uses": "actions/checkout@v4"}, False),
        ({"uses": "actions/checkout@v4", "with": {"ref": "main"}}, False),
        ("gh pr checkout 5", True),
        ("git fetch origin pull/5/head:pr && git checkout pr", True),
        ("git checkout main", None),
        ("echo gh pr checkout 5", None),
        ({"uses": "actions/checkout@v4", "with": {"ref": HEAD, "path": "change"}}, None),
    ],
)
def test_one_step(step: Any, asks: bool | None) -> None:
    """A step fetches a change by name, or something else, or nothing (None)."""
    held = workflow("pull_request_target", step)
    found = checkout_before(held, held.jobs[0], 1)
    assert (None if found is None else found.asks_for_head) is asks


def test_the_last_one_counts() -> None:
    """A later checkout of the base puts the base back."""
    steps = [
        {"uses": "actions/checkout@v4", "with": {"ref": HEAD}},
        {"uses": "actions/checkout@v4"},
    ]
    held = workflow("pull_request_target", *steps)
    found = checkout_before(held, held.jobs[0], 2)
    assert found is not None
    assert not found.asks_for_head
