"""The plan of all definitions, and the run that asks what the plan has ready."""
