"""The report of a check as one page."""
