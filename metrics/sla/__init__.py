"""Measure the quality index of clause 3.2.4: a fold over the journal, read as a query asks."""
