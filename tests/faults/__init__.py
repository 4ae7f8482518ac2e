"""Faults, injected into real servers, files and processes: what a start does about each."""
