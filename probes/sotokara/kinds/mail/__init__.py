"""The kind ``mail``: what a domain has published about its mail."""
