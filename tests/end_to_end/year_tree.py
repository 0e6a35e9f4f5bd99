"""The files of the year's repository: small, honest, and each there from a known week on.

Nothing here is padded to please a probe. The suite of eval cases is not among them: it grows from
incidents, and `year_team` adds it.
"""

from collections.abc import Iterator

_PINNED = "11bd71901bbe5b1630ceea73d27597364c9af683"

README = """\
# Shop

Takes orders from customers and lets an agent answer their questions.

- `src/shop/orders.py` takes and prices orders.
- `src/shop/agent.py` asks the model.
"""

ORDERS = '''\
"""Take and price orders."""


def total(prices: list[int], discount: int = 0) -> int:
    """Return what an order costs, in cents."""
    if discount < 0:
        raise ValueError("a discount is not negative")
    return max(0, sum(prices) - discount)


def is_free(prices: list[int]) -> bool:
    """Say whether an order costs nothing."""
    return total(prices) == 0
'''

AGENT = '''\
"""Ask the model about an order."""


def question(order: str, text: str) -> str:
    """Return what the model is asked."""
    return f"Order {order}: {text.strip()}"


def is_answer(text: str) -> bool:
    """Say whether the model answered anything."""
    return bool(text.strip())
'''

CART = '''\
"""Keep what a customer wants to order."""


def added(cart: dict[str, int], item: str) -> dict[str, int]:
    """Return a cart with one more of an item."""
    return {**cart, item: cart.get(item, 0) + 1}
'''

PRICES = '''\
"""Know what things cost."""

PRICES = {"tea": 450, "cup": 1200}


def price(item: str) -> int:
    """Return what an item costs, in cents; raises KeyError for one that is not sold."""
    return PRICES[item]
'''

SWALLOWED_CI = """\
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: python -m pytest -q || true
"""

GATED_CI = f"""\
on: [push, pull_request]
permissions: {{contents: read}}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@{_PINNED}
      - run: uv sync --locked
      - run: uv run --locked pytest -q
"""

LINTED_CI = f"""{GATED_CI}\
      - run: uv run --locked ruff check .
"""

SCANNED_CI = f"""{LINTED_CI}\
  secrets:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@{_PINNED}
      - run: gitleaks detect --report-format sarif --report-path gitleaks.sarif
"""

COMPOSE = """\
services:
  shop: {build: .., restart: unless-stopped}
  agent: {build: ../agent, restart: unless-stopped}
"""

DEPLOYING = """\
# Deploying the shop

Merge, then watch the dashboard for ten minutes. By hand:

```sh
make build
make deploy
./scripts/smoke.sh
make rollback
```
"""

MAKEFILE = """\
build:
\tdocker build -t shop .
deploy: build
\tdocker compose -f deploy/compose.yaml up -d
rollback:
\tdocker compose -f deploy/compose.yaml up -d --no-build
"""

SMOKE = "curl --fail http://shop.internal/health\n"

PROJECT = """\
[project]
name = "shop"
version = "1.0.0"
requires-python = ">=3.11"
dependencies = ["flask>=3", "attrs"]
"""

LINTED_PROJECT = f"""{PROJECT}
[tool.ruff.lint]
select = ["E", "F", "B", "I", "UP"]
"""

LOCK = """\
version = 1
[[package]]
name = "flask"
version = "3.0.0"
[[package]]
name = "attrs"
version = "24.1.0"
"""

RUNBOOK = """\
# Orders fail

Owner: @acme/shop
Last reviewed: 2025-02-18

Customers see an error when they pay, and the alert fires within five minutes. Most often the
database ran out of connections after a release; sometimes the model's provider is away and the
agent's queue fills up. Tell the support desk first, since they answer the telephone.

1. Look at the services with `docker compose -f deploy/compose.yaml ps`.
2. Restart them one at a time with `docker compose -f deploy/compose.yaml restart shop`.
3. See that `scripts/smoke.sh` answers again.

## Rollback

Go back to the release before with `make rollback` and watch the queue drain.
"""

ALERTS = """\
groups:
  - name: shop
    rules:
      - alert: OrdersFail
        expr: sum(rate(orders_failed_total[5m])) > 1
        labels: {severity: page}
        annotations: {runbook_url: docs/runbooks/orders.md}
"""

OBJECTIVES = """\
slos:
  - name: orders-answer
    service: shop
    objective: '99.5'
    query: 'sum(rate(orders_total{code!~"5.."}[5m])) / sum(rate(orders_total[5m]))'
    window: '28d'
    owner: 'shop'
"""

TESTS = '''\
"""The shop's prices and questions."""

import pytest
from shop.agent import is_answer, question
from shop.orders import is_free, total


def test_an_order_is_its_prices():
    assert total([100, 250]) == 350


def test_a_discount_is_taken_off():
    assert total([100, 250], discount=50) == 300


def test_no_order_pays_the_customer():
    assert total([100], discount=500) == 0


def test_a_discount_is_not_negative():
    with pytest.raises(ValueError):
        total([100], discount=-1)


def test_nothing_is_free_but_nothing():
    assert is_free([])
    assert not is_free([1])


def test_a_question_names_its_order():
    assert question("A7", " where is it? ") == "Order A7: where is it?"


def test_silence_is_no_answer():
    assert not is_answer("  ")
'''

_CI = ".github/workflows/ci.yml"
_LANDED = (
    (-99, "README.md", README),
    (-99, "src/shop/orders.py", ORDERS),
    (-99, "src/shop/agent.py", AGENT),
    (-99, "src/shop/cart.py", CART),
    (-99, "src/shop/prices.py", PRICES),
    (2, _CI, SWALLOWED_CI),
    (3, "Makefile", MAKEFILE),
    (3, "scripts/smoke.sh *", SMOKE),
    (3, "docs/deploying.md", DEPLOYING),
    (3, "deploy/compose.yaml", COMPOSE),
    (5, "CODEOWNERS", "* @ana @ben @cleo\n"),
    (6, "pyproject.toml", PROJECT),
    (6, "uv.lock", LOCK),
    (7, "docs/runbooks/orders.md", RUNBOOK),
    (7, "alerts/shop.yml", ALERTS),
    (8, _CI, GATED_CI),
    (10, "slo.yaml", OBJECTIVES),
    (14, "tests/test_shop.py", TESTS),
    (15, "pyproject.toml", LINTED_PROJECT),
    (15, _CI, LINTED_CI),
    (16, _CI, SCANNED_CI),
)
"""From which week on a file stands so, of which path; a later one replaces an earlier one."""


def files(week: int) -> dict[str, str]:
    """Return the files that stand in a week, by path."""
    return dict(_standing(week))


def _standing(week: int) -> Iterator[tuple[str, str]]:
    for landed, path, text in _LANDED:
        if landed <= week:
            yield path, text
