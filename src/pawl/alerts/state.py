"""The life of an alert: inactive, pending, firing, resolved; one table of all transitions.

What comes in is a signal, made of a reading and what is known of the alert. Silence is a signal
too, and no row of the table lets it resolve anything: an alert whose data stopped stays as it
is and says that it is blind. Only what was seen to be clear, or a person, ends a firing alert.
"""

from enum import StrEnum


class State(StrEnum):
    """Where an alert is in its life."""

    INACTIVE = "inactive"
    PENDING = "pending"
    """The condition holds, not yet for as long as the rule asks."""
    FIRING = "firing"
    RESOLVED = "resolved"


class Signal(StrEnum):
    """What a look says to an alert."""

    HOLDS = "holds"
    """The condition holds, and not long enough yet."""
    DUE = "due"
    """The condition holds and has held long enough."""
    BETWEEN = "between"
    """Below the threshold, and not below where a firing alert may resolve."""
    CLEARS = "clears"
    NO_DATA = "no_data"
    CLOSED = "closed"
    """A person said that it is over."""


TABLE: dict[tuple[State, Signal], State] = {
    (State.INACTIVE, Signal.HOLDS): State.PENDING,
    (State.INACTIVE, Signal.DUE): State.FIRING,
    (State.INACTIVE, Signal.BETWEEN): State.INACTIVE,
    (State.INACTIVE, Signal.CLEARS): State.INACTIVE,
    (State.INACTIVE, Signal.NO_DATA): State.INACTIVE,
    (State.INACTIVE, Signal.CLOSED): State.INACTIVE,
    (State.PENDING, Signal.HOLDS): State.PENDING,
    (State.PENDING, Signal.DUE): State.FIRING,
    (State.PENDING, Signal.BETWEEN): State.INACTIVE,
    (State.PENDING, Signal.CLEARS): State.INACTIVE,
    (State.PENDING, Signal.NO_DATA): State.PENDING,
    (State.PENDING, Signal.CLOSED): State.INACTIVE,
    (State.FIRING, Signal.HOLDS): State.FIRING,
    (State.FIRING, Signal.DUE): State.FIRING,
    (State.FIRING, Signal.BETWEEN): State.FIRING,
    (State.FIRING, Signal.CLEARS): State.RESOLVED,
    (State.FIRING, Signal.NO_DATA): State.FIRING,
    (State.FIRING, Signal.CLOSED): State.RESOLVED,
    (State.RESOLVED, Signal.HOLDS): State.PENDING,
    (State.RESOLVED, Signal.DUE): State.FIRING,
    (State.RESOLVED, Signal.BETWEEN): State.RESOLVED,
    (State.RESOLVED, Signal.CLEARS): State.RESOLVED,
    (State.RESOLVED, Signal.NO_DATA): State.RESOLVED,
    (State.RESOLVED, Signal.CLOSED): State.RESOLVED,
}
"""Every pair of a state and a signal, and the state that follows."""


def follows(state: State, signal: Signal) -> State:
    """Return the state that follows."""
    return TABLE[state, signal]
