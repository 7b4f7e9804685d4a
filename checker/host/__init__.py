"""The machine underneath: files, processes, versions. Imports nothing of ours."""
