"""An internet in a box: see README.md beside this file."""
