"""Templates of what an agent is asked: they must name tools, output, fallback and a bound.

A template is a page with front matter. What is missing in one is what the lint rules of the same
names tell of; a template with something missing is not used.
"""

from importlib.resources import files

import msgspec

from pawl.assets.asset import Asset, Kind
from pawl.assets.pages import listed, read_page
from pawl.assets.templates import missing
from pawl.base.errors import BadFile


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A template that is whole. `body` holds `{evidence}` once; `place` is where it is from."""

    name: str
    place: str
    tools: tuple[str, ...]
    fallback: str
    max_evidence: int
    max_characters: int
    body: str


def read_template(text: str, place: str) -> Template:
    """Return a template; raises BadFile for one that lacks something."""
    page = read_page(Asset(place, Kind.TEMPLATE, "claude-code"), text)
    lacks = missing(page)
    if lacks:
        raise BadFile(
            " ".join(lacks.values()), place=place, hint="See `pawl lint` for what to write."
        )
    values = page.front.values
    return Template(
        name=page.name,
        place=place,
        tools=listed(values["tools"]),
        fallback=str(values["fallback"]),
        max_evidence=int(values["max_evidence"]),
        max_characters=int(values["max_characters"]),
        body=page.body.strip(),
    )


def shipped_template() -> Template:
    """Return the template that comes with Pawl."""
    text = files("pawl.investigation").joinpath("template.md").read_text(encoding="utf-8")
    return read_template(text, "template.md")
