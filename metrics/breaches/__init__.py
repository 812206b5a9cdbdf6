"""Keep the breaches of clause 7: evidence, cases, escalation, blocks."""

from .cases import Block, BreachError, Case
from .ledger import Ledger
from .orders import Order
from .terms import Terms, compile_terms

__all__ = ["Block", "BreachError", "Case", "Ledger", "Order", "Terms", "compile_terms"]
