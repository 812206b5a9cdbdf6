"""Give the shapes of files of entries: the rows of templates, and what an import answers.

There is no `from __future__ import annotations` here: pydantic would compile each annotation
again.
"""

from typing import Annotated, Literal, TypedDict

from pydantic import Field

from config.content import Category
from config.section import Service

from .bodies import Asked, At
from .registry_shapes import BadRow
from .template_shapes import LONGEST_TEMPLATE, LONGEST_WHY, Name, Reference, Until


class TemplateRow(Asked):
    """A version of a template, and how far its procedure has gone."""

    template: Name
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEMPLATE)]
    category: Category = "notice"
    service: Service = "ordinary"
    description: Annotated[str, Field(max_length=LONGEST_WHY)] = ""
    state: Literal["draft", "submitted", "approved", "effective"] = "draft"
    effective_from: At | None = None
    until: Until | None = None
    approval: Reference = ""
    why: Annotated[str, Field(max_length=LONGEST_WHY)] = ""


class EntriesTaken(TypedDict):
    """How many rows were taken and left out, and why."""

    rows: int
    refused: int
    bad_rows: list[BadRow]
