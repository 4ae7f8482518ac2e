"""Tests of the entrypoint, and the stand-in API that it hands over to."""
