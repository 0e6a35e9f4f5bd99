"""All assets of a tree, parsed when they are first asked for, and what is beside them."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from pawl.assets.asset import Asset, Entry, Files, Kind, asset_of, plugin_folders
from pawl.assets.bundled import Script, scripts_of
from pawl.assets.called import called_by
from pawl.assets.ci_agents import CiAgent, agents_of, speaks_of_agents
from pawl.assets.flow import Flow
from pawl.assets.json_text import Config, read_json, read_toml
from pawl.assets.pages import Page, read_page
from pawl.assets.servers import Server, Servers, read_servers
from pawl.assets.settings import Hook, Settings, hooks_of, read_settings
from pawl.assets.workflow import read_flow
from pawl.base.patterns import regex

_LOCAL_CALL = regex(r"\buses:[ \t]*['\"]?(\./[\w./@-]{0,200})")


def _local_calls(text: str | None) -> tuple[str, ...]:
    """Return the files of the same repository that a pipeline's text calls."""
    found = _LOCAL_CALL.findall(text) if text is not None and "./" in text else ()
    return tuple(found)


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
        self._flows: dict[str, Flow | None] = {}

    # -- which there are --------------------------------------------------------------------------

    @cached_property
    def all(self) -> tuple[Asset, ...]:
        """Every asset of the tree, by path."""
        found = (asset_of(path, self.plugin_roots) for path in self.entries)
        return tuple(sorted((each for each in found if each is not None), key=lambda a: a.path))

    @cached_property
    def plugin_roots(self) -> frozenset[str]:
        """The folders that hold a plugin; empty text is the root."""
        return plugin_folders(self.entries)

    def plugin_of(self, path: str) -> str | None:
        """Return the folder of the nearest plugin around a path, or None outside of all."""
        folder = path
        while folder and self.plugin_roots:
            folder = folder.rpartition("/")[0]
            if folder in self.plugin_roots:
                return folder
        return None

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

    def is_judged(self, path: str) -> bool:
        """Say whether what is found in a file of the tree is to be told of."""
        return path in self.entries and (self._only is None or path in self._only)

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

    @cached_property
    def templates(self) -> tuple[Page, ...]:
        """What agents that investigate are asked; no page that an agent reads by itself."""
        return self._pages(Kind.TEMPLATE)

    @property
    def pages(self) -> tuple[Page, ...]:
        """All assets that are pages."""
        return (*self.memories, *self.skills, *self.agents, *self.commands)

    @cached_property
    def scripts(self) -> tuple[Script, ...]:
        """Scripts in the folders of skills, where the skill or the script itself is judged."""
        skills = [asset.path for asset in self.all if asset.kind is Kind.SKILL]
        found = scripts_of(self.entries, skills)
        if self._only is None:
            return found
        return tuple(each for each in found if not self._only.isdisjoint((each.path, each.skill)))

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
        found = (self.flow(asset.path) for asset in self.judged(Kind.WORKFLOW))
        return tuple(each for each in found if each is not None)

    @cached_property
    def ci_agents(self) -> tuple[CiAgent, ...]:
        """The agents that pipelines run; a pipeline that has nothing of one is not taken apart."""
        whole = self.whole
        found = agents_of(self.agent_flows, whole.flow, whole.text, lambda: whole.flows)
        return tuple(found)

    @cached_property
    def agent_flows(self) -> tuple[Flow, ...]:
        """Pipelines that may run an agent, or call one that does."""
        found = (self.flow(asset.path) for asset in self._agent_flows)
        return tuple(each for each in found if each is not None)

    @cached_property
    def _agent_flows(self) -> tuple[Asset, ...]:
        speaking = self.whole._speaking
        return tuple(
            asset
            for asset in self.judged(Kind.WORKFLOW)
            if asset.path in speaking
            or any(set(called_by(uses)) & speaking for uses in _local_calls(self.text(asset.path)))
        )

    @cached_property
    def _speaking(self) -> frozenset[str]:
        held = ((asset, self.text(asset.path)) for asset in self.judged(Kind.WORKFLOW))
        return frozenset(
            asset.path for asset, text in held if text is not None and speaks_of_agents(text)
        )

    def flow(self, path: str) -> Flow | None:
        """Return the pipeline at a path, judged or not; None where none is."""
        whole = self.whole
        if path not in whole._flows:
            asset = whole._pipelines.get(path)
            text = None if asset is None else whole.text(path)
            read = None if asset is None or text is None else read_flow(asset, text)
            whole._flows[path] = read
        return whole._flows[path]

    @cached_property
    def _pipelines(self) -> dict[str, Asset]:
        return {each.path: each for each in self.judged(Kind.WORKFLOW)}

    @cached_property
    def plugins(self) -> tuple[tuple[Asset, Config], ...]:
        """Manifests of plugins and marketplaces."""
        return tuple(
            (asset, read_json(text, asset.path)) for asset, text in self._read(Kind.PLUGIN)
        )

    @cached_property
    def hook_files(self) -> tuple[tuple[Asset, Config], ...]:
        """Files of hooks: those that plugins bring, and Codex's."""
        return tuple((asset, read_json(text, asset.path)) for asset, text in self._read(Kind.HOOKS))

    @cached_property
    def hook_pages(self) -> tuple[tuple[Asset, Config], ...]:
        """Skills, commands and agents that bring hooks in their front matter.

        An agent of a plugin is none of them: the product passes over its hooks.
        """
        agents = (each for each in self.agents if self.plugin_of(each.path) is None)
        pages = (*self.skills, *self.commands, *agents)
        return tuple(
            (page.asset, Config(value=page.front.values, lined=page.front.lined))
            for page in pages
            if "hooks" in page.front.values and page.asset.product == "claude-code"
        )

    @cached_property
    def hooks(self) -> tuple[Hook, ...]:
        """Hooks of settings, of plugins and of pages."""
        held = (*self.hook_files, *self.hook_pages)
        of_plugins = (hooks_of(config, asset.path) for asset, config in held)
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
