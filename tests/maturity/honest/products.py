"""Six products that honest repositories are about: what they do, how they run, what was decided.

Every text is written for its product; nothing is a placeholder and nothing is copied.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    """One product: its name, its noun, and the texts that are about it."""

    name: str
    noun: str
    about: str
    runbooks: tuple[tuple[str, str], ...]
    decisions: tuple[tuple[str, str], ...]
    lesson: str


PRODUCTS = (
    Product(
        "tidewatch",
        "gauge",
        "Tidewatch collects readings of tide gauges along the coast, fills short holes by "
        "interpolation and warns harbour masters when the water will pass a threshold within six "
        "hours. Readings arrive by radio and are often late, so every figure carries the moment at "
        "which it was measured and the moment at which it came in.",
        (
            (
                "gauge-silent",
                "A gauge that has not reported for thirty minutes is silent. Look at its battery "
                "in the panel first: below eleven volts somebody has to drive out, and nothing on "
                "our side helps. With a good battery ask the radio gateway for the last frame it "
                "heard; when that is recent the decoder dropped it, and restarting the decoder "
                "brings the gauge back. Harbour masters must be told when two neighbours are "
                "silent.",
            ),
            (
                "late-warnings",
                "Warnings are late when the forecast job takes longer than its slot. Compare the "
                "duration of the last ten runs; a slow rise means that the archive wants "
                "pruning, a "
                "jump means that the weather provider answers slowly. Switch to the coarse grid "
                "while you look, because a coarse warning in time is worth more than a fine one "
                "that comes after the water.",
            ),
        ),
        (
            (
                "keep-both-times",
                "Readings come hours late and sometimes twice. We keep the time of measurement and "
                "the time of arrival in every row, although it doubles the index. The alternative, "
                "correcting the first by the second, lost eleven readings in the storm of "
                "February.",
            ),
            (
                "interpolate-at-read-time",
                "Holes of up to twenty minutes are filled when somebody reads, never when we "
                "write. "
                "Stored guesses could not be told from readings afterwards, and a "
                "hydrologist asked "
                "for the raw series twice last year. Reading costs four milliseconds more.",
            ),
        ),
        "a decoder that crashed on a frame of zero length",
    ),
    Product(
        "ledgerline",
        "posting",
        "Ledgerline books invoices of small clinics into double entry accounts and exports "
        "them for "
        "tax advisers. An invoice is never changed once it was sent: a correction is a new posting "
        "that refers to the old one, so that each figure in a report can be followed back to "
        "paper.",
        (
            (
                "unbalanced-batch",
                "A batch is refused when its debits and credits differ. Print the batch and "
                "sort it "
                "by clinic; nearly always one clinic sent a credit note without its invoice. Ask "
                "that clinic for the number, hold its postings back and book the rest. Never add a "
                "rounding line to make a batch fit: advisers find them years later and lose trust.",
            ),
            (
                "export-rejected",
                "Tax advisers reject an export when an account is unknown to their chart. "
                "The reply "
                "names the account on its third line. Map it in the clinic's table, export "
                "the month "
                "again and send both files, because the adviser must see what changed. When more "
                "than five accounts are unknown the clinic switched charts; call them before "
                "mapping.",
            ),
        ),
        (
            (
                "cents-as-integers",
                "Amounts are whole cents in sixty-four bits. Floating numbers lost a cent in every "
                "thousandth discount, and decimals were nine times slower in the nightly export. "
                "Currencies without minor units use a factor of one, which the table states.",
            ),
            (
                "corrections-are-postings",
                "A wrong invoice is followed by its reversal and a new invoice. Editing in place "
                "was simpler to build and made two audits impossible to answer. Reports therefore "
                "show reversed pairs unless somebody asks to hide them.",
            ),
        ),
        "a month that was exported twice after a timeout",
    ),
    Product(
        "seedbank",
        "accession",
        "Seedbank keeps the catalogue of a botanical garden's seed collection: where each "
        "accession "
        "was gathered, how many seeds are left, when it was last tested for germination and who "
        "borrowed some. Curators work offline in the cold store and synchronise when they return.",
        (
            (
                "sync-conflict",
                "Two curators counted the same jar offline. Both counts are kept and the jar is "
                "marked. Ask which count came after the last withdrawal, since the older one "
                "is not "
                "wrong but out of date; choose it in the conflict view and write into the "
                "note why. "
                "If neither remembers, the jar is counted again on the next visit to the "
                "cold store.",
            ),
            (
                "label-printer",
                "Labels come out blank when the ribbon is mounted the wrong way round, which "
                "happens "
                "after most changes of it. If the ribbon is right, the queue still holds a job for "
                "the old label size: remove it and print the test page. Do not restart the server "
                "for a printer; curators in the store lose what they have not yet synchronised.",
            ),
        ),
        (
            (
                "offline-first",
                "There is no network in the cold store and never will be. The tablet "
                "therefore holds "
                "the full catalogue, nine megabytes, and merges later. A thin client was "
                "tried for a "
                "week, in which curators went back to paper by Wednesday.",
            ),
            (
                "counts-are-events",
                "The number of seeds is the sum of events: gathered, withdrawn, tested, spoiled. A "
                "plain column was overwritten by late synchronisation and nobody could say "
                "by whom. "
                "Summing forty events takes less than a millisecond.",
            ),
        ),
        "a merge that lost a withdrawal made on the same second",
    ),
    Product(
        "railboard",
        "departure",
        "Railboard drives the departure boards of nineteen rural stations. It merges the timetable "
        "with live positions, decides which delay is worth showing and speaks the announcements. A "
        "board that cannot reach us shows the printed timetable and says so in its last line.",
        (
            (
                "frozen-board",
                "A frozen board shows a departure in the past. Its watchdog should have restarted "
                "it; that it did not means that the display process lives and its feed does not. "
                "Restart the feed on the board, not the board, which takes four minutes to boot. "
                "If three boards freeze at once look at our publisher instead of at the stations.",
            ),
            (
                "wrong-platform",
                "Platforms come from the dispatcher's desk and arrive late on market days. Compare "
                "the desk's message with ours; if theirs is right and ours old, the queue is "
                "behind. "
                "If theirs is wrong, call the desk, because we never overrule a dispatcher. "
                "Mute the "
                "announcement of that departure meanwhile: silence is better than a wrong "
                "platform.",
            ),
        ),
        (
            (
                "fall-back-to-print",
                "Without data a board shows the printed timetable with a note. A blank board sent "
                "passengers to the office, and old live data sent them to the wrong platform. The "
                "timetable is shipped to the board weekly and checked against its hash.",
            ),
            (
                "hide-small-delays",
                "Delays below three minutes are not shown. Showing each minute made the "
                "board flicker "
                "and passengers stopped believing it. Operators wanted five; we measured "
                "that people "
                "who run for a train need to know from three on.",
            ),
        ),
        "an announcement that was spoken twice after daylight saving ended",
    ),
    Product(
        "kilnlog",
        "firing",
        "Kilnlog controls and records the firings of a pottery's four kilns. It follows a curve of "
        "temperatures, holds where the glaze needs it and stops when a sensor disagrees with its "
        "neighbour. Each pot carries a number, and a customer can see how it was fired.",
        (
            (
                "sensors-disagree",
                "Two sensors of one kiln differ by more than fifteen degrees. Heating has "
                "stopped by "
                "itself. Look at the curve of both: the one that jumps is broken, the one that "
                "drifts is old. If the ware is above nine hundred degrees let it cool on its own, "
                "since opening cracks the glaze; below that somebody may change the sensor "
                "at once.",
            ),
            (
                "slow-climb",
                "The kiln climbs slower than its curve. After half an hour the firing is extended "
                "by itself and a note is written. Check whether one of the three phases is missing "
                "at the breaker, which explains nine of ten slow climbs. If all are there, the "
                "elements age: finish this firing, book the next one shorter and order elements.",
            ),
        ),
        (
            (
                "stop-on-doubt",
                "When sensors disagree the kiln stops heating. Taking the mean kept firings "
                "going and "
                "ruined two loads by forty degrees. A stopped firing costs a day, a ruined one a "
                "week. Potters agreed after seeing both numbers.",
            ),
            (
                "one-file-a-firing",
                "Each firing is one append-only file of lines. A database was asked for and would "
                "have needed a server in a room full of dust. Files of a year are forty megabytes "
                "and are read by the shop's page directly.",
            ),
        ),
        "a hold that never ended because the clock was set back",
    ),
    Product(
        "parcelroute",
        "stop",
        "Parcelroute plans the tours of cargo bikes through an old town. It knows which lanes are "
        "closed on market days, how much a bike may carry uphill and when a shop accepts parcels. "
        "Riders may change the order of stops, and the plan learns from what they change.",
        (
            (
                "no-plan",
                "A tour without a plan has an impossible stop: too heavy, closed, or outside "
                "of the "
                "town. The planner names the first it met. Take that stop off, plan the rest and "
                "give the parcel to the van. If it names none, the road graph did not load; "
                "compare "
                "its size with yesterday's and restore yesterday's if it is smaller.",
            ),
            (
                "riders-wait",
                "Riders wait at the depot when loading takes longer than planned. Look whether the "
                "sorter prints labels in tour order; after a restart it prints in order of "
                "arrival, "
                "and riders search. Ask the depot to press its order key. Delay the first tour by "
                "ten minutes rather than sending riders half loaded, which costs a second trip.",
            ),
        ),
        (
            (
                "riders-may-reorder",
                "Riders change the order whenever they like and we record it. Forcing the "
                "order was "
                "two percent shorter on paper and slower on the street, since riders know "
                "which door "
                "opens. What they change often becomes a cost in the graph.",
            ),
            (
                "plan-in-one-process",
                "All tours of a day are planned in one process in forty seconds. Splitting "
                "the town "
                "was faster and sent two bikes into the same lane. We will split when a day "
                "has more "
                "than three hundred stops; the record is two hundred and twelve.",
            ),
        ),
        "a plan that sent a bike down a stairway",
    ),
)
