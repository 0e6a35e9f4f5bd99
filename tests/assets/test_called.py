"""Actions and workflows of the same repository come in where they are called, one level deep."""

from tests.assets.flows import flow

from pawl.assets.called import called_by, with_calls
from pawl.assets.flow import Flow, Origin


def test_paths_of_calls() -> None:
    """Only a path of this repository is one."""
    assert called_by("./a") == ("a/action.yml", "a/action.yaml")
    assert called_by("./") == ("action.yml", "action.yaml")
    assert called_by("./.github/workflows/x.yml") == (".github/workflows/x.yml",)
    assert called_by("actions/checkout") == ()
    assert called_by("./../other") == ()


def test_an_actions_steps_with_the_callers_inputs() -> None:
    """Inputs are filled in, in expressions too; lines are those of the call."""
    action = flow(
        {
            "inputs": {"a": {"default": "one"}, "b": {}, "c": {}},
            "runs": {
                "steps": [{"run": "x ${{ inputs.a }} ${{ inputs.b }}", "if": "inputs.c == 'y'"}]
            },
        },
        "act/action.yml",
    )
    use = {"uses": "./act", "with": {"b": "two", "c": "${{ github.actor }}"}, "if": "always()"}
    held = flow({"on": "push", "jobs": {"j": {"steps": [{"run": "first"}, use]}}})

    def find(path: str) -> Flow | None:
        return action if path == "act/action.yml" else None

    (job,) = with_calls(held, find).jobs
    first, second = job.steps
    assert (first.at, second.at) == (0, 1)
    assert second.run == "x one two"
    assert second.condition == "(always()) && (github.actor == 'y')"
    assert second.origin == Origin("act/action.yml", action.jobs[0].steps[0].line)
    assert second.line == held.jobs[0].steps[1].line == second.line_of(1)


def test_a_workflows_jobs_with_the_callers_condition_and_permissions() -> None:
    """A job that is called stands for the call, with what the caller says of it."""
    called = flow({"on": "workflow_call", "jobs": {"in": {"steps": [{"run": "x"}]}}})
    caller = {"uses": "./.github/workflows/c.yml", "if": "a == 'b'", "permissions": {"x": "write"}}
    held = flow({"on": "issues", "jobs": {"out": caller}})
    (job,) = with_calls(held, lambda path: called).jobs
    assert job.id == "out / in"
    assert job.condition == "(a == 'b')"
    assert job.permissions == {"x": "write"}
    assert job.where == ("jobs", "out")


def test_what_is_not_there_stays_a_call() -> None:
    """A call of a file that nobody has is left as it is."""
    held = flow(
        {"on": "push", "jobs": {"j": {"steps": [{"uses": "./gone"}]}, "k": {"uses": "./x.yml"}}}
    )
    assert with_calls(held, lambda path: None).jobs[0].steps[0].uses == "./gone"
