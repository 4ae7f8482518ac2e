"""The tools that people would use instead, each with the SQL of this repository as its migrations."""
