"""Small models that several tests check: one holds, the others are broken, get stuck, or are too large."""

SMALL = """
name: small
nodes: {acceptors: 1, leaders: 1, replicas: 1}
commands: [put k1 v1]
bounds: {slots: 1, rounds: 1}
network: at-most-once
properties: [R1]
"""
BROKEN = """
name: broken
nodes: {acceptors: 1, leaders: 2, replicas: 2}
commands: [put k1 v1, put k2 v2]
bounds: {slots: 1, rounds: 1}
network: at-most-once
rules: {acceptor: accept-any-ballot}
properties: [R1]
"""
STUCK = """
name: stuck
nodes: {acceptors: 3, leaders: 1, replicas: 1}
commands: [put k1 v1]
bounds: {slots: 1, rounds: 1}
network: at-most-once
rules: {commander: as-printed}
properties: [no-lost-command]
"""
ENDLESS = """
name: endless
nodes: {acceptors: 3, leaders: 3, replicas: 2}
commands: [put k1 v1, put k2 v2]
bounds: {slots: 2, rounds: 2}
"""
