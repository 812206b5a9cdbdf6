"""Load the words that tell the purpose of a text: commercial, or another category.

The shipped table is `data/commercial.toml`; another file of the same form can take its place.
"""

import re
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from .content import Category
from .shipped import DATA


def _words(values: tuple[str, ...]) -> tuple[str, ...]:
    if any(not value.strip() for value in values):
        raise ValueError("words of at least one character other than space")
    return values


def _pattern(value: str) -> str:
    try:
        compiled = re.compile(value)
    except re.error as error:
        raise ValueError(f"a regular expression ({error}): {value}") from error
    if compiled.groups or compiled.match(""):
        raise ValueError(f"a pattern without groups that count, and of some length: {value}")
    return value


Words = Annotated[tuple[str, ...], AfterValidator(_words)]


class TextPattern(BaseModel):
    """Hold a regular expression, and what every text that it is found in contains.

    Looking for that first costs a hundredth of the expression.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    contains: Annotated[str, Field(min_length=1)]
    pattern: Annotated[str, Field(min_length=1), AfterValidator(_pattern)]


class CategoryWords(BaseModel):
    """Give a category to the texts in which a word or a pattern is found."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    category: Category
    words: Words = ()
    patterns: tuple[TextPattern, ...] = ()


class CommercialWords(BaseModel):
    """Hold the whole table; see the comments in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    offers: Words = ()
    discounts: tuple[TextPattern, ...] = ()
    hints: Words = ()
    harmless: Words = ()
    warnings: Words = ()
    short_hosts: Words = ()
    obstacles: Words = ()
    categories: tuple[CategoryWords, ...] = ()


def load_commercial_words(path: Path | None = None) -> CommercialWords:
    """Read the words from a file, or the shipped ones.

    Raises OSError, tomllib.TOMLDecodeError or pydantic.ValidationError.
    """
    source = DATA / "commercial.toml" if path is None else path
    return CommercialWords.model_validate(tomllib.loads(source.read_text(encoding="utf-8")))
