"""Say whose failure an outcome is, by the table of the carrier's error codes.

Classes of clause 3.2.4: `ok` delivered; `exempt` the user's handset or subscription; `ported`
number portability; `party_a` the sender's own doing; `carrier` everything else not delivered;
`force_majeure` only by a declared window, never by a code. The same code can mean different
things with different `stat`, so the state takes part. Delivered is `ok` whatever the code says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smpp.constants import STATES_OF_RECEIPT_WORDS, MessageState

if TYPE_CHECKING:
    # The folds that need this module run in processes that are to stay small: no pydantic there.
    from config.network import Code, Liability, NetworkData

_DELIVERED: Final = int(MessageState.DELIVERED)
_NETWORK_TYPE_GSM: Final = b"\x03"
_NO_NUMBER: Final = 0xFFFF


class CodeTable:
    """Look up error codes: liability, meaning, and the forms for receipts."""

    __slots__ = ("_by_code", "_by_prefix", "_by_state", "_default", "_rows", "_wire")

    def __init__(self, data: NetworkData) -> None:
        """Index the codes of the data by (state, code)."""
        self._rows = data.codes
        self._by_code: dict[str, Code] = {code.err: code for code in data.codes}
        self._by_code |= {code.digits: code for code in data.codes if code.digits}
        self._wire = {err: _wire_code(code.digits or err) for err, code in self._by_code.items()}
        self._by_prefix: tuple[tuple[str, Liability], ...] = tuple(data.default_by_prefix.items())
        self._by_state: dict[tuple[int, str], Liability] = {}
        self._default: dict[int, Liability] = {}
        for stat, fallback in data.default_liability.items():
            state = int(STATES_OF_RECEIPT_WORDS[stat])
            self._default[state] = fallback
            for err, code in self._by_code.items():
                self._by_state[state, err] = code.by_stat.get(stat, code.liability)

    def liability_of(self, state: int, error: str) -> Liability:
        """Give the class of a final outcome.

        A code that isn't listed goes by its prefix, then by the default of its state: `carrier`
        for what was not delivered, `party_a` for DELETED (cancelled by the sender).
        Raises ValueError for a state that isn't final.
        """
        if state == _DELIVERED:
            return "ok"
        known = self._by_state.get((state, error))
        if known is not None:
            return known
        if state not in self._default:
            raise ValueError(f"state of an outcome: {state}, one of {sorted(self._default)}")
        for prefix, liability in self._by_prefix:
            if error.startswith(prefix):
                return liability
        return self._default[state]

    def meaning(self, error: str) -> tuple[str, str]:
        """Say in English and in Chinese what a code means; two empty strings when unknown."""
        code = self._by_code.get(error)
        return (code.en, code.zh) if code else ("", "")

    def digits(self, error: str) -> str:
        """Give the three-digit form of a code that has letters; others as they are."""
        code = self._by_code.get(error)
        return code.digits if code is not None and code.digits else error

    def network_error_code(self, error: str) -> bytes:
        """Give the value of TLV network_error_code: type GSM and two octets of code.

        SMPP 3.4 §5.3.2.31. A code that is no number, such as a gateway's own word, is 0xFFFF.
        """
        known = self._wire.get(error)
        return _wire_code(error) if known is None else known

    def codes(self) -> tuple[Code, ...]:
        """Give all rows, in the order of the table."""
        return self._rows


def _wire_code(digits: str) -> bytes:
    number = int(digits) if digits.isascii() and digits.isdigit() else _NO_NUMBER
    return _NETWORK_TYPE_GSM + min(number, _NO_NUMBER).to_bytes(2, "big")
