"""The program as a process, as a container runs it."""
