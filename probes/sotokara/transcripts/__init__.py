"""Old terminal output: text, a session or a whole post becomes listings and observations."""
