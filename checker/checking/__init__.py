"""One question answered: explore, confirm what was found, judge, and the result."""
