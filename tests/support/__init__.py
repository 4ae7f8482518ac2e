"""What the tests stand on: real servers, cloned databases, the program as a process, faults."""
