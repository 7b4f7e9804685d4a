"""One question answered: explore, confirm what was found, judge, and the result.

Reading order: `question` (what is asked), `check` (one check), `confirm` (nothing is shown before it is
replayed), `judgement` (all rules of verdicts and exit codes), `result`; `recording` asks twice, to write
down what is to be expected.
"""
