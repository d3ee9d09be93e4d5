"""What ``whois`` and ``rdap`` share: targets, facts under the same names, dates, personal data."""
