"""A blog kept for years: real commands, real git, a simulated clock, three questions at the end.

Does every address that was ever published answer? Does ``verify`` find nothing wrong? Is what
``status`` says true? The script knows the answers, since it made the blog, and the world it asks.

``python -m tests.years [--posts N] [--years N] [--folder F]`` tells the whole story; the tests tell
a short one. The clock is libfaketime's; evidence, seals and git's commits all bear its times.
"""
