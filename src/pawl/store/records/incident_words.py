"""Which words stand in which incidents, so that those worded alike are found among many.

It is made of what incidents and postmortems say, holds nothing of its own, and is brought up to
date when it is asked: declaring an incident never waits for it. Only whole numbers are kept and
everything is weighed by `pawl.incidents.wording`, so each engine gives the same answer.
"""

import sys
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from pawl.base import typed
from pawl.governance.ledger import Difference
from pawl.incidents.incident import Happening
from pawl.incidents.wording import VERSION, likeness, rarity, weights, words_of
from pawl.store.records.connection import Connection, Row, insert

WORDS, POSTINGS, COUNTS = "incident_words", "incident_postings", "incident_word_counts"
MAX_CANDIDATES = 60
"""Incidents that are compared word by word."""
MAX_POSTINGS = 10_000
"""Places of rare words that are looked up to find them."""
_CHUNK = 500
AT_ONCE = 100
"""Incidents whose words are taken in one transaction: others wait for it, not long."""
_STALE = f"""
SELECT i.id, i.version, COALESCE(p.version, 0) AS paper
FROM incidents i LEFT JOIN postmortems p ON p.incident = i.id
WHERE NOT EXISTS (
    SELECT 1 FROM {WORDS} w WHERE w.incident = i.id AND w.version = i.version
        AND w.paper = COALESCE(p.version, 0) AND w.way = :way
)
ORDER BY i.id LIMIT :most
"""  # noqa: S608 - names of tables are our own
_SAID = """
SELECT type, body FROM ledger WHERE subject = :subject ORDER BY seq
"""
_PAPER = "SELECT body FROM postmortems WHERE incident = :incident"
_ADD = f"""
INSERT INTO {COUNTS} (word, incidents) VALUES (:word, :change)
ON CONFLICT (word) DO UPDATE SET incidents = {COUNTS}.incidents + :change
"""  # noqa: S608
_TOLD = {
    Happening.DECLARED: ("text",),
    Happening.SIGNALLED: ("title", "text"),
    Happening.NOTED: ("text",),
    Happening.UPDATED: ("facts", "impact", "status"),
}
_WRITTEN = ("summary", "impact", "what_happened", "lucky", "failed_control")


def stale(connection: Connection, most: int = AT_ONCE) -> list[Row]:
    """Return the first incidents that say more than is known of their words."""
    return connection.execute(_STALE, {"way": VERSION, "most": most})


def bring_up_to_date(connection: Connection, most: int = AT_ONCE) -> int:
    """Take the words of incidents that say more than is known; return of how many.

    Where that is `most`, there may be more.
    """
    rows = stale(connection, most)
    if not rows:
        return 0
    changes: dict[str, int] = {}
    kept: list[Row] = []
    postings: list[Row] = []
    known = _words(connection, (row["id"] for row in rows))
    for row in rows:
        identity = row["id"]
        for word in _forget_one(connection, identity, known):
            changes[word] = changes.get(word, 0) - 1
        words = words_of(texts_of(connection, identity))
        kept.append(
            {
                "incident": identity,
                "version": row["version"],
                "paper": row["paper"],
                "way": VERSION,
                "length": sum(words.values()),
                "words": msgspec.json.encode(words).decode(),
            }
        )
        postings += [{"word": word, "incident": identity} for word in words]
        for word in words:
            changes[word] = changes.get(word, 0) + 1
    insert(connection, WORDS, *kept)
    if postings:
        # In the order of the table, so that one page after the other is written.
        postings.sort(key=lambda each: (each["word"], each["incident"]))
        insert(connection, POSTINGS, *postings)
    moved = [{"word": word, "change": by} for word, by in sorted(changes.items()) if by]
    if moved:
        connection.execute_many(_ADD, moved)
        connection.execute(f"DELETE FROM {COUNTS} WHERE incidents <= 0")  # noqa: S608
    return len(rows)


def texts_of(connection: Connection, identity: str) -> list[str]:
    """Return everything that people wrote of an incident: its title, notes, updates, postmortem."""
    found: list[str] = []
    for row in connection.execute(_SAID, {"subject": identity}):
        body = msgspec.json.decode(row["body"])
        if row["type"] == Happening.DECLARED:
            found.append(str(body["sets"].get("title", "")))
        names = _TOLD.get(row["type"], ())
        found += [str(body["tells"].get(name, "")) for name in names]
    for row in connection.execute(_PAPER, {"incident": identity}):
        content = msgspec.json.decode(row["body"])["content"]
        found += [str(content.get(name) or "") for name in _WRITTEN]
        cause = content.get("root_cause") or {}
        found += [str(value) for _, value in sorted(cause.items())]
    return found


def alike(connection: Connection, identity: str, most: int = MAX_CANDIDATES) -> dict[str, float]:
    """Return how alike others are to an incident by their words, by id; 0 to 1, the likest only.

    Those that share none of its rarest words are not looked at.
    """
    own = words_known(connection, identity)
    if not own:
        return {}
    (size,) = connection.execute(f"SELECT COUNT(*) AS n, SUM(length) AS whole FROM {WORDS}")  # noqa: S608
    count, mean = int(size["n"]), float(size["whole"] or 0) / max(1, int(size["n"]))
    having = _having(connection, own)
    near = _candidates(connection, own, having, count, identity)
    others = _words(connection, near)
    having |= _having(
        connection, {word for each in others.values() for word in each} - having.keys()
    )
    mine = weights(own, having, count, mean)
    scores = {
        name: likeness(mine, weights(words, having, count, mean)) for name, words in others.items()
    }
    best = sorted(scores, key=lambda name: (-scores[name], name))[:most]
    return {name: scores[name] for name in best if scores[name] > 0}


def words_known(connection: Connection, identity: str) -> dict[str, int]:
    """Return the words of an incident as they were last taken, each with how often it stands."""
    return _words(connection, (identity,)).get(identity, {})


def clear(connection: Connection) -> None:
    """Forget all words; the next question takes them anew."""
    for table in (WORDS, POSTINGS, COUNTS):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names of tables are our own


def difference(connection: Connection) -> Difference | None:
    """Return the first words that are not what an incident says, of those that are up to date."""
    behind = {row["id"] for row in stale(connection, sys.maxsize)}
    counts: dict[str, int] = {}
    for row in connection.execute(f"SELECT incident, words FROM {WORDS} ORDER BY incident"):  # noqa: S608
        found = typed.decode(row["words"], type=dict[str, int])
        for word in found:
            counts[word] = counts.get(word, 0) + 1
        if row["incident"] in behind:
            continue
        wanted = words_of(texts_of(connection, row["incident"]))
        if found != wanted:
            return _differs(f"{WORDS}.{row['incident']}", wanted, found)
    kept = {
        row["word"]: int(row["incidents"])
        for row in connection.execute(f"SELECT word, incidents FROM {COUNTS}")  # noqa: S608
    }
    held = {
        row["word"]: int(row["n"])
        for row in connection.execute(
            f"SELECT word, COUNT(*) AS n FROM {POSTINGS} GROUP BY word"  # noqa: S608
        )
    }
    for name, there in ((COUNTS, kept), (POSTINGS, held)):
        if there != counts:
            return _differs(name, counts, there)
    return None


def _differs(place: str, wanted: Mapping[str, int], found: Mapping[str, int]) -> Difference:
    word = min(each for each in wanted.keys() | found.keys() if wanted.get(each) != found.get(each))
    return Difference(
        kind="table",
        place=place,
        expected=f"{word}: {wanted.get(word, 0)}",
        found=f"{word}: {found.get(word, 0)}",
    )


def _forget_one(
    connection: Connection, identity: str, known: Mapping[str, Mapping[str, int]]
) -> Iterable[str]:
    if identity not in known:
        return ()
    for table in (WORDS, POSTINGS):
        connection.execute(
            f"DELETE FROM {table} WHERE incident = :incident",  # noqa: S608
            {"incident": identity},
        )
    return known[identity]


def _candidates(
    connection: Connection,
    own: Mapping[str, int],
    having: Mapping[str, int],
    count: int,
    identity: str,
) -> tuple[str, ...]:
    """Return who shares the most of an incident's rarest words; all words while they are few."""
    scores: dict[str, float] = {}
    left = MAX_POSTINGS
    rare = sorted((word for word in own if having.get(word, 0) > 1), key=lambda w: (having[w], w))
    chosen: list[str] = []
    for word in rare:
        left -= having[word]
        if left < 0 and chosen:
            break
        chosen.append(word)
    for word, incident in _places(connection, chosen):
        scores[incident] = scores.get(incident, 0.0) + rarity(having[word], count)
    scores.pop(identity, None)
    # Sums of the same numbers in another order may differ in their last digit.
    ranked = sorted(scores, key=lambda name: (-round(scores[name], 6), name))
    return tuple(ranked[:MAX_CANDIDATES])


def _places(connection: Connection, words: list[str]) -> Iterable[tuple[str, str]]:
    for some in _chunks(words):
        named, values = _named(some)
        statement = f"SELECT word, incident FROM {POSTINGS} WHERE word IN ({named})"  # noqa: S608
        for word, incident in connection.columns(statement, values):
            yield str(word), str(incident)


def _having(connection: Connection, words: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in _chunks(sorted(words)):
        named, values = _named(some)
        statement = f"SELECT word, incidents FROM {COUNTS} WHERE word IN ({named})"  # noqa: S608
        found |= {str(word): int(n) for word, n in connection.columns(statement, values)}
    return found


def _words(connection: Connection, incidents: Iterable[str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for some in _chunks(sorted(incidents)):
        named, values = _named(some)
        statement = f"SELECT incident, words FROM {WORDS} WHERE incident IN ({named})"  # noqa: S608
        for incident, words in connection.columns(statement, values):
            found[str(incident)] = typed.decode(words, type=dict[str, int])
    return found


def _chunks(values: list[str]) -> Iterable[list[str]]:
    return (values[at : at + _CHUNK] for at in range(0, len(values), _CHUNK))


def _named(values: list[str]) -> tuple[str, dict[str, Any]]:
    names = {f"v{number}": value for number, value in enumerate(values)}
    return ", ".join(f":{name}" for name in names), names
