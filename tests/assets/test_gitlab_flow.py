"""GitLab's jobs: what they extend and refer to, their lines, their events."""

from tests.assets.flows import flow

PIPELINE = """\
.base:
  before_script:
    - setup
.lines:
  script:
    - shared
variables: {A: "1"}
default: {timeout: 10m}
a:
  extends: .base
  variables: {B: "2"}
  script:
    - first
    # a comment
    - |
      second
      third
    - !reference [.lines, script]
  rules:
    - if: $CI_MERGE_REQUEST_IID
b:
  script: one
  only: [merge_requests]
"""


def test_scripts_and_lines() -> None:
    """Lines of a list stand where the file has them; those from elsewhere, at the job."""
    job = flow(PIPELINE, ".gitlab-ci.yml").jobs[0]
    (step,) = job.steps
    assert step.run.split("\n") == ["setup", "first", "second", "third", "", "shared"]
    assert step.line_of(2) == 13
    assert step.line_of(4) == 17
    assert job.env == {"A": "1", "B": "2"}
    assert job.timeout == "10m"


def test_events() -> None:
    """A job that a change starts by itself says so, by rules or the older words."""
    first, second = flow(PIPELINE, ".gitlab-ci.yml").jobs
    assert first.events == second.events == ("merge_request_event",)
    assert first.condition == "($CI_MERGE_REQUEST_IID)"


def test_rules_of_the_whole_pipeline() -> None:
    """A pipeline that runs for no change starts none of its jobs for one."""
    text = {"workflow": {"rules": [{"if": "$CI_COMMIT_TAG"}]}, "a": {"script": "x"}}
    assert flow(text, ".gitlab-ci.yml").jobs[0].events == ()
    text = {"workflow": {"rules": [{"if": "$CI_MERGE_REQUEST_IID"}]}, "a": {"script": "x"}}
    assert flow(text, ".gitlab-ci.yml").jobs[0].events == ("merge_request_event",)
