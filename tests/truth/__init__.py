"""Faults of our own side, made in the test network, and what the page says of each."""
