"""The MkDocs adapter: the only code that imports MkDocs; no logic of its own."""
