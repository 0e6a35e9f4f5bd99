"""Write a case as the text of its file; reading it back gives the same case."""

import yaml

from pawl.base.errors import BadValue
from pawl.base.yaml_text import yaml_of
from pawl.evals.case import Case, written


def case_text(case: Case, remarks: tuple[str, ...] = ()) -> str:
    """Return a case as YAML, without what is left to defaults; `remarks` stand above it.

    Raises BadValue for a text that no file in UTF-8 can hold.
    """
    comments = "".join(f"# {line}\n" for text in remarks for line in text.splitlines())
    try:
        text = comments + yaml_of({"schema": case.schema, **written(case)})
        text.encode()
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise BadValue(f"The case cannot be written as YAML: {error}.", place=case.id) from error
    return text
