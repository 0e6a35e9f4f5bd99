"""The shared instructions reach the sessions.

Claims: sessions have the repository's instructions in their context.

Looks at: the instruction files of the tree, and in Pawl's records how many sessions show them in
context.

Fooled by: instructions that are loaded but cut. Where the lint finds that Codex stops reading
before their end (`instructions-cut-off`), its sessions are not counted. Personal instructions
loaded where the repository has none (then there is nothing shared to load).

Yes: some sessions loaded them; `loaded` says how many. No: none did, or there is nothing to load.
Cannot tell: sessions do not tell, or there was none.
"""

from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.instructions import Instructions
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.looking.practised import practice_of, sessions_of
from pawl.maturity.looking.steered import steering_of
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

_CUT = ("instructions-cut-off",)


def _judge(facts: Facts) -> Answer:
    practice = practice_of(facts)
    if isinstance(practice, Answer):
        return practice
    if practice.instructions_loaded is None:
        return cannot_tell("Pawl's records do not tell yet which sessions loaded instructions.")
    sessions = sessions_of(practice)
    if not sessions:
        return cannot_tell("No session was recorded that could have loaded instructions.")
    cut = 0
    if not isinstance(facts.tree, Absent):
        if not any(facts.tree.read("instructions", Instructions)):
            return no(
                "The repository holds no instructions that a session could load.",
                Kind.TREE,
                values={"loaded": Share(0, sessions)},
            )
        steering = steering_of(facts, _CUT)
        if isinstance(steering, Answer):
            return steering
        if steering.of(_CUT):
            cut = sum(each.sessions for each in practice.agents if each.agent == "codex")
    loaded = max(0, min(practice.instructions_loaded, sessions - cut))
    reason = f"{loaded} of {sessions} sessions loaded the instructions"
    if cut:
        reason += f"; {cut} sessions of Codex do not count, whose limit cuts them"
    told = {
        "values": {"loaded": Share(loaded, sessions)},
        "inputs": (loaded, sessions),
    }
    if not loaded:
        return no(f"{reason}.", Kind.TELEMETRY, **told)
    return yes(f"{reason}.", Depth.RUNS, Kind.TELEMETRY, **told)


PROBE = Probe(
    claim="Instructions are loaded",
    area="adoption",
    version=2,
    kinds=(Kind.TELEMETRY,),
    depth=Depth.RUNS,
    values={"loaded": "share of sessions with the repository's instructions in context"},
    remedy=Remedy("Start sessions in the repository's folder, and keep the files short.", 0.5),
    judge=_judge,
    awaits="sessions that tell what they loaded",
)
