"""Sotokara's engine: definition → plan → run → observation → ledger → render → page.

Only ``sotokara.mkdocs`` imports MkDocs.
"""

__version__ = "0.1.0"
