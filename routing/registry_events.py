"""Name what the journal records of the registries of numbers, after the rules of `routing.events`.

Single changes have an event each. An import of many rows is `ImportOpened`, any number of
`ImportRows`, and one closing event: the rows take effect, all at once, with `ImportClosed`, whose
counts and SHA-256 must agree with them; after `ImportAborted`, or without an end, they never do.

Conventions: `number` is 11 digits. `categories` without an entry are all categories, an
`access_number` of "" is every one. A moment of 0.0 is `at`, an end of 0.0 is none. `who` is who
made the change ("subscriber" for a handset's own), `why` is for people.
"""

from __future__ import annotations

from typing import TypeAlias

from .event import Event


class ConsentGranted(Event, tag=34, gc=False):
    """Record that a user agreed to be sent messages of these categories (clause 3.1.7).

    `channel` is one of `routing.consents.CHANNELS`; `proof` refers to the evidence, as a document
    number or a hash; `text_version` to the text that the user was shown.
    """

    number: str
    categories: tuple[str, ...] = ()
    channel: str = ""
    proof: str = ""
    text_version: str = ""
    obtained_at: float = 0.0
    expires_at: float = 0.0
    who: str = ""
    why: str = ""


class ConsentWithdrawn(Event, tag=35, gc=False):
    """Record that a user takes back the consent to these categories."""

    number: str
    categories: tuple[str, ...] = ()
    withdrawn_at: float = 0.0
    who: str = ""
    why: str = ""


class OptedOut(Event, tag=36, gc=False):
    """Record that a user refuses messages (clauses 3.1.8 and 4.3).

    `source` is one of `routing.optouts.SOURCES`; `mo_id` the uplink message that said so, 0 for
    another source. `refused_at` is when the user said so, if that was earlier than `at`.
    """

    number: str
    access_number: str = ""
    categories: tuple[str, ...] = ()
    source: str = ""
    proof: str = ""
    refused_at: float = 0.0
    mo_id: int = 0
    who: str = ""
    why: str = ""


class OptedIn(Event, tag=37, gc=False):
    """Record that a user takes a refusal back; fields as in `OptedOut`."""

    number: str
    access_number: str = ""
    categories: tuple[str, ...] = ()
    source: str = ""
    proof: str = ""
    accepted_at: float = 0.0
    mo_id: int = 0
    who: str = ""
    why: str = ""


class ListChanged(Event, tag=38, gc=False):
    """Record that an entry is put on the red, black or white list, or taken off.

    `entry` is a number or the first digits of numbers. `scope` is global, account or signature,
    and `holder` names the account or the signature.
    """

    name: str
    entry: str
    listed: bool = True
    scope: str = "global"
    holder: str = ""
    valid_from: float = 0.0
    valid_to: float = 0.0
    reason: str = ""
    who: str = ""
    why: str = ""


class NumberPorted(Event, tag=39, gc=False):
    """Record that a number is served by another carrier (clause 3.2.3); "" is its prefix's own."""

    number: str
    carrier: str
    ported_at: float = 0.0
    who: str = ""
    why: str = ""


class ImportOpened(Event, tag=40, gc=False):
    """Record that an import begins; `registry` is one of consents, optouts, lists, numbers."""

    import_id: int
    registry: str
    who: str = ""
    why: str = ""
    source: str = ""
    """Name of the file, or another word for where the rows come from."""


class ImportRows(Event, tag=41, gc=False):
    """Record some rows of an import, column by column.

    `numbers` are unsigned 64-bit integers and `since` and `until` are doubles, both in
    little-endian order, `until` infinite for no end. `kinds` are the distinct sets of the other
    columns, whose meaning is the registry's, and `picks` says by unsigned 16-bit integers which
    of them a row has. `texts` has a text for each row. Of `since`, `until`, `picks` and `texts`,
    one value stands for all rows.
    """

    import_id: int
    index: int
    """From 0, without gaps."""
    numbers: bytes
    since: bytes
    until: bytes
    kinds: tuple[tuple[str, ...], ...]
    picks: bytes = b"\x00\x00"
    texts: tuple[str, ...] = ("",)


class ImportClosed(Event, tag=42, gc=False):
    """Record that an import is complete and in force from here on.

    `sha256` is that of all `ImportRows`, see `routing.registry_imports.digest`.
    """

    import_id: int
    rows: int
    chunks: int
    sha256: str
    refused: int = 0
    """Bad rows that were left out (a partial import)."""


class ImportAborted(Event, tag=43, gc=False):
    """Record that nothing of an import takes effect."""

    import_id: int
    why: str


class ReviewOpened(Event, tag=44, gc=False):
    """Record that a person has to read an uplink message which mentions a refusal."""

    mo_id: int
    number: str
    access_number: str
    text: str
    rule: str


class ReviewSettled(Event, tag=45, gc=False):
    """Record what a person read in it; `decision` is one of `routing.uplink_reviews.DECISIONS`."""

    mo_id: int
    decision: str
    who: str
    why: str = ""


ImportEvent: TypeAlias = ImportOpened | ImportRows | ImportClosed | ImportAborted
RegistryEvent: TypeAlias = (
    ConsentGranted
    | ConsentWithdrawn
    | OptedOut
    | OptedIn
    | ListChanged
    | NumberPorted
    | ImportEvent
    | ReviewOpened
    | ReviewSettled
)
