"""What registries say, by whois."""
