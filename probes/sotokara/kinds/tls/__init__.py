"""What a server shows to whoever begins TLS with it."""
