"""The kind ``mailfile``: whence a mail came, and what of it can be verified today."""
