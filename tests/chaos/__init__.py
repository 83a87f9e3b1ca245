"""The whole pipeline under kill -9: `python -m tests.chaos --events 10000 --kills 30 --seed 7`.

`company` makes the organisation, `cluster` starts two replicas of everything, `load` sends, `managers` click, `killer`
kills, and `ledger` checks what is left against what was acknowledged.
"""
