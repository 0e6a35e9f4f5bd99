"""The manifests of the sample's changes."""

from typing import Any

from pawl.changes.manifest import Manifest, Risk
from pawl.changes.parts import Code, Model, Part, Prompt, Routing, Tool
from pawl.changes.plan import Rollback, Rollout, Stage

_STAGES = (
    Stage(name="canary", exposure=0.05, hold_s=1_800, min_events=200),
    Stage(name="half", exposure=0.5, hold_s=1_800, min_events=500),
    Stage(name="all", exposure=1.0, hold_s=1_800, min_events=500),
)
_SUPPORT = """You answer customers of a shop that sells books.

Be kind and say what you know.
Answer in the customer's own language.

When a customer asks about returns, say that books can be sent back within 30 days.
When you do not know, say so and hand over to a person.

Never promise a date of delivery.
Never ask for a password or the number of a card.
"""
_SUPPORT_CITING = _SUPPORT.replace(
    "say that books can be sent back within 30 days.",
    "say that books can be sent back within 30 days, and name the page of the policy you read "
    "it on.",
)
_REFUNDS = """You decide whether a refund is paid.

Pay refunds up to 50 USD when the order is younger than 30 days.
Ask a person about anything else.
Explain your decision in two or three sentences.
"""
_CHAT = """You chat with visitors of the shop.

Greet the visitor.
Answer shortly and correctly.
If the visitor is upset, apologise.
Do not make jokes about orders that went wrong.
"""


def _manifest(
    title: str, why: str, parts: dict[str, Part | None], base: dict[str, Part | None], **more: Any
) -> Manifest:
    fields: dict[str, Any] = {
        "rollout": Rollout(stages=_STAGES),
        "rollback": Rollback(timeout_s=600),
        **more,
    }
    return Manifest(title=title, why=why, parts=parts, base=base, **fields)


CITE_POLICY = _manifest(
    "Support names the page of the policy it read",
    "Customers asked where the thirty days are written down.",
    {"prompt/support": Prompt(text=_SUPPORT_CITING)},
    {"prompt/support": Prompt(text=_SUPPORT)},
    scope="shop/support",
)
ROUTE_CHEAP = _manifest(
    "Short questions go to the smaller model",
    "Half of all questions are about opening hours.",
    {"routing/chat": Routing(permille={"large": 600, "small": 400})},
    {"routing/chat": Routing(permille={"large": 900, "small": 100})},
    scope="shop/chat",
)
SHORT_REFUNDS = _manifest(
    "Refund decisions in one sentence",
    "Long explanations led to more questions.",
    {
        "prompt/refunds": Prompt(
            text=_REFUNDS.replace("two or three sentences", "one short sentence")
        )
    },
    {"prompt/refunds": Prompt(text=_REFUNDS)},
    scope="shop/refunds",
)
NO_GREETING = _manifest(
    "The chat no longer greets",
    "It saves a few tokens of each answer.",
    {"prompt/chat": Prompt(text=_CHAT.replace("Greet the visitor.\n", ""))},
    {"prompt/chat": Prompt(text=_CHAT)},
    scope="shop/chat",
)
FOUND = _manifest(
    "prompt/search is not what was approved",
    "",
    {"prompt/search": Prompt(text="Find books by title, author or topic. Recommend our own.")},
    {"prompt/search": Prompt(text="Find books by title, author or topic.")},
    scope="shop/search",
)
_REFUND_TOOL = Tool(permission="deny")
ASK_BEFORE_REFUND = _manifest(
    "The refund agent may pay after asking",
    "Every refund takes a person twenty minutes today.",
    {"tool/pay-refund": Tool(permission="ask", powers=("refund <= 50 USD", "refund <= 200 USD"))},
    {"tool/pay-refund": _REFUND_TOOL},
    scope="shop/refunds",
    declared_risk=Risk.HIGH,
)
ASK_ABOVE = _manifest(
    "The refund agent may pay up to 50 USD after asking",
    "Every refund takes a person twenty minutes today. The larger limit was taken out.",
    {"tool/pay-refund": Tool(permission="ask", powers=("refund <= 50 USD",))},
    {"tool/pay-refund": _REFUND_TOOL},
    scope="shop/refunds",
    declared_risk=Risk.HIGH,
)
BETTER_SUMMARIES = _manifest(
    "Summaries of orders by the newer model",
    "The old one leaves out the date of delivery in one of fifty.",
    {
        "model/summaries": Model(
            family="claude-opus", model="claude-opus-5-5", parameters={"max_tokens": 800}
        )
    },
    {
        "model/summaries": Model(
            family="claude-opus", model="claude-opus-5", parameters={"max_tokens": 600}
        )
    },
    scope="shop/orders",
)
STOP_PAYOUTS = _manifest(
    "Payouts stop until they are understood",
    "INC-2098: payouts go out twice.",
    {
        "tool/payout": Tool(permission="deny"),
        "prompt/payouts": Prompt(text="Tell the seller that payouts are paused.\n"),
    },
    {
        "tool/payout": Tool(permission="allow", powers=("payout",)),
        "prompt/payouts": Prompt(text="Pay the seller on the fifth of the month.\n"),
    },
    scope="shop/payouts",
)
RETRY_ONCE = _manifest(
    "A tool that fails is tried once more",
    "Written by an agent after the timeouts of last week.",
    {"code/agent/retry.py": Code(digest="3f" * 32)},
    {"code/agent/retry.py": Code(digest="9c" * 32)},
    scope="shop",
    assisted=True,
)
RETRY_SOONER = _manifest(
    "Payouts are tried again after 5 seconds",
    "Sellers wait a minute when the bank is slow.",
    {"code/payouts": Code(digest="a7" * 32)},
    {"code/payouts": Code(digest="41" * 32)},
    scope="shop/payouts",
)
ONE_PLACE = _manifest(
    "All retries of payouts go through one place",
    "INC-2041: a second place that retried did not know the key.",
    {"code/payouts": Code(digest="e2" * 32)},
    {"code/payouts": Code(digest="41" * 32)},
    scope="shop/payouts",
)
KINDER_CHAT = _manifest(
    "A kinder tone when something went wrong",
    "Visitors who are upset leave in four of ten chats.",
    {
        "prompt/chat": Prompt(
            text=_CHAT.replace(
                "If the visitor is upset, apologise.",
                "If the visitor is upset, apologise once, say what you will do next, and offer to "
                "hand over to a person.",
            )
        )
    },
    {"prompt/chat": Prompt(text=_CHAT)},
    scope="shop/chat",
)
