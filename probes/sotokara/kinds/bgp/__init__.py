"""The kind ``bgp``: who announces a prefix, on which paths, since when; by others that saw it."""
