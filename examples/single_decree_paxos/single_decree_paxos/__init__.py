"""Single-decree Paxos behind a register: clients write a value and read what was decided."""
