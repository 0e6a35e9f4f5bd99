"""Walk an XML document's elements without building it, and without its traps.

A document type with declarations of its own is refused: entities can be declared only there. One
that merely names a file somewhere else is refused too unless the format is known to carry it;
that file is never fetched.
"""

from collections.abc import Callable
from typing import NoReturn
from xml.parsers import expat

from pawl.base.errors import BadFile
from pawl.parsing.bounds import refuse, refuse_giants

MAX_DEPTH = 100
MAX_ELEMENTS = 5_000_000
_PIECE = 1 << 16

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


def walk(
    text: str,
    source: str,
    start: Start,
    end: End | None = None,
    *,
    named_type: bool = False,
    data: Callable[[str], None] | None = None,
) -> None:
    """Call `start` and `end` for each element, `data` for text between; raises BadFile.

    Names are without namespace prefix. `named_type` lets a document name an external type.
    """
    refuse_giants(text, source)
    guard = _Guard(source, start, end, named_type=named_type)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = guard.start
    parser.EndElementHandler = guard.end
    parser.StartDoctypeDeclHandler = guard.doctype
    parser.EntityDeclHandler = guard.entity
    if data is not None:
        parser.CharacterDataHandler = data
    plain = text.encode("utf-8", "replace").decode("utf-8").lstrip("\ufeff \t\r\n")
    try:
        for offset in range(0, len(plain), _PIECE):
            parser.Parse(plain[offset : offset + _PIECE], False)
        parser.Parse("", True)
    except expat.ExpatError as error:
        refuse(f"not readable as XML: {error}.", source)
    finally:
        # The parser and what it calls hold each other.
        parser.StartElementHandler = parser.EndElementHandler = None
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = None
        parser.CharacterDataHandler = None


class _Guard:
    def __init__(self, source: str, start: Start, end: End | None, *, named_type: bool) -> None:
        self._source = source
        self._start = start
        self._end = end
        self._named_type = named_type
        self._depth = 0
        self._elements = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH:
            refuse("nested too deeply.", self._source)
        if self._elements > MAX_ELEMENTS:
            refuse(f"more than {MAX_ELEMENTS:,} elements.", self._source)
        self._start(name.rpartition(":")[2], attributes)

    def end(self, name: str) -> None:
        self._depth -= 1
        if self._end is not None:
            self._end(name.rpartition(":")[2])

    def doctype(
        self, name: str, system: str | None, public: str | None, has_internal_subset: bool
    ) -> None:
        if has_internal_subset or not self._named_type:
            self._refuse_type()

    def entity(self, *_: object) -> NoReturn:
        self._refuse_type()

    def _refuse_type(self) -> NoReturn:
        raise BadFile(
            "declares a document type, which could hide entities.",
            place=self._source,
            hint="Export it without a DOCTYPE.",
        )
