"""What the DNS says of mail, read for the kinds that look at it: SPF, DMARC, DKIM keys."""
