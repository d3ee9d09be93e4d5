"""What several kinds have in common; no kind imports another."""
