"""What kinds that make TLS handshakes share: the record of one, and what is read from it."""
