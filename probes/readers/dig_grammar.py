"""The lines that ``dig`` writes, from 8.x (``;; QUERY SECTION:``, TTLs like ``1D``) to 9.2x."""

import re

BANNER = re.compile(r"^\s*; <<>>\s*DiG\s*(?P<version>\S+)\s*<<>>\s*(?P<words>.*)$", re.IGNORECASE)
HEADER = re.compile(
    r"^\s*;;\s*->>HEADER<<-\s*opcode:\s*\w+,\s*status[:;]\s*(?P<rcode>\w+),\s*id:\s*(?P<id>\d+)"
)
FLAGS = re.compile(r"^\s*;;\s*flags:\s*(?P<flags>[a-z ]*);")
SECTION = re.compile(
    r"^\s*;;\s*(?P<name>QUESTIONS?|QUERY|ANSWERS?|AUTHORITY|ADDITIONAL"
    r"|OPT PSEUDO) ?SECTION:?",
    re.IGNORECASE,
)
OLD_SECTION = re.compile(
    r"^\s*;;\s*(?P<name>ANSWERS|AUTHORITY RECORDS|ADDITIONAL RECORDS|QUESTIONS):", re.IGNORECASE
)
QUESTION = re.compile(
    r"^\s*;+\s*(?P<name>[^\s,;]+)(?:,\s*type = |\s+(?:\d+\s+)?(?:IN|CH"
    r"|CHAOS)\s+)(?P<type>[A-Z0-9]+)"
)
RECORD = re.compile(
    r"^\s*(?P<owner>[^\s;]+)(?:\s+(?P<ttl>\d+|(?:\d+[SMHDWsmhdw])+))?\s+(?:(?:IN|CH|CHAOS"
    r"|HS)\s+)(?P<type>[A-Z][A-Z0-9]*)\s+(?P<value>\S.*)$"
)
SERVER = re.compile(r"^\s*;; SERVER:\s*(?P<server>\S+)")
LATE = re.compile(
    r"^\s*;;\s*(?:connection timed out|no servers could be reached|communications error"
    r"|no response from)"
)
RECEIVED = re.compile(r"^\s*;; Received \d+ bytes from")
COMMENT = re.compile(r"^\s*;|^\s*<<>>")
SHORT_VALUE = re.compile(r'^(?:"[^"]*"(?:\s+"[^"]*")*|[0-9]+ \S+\.|\S+\.|[0-9A-Fa-f.:]+)$')


def is_open(value: str) -> bool:
    """Whether a bracket outside quotation marks is still open (RFC 1035, 5.1)."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", value)
    return bare.count("(") > bare.count(")")
