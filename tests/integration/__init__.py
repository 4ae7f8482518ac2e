"""Tests of single modules against a real PostgreSQL server."""
