"""Make the text of a pipeline from a pattern, a host and what the user said."""

import msgspec

from pawl.pipelines.options import Options, values_of
from pawl.pipelines.pattern import Host, Pattern
from pawl.pipelines.shipped import agent_named, shipped_text, template_of
from pawl.pipelines.stamp import command_of, digest, stamped
from pawl.pipelines.template import fill

INSTALL_PAWL = (
    # Isolated: else Python would take modules from the folder it stands in, which is the change's.
    'python3 -I -m venv "$work/pawl"',
    '"$work/pawl/bin/pip" install --quiet --disable-pip-version-check \\',
    "  --only-binary :all: pawl-ops==@[pawl_version]",
)
INSTALL_AGENT = (
    '"$work/pawl/bin/pawl" ci agent @[agent] --out "$work/agent"',
    'npm ci --prefix "$work/agent" --ignore-scripts --no-audit --no-fund --loglevel=error',
)
WRITE_REPORT = (
    "missing=0",
    "say() {",
    '  printf "\\n## %s\\n\\n" "$1" >> "$out/report.md"',
    "  shift",
    "  status=0",
    '  "$work/pawl/bin/pawl" "$@" > "$work/part.txt" 2>&1 || status=$?',
    '  sed "s/^/    /" "$work/part.txt" >> "$out/report.md"',
    '  printf "\\nExit status %s.\\n" "$status" >> "$out/report.md"',
    '  if [ "$status" -gt 1 ]; then missing=3; fi',
    "}",
    'printf "# Open risks\\n" > "$out/report.md"',
    'say "What is wrong with the files that steer agents" lint',
    'say "Where the repository stands, from evidence" assess',
    'if [ -n "${PAWL_SERVER:-}" ]; then',
    '  say "Budgets" budgets',
    '  say "Alerts" alerts list',
    "else",
    '  printf "\\nNo server is named: budgets and alerts are unknown.\\n" >> "$out/report.md"',
    "fi",
    'exit "$missing"',
)
"""A part that ends with 0 or 1 has told what it knows; with more, a part of the page is missing."""


class Generated(msgspec.Struct, frozen=True, kw_only=True):
    """A pipeline: its text and where it belongs by default, below the repository's root."""

    pattern: str
    host: Host
    path: str
    text: str


def generate(
    pattern: str, about: Pattern, host: Host, said: Options, *, pawl_version: str
) -> Generated:
    """Return a pipeline; raises BadValue for what cannot be said.

    `pawl_version` is installed where nothing else was said.
    """
    values = values_of(pattern, about, host, said, pawl_version=pawl_version)
    blocks = {"install_pawl": INSTALL_PAWL, "write_report": WRITE_REPORT}
    if about.runs_agent:
        agent = agent_named(str(values["agent"]))
        blocks["install_agent"] = (*INSTALL_AGENT, *agent.setup)
        blocks["review"] = (f'-- {agent.review} ${{MODEL:+--model "$MODEL"}}',)
        blocks["batch"] = (f'-- {agent.batch} ${{MODEL:+--model "$MODEL"}}',)
    body = fill(template_of(pattern, about, host), values, blocks)
    text = stamped(
        body,
        command=command_of(pattern, host, said),
        pattern=pattern,
        host=host,
        template=template_digest(pattern, about, host),
    )
    return Generated(pattern=pattern, host=host, path=default_path(pattern, host), text=text)


def template_digest(pattern: str, about: Pattern, host: Host) -> str:
    """Return the digest of all that a pattern is made from, but for what a user says."""
    blocks = "\n".join((*INSTALL_PAWL, *INSTALL_AGENT, *WRITE_REPORT))
    return digest("\0".join((template_of(pattern, about, host), blocks, shipped_text())))


def default_path(pattern: str, host: Host) -> str:
    """Return where a host looks for a pipeline, or a pipeline includes it from."""
    folder = ".github/workflows" if host is Host.GITHUB else ".gitlab"
    return f"{folder}/pawl-{pattern}.yml"
