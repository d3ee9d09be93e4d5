"""From observations to figures: facts and raw → text in a familiar style → HTML."""
