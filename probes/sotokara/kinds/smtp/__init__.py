"""What mail servers do with mail to nobody."""
