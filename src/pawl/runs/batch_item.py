"""The items of a batch: one entry of the file, its stable id, and the command made from it.

A command of a batch is a template. `{item}` and `{item.field}` in it are replaced inside whole
elements of the argument list, so Pawl has no shell read what an item says, and refuses a template
that would have one read it as a program. `{{item}}` stays as `{item}`; all other braces are left
alone.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from pawl.base.canonical import sha256_hex
from pawl.base.errors import BadFile, BadValue

MAX_ID = 200
"""Characters of an id: it stands in every line about the item."""
MAX_ELEMENT = 128 * 1024 - 1
"""Bytes of one element of a command that Linux takes (MAX_ARG_STRLEN, less the closing zero)."""
MAX_COMMAND = 512 * 1024
"""Bytes of a whole command: half of what macOS takes, the environment included."""
LABEL = 80
"""Characters of an item that people are shown."""

_NAME = r"item(?:\.[A-Za-z0-9_-]+)*"
_SHELL = re.compile(r"(?:.*/)?(?:(?:ba|da|k|z|fi)?sh|python[\d.]*|perl|ruby|node|bun)")
_PROGRAM_FOLLOWS = re.compile(r"-[A-Za-z]*[ce]|--eval|--command")
_PLACEHOLDER = re.compile(rf"\{{\{{({_NAME})\}}\}}|\{{({_NAME})\}}")


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One entry. `where` is its place in the file for people, such as `line 3`.

    `fields` is what placeholders name; `text` is what `{item}` alone means, None where the entry
    has neither a prompt nor an id. `digest` is of the whole entry.
    """

    id: str
    where: str
    digest: str
    fields: dict[str, Any]
    text: str | None
    cwd: str | None

    @property
    def label(self) -> str:
        """The start of what the item says, for people."""
        text = self.text if self.text is not None else self.id
        return text if len(text) <= LABEL else text[: LABEL - 1] + "…"


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """What every item is made into: a command, and the text on its stdin where there is one.

    `dashes` allows an item's text to begin an element with a dash.
    """

    command: tuple[str, ...]
    stdin: str | None = None
    dashes: bool = False

    @property
    def digest(self) -> str:
        """The digest that a resumed batch must have again."""
        return sha256_hex(msgspec.json.encode((self.command, self.stdin)))

    @property
    def has_placeholder(self) -> bool:
        """Whether anything of an item gets into the command or its stdin."""
        texts = (*self.command, self.stdin or "")
        return any(match[2] for text in texts for match in _PLACEHOLDER.finditer(text))


def make_item(entry: Any, where: str, place: str) -> Item:
    """Return an entry of the file as an item; raises BadFile naming `place` and where in it.

    An entry is text, or a mapping that may say `id`, `prompt`, `args`, `vars`, `cwd` and anything
    else that the command asks for. Without an id, the digest of the entry is the id.
    """
    there = f"{place}: {where}"
    digest = sha256_hex(msgspec.json.encode(entry, order="sorted"))
    fallback = f"item-{digest[:16]}"
    if isinstance(entry, str):
        return Item(id=fallback, where=where, digest=digest, fields={}, text=entry, cwd=None)
    if not isinstance(entry, dict) or not all(isinstance(key, str) for key in entry):
        raise BadFile("an item is a text or a mapping.", place=there)
    given = _given_id(entry.get("id"), there)
    cwd = entry.get("cwd")
    if cwd is not None and (not isinstance(cwd, str) or not cwd or "\0" in cwd):
        raise BadFile("`cwd` is the path of a folder.", place=there)
    prompt = entry.get("prompt")
    if prompt is not None and not isinstance(prompt, str):
        raise BadFile("`prompt` is a text.", place=there)
    text = prompt if prompt is not None else given
    name = given or fallback
    return Item(id=name, where=where, digest=digest, fields=entry, text=text, cwd=cwd)


def refuse_duplicates(items: Iterable[Item], place: str) -> None:
    """Raise BadFile where two items have one id, naming both places."""
    seen: dict[str, Item] = {}
    for item in items:
        first = seen.setdefault(item.id, item)
        if first is not item:
            raise BadFile(
                f"{first.where} and {item.where} are the same item, {item.id!r}.",
                place=place,
                hint="Remove one, or give each an id of its own.",
            )


def command_of(template: Template, item: Item, place: str) -> tuple[str, ...]:
    """Return the argument list of an item; raises BadFile for what cannot be put into one.

    `{item.field}` alone in an element may be a list of texts, which become that many elements.
    """
    filled: list[str] = []
    options_over = False
    for element in template.command:
        made = _elements(element, item, place)
        if not options_over and not template.dashes and _starts_with_item(element):
            _refuse_options(made, item, place)
        for text in made:
            _refuse_unsendable(text, item, place)
        filled += made
        options_over = options_over or element == "--"
    if sum(len(text.encode("utf-8", "surrogateescape")) + 1 for text in filled) > MAX_COMMAND:
        raise _too_long(f"the command is longer than {MAX_COMMAND:,} bytes.", item, place)
    return tuple(filled)


def stdin_of(template: Template, item: Item, place: str) -> bytes | None:
    """Return what the agent of an item reads on stdin, or None where there is no template."""
    if template.stdin is None:
        return None
    return _fill(template.stdin, item, place).encode("utf-8", "surrogateescape")


def check_template(template: Template, items: Sequence[Item]) -> None:
    """Raise BadValue where every item would run the same command in the same folder, and where
    an item's text would be a part of a program, as in `sh -c 'grep x {item}'`."""
    for number, element in enumerate(template.command[1:], start=1):
        before = template.command[:number]
        if (
            any(match[2] for match in _PLACEHOLDER.finditer(element))
            and _PROGRAM_FOLLOWS.fullmatch(before[-1])
            and any(_SHELL.fullmatch(word) for word in before)
        ):
            raise BadValue(
                f"{element[:60]!r} would have an item's text run as a program.",
                hint="Give it as an argument instead: sh -c 'grep x \"$1\"' sh {item}.",
            )
    if not template.has_placeholder and not any(item.cwd for item in items):
        raise BadValue(
            "nothing of an item is in the command, so all items would do the same.",
            hint="Write {item} or {item.field} where the item belongs, or give items a cwd.",
        )


def _elements(element: str, item: Item, place: str) -> list[str]:
    match = _PLACEHOLDER.fullmatch(element)
    if match and match[2]:
        value = _value(match[2], item, place)
        if isinstance(value, list):
            if not all(isinstance(each, str) for each in value):
                raise _bad(item, place, f"{{{match[2]}}} is a list that holds more than texts.")
            return list(value)
    return [_fill(element, item, place)]


def _fill(text: str, item: Item, place: str) -> str:
    def put(match: re.Match[str]) -> str:
        if match[1]:
            return f"{{{match[1]}}}"
        return _scalar(_value(match[2], item, place), match[2], item, place)

    return _PLACEHOLDER.sub(put, text)


def _value(name: str, item: Item, place: str) -> Any:
    path = name.split(".")[1:]
    if not path:
        if item.text is None:
            raise _bad(item, place, "{item} means the prompt or the id, and the item has neither.")
        return item.text
    found: Any = item.fields
    for part in path:
        if not isinstance(found, dict) or part not in found:
            if path == ["id"]:
                return item.id
            raise _bad(
                item, place, f"the item has no {'.'.join(path)}, which the command asks for."
            )
        found = found[part]
    return found


def _scalar(value: Any, name: str, item: Item, place: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return msgspec.json.encode(value).decode()
    raise _bad(item, place, f"{{{name}}} is not a text or a number.")


def _starts_with_item(element: str) -> bool:
    match = _PLACEHOLDER.match(element)
    return bool(match and match[2])


def _refuse_options(made: list[str], item: Item, place: str) -> None:
    for text in made:
        if text.startswith("-"):
            raise BadFile(
                f"{text[:40]!r} would be read as an option of the agent.",
                place=f"{place}: {item.where}",
                hint="Put `--` or other text before the placeholder, use --stdin-template, or say"
                " --allow-dashes.",
            )


def _refuse_unsendable(text: str, item: Item, place: str) -> None:
    if "\0" in text:
        raise _bad(item, place, "a command cannot hold a null character.")
    if len(text.encode("utf-8", "surrogateescape")) > MAX_ELEMENT:
        message = f"an element of the command is longer than {MAX_ELEMENT:,} bytes."
        raise _too_long(message, item, place)


def _too_long(message: str, item: Item, place: str) -> BadFile:
    return BadFile(
        message,
        place=f"{place}: {item.where}",
        hint="Give the agent the text on stdin: --stdin-template '{item}'.",
    )


def _bad(item: Item, place: str, message: str) -> BadFile:
    return BadFile(message, place=f"{place}: {item.where}", hint="Mend the item or the command.")


def _given_id(value: Any, place: str) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None:
        return None
    if isinstance(value, str) and 0 < len(value) <= MAX_ID and value.isprintable():
        return value
    raise BadFile(
        f"an id is a text of 1 to {MAX_ID} printable characters.",
        place=place,
        hint="Shorten it, or leave it out: the digest of the item is taken instead.",
    )
