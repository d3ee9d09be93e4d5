"""The MkDocs adapter: the only code that imports MkDocs; no logic of its own."""

from sotokara.core.collector import collect_seldom

collect_seldom()  # before the engine is loaded: that alone makes enough to be walked through thrice
