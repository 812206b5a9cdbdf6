"""Read back what the archive knows of messages under way that failed a check without being refused.

The ledger of breaches waits for what becomes of some of them. There are few: each is looked up by
the number of an open message.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Final

import msgspec

from routing.events import Failure, Submission

_FAILURES: Final = msgspec.msgpack.Decoder(tuple[Failure, ...])
_UNDER_WAY: Final = (
    "SELECT m.submitted_ms, m.id, m.account, m.session_id, m.sequence_number, m.service, "
    "m.sender, m.recipient, m.text, m.data_coding, m.registered_delivery, m.segments, m.carrier, "
    "m.failures FROM open_messages AS o CROSS JOIN messages AS m ON m.id = o.id "
    "WHERE m.failures IS NOT NULL AND m.accepted = 1 AND m.final_ms IS NULL ORDER BY m.id"
)


def load_watched(connection: sqlite3.Connection) -> Iterator[Submission]:
    """Give the accepted messages without outcome for which a check failed, in order of their id.

    They are as submitted, as far as the archive knows: with the text of the last replace_sm, with
    times to the millisecond, and without what only delivery needs. Raises sqlite3.DatabaseError
    and msgspec.MsgspecError.
    """
    for row in connection.execute(_UNDER_WAY):
        at_ms, one, account, session, number, service, sender, recipient, text = row[:9]
        data_coding, registered_delivery, segments, carrier, failures = row[9:]
        yield Submission(
            at_ms / 1000, one, account, session, number, service, sender, recipient, text,
            data_coding, 0, registered_delivery, segment_count=segments, carrier=carrier,
            failures=_FAILURES.decode(failures),
        )  # fmt: skip
