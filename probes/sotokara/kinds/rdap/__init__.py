"""What registries say, by RDAP."""
