"""Shapes that many repositories have: what is said of each, and above all what is not."""

import pytest
from tests.assets.trees import assets

import pawl.assets.rules
from pawl.assets.lint import lint
from pawl.assets.lint_settings import LintSettings
from pawl.assets.rule import Rule
from pawl.base.catalogue import discover

RULES = discover(pawl.assets.rules, "RULE", Rule)
SHA = "0123456789012345678901234567890123456789"
MENTION = """\
on:
  issue_comment: {types: [created]}
  pull_request_review_comment: {types: [created]}
  issues: {types: [opened, assigned]}
  pull_request_review: {types: [submitted]}
jobs:
  claude:
    if: |
      (github.event_name == 'issue_comment' && contains(github.event.comment.body, '@claude')) ||
      (github.event_name == 'issues' && contains(github.event.issue.title, '@claude'))
    permissions: {contents: read, issues: read, pull-requests: read, id-token: write}
    steps:
      - uses: actions/checkout@v4
      - uses: anthropics/claude-code-action@v1
        with:
          claude_code_oauth_token: ${{ secrets.CLAUDE_CODE_OAUTH_TOKEN }}
          additional_permissions: |
            actions: read
"""
REVIEW = """\
on:
  pull_request: {types: [opened, synchronize]}
jobs:
  review:
    timeout-minutes: 15
    permissions: {contents: read, pull-requests: write, id-token: write}
    concurrency: {group: "review-${{ github.event.pull_request.number }}"}
    steps:
      - uses: actions/checkout@v4
      - uses: anthropics/claude-code-action@SHA # v1.0.240
        with:
          anthropic_api_key: ${{ secrets.ANTHROPIC_API_KEY }}
          prompt: |
            REPO: ${{ github.repository }}
            PR NUMBER: ${{ github.event.pull_request.number }}
            Review this pull request. Use `gh pr diff` and answer with `gh pr comment`.
          claude_args: >-
            --max-turns 20 --max-budget-usd 1
            --allowed-tools "Bash(gh pr comment:*),Bash(gh pr diff:*),Bash(gh pr view:*)"
"""
SPLIT = """\
on:
  issues: {types: [opened]}
permissions: {contents: read}
concurrency: triage
jobs:
  triage:
    timeout-minutes: 15
    permissions: {contents: read, issues: read}
    outputs: {number: "${{ steps.prepare.outputs.number }}"}
    steps:
      - uses: actions/checkout@v4
        with: {persist-credentials: false}
      - id: prepare
        env: {GH_TOKEN: "${{ github.token }}", NUMBER: "${{ github.event.issue.number }}"}
        run: |
          echo "number=$NUMBER" >> "$GITHUB_OUTPUT"
          gh issue view "$NUMBER" --json title,body > issue.json
      - uses: anthropics/claude-code-base-action@SHA
        with:
          anthropic_api_key: ${{ secrets.ANTHROPIC_API_KEY }}
          prompt: Read issue.json, sort issue ${{ steps.prepare.outputs.number }}, write report.md
          claude_args: |
            --allowedTools "Read,Glob,Grep,Write"
            --disallowedTools "Edit,WebFetch,WebSearch,Bash"
            --max-turns 40
            --max-budget-usd 1
      - uses: actions/upload-artifact@v4
        with: {name: report, path: report.md}
  comment:
    needs: triage
    permissions: {issues: write}
    steps:
      - uses: actions/download-artifact@v4
      - env: {GH_TOKEN: "${{ github.token }}", NUMBER: "${{ needs.triage.outputs.number }}"}
        run: gh issue comment "$NUMBER" --body-file report/report.md
"""
CODEX = """\
on: {pull_request: {types: [opened]}}
permissions: {contents: read}
concurrency: {group: "codex-${{ github.head_ref }}", cancel-in-progress: true}
jobs:
  codex:
    timeout-minutes: 10
    outputs: {message: "${{ steps.codex.outputs.final-message }}"}
    steps:
      - uses: actions/checkout@v5
        with: {ref: "refs/pull/${{ github.event.pull_request.number }}/merge"}
      - id: codex
        uses: openai/codex-action@SHA
        with:
          openai-api-key: ${{ secrets.OPENAI_API_KEY }}
          codex-version: 0.169.0
          prompt: |
            Review ${{ github.event.pull_request.head.sha }} against
            ${{ github.event.pull_request.base.sha }}.
            ${{ github.event.pull_request.title }}
  post:
    needs: codex
    if: needs.codex.outputs.message != ''
    permissions: {pull-requests: write}
    steps:
      - uses: actions/github-script@v7
        env: {MESSAGE: "${{ needs.codex.outputs.message }}"}
        with:
          script: |
            await github.rest.issues.createComment({body: process.env.MESSAGE})
"""
GITLAB = """\
review:
  image: node:24
  timeout: 10 minutes
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  before_script:
    - npm install --global @anthropic-ai/claude-code@2.1.329
  script:
    - git diff "$CI_MERGE_REQUEST_DIFF_BASE_SHA" > change.diff
    - >-
      claude -p "Review the change on stdin" --setting-sources user --tools "Read,Grep"
      --max-turns 9 --max-budget-usd 1 --output-format json < change.diff > result.json
"""


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        (".github/workflows/a.yml", MENTION, {"unpinned-agent-in-ci", "uncapped-agent-in-ci"}),
        (".github/workflows/a.yml", REVIEW, set()),
        (".github/workflows/a.yml", SPLIT, set()),
        (".github/workflows/a.yml", CODEX, set()),
        (".gitlab-ci.yml", GITLAB, set()),
    ],
    ids=["mention", "review", "split", "codex", "gitlab"],
)
def test_a_common_shape(path: str, text: str, said: set[str]) -> None:
    """Just what is wrong with a shape is told of, in it and in nothing beside it."""
    tree = assets({path: text.replace("SHA", SHA)})
    linted = lint(tree, RULES, LintSettings(), today="2026-11-21")
    assert {each.rule for each in linted.findings} == said
    assert not linted.failed
