"""``python -m tests.peers NAME FOLDER…``: a comparison with other projects, by its name.

``registry`` reads recorded answers of registries, ``persons`` publishes them and looks for persons,
``unknown`` reads registrations in layouts that nobody has seen, ``second`` holds ipwhois' reading
against ours, ``transcripts`` reads old terminal output, ``checkdmarc`` compares what
records of mail are taken for.
"""

import sys
from importlib import import_module

NAMES = ("registry", "persons", "unknown", "second", "transcripts", "checkdmarc")


def main(words: list[str]) -> int:
    """Hand the words behind the name to ``tests.peers.NAME``."""
    if not words or words[0] not in NAMES:
        print(f"usage: python -m tests.peers {{{','.join(NAMES)}}} FOLDER…", file=sys.stderr)
        return 2
    found: int = import_module(f"tests.peers.{words[0]}").main(words[1:])
    return found


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
