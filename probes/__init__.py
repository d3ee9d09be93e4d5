"""Sotokara's engine: definition → plan → run → observation → ledger → render → page.

Nothing in this package imports MkDocs; ``hooks/`` is the adapter.
"""

__version__ = "0.1.0"
