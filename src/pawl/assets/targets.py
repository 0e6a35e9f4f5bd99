"""What a repository's manifests name: scripts and packages of package.json, targets, recipes."""

from collections.abc import Iterator

import msgspec

from pawl.assets.assets import Assets
from pawl.base.patterns import regex

MAX_FILES = 300
"""Manifests of one kind that are read."""
_TARGET = regex(r"([\w./%$(){}@+ -]{1,400}?)\s{0,20}::?(?![=:])")
_RECIPE = regex(r"@?([A-Za-z_][\w-]{0,80})(?:\s[^:\n]{0,300})?:(?!=)")
_ALIAS = regex(r"alias\s{1,10}([A-Za-z_][\w-]{0,80})")
_PACKAGES = ("dependencies", "devDependencies", "optionalDependencies")
_FOREIGN = frozenset({"node_modules", "vendor", "third_party", ".venv", "site-packages"})


class Known(msgspec.Struct, frozen=True):
    """Names that one kind of runner knows. `open` says that there may be more that are not seen."""

    names: frozenset[str]
    files: int
    open: bool = False


def scripts(assets: Assets) -> Known:
    """Return the scripts of all package.json files."""
    names: set[str] = set()
    read = 0
    for _, text in _files(assets, ("package.json",)):
        try:
            value = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
            return Known(frozenset(), 0, open=True)
        held = value.get("scripts") if isinstance(value, dict) else None
        names |= {str(name) for name in held} if isinstance(held, dict) else set()
        read += 1
    return Known(frozenset(names), read, read >= MAX_FILES)


def packages(assets: Assets) -> frozenset[str]:
    """Return the packages that some package.json names, and the program of TypeScript's."""
    names: set[str] = set()
    for _, text in _files(assets, ("package.json",)):
        try:
            value = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
            continue
        for table in _PACKAGES if isinstance(value, dict) else ():
            held = value.get(table)
            names |= {str(name) for name in held} if isinstance(held, dict) else set()
    # The compiler's package has another name than its program.
    return frozenset(names | ({"tsc"} if "typescript" in names else set()))


def targets(assets: Assets) -> Known:
    """Return the targets of all makefiles; one that includes or makes up others leaves it open."""
    names: set[str] = set()
    read, is_open = 0, False
    for name, text in _files(assets, ("Makefile", "makefile", "GNUmakefile"), ".mk"):
        read += not name.endswith(".mk")
        for line in text.split("\n"):
            if line[:1] in ("\t", "#", ""):
                continue
            is_open |= line.startswith(("include ", "-include ", "sinclude ")) or "$(eval" in line
            match = _TARGET.match(line[:600])
            if match is not None:
                # What is phony stands behind the colon.
                listed = line.split(":", 1)[1] if match[1].strip() == ".PHONY" else match[1]
                found = listed.split()
                names.update(found)
                is_open |= any("%" in each or "$" in each for each in found)
    return Known(frozenset(names), read, is_open or read >= MAX_FILES)


def recipes(assets: Assets) -> Known:
    """Return the recipes of all justfiles; one that imports others leaves it open."""
    names: set[str] = set()
    read, is_open = 0, False
    for _, text in _files(assets, ("justfile", "Justfile", ".justfile")):
        read += 1
        for line in text.split("\n"):
            is_open |= line.startswith(("import ", "import?", "mod ", "mod?", "set fallback"))
            match = _RECIPE.match(line[:500]) or _ALIAS.match(line[:200])
            if match is not None:
                names.add(match[1])
    return Known(frozenset(names), read, is_open or read >= MAX_FILES)


def _files(assets: Assets, named: tuple[str, ...], ending: str = "") -> Iterator[tuple[str, str]]:
    left = MAX_FILES
    for path in assets.entries:
        folder, _, name = path.rpartition("/")
        wanted = name in named or (ending and name.endswith(ending))
        if not wanted or not _FOREIGN.isdisjoint(folder.split("/")):
            continue
        text = assets.text(path)
        if text is not None:
            yield name, text
            left -= 1
        if not left:
            return
