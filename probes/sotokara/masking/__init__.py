"""What is taken out of an answer before anything reads or stores it."""
