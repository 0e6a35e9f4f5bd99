"""What an agent says or changes is run, merged or published, and nothing checks it before.

Bad: `run: echo "${{ steps.claude.outputs.structured_output }}"`, `eval "$(claude -p …)"`,
`claude -p … | bash`, `echo "X=$ANSWER" >> $GITHUB_ENV`. Its answer is text that whoever feeds the
agent may shape, and here it is code: of the shell, of the script, or of every later step. The same
holds for files that it changed, where `gh pr merge` or `npm publish` follows in the same job and no
test stands in between.

Instead: hand it over in `env:` and use it quoted, have it answer by a schema and check it, and
write it to `GITHUB_OUTPUT` or a file. Run the tests before a merge, or merge with `--auto`.
"""

from collections.abc import Iterator

from pawl.assets.agent_output import sinks_of, unchecked_after
from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_hits import hit_on, timed_here
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for agent in timed_here(assets):
        sinks = list(sinks_of(agent.use))
        if not agent.powers.keys().isdisjoint({"shell", "write"}):
            sinks += unchecked_after(agent.use)
        # What `bash -c` runs is read twice, as its word and as a command: one finding a line.
        by_line = {sink.line: sink for sink in reversed(sinks)}
        for sink in reversed(by_line.values()):
            yield hit_on(
                agent,
                f"The output of {agent.use.name} {sink.how}.",
                line=sink.line,
                subject=sink.subject,
                trail=(*agent.trail, f"{agent.use.flow.path}:{sink.line} its output {sink.how}"),
            )


RULE = Rule(
    title="An agent's output is run, merged or published unchecked",
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.WORKFLOW}),
    check=_check,
    source="https://docs.github.com/en/actions/reference/security/secure-use",
    as_of="2026-11-21",
    hint="Hand the output over in `env:`, use it quoted, and check it against a schema.",
)
