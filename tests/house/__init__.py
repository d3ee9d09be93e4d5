"""The house: its rules as contracts of import-linter, and its rooms as a picture and in numbers."""
