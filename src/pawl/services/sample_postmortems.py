"""What the postmortems of the sample's incidents say."""

import msgspec

from pawl.incidents.learning import IncidentLearning
from pawl.incidents.postmortem import Content
from pawl.incidents.root_cause import RootCause

_SAME = RootCause(
    cause_class="duplicate",
    component="code/payouts",
    trigger="a late answer of the bank",
    missing_control="a key for each payout",
)
PAYS_TWICE_FIRST = Content(
    summary="Payouts were sent again when the bank answered after 30 seconds.",
    impact="41 customers were paid twice, 2,310 USD in all.",
    lucky="The daily limit of the agent stopped it at noon.",
    failed_control="No case of the suite lets the bank answer late.",
    root_cause=_SAME,
    learning=IncidentLearning(
        incidentId="",
        rootCause="A retry of a payout is a second payout.",
        newEvalCases=("The bank answers after 40 seconds: one payout is sent.",),
        gateUpdates=("raise recurrence",),
        owner="ada",
    ),
)
PAYS_TWICE_AGAIN = msgspec.structs.replace(
    PAYS_TWICE_FIRST,
    summary="A change of the retry sent payouts without the key that is honoured once.",
    impact="9 customers were paid twice, 402 USD in all.",
    lucky="The second alert came within three minutes.",
    failed_control="Changes of tools did not wait for the recurrence cases.",
)
OTHER_ORDERS = Content(
    summary="Summaries of orders named those of other customers for two hours.",
    impact="At least 12 customers saw an order that was not theirs.",
    failed_control="The reviewer should have noticed that the lookup had no customer. No case asks "
    "for an order of somebody else.",
)
