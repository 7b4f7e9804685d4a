"""The election of Raft (Ongaro and Ousterhout, 2014, section 5.2), all of it in raft.py."""
