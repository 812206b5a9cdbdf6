"""Settle the fees of clause 5: periods, fees, rebate, late fees, statements.

`workbook` is left out here, so that its library is loaded only where a workbook is written.
"""

from .accounts import Accounts
from .amounts import SettlementError
from .fees import Count, Line
from .free_month import FreeMonth, agreed_free_month, announced_free_month
from .late_fees import Arrears, Invoice, Payment, arrears
from .liability import cap_fen, latest_fees, liable_fen
from .periods import Period, Periods, periods_of
from .quality import Measured, Observed, Quality, Results, judge
from .settlement import Adjustment, Settlement, adjustment_between, settle
from .statement import Heading, Statement, StatementBook, decode, encode, heading_of
from .table import Layout, View, as_csv, as_json, layout

__all__ = [
    "Accounts",
    "Adjustment",
    "Arrears",
    "Count",
    "FreeMonth",
    "Heading",
    "Invoice",
    "Layout",
    "Line",
    "Measured",
    "Observed",
    "Payment",
    "Period",
    "Periods",
    "Quality",
    "Results",
    "Settlement",
    "SettlementError",
    "Statement",
    "StatementBook",
    "View",
    "adjustment_between",
    "agreed_free_month",
    "announced_free_month",
    "arrears",
    "as_csv",
    "as_json",
    "cap_fen",
    "decode",
    "encode",
    "heading_of",
    "judge",
    "latest_fees",
    "layout",
    "liable_fen",
    "periods_of",
    "settle",
]
