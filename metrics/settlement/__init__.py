"""Settle the fees of clause 5: periods, fees, rebate, late fees, statements."""
