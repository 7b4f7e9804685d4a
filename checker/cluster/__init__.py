"""A system as processes on 127.0.0.1: hosts and what they keep on disk, a faulty network, clients, a load."""
