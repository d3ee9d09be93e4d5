"""What nslookup says in the languages of Windows, and the forms of its lines."""

import re

_SERVER = (
    "(?:Default |Standard)?Server|既定のサーバー|サーバー|Serveur(?: par défaut)?"
    "|Servidor(?: predeterminado| padrão| predefinido)?|Server predefinito|服务器|默认服务器"
    "|伺服器|預設伺服器|서버|기본 서버|(?:Сервер|╤хЁтхЁ)(?: по умолчанию)?|Serwer(?: domyślny)?"
    "|Standaardserver|Sunucu"
)
SERVER = re.compile(rf"^\s*(?:{_SERVER})\s*[::]\s*(?P<value>\S.*)?$", re.IGNORECASE)
_NAME = "Name|名前|Nom|Nombre|Nome|Имя|名称|名稱|이름|Nazwa|Naam|Namn|Ad|╚ь "
NAME = re.compile(rf"^\s*(?:{_NAME})\s*[::]\s*(?P<value>\S+)(?:\s+\([^()]*\))?\s*$", re.IGNORECASE)
_ADDRESS = (
    r"Address(?:es)?|アドレス|Adresses?|Adressen|Direcci(?:ó|o)n(?:es)?|Indirizz[oi]|Endereços?"
    r"|地址|位址|주소|Адреса?|Adres(?:y|sen)?|Addresse"
)
ADDRESS = re.compile(rf"^\s*(?:{_ADDRESS})\s*\d*\s*[::]\s*(?P<value>\S.*)$", re.IGNORECASE)
ALIASES = re.compile(
    r"^\s*(?:Alias(?:es|e)?|エイリアス|別名|别名|별칭|Псевдонимы?)\s*[::]\s*(?P<value>\S+)\s*$",
    re.IGNORECASE,
)
MORE = re.compile(r"^\s{2,}(?P<value>[^\s:=]+|[0-9A-Fa-f:.%]+)\s*$")
NOT_AUTHORITATIVE = re.compile(
    r"^\s*(?:Non-authoritative answer|権限のない回答|Nicht.autorisierende Antwort"
    r"|R.{1,3}ponse ne faisant pas autorit.{1,3}|Respuesta no autoritativa"
    r"|Risposta (?:da un server )?non (?:autorevole|di fiducia)"
    r"|N.{1,3}o . resposta (?:autoritativa|de autoriza.{1,6}o)"
    r"|Resposta n.{1,3}o.autoritativa|Не заслуживающий доверия ответ|非权威应答|未經授權的回答"
    r"|권한 없는 응답|Nieautorytatywna odpowied.|Niet-bindend antwoord|Icke-auktoritativt svar"
    r"|Yetkili olmayan yan.t)\s*[::]?\s*$",
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
    (r"rdata_257\s*=\s*(?P<v>\d+ \w+ \".*)", "CAA"),
    (r"(?P<type>[A-Z][A-Z0-9]{1,9})\s*=\s*(?P<v>.+)", ""),
)
RECORD = [
    (re.compile(rf"^\s*(?P<owner>\S+)(?:\s+\([^()]*\))?\s+{phrase}(?:\s+\([^()]*\))?$"), rdtype)
    for phrase, rdtype in PHRASES
]
TEXT = re.compile(r"^\s*(?P<owner>\S+)\s+text\s*=\s*$", re.IGNORECASE)
QUOTED = re.compile(r'^\s*(?P<value>".*")\s*$')
SERVICE = re.compile(r"^\s*(?P<owner>\S+)\s+SRV service location:\s*$", re.IGNORECASE)
SERVICE_PART = re.compile(
    r"^\s+(?P<key>priority|weight|port|svr hostname)\s*=\s*(?P<value>\S+)\s*$", re.IGNORECASE
)
SERVICE_ORDER = ("priority", "weight", "port", "svr hostname")
CANNOT = re.compile(
    r"^\s*(?:\*\*\s*server can't find|\*{3}\s+(?P<by>\S+) can't find|\*{3} Can't find) "
    r"(?P<name>\S+?)(?:\s+\([^()]*\))?:\s*(?P<why>\S.*)$",
    re.IGNORECASE,
)
CANNOT_JA = re.compile(
    r"^\s*\*{3} (?P<by>\S+) が (?P<name>\S+) を見つけられません\s*[::]\s*(?P<why>\S.*)$"
)
CANNOT_ANY = re.compile(
    r"^\s*\*{3}\s+(?P<text>\S.*?)\s?[::.。]\s*(?P<why>Non-existent (?:host/)?domain"
    r"|No response from server|Server failed|Query refused|Format error|Not implemented"
    r"|No (?:address|host|[A-Z]+) records?[^:]*|Unspecified error)[.。]?\s*$",
    re.IGNORECASE,
)
"""In any language: the reason stays English."""
NO_RECORDS = re.compile(
    r"^\s*\*{3}\s+No (?:internal type for both IPv4 and IPv6 Addresses \(A\+AAAA\)|address \(A\)"
    r"|IPv6 address \(AAAA\)"
    r"|\S+(?: \S+){0,5} \((?P<type>[A-Z]+)\)) records available for (?P<name>\S+)\s*$",
    re.IGNORECASE,
)
LATE = re.compile(
    r"^\s*(?:;;\s*connection timed out|;;\s*no servers could be reached"
    r"|\*{3} Request to \S+ timed[- ]out|\*{3} .*への要求がタイムアウト"
    r"|\*{3} .*(?:Zeit.berschreitung|d.lai d.attente|tiempo de espera|tempo limite|timeout"
    r"|истекло время|超时|逾時|시간 초과|timed[- ]out)"
    r"|DNS request timed out|timeout was \d+ seconds|;; communications error to|\(timeout\))",
    re.IGNORECASE,
)
HARMLESS = re.compile(
    r"^\s*(?:>\s*(?:exit|quit)?|\*{3} Can't find server (?:name|address).*|;; Got .*"
    r"|(?:>\s*)?(?:set\s|server\s|lserver\s).*|exit|quit"
    r"|DNS request timed out\.|timeout was \d+ seconds\.?|\*{3} Default servers are not available"
    r"|Note:\s+nslookup is deprecated.*)$",
    re.IGNORECASE,
)
SET_TYPE = re.compile(
    r"^\s*(?:>\s*)?set\s+(?:q|qt|query|querytype|type|ty)\s*=\s*(?P<type>\w+)\s*$", re.IGNORECASE
)
SET_CLASS = re.compile(r"^\s*(?:>\s*)?set\s+(?:class|cl)\s*=\s*(?P<class>\w+)\s*$", re.IGNORECASE)
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
    "format error": "FORMERR",
    "formerr": "FORMERR",
    "not implemented": "NOTIMP",
    "notimp": "NOTIMP",
    "no records": "NODATA",
    "no response from server": "LATE",
    "timed out": "LATE",
}
