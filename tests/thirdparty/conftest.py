"""The projects here are tested by test_projects.py, in places where they are installed."""

collect_ignore = ["acme_paxos", "two_phase_commit"]
