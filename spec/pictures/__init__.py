"""The pictures of PMMC: what stands in the tables that reports, the explorer and `pmmc replay` draw."""
