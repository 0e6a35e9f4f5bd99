"""What can be said of a pipeline: whatever it is, the result has one shape, or there is none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pipelines.made import IMAGE, PATTERNS, made, parsed

from pawl.base.errors import BadValue
from pawl.pipelines.pattern import Host

ODD = st.one_of(
    st.text(max_size=30),
    st.from_regex(r"[A-Za-z0-9._/@:$ {}'\"#-]{0,30}", fullmatch=True),
    st.sampled_from(["main", "release/1.x", "0.1.0", "MY_KEY", "10m", "3.50", "a,b", "0 5 * * *"]),
    st.sampled_from(["${{ github.token }}", "x\n    permissions: write-all", 'a"b', "a'b", "x: y"]),
)
SAID = st.fixed_dictionaries(
    {},
    optional={
        "max_usd": ODD,
        "max_usd_per_item": ODD,
        "model": ODD,
        "timeout": ODD,
        "branch": ODD,
        "runs_on": ODD,
        "secret": ODD,
        "pawl_version": ODD,
        "items": ODD,
        "cron": ODD,
        "agent": st.one_of(ODD, st.sampled_from(["codex", "claude-code"])),
        "max_turns": st.integers(-5, 2000),
        "jobs": st.integers(-5, 2000),
    },
)


def shape(value: Any) -> Any:
    """Return the keys of a document all the way down, with the length of its lists of tables."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return [shape(each) for each in value]
    return None


def keys_apart(value: Any) -> Any:
    """Return a shape with the variable of the model's key, which an agent decides, named alike."""
    if isinstance(value, dict):
        return {
            "KEY" if key.endswith("_API_KEY") else key: keys_apart(inner)
            for key, inner in value.items()
        }
    return [keys_apart(each) for each in value] if isinstance(value, list) else value


PLAIN = {
    (pattern, host): keys_apart(shape(parsed(made(pattern, host))))
    for pattern in PATTERNS
    for host in Host
}


@given(st.sampled_from(sorted(PATTERNS)), st.sampled_from(list(Host)), SAID)
def test_no_option_changes_the_shape(pattern: str, host: Host, said: dict[str, Any]) -> None:
    """Whatever names and limits are given, the pipeline has the keys that it has without them."""
    takes = PATTERNS[pattern].takes | {"runs_on", "pawl_version"}
    try:
        generated = made(pattern, host, **{k: v for k, v in said.items() if k in takes})
    except BadValue:
        return
    assert keys_apart(shape(parsed(generated))) == PLAIN[pattern, host]
    assert generated.text.isascii()


def test_what_was_said_stands_there() -> None:
    """Money, turns, time, branch, runner, secret and version stand where they belong."""
    generated = made(
        "review",
        max_usd="$1.50",
        max_turns=7,
        timeout="90s",
        branch="release/2",
        runs_on="self-hosted,linux",
        secret="TEAM_KEY",
        agent="codex",
        model="gpt-5.2[1m]",
        pawl_version="0.9.1",
    )
    document = parsed(generated)
    job = document["jobs"]["review"]
    env = next(step["env"] for step in job["steps"] if "MAX_USD" in step.get("env", {}))
    assert document["on"]["pull_request"]["branches"] == ["release/2"]
    assert job["runs-on"] == ["self-hosted", "linux"]
    assert job["timeout-minutes"] == "12"
    assert (env["MAX_USD"], env["MAX_TURNS"], env["TIMEOUT"]) == ("1.5", "7", "2m")
    assert env["CODEX_API_KEY"] == "${{ secrets.TEAM_KEY }}"
    assert "pawl-ops==0.9.1" in generated.text
    assert '-- codex exec ${MODEL:+--model "$MODEL"}\n' in generated.text
    assert env["MODEL"] == "gpt-5.2[1m]"


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"agent": "nobody"}, "--agent"),
        ({"max_usd": "0"}, "--max-usd"),
        ({"max_usd": "lots"}, "--max-usd"),
        ({"max_turns": 0}, "--max-turns"),
        ({"model": "a b"}, "--model"),
        ({"timeout": "7h"}, "--timeout"),
        ({"timeout": "soon"}, "--timeout"),
        ({"branch": "a..b"}, "--branch"),
        ({"branch": "feature/*"}, "--branch"),
        ({"runs_on": "${{ matrix.os }}"}, "--runs-on"),
        ({"secret": "GITHUB_TOKEN"}, "--secret"),
        ({"pawl_version": ">=0.1"}, "--pawl-version"),
        ({"items": "items.yaml"}, "--items"),
        ({"cron": "0 5 * * *"}, "--cron"),
        ({"image": IMAGE}, "--image"),
    ],
)
def test_what_cannot_be_said_names_its_option(said: dict[str, Any], place: str) -> None:
    """A value that does not fit, or an option without a meaning here, is refused by its name."""
    with pytest.raises(BadValue) as caught:
        made("review", **said)
    assert caught.value.place == place


@pytest.mark.parametrize("items", ["../x", "/etc/passwd", "a b", "$HOME", "a/../b"])
def test_items_stay_in_the_repository(items: str) -> None:
    """A batch reads a file below the root of the repository."""
    with pytest.raises(BadValue):
        made("batch", items=items)


@pytest.mark.parametrize("image", ["python:3.12", "x@sha256:12", f"{IMAGE} --privileged"])
def test_an_image_has_a_digest(image: str) -> None:
    """GitLab's image is named by its digest, since a tag can be moved."""
    with pytest.raises(BadValue) as caught:
        made("gate", Host.GITLAB, image=image)
    assert caught.value.place == "--image"
