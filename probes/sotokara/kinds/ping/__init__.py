"""The kind ``ping``: whether a host answers, how fast, and how far away it can be at most."""
