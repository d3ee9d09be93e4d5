"""Which certificates for a name are in the logs of Certificate Transparency."""
