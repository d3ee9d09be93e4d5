"""Public measurement platforms: what they report, in terms that several kinds read."""
