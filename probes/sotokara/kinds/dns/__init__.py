"""What a name or an address says in the DNS."""
