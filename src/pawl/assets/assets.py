"""All assets of a tree, parsed when they are first asked for, and what is beside them."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from pawl.assets.asset import Asset, Entry, Files, Kind, asset_of, plugin_folders
from pawl.assets.json_text import Config, read_json, read_toml
from pawl.assets.pages import Page, read_page
from pawl.assets.servers import Server, Servers, read_servers
from pawl.assets.settings import Hook, Settings, hooks_of, read_settings
from pawl.assets.workflow import Flow, read_flow


class Assets:
    """The assets of one tree. `only` narrows down what is judged, not what may be looked at.

    `base` are the assets as they were before a change, where a change is looked at.
    """

    def __init__(
        self, files: Files, *, only: Iterable[str] | None = None, base: "Assets | None" = None
    ) -> None:
        self.files = files
        self.base = base
        self._only = None if only is None else frozenset(only)
        self._texts: dict[str, str | None] = {}

    # -- which there are --------------------------------------------------------------------------

    @cached_property
    def all(self) -> tuple[Asset, ...]:
        """Every asset of the tree, by path."""
        plugins = plugin_folders(self.entries)
        found = (asset_of(path, plugins) for path in self.entries)
        return tuple(sorted((each for each in found if each is not None), key=lambda a: a.path))

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Every path of the tree."""
        return self.files.entries

    def judged(self, kind: Kind) -> tuple[Asset, ...]:
        """Return the assets of a kind that rules are to judge."""
        return tuple(
            each
            for each in self.all
            if each.kind is kind and (self._only is None or each.path in self._only)
        )

    def text(self, path: str) -> str | None:
        """Return a file's text; None where there is none, or one that cannot be read."""
        if path not in self._texts:
            self._texts[path] = self.files.text(path) if path in self.entries else None
        return self._texts[path]

    def exists(self, path: str) -> bool:
        """Say whether a file or folder of this path is in the tree."""
        return path in self.entries or path.rstrip("/") in self._folders

    @cached_property
    def _folders(self) -> frozenset[str]:
        found: set[str] = {""}
        for path in self.entries:
            folder = path.rpartition("/")[0]
            while folder and folder not in found:
                found.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(found)

    # -- what they say, those that are judged -----------------------------------------------------

    @cached_property
    def memories(self) -> tuple[Page, ...]:
        """Instructions that agents read by themselves."""
        return self._pages(Kind.MEMORY)

    @cached_property
    def skills(self) -> tuple[Page, ...]:
        """Skills."""
        return self._pages(Kind.SKILL)

    @cached_property
    def agents(self) -> tuple[Page, ...]:
        """Definitions of sub-agents."""
        return self._pages(Kind.AGENT)

    @cached_property
    def commands(self) -> tuple[Page, ...]:
        """Commands."""
        return self._pages(Kind.COMMAND)

    @property
    def pages(self) -> tuple[Page, ...]:
        """All assets that are pages."""
        return (*self.memories, *self.skills, *self.agents, *self.commands)

    @cached_property
    def settings(self) -> tuple[Settings, ...]:
        """Settings of all products."""
        return tuple(
            read_settings(asset, self._config(asset, text))
            for asset, text in self._read(Kind.SETTINGS)
        )

    @cached_property
    def servers(self) -> tuple[Servers, ...]:
        """Files of servers of tools; settings and manifests that hold servers are among them."""
        kinds = (Kind.MCP, Kind.SETTINGS, Kind.PLUGIN)
        held = [each for kind in kinds for each in self._read(kind)]
        files = (read_servers(asset, self._config(asset, text)) for asset, text in held)
        return tuple(each for each in files if each.servers or each.asset.kind is Kind.MCP)

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """Pipelines of code hosts."""
        return tuple(read_flow(asset, text) for asset, text in self._read(Kind.WORKFLOW))

    @cached_property
    def plugins(self) -> tuple[tuple[Asset, Config], ...]:
        """Manifests of plugins and marketplaces."""
        return tuple(
            (asset, read_json(text, asset.path)) for asset, text in self._read(Kind.PLUGIN)
        )

    @cached_property
    def hook_files(self) -> tuple[tuple[Asset, Config], ...]:
        """Files of hooks that plugins bring."""
        return tuple((asset, read_json(text, asset.path)) for asset, text in self._read(Kind.HOOKS))

    @cached_property
    def hooks(self) -> tuple[Hook, ...]:
        """Hooks of settings and of plugins."""
        of_plugins = (hooks_of(config, asset.path) for asset, config in self.hook_files)
        of_settings = (each.hooks for each in self.settings)
        return tuple(hook for hooks in (*of_settings, *of_plugins) for hook in hooks)

    @property
    def all_servers(self) -> tuple[Server, ...]:
        """Servers of all files."""
        return tuple(server for file in self.servers for server in file.servers)

    # -- everything, whatever is judged -----------------------------------------------------------

    @cached_property
    def whole(self) -> "Assets":
        """The same tree with nothing left out, for rules that look beyond the judged file."""
        return self if self._only is None else Assets(self.files, base=self.base)

    def _read(self, kind: Kind) -> list[tuple[Asset, str]]:
        found = ((asset, self.text(asset.path)) for asset in self.judged(kind))
        return [(asset, text) for asset, text in found if text is not None]

    def _pages(self, kind: Kind) -> tuple[Page, ...]:
        return tuple(read_page(asset, text) for asset, text in self._read(kind))

    def _config(self, asset: Asset, text: str) -> Config:
        if asset.path.endswith(".toml"):
            return read_toml(text, asset.path)
        strict = asset.product == "claude-code" and asset.kind is not Kind.MCP
        return read_json(text, asset.path, comments=not strict)
