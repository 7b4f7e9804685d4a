"""Two-phase commit (Gray, 1978): one coordinator, participants that all commit or all abort."""
