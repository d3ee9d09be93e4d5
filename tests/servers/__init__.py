"""Servers that the tests ask: some well behaved, most not."""
