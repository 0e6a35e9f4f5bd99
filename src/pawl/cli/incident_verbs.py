"""The verbs of `pawl incident` about what an incident leaves behind."""

LEARNING = {
    "postmortem": (
        "incident_paper",
        "postmortem",
        "Begin, draft, write, review and publish what can be learned.",
    ),
    "learn": (
        "incident_learn",
        "learn",
        "Turn lessons into eval cases, gates and owned actions, in one reviewed change.",
    ),
    "similar": ("incident_alike", "similar", "Earlier incidents that are like one."),
    "repeat": ("incident_alike", "repeat", "Say that an earlier one had the same cause, or not."),
    "debt": ("incident_debt", "debt", "Causes that were seen again, and how they are paid off."),
    "structure": (
        "incident_structure",
        "structure",
        "Structural failures of a window, answered from what is on record.",
    ),
    "weekly": ("incident_structure", "weekly", "What a weekly review looks at, on one page."),
}
"""Verb → (module in pawl.cli, its click command, summary)."""
