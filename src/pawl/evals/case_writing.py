"""Write a case as the text of its file; reading it back gives the same case."""

from typing import Any

import yaml

from pawl.base.errors import BadValue
from pawl.evals.case import Case, told

_ORDER = (
    *("schema", "id", "class", "provenance", "covers", "setup", "run", "trials"),
    *("assert", "pass_when"),
)


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, and the same value twice in full."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    block = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=block)


_Dumper.add_representer(str, _text)


def case_text(case: Case, remarks: tuple[str, ...] = ()) -> str:
    """Return a case as YAML, without what is left to defaults; `remarks` stand above it.

    Raises BadValue for a text that no file in UTF-8 can hold.
    """
    found = {"schema": case.schema, **told(case)}
    kept = {name: found[name] for name in _ORDER if name in found}
    comments = "".join(f"# {line}\n" for text in remarks for line in text.splitlines())
    try:
        body: str = yaml.dump(kept, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
        (comments + body).encode()
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise BadValue(f"The case cannot be written as YAML: {error}.", place=case.id) from error
    return comments + body
