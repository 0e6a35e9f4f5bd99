"""Twenty-four honest small repositories: six products in four languages, none of them perfect.

They differ in what they have: some are libraries without operation, some hand over their host's
export, some keep files for agents. All of what they have is meant.
"""

from datetime import timedelta

from tests.maturity.honest.exports import PEOPLE, host, operations
from tests.maturity.honest.languages import LANGUAGES, Language, workflow
from tests.maturity.honest.products import PRODUCTS, Product
from tests.maturity.potemkin.repositories import NOW, Said, Stage

_SERVICES = frozenset({0, 1, 3})
"""Languages, by their place, whose repository is a service with operation of its own."""


def honest() -> dict[str, Stage]:
    """Return every honest repository by its name."""
    found = {}
    for at, product in enumerate(PRODUCTS):
        for place, language in enumerate(LANGUAGES):
            found[f"{product.name}-{language.name}"] = _repository(
                product, language, at * 4 + place, service=(at + place) % 4 in _SERVICES
            )
    return found


def _repository(product: Product, language: Language, seed: int, *, service: bool) -> Stage:
    files = {
        **language.files(product.name, product.noun),
        "README.md": _readme(product, language, service=service),
        "Makefile": f"check:\n\t{language.lint_command}\n\t{language.test_command}\n\n"
        f"setup:\n\t{language.setup}\n",
        ".github/workflows/ci.yml": workflow(language),
        ".github/CODEOWNERS": f"* @{PEOPLE[seed % 4]} @{PEOPLE[(seed + 1) % 4]}\n",
        **{
            f"docs/decisions/{number:04}-{name}.md": _decision(number, name, text, seed)
            for number, (name, text) in enumerate(product.decisions, start=1)
        },
    }
    handed: dict[str, str] = {}
    if service:
        files |= _service(product, language)
        handed |= operations(
            seed,
            product.name,
            tuple(f"docs/runbooks/{name}.md" for name, _ in product.runbooks),
            product.lesson,
        )
    if seed % 2 == 0:
        files |= _for_agents(product, language)
    if seed % 3 != 1:
        handed |= host(seed)
    if seed % 5 == 0:
        # An experiment that says that it only advises.
        files[".github/workflows/ci.yml"] += (
            "      - name: Mutation report (advisory)\n        run: mutmut run || true\n"
        )
    return Stage(files=files, commits=_history(product, language, seed), handed=handed)


def _readme(product: Product, language: Language, *, service: bool) -> str:
    source = language.source.format(name=product.name)
    runs = "\n\nOperation is described in `docs/runbooks/`." if service else ""
    return (
        f"# {product.name.title()}\n\n{product.about}\n\n## Work on it\n\n```sh\nmake setup\n"
        f"make check\n```\n\nThe rules of a {product.noun} stand in `{source}`, and what "
        f"they promise "
        f"in `{language.tests}`. Why things are as they are is written in "
        f"`docs/decisions/`.{runs}\n\n"
        f"## Known limits\n\nWe once had {product.lesson}; a test keeps it away. Everything "
        f"is held "
        "in memory, which is enough for the sizes we have seen.\n"
    )


def _decision(number: int, name: str, text: str, seed: int) -> str:
    month = 1 + (seed + number * 3) % 9
    return (
        f"# {number}. {name.replace('-', ' ').capitalize()}\n\n- Status: accepted\n"
        f"- Date: 2026-{month:02}-1{number}\n- Owner: @{PEOPLE[(seed + number) % 4]}\n"
        f"- Review: 2027-{month:02}-01\n\n{text}\n"
    )


def _service(product: Product, language: Language) -> dict[str, str]:
    files = {
        f"docs/runbooks/{name}.md": (
            f"# {name.replace('-', ' ').capitalize()}\n\nOwner: @{PEOPLE[at]}\nLast reviewed: "
            f"2026-0{7 + at}-12\n\n{text}\n\n1. Look: `docker compose logs --since 30m "
            f"{product.name}`\n"
            f"2. Restart: `docker compose restart {product.name}`\n"
            "3. Roll back to the previous release: `bash scripts/rollback.sh`\n\nTell "
            "whoever is on "
            f"call for {product.name} when it took more than a quarter of an hour.\n"
        )
        for at, (name, text) in enumerate(product.runbooks)
    }
    files["scripts/rollback.sh"] = (
        "#!/usr/bin/env bash\nset -euo pipefail\nprevious=$(cat releases/previous)\n"
        f'docker compose pull "{product.name}:$previous"\ndocker compose up -d {product.name}\n'
    )
    files["compose.yaml"] = (
        f"services:\n  {product.name}:\n    build: .\n    restart: unless-stopped\n"
        "    healthcheck: {test: ['CMD', '/bin/check'], interval: 30s}\n"
    )
    files["monitoring/alerts.yml"] = "groups:\n  - name: main\n    rules:\n" + "".join(
        f"      - alert: {name.title().replace('-', '')}\n        expr: "
        f"rate(errors_total[5m]) > 0.0{at + 2}\n"
        f"        for: 10m\n        annotations: {{runbook_url: docs/runbooks/{name}.md}}\n"
        for at, (name, _) in enumerate(product.runbooks)
    )
    return files


def _for_agents(product: Product, language: Language) -> dict[str, str]:
    source = language.source.format(name=product.name)
    return {
        "AGENTS.md": (
            f"# Working on {product.name}\n\n{product.about}\n\n- Set up with `make setup`; run "
            "`make check` before you say that something works, and paste what it printed.\n"
            f"- The rules of a {product.noun} live in `{source}`. Change them together with "
            f"`{language.tests}`: a rule without a failing test first was wrong twice.\n"
            "- Decisions stand in `docs/decisions/`. Do not undo one; write the next one "
            "instead and "
            "say what changed since.\n"
            f"- We once had {product.lesson}. When you touch that part, keep its test as it is.\n"
            "- Ask before you add a dependency. Two of the three we removed were added in "
            "passing.\n"
        ),
        ".claude/settings.json": (
            '{"permissions": {"allow": ["Bash(make check)", "Bash(git status)", "Bash(git '
            'diff:*)"], '
            '"deny": ["Read(.env)", "Read(.env.*)", "Read(secrets/**)"]}}\n'
        ),
    }


def _history(product: Product, language: Language, seed: int) -> list[Said]:
    """Return a year of work by four people: now and then a revert or a pair."""
    source = language.source.format(name=product.name)
    commits = [Said(f"Begin {product.name}", _person(seed), NOW - timedelta(days=360))]
    for number in range(30):
        message = f"Mend the {product.noun} that came late ({number})"
        if number % 11 == 5:
            message = f'Revert "Mend the {product.noun} that came late ({number - 1})"'
        if number % 7 == 3:
            message += f"\n\nCo-authored-by: {_person(seed + number + 2)}\n"
        commits.append(
            Said(
                message,
                _person(seed + number),
                NOW - timedelta(days=350 - number * 11.4, hours=(number * 5) % 9),
                {f"docs/notes/{number:02}.md": f"# Note {number}\n\nSee `{source}`.\n"}
                if number % 6 == 0
                else {},
            )
        )
    return commits


def _person(number: int) -> str:
    name = PEOPLE[number % 4]
    return f"{name.title()} <{name}@{name}.example.org>"
