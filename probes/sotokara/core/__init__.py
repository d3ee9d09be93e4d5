"""The vocabulary that all rooms share: observations, settings, addresses, words."""
