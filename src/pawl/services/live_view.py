"""What runs: each component with who approved it, on what evidence, and what to go back to."""

import msgspec

from pawl.changes.registry import Live, Registry

PER_PAGE = 50
ABSENT_PART = "nothing"


class LiveLine(msgspec.Struct, frozen=True, kw_only=True):
    """One component now. `back` is what it was when it had the part that it would go back to.

    `moving` are changes that move it now, `quarantined` parts of it that were rolled back.
    """

    live: Live | None
    component: str
    back: Live | None = None
    moving: tuple[str, ...] = ()
    quarantined: tuple[tuple[str, str], ...] = ()


class LiveView(msgspec.Struct, frozen=True, kw_only=True):
    """One page of components by name."""

    lines: tuple[LiveLine, ...]
    total: int
    unmanaged: int
    page: int = 1

    @property
    def pages(self) -> int:
        """How many pages there are, one at least."""
        return max(1, -(-self.total // PER_PAGE))


class ComponentView(msgspec.Struct, frozen=True, kw_only=True):
    """One component with all that it was, newest first."""

    line: LiveLine
    history: tuple[Live, ...]


def live_view(registry: Registry, *, text: str = "", page: int = 1) -> LiveView:
    """Return what runs; `text` keeps components, titles and changes that hold it."""
    wanted = text.casefold()
    names = sorted({*registry.history, *registry.rolling})
    found = [name for name in names if not wanted or _matches(registry, name, wanted)]
    start = (page - 1) * PER_PAGE
    quarantine = _by_component(registry)
    return LiveView(
        lines=tuple(_line(registry, name, quarantine) for name in found[start : start + PER_PAGE]),
        total=len(found),
        unmanaged=sum(
            live is not None and not live.managed and bool(live.change)
            for live in map(registry.live, found)
        ),
        page=page,
    )


def component_view(registry: Registry, component: str) -> ComponentView | None:
    """Return one component with its history, or None where nothing is known of it."""
    if component not in registry.history and component not in registry.rolling:
        return None
    return ComponentView(
        line=_line(registry, component, _by_component(registry)),
        history=tuple(reversed(registry.history.get(component, ()))),
    )


def _line(registry: Registry, name: str, quarantine: dict[str, list[tuple[str, str]]]) -> LiveLine:
    live = registry.live(name)
    back = None
    if live is not None:
        earlier = reversed(registry.history.get(name, ())[:-1])
        back = next((each for each in earlier if each.part == live.goes_back_to), None)
    return LiveLine(
        live=live,
        component=name,
        back=back,
        moving=registry.rolling.get(name, ()),
        quarantined=tuple(sorted(quarantine.get(name, ()), key=lambda each: each[1], reverse=True)),
    )


def _by_component(registry: Registry) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for key, since in registry.quarantine.items():
        name, _, digest = key.rpartition("@")
        found.setdefault(name, []).append((digest, since))
    return found


def _matches(registry: Registry, name: str, text: str) -> bool:
    live = registry.live(name)
    words = (name, live.title, live.change) if live else (name,)
    return any(text in word.casefold() for word in words)
