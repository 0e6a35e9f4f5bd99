"""Answer GitHub when a deployment waits for a rule of ours.

https://docs.github.com/en/rest/actions/workflow-runs: `Review custom deployment protection rules
for a workflow run`. The address is made here from the repository that is configured; one that comes
with a delivery has to be the same, and is never called.
"""

import time
from collections.abc import Callable

from pawl.maturity.goal_issue import Request
from pawl.world.host import github
from pawl.world.host.sender import GitHubSender

MAX_COMMENT = 10_000
"""Characters; GitHub shows a comment under the deployment."""


class GitHubDeployments(GitHubSender):
    """Deployments of one repository that wait for an answer."""

    def __init__(
        self,
        token: str | None,
        repository: str,
        url: str = github.URL,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(token, url, clock=clock)
        self._below = github.address_of(repository, "[changes] github")
        self.repository = repository

    def address(self, run: int) -> str:
        """Return where a run of the repository is answered, as deliveries name it."""
        return f"{self.url}{self._path(run)}"

    def respond(self, run: int, environment: str, allowed: bool, comment: str) -> Request:
        """Let the deployments of a run to an environment go on, or end them; twice is once."""
        body = {
            "environment_name": environment,
            "state": "approved" if allowed else "rejected",
            "comment": comment[:MAX_COMMENT],
        }
        return Request(method="POST", address=self._path(run), body=body)

    def close(self) -> None:
        """Close the connections."""
        self.telling.close()

    def _path(self, run: int) -> str:
        return f"{self._below}/actions/runs/{run}/deployment_protection_rule"
