"""Asking registries by RDAP (RFC 7480, 9082, 9083, 9224), and reading what they send."""
