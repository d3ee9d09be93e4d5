"""What all observations of one figure say together: claims, history, changes."""
