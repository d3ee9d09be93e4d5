"""The names of a visit's exchanges, beside ``resource N`` and ``picture WIDTH``."""

VISIT, DOCUMENT, TEXT, CERTIFICATE = "visit", "document", "text", "certificate"
WIDTHS = (1280, 390)
"""Of the pictures, in pixels."""
