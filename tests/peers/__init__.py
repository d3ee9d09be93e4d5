"""Fixtures that other projects recorded for their own tests, read by this project's readers."""
