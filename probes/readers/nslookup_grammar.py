"""The lines that ``nslookup`` writes: BIND's and Windows', in English and Japanese."""

import re

SERVER = re.compile(
    r"^\s*(?:(?:Default )?Server|既定のサーバー|サーバー)\s*[::]\s*(?P<value>\S.*)?$", re.IGNORECASE
)
NAME = re.compile(r"^\s*(?:Name|名前)\s*[::]\s*(?P<value>\S+)(?:\s+\(.*\))?\s*$", re.IGNORECASE)
ADDRESS = re.compile(
    r"^\s*(?:Address(?:es)?|アドレス)\s*\d*\s*[::]\s*(?P<value>\S.*?)\s*$",
    re.IGNORECASE,
)
ALIASES = re.compile(
    r"^\s*(?:Alias(?:es)?|エイリアス|別名)\s*[::]\s*(?P<value>\S+)\s*$",
    re.IGNORECASE,
)
MORE = re.compile(r"^\s{2,}(?P<value>[^\s:=]+|[0-9A-Fa-f:.%]+)\s*$")
NOT_AUTHORITATIVE = re.compile(
    r"^\s*(?:Non-authoritative answer|権限のない回答"
    r"|Nicht autorisierende Antwort)\s*[::]",
    re.IGNORECASE,
)
AUTHORITIES = re.compile(
    r"^\s*(?:Authoritative answers can be found from|権威.*回答.*)[::]?\s*$", re.IGNORECASE
)
PHRASES: tuple[tuple[str, str], ...] = (
    (r"canonical name\s*=\s*(?P<v>\S+)", "CNAME"),
    (r"mail exchanger\s*=\s*(?P<p>\d+)\s+(?P<v>\S+)", "MX"),
    (r"MX preference\s*=\s*(?P<p>\d+),\s*mail exchanger\s*=\s*(?P<v>\S+)", "MX"),
    (r"nameserver\s*=\s*(?P<v>\S+)", "NS"),
    (r"name\s*=\s*(?P<v>\S+)", "PTR"),
    (r"service\s*=\s*(?P<v>\d+ \d+ \d+ \S+)", "SRV"),
    (r"text\s*=\s*(?P<v>\".*)", "TXT"),
    (r"(?:has AAAA|AAAA IPv6) address\s*=?\s*(?P<v>\S+)", "AAAA"),
    (r"internet address\s*=\s*(?P<v>\S+)", "A"),
    (r"rdata_65\s*=\s*(?P<v>.+)", "HTTPS"),
    (r"(?P<type>[A-Z][A-Z0-9]{1,9})\s*=\s*(?P<v>.+)", ""),
)
RECORD = [
    (re.compile(rf"^\s*(?P<owner>\S+)(?:\s+\([^()]*\))?\s+{phrase}(?:\s+\([^()]*\))?\s*$"), rdtype)
    for phrase, rdtype in PHRASES
]
TEXT = re.compile(r"^\s*(?P<owner>\S+)\s+text\s*=\s*$", re.IGNORECASE)
QUOTED = re.compile(r'^\s*(?P<value>".*")\s*$')
CANNOT = re.compile(
    r"^\s*(?:\*\*\s*server can't find|\*{3}\s+(?P<by>\S+) can't find|\*{3} Can't find) "
    r"(?P<name>\S+?)(?:\s+\([^()]*\))?:\s*(?P<why>.+?)\s*$",
    re.IGNORECASE,
)
CANNOT_JA = re.compile(
    r"^\s*\*{3} (?P<by>\S+) が (?P<name>\S+) を見つけられません\s*[::]\s*(?P<why>.+?)\s*$"
)
LATE = re.compile(
    r"^\s*(?:;;\s*connection timed out|;;\s*no servers could be reached"
    r"|\*{3} Request to \S+ timed[- ]out"
    r"|\*{3} UnKnown への要求がタイムアウト|\*{3} \S+ への要求がタイムアウト"
    r"|DNS request timed out|timeout was \d+ seconds"
    r"|;; communications error to|\(timeout\))",
    re.IGNORECASE,
)
HARMLESS = re.compile(
    r"^\s*(?:>\s*(?:exit|quit)?|\*{3} Can't find server (?:name|address).*|;; Got .*|>\s*set\s.*"
    r"|DNS request timed out\.|timeout was \d+ seconds\.?|\*{3} Default servers are not available"
    r"|Note:\s+nslookup is deprecated.*)\s*$",
    re.IGNORECASE,
)
PROMPT = re.compile(r"^\s*>\s*(?P<name>[\w.:-]+)\s*$")
SOA = re.compile(
    r"^\s*(?P<key>origin|mail addr|serial|refresh|retry|expire|minimum|primary name server"
    r"|responsible mail addr|default TTL)"
    r"\s*=\s*(?P<value>\S+)(?:\s+\(.*\))?\s*$",
    re.IGNORECASE,
)
SOA_ORDER = (
    ("origin", "primary name server"),
    ("mail addr", "responsible mail addr"),
    ("serial",),
    ("refresh",),
    ("retry",),
    ("expire",),
    ("minimum", "default ttl"),
)
WHY = {
    "nxdomain": "NXDOMAIN",
    "non-existent": "NXDOMAIN",
    "no answer": "NODATA",
    "servfail": "SERVFAIL",
    "server failed": "SERVFAIL",
    "refused": "REFUSED",
    "no records": "NODATA",
}
