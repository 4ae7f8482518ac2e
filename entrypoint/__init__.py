"""Bring the MORSE database to what `sql/` says, prove it, and become the API process."""

__version__ = "1.0.0"
