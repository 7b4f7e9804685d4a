"""A system as processes on 127.0.0.1: hosts, their disks, a faulty network, clients, a load."""
