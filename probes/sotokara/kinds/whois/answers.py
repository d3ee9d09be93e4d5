"""The words with which registries say that there is nothing, that nobody may have it, or go away.

Each is looked for line by line, in short lines, outside the terms of use. What is no registry's
text at all (a web page, an HTTP error of a captive portal) says nothing about the target. Being
turned away is known by the registry's own words; another trouble of a server is not a limit.
"""

import re
from typing import Protocol

from sotokara.kinds.shared.registry.target import spellings
from sotokara.kinds.whois import shapes
from sotokara.kinds.whois.negation import ASKED, denies

# The words of registries for nothing, for names not to be had, for limits and for troubles.
# Each is looked for in one line at a time.

NOTHING_WORDS = re.compile(
    r"^%?\s*error:\s?10[1-3]\b|\bno match(?:es|ing)?\b|\bno (?:such|found|hits)\b"
    r"|\bno (?:domain |domains |whois |object )?(?:entr(?:y|ies)|records?|data|objects?|information"
    r"|results?|domains?|registration)\b.{0,60}(?:found|match|exist|available|for)|nothing found"
    r"|\bno (?:data|object|entry|record)s? found|\bnot[ _]found\b"
    r"|\b(?:is|are|was|were|been|domain \S+|object|not yet|name"
    r"|yet) not (?:yet )?(?:been )?(?:found"
    r"|registe?red|known|delegated|allocated|assigned|located|taken|listed)\b"
    r"|not (?:yet )?(?:been )?(?:registe?red|delegated)"
    r"|(?:does|do|did) not exist|not exist\b|could not (?:find|be found)|unable to find"
    r"|unregistered"
    r"|not (?:an? )?(?:allocated|assigned|registered)\b|have not been (?:allocated|assigned)"
    r"|not have (?:an entry|any (?:data|entr))|not available in (?:the"
    r"|our) (?:whois )?database|not (?:in|known in) (?:the |our |dot )?\S*\s?(?:database"
    r"|domain registry|registry)|never been registered|no longer registered|not in use"
    r"|\b(?:is|still|now|currently) (?:free|available)\b(?! (?:at|from|on|via|in|through|upon"
    r"|under|by"
    r"|to (?:the )?public|here|only|as|free of))|available for (?:purchase|registration|sale)"
    r"|^(?:this )?(?:domain )?(?:name )?available[.!]?$|^available\s*:\s*yes"
    r"|^free(?:not found)?[.!]?$"
    r"|status\s*:\s*(?:\d{3} )?(?:free|available|unallocated|no object found|not registered"
    r"|not found"
    r"|avail|unregistered)\b"
    r"|no_se_encontro|object_not_found",
    re.IGNORECASE,
)
"""That there is no registration, in English; other words are told by grammar (negation.py)."""
NOT_OF_DOMAINS_WORDS = re.compile(
    r"\b(?:contacts?|name ?servers?|hosts?|registrars?|dnssec|ds|persons?|handles?|nsset|keyset)\b"
    r"(?!.*\bdomain\b)",
    re.IGNORECASE,
)
"""That something else than a domain is not there."""
UNAVAILABLE_WORDS = re.compile(
    r"^(?:.{0,40}\b(?:is|are|has been|name|domain|status:?"
    r"|string) )?(?:currently )?(?:reserved|blocked"
    r"|restricted|unassignable|unregistrable|prohibited)\b(?!.{0,20}(?:rights|copyright))"
    r"|\b(?:in|on) the (?:reserved|restricted|prohibited|blocked) list|(?:reserved"
    r"|withheld) (?:by|for)"
    r" |^reserved\b|domain reserved|reserved (?:name|domain|word)|requested is prohibited"
    r"|(?:can ?not|could not|may not|cannot) be (?:registered|delegated|applied)|not registrable"
    r"|not (?:available|allowed|eligible|permitted|open) (?:for|to) (?:be )?regist"
    r"|^(?:domain )?(?:name )?not available\b|^unavailable\b|not be registered|premium name"
    r"|not available for .{0,20}registration"
    r"|restricted (?:domain|name|from)|usage restrictions applied|unassignable|object cannot be reg"
    r"|status\s*:\s*(?:not.?allowed|not.?open|unavailable|reserv|prohib|blocked|restrict|unassign"
    r"|not.?registrable|forbidden|premium)|reservad[oa]\b|réservé|reserviert|gereserveerd|riservat"
    r"|zarezerwowan|rezervov|зарезервирован|예약|保留|予約|禁止(?:注册|登録)|登録できません|不可注册",
    re.IGNORECASE,
)
"""That nobody may register the name."""
HELD_WORDS = re.compile(
    r"(?:\d{3} )?(?:connect(?:ed)?|active|activ[eo]|aktiv|ok|registe?red|delegated|taken|busy"
    r"|assigned|in use|(?:client|server)[ -]?(?:delete|transfer|update|renew|hold)\w*|inactive"
    r"|(?:add|auto[ -]?renew|renew|transfer)[ -]?period|redemption|pending[ -]?(?:delete|transfer"
    r"|update|renew|restore)|in quarantine|published|paid|suspended|expired|locked|registrad[oa]"
    r"|activa|enregistré|registriert|vergeben|belegt|geregistreerd|registrato|registrerad"
    r"|registreret|varattu|zarejestrowan[ay]|obsazen[ao]|занят|зарегистрирован|已注册|已註冊"
    r"|登録済み?|등록됨)(?![^\W_])",
    re.IGNORECASE,
)
"""Statuses of names that somebody has: of EPP (RFC 5731, RFC 3915), and of other registries."""
NOT_UNAVAILABLE_WORDS = re.compile(
    r"rights? (?:are )?(?:restricted|reserved)|copyright|all rights|strictly prohibited|use of"
    r"|prohibited without|is prohibited (?:by|to)|registrar-?(?:lock|prohibited)"
    r"|(?:transfer|update|delete|renew)\s?prohibited|information|reserves? the right|access",
    re.IGNORECASE,
)
"""What only sounds like it."""
_ASKED_FOR = (  # with a word of too much, in either order
    r"(?:limit|quota|allowance|\bcap\b|rate\b|quer(?:y|ies)|request|look-?up|anfrage|abfrage|requête|consulta"
    r"|peticion|solicitud|solicitaç|pedidos|richiest|interrogaz|interrogări|cerer|zapyta|dotaz|upit"
    r"|poizved|lekérdez|päringu|pieprasīj|užklaus|aanvrag|förfråg|forespør|kysely|sorgu|permintaan"
    r"|truy vấn|ερωτ[ηή]μ|αιτ[ηή]μ|ορίου|запрос|запит|заявк|要求|検索"
    r"|リクエスト|アクセス|查询|查詢|조회|요청)"
)
_TOO_MUCH = (
    r"(?:exceed(?:ed|s)\b|too (?:many|high|much|often)|large (?:number|amount) of|flood of|used up"
    r"|depleted|exhausted|überschritten|dépassé|superat|superad|excedid"
    r"|excedeu|překroč|prekroč|przekrocz|te veel|för många|for mange|liian mon|dolmu|aşıl|aştı"
    r"|demasiad[ao]s|muit[ao]s|tropp[ei]\b|trop de\b|zbyt wiele|za dużo|příliš mnoho|příliš často"
    r"|prea mult[ei]|previše|preveč|túl sok|liiga palju|pārāk daudz|per daug|for hyppig"
    r"|terlalu (?:banyak|sering)|quá nhiều|πάρα πολλ|υπέρβασ|υπερβήκατ|ξεπεράσ"
    r"|слишком (?:много|част)|занадто (?:багато|част)"
    r"|твърде много|превыш|перевищ|高すぎ|多すぎ|超え|上限|超过|超過|초과)"
)
_LIMITED = re.compile(
    r"(?:being|you are|error:?) rate[ -]limit(?:ed|ing)?\b"
    r"|has reached (?:the |its |your )?rate limit|^%?\s*error:\s?(?:201|202|208|210|305|306)\b"
    r"|\b(?:quer(?:y|ies)|requests?|look-?ups?|connections?|whois"
    r"|access)s?[ -](?:control )?(?:rate[ -])?"
    r"(?:limit|quota)s? (?:for \S+ )?(?:is |was |has been |have been )?(?:exceeded|reached)"
    r"|\b(?:limit|quota|rate) (?:for \S+ )?(?:has been |is |was )?(?:exceeded|reached)"
    r"|exceed(?:ed|s|ing)? (?:the|your|a|our|its|allowed|max\w*) .{0,40}(?:limit|quota|rate|number)"
    r"|number of (?:allowed )?(?:queries|requests|lookups|connections).{0,30}exceeded"
    r"|too m[any]{1,3} (?:quer|request|connection|look|whois|simult)|excessive (?:quer|request|look"
    r"|number)"
    r"|temporarily (?:denied|blocked|banned|blacklisted)|throttled|slow down"
    r"|rate.?limit(?:ing)? (?:exc|re)"
    r"|(?:quer(?:y|ies|ying)|request\w*|access|look\w*) (?:is |are |you are )?too (?:fast|often"
    r"|frequent|quick)|too (?:fast|frequent)\w*,? ?(?:please )?(?:try|wait|slow)"
    r"|only \d+ (?:quer|request|look|connection)\w* per|per (?:second|minute|hour|day) (?:allowed"
    r"|permitted)|maximum (?:number of )?(?:quer|request|look|connection)\w*.{0,40}(?:exceed|reach)"
    r"|(?:wait|go away for|again in|again after|replenished in|blocked for|retry in|banned for)"
    r" (?:at least |about )?[\d.]+ ?(?:more )?(?:s\b|sec|min|hour)|still in grace period"
    r"|(?:wait|pause) (?:a (?:while|moment|bit|little|few)|some time"
    r"|before (?:querying|asking|trying))"
    r"|(?:quer\w+|ask|request\w*|look\w*) (?:only |at most )?(?:once|one time) (?:every|per|a)\b"
    r"|(?:hit|reached) (?:the|your|our|its) (?:\w+ )?(?:limit|quota|cap|allowance)\b"
    r"|(?:\bip|address|network|you)\b.{0,30}(?:temporarily|been) suspended\b"
    r"|\d+.second (?:time|interval|delay|pause)|quota (?:of|for) .{0,40}(?:exceeded|used up"
    r"|exhausted)"
    r"|(?:limit|quota) (?:is )?exhausted|被限制|查询过于频繁|查詢過於頻繁|频繁|检索次数|検索回数"
    r"|アクセス(?:回数|頻度|が集中|制限)|回数(?:の|が)?(?:上限|制限)|しばらく(?:して|たって|経って)から"
    r"|조회.{0,10}(?:초과|제한)|превышен|límite (?:de )?(?:consultas|peticiones)|excedido"
    r"|limite de (?:consultas|requêtes)|zu viele|anfragelimit|przekroczon",
    re.IGNORECASE,
)
_PARTS = [re.compile(part, re.IGNORECASE) for part in (_TOO_MUCH, _ASKED_FOR)]
_TOGETHER = re.compile(
    rf"{_ASKED_FOR}.{{0,60}}{_TOO_MUCH}|{_TOO_MUCH}.{{0,60}}{_ASKED_FOR}", re.IGNORECASE
)


class _Limited:
    """Searches like a pattern; the costly part only where both of its halves are in the line."""

    def search(self, line: str, /) -> re.Match[str] | None:
        both = all(part.search(line) for part in _PARTS) and _TOGETHER.search(line)
        return both or _LIMITED.search(line)


LIMITED_WORDS = _Limited()
"""That too much was asked."""
LIMITS_OF = (
    ("whois.nic.uk", re.compile(r"query quota for")),
    ("whois.denic.de", re.compile(r"55000000002")),
    ("whois.srs.net.nz", re.compile(r"query_status:\s*440")),
    ("whois.irs.net.nz", re.compile(r"query_status:\s*440")),
    ("whois.dns.be", re.compile(r"^\s*-\d+:\s*IP address blocked", re.MULTILINE)),
    ("whois.eu", re.compile(r"^\s*-\d+:", re.MULTILINE)),
    ("whois.domain-registry.nl", re.compile(r"per second allowed|whois-limit|too busy")),
)
"""Limits that a registry words as nobody else does, or as others word another thing."""
LIMITS_ANYWHERE = re.compile(
    r"^[ \t]*query_status:\s*440\b|\bError: 55000000002\b|^[ \t%]*-\d+: IP address blocked",
    re.MULTILINE,
)
"""Limits that no other text holds."""
REFUSED_WORDS = re.compile(
    r"access (?:is |was |has been )?(?:denied|restricted|forbidden|refused)|permission denied"
    r"|not (?:authorized|authorised|permitted|allowed) to (?:use|query|access|connect)"
    r"|permanently (?:denied|blocked|banned)|you (?:are|have been) (?:banned|blocked|blacklisted)"
    r"|blacklisted|unauthorized|ip address(?:es)? .{0,30}(?:blocked|not authori)"
    r"|only be enabled for\s+ip"
    r"|\b(?:requests?|queries|connections|access|look-?ups?) (?:of|from|by) (?:this|your)\b"
    r".{0,30}\b(?:is|are) not"
    r" (?:permitted|allowed|accepted|authori[sz]ed)\b",
    re.IGNORECASE,
)
"""That we may not ask."""
BROKEN_WORDS = re.compile(
    r"^%?\s*error:\s?100\b|internal (?:server |software )?error|temporar(?:il)?y (?:unable"
    r"|unavailable)"
    r"|unable to (?:query|connect|contact|reach|process)|could not (?:connect|contact|reach)"
    r"|service (?:is )?(?:temporarily |currently )?unavailable|\b(?:is|too|currently) busy\b"
    r"|overloaded|^(?:please )?try again (?:later|in)|timed? ?out|can.?t process your request"
    r"|under maintenance|connection attempt failed",
    re.IGNORECASE,
)
"""Another trouble of a server, with itself or with others."""
TERMS_WORDS = re.compile(
    r"terms|purposes|copyright|lawful|agree|https?:|you may not|will not use|by submitting"
    r"|in order to"
    r"|we reserve|abuse|subject to|volume|\bwhether\b|\bspecific\b|\bassist|determin"
    r"|\bif (?:the|a|you|your)\b"
    r"|responsib|inquir|prior (?:written|and)",
    re.IGNORECASE,
)
"""What terms of use say, and refusals do not."""
WEB_PAGE = re.compile(
    r"\A\s*(?:HTTP/\d|<!doctype|<html|<head|<\?xml|<title|<body)|<html[\s>]|</(?:html|body"
    r"|head|title)>"
    r"|^(?:error )?[45]\d\d[ -]+(?:not found|forbidden|bad request|bad gateway|unauthorized|gone"
    r"|internal server|service unavailable|gateway|too many requests)"
    r"|^(?:server|content-type|location|cache-control|set-cookie):\s.*(?:nginx|apache"
    r"|text/html|https?:"
    r"|no-cache|path=)",
    re.IGNORECASE | re.MULTILINE,
)
"""What web servers and captive portals send."""


_TAIL = re.compile(r"(?:reserved|prohibited|restricted|blocked)\b[.,]")
_SAMPLE = 20_000
"""Refusals are short; the terms of use below a long answer speak of limits as well."""


class _Words(Protocol):
    """What looks for words in a line."""

    def search(self, line: str, /) -> re.Match[str] | None: ...


_Order = tuple[tuple[str, _Words], ...]
_LONGEST = 200
"""Characters of a line that says one thing; longer ones are paragraphs."""

LIMITED, NOTHING, UNAVAILABLE, REFUSED, BROKEN = (
    "rate_limited",
    "no_match",
    "unavailable",
    "refused_by_server",
    "server_misbehaving",
)


def web_page(text: str) -> str:
    """The line that shows that a text is a web server's, no registry's; empty where none does."""
    match = WEB_PAGE.search(text[:4096])
    if not match:
        return ""
    return text[match.start() :].strip().partition("\n")[0].strip()[:100]


def denial_of(server: str, text: str, name: str = "") -> tuple[str, str]:
    """What an answer without a registration says, and the line that says it; ("", "") for nothing.

    The first line that says something counts; lines that stand alone before those of paragraphs.
    Last comes a sentence that denies in words that are not listed (see negation.py). ``name``: the
    domain that was asked for, whose own words (``free.example``) say nothing.
    """
    sample = _without(name, text[:_SAMPLE])
    for host, pattern in LIMITS_OF:
        if server == host and (match := pattern.search(sample)):
            return LIMITED, _line_at(sample, match.start())
    alone, inside = _lines(sample)
    for line in (*alone, *inside):
        if LIMITS_ANYWHERE.search(line):
            return LIMITED, line
    found = _first(alone, _ORDER) or _first(inside, _ORDER_INSIDE)
    whole = " ".join(alone)[:2000]  # a sentence over two lines
    found = found or _first([whole], _ORDER_INSIDE)
    if found and found[0] == BROKEN and LIMITED_WORDS.search(whole):  # … the reason stands below
        found = LIMITED, found[1]
    if not found and len(alone) <= _MOST_ALONE:  # where more is said, unknown words are not enough
        found = next(((NOTHING, one) for one in (*alone, whole) if denies(one)), None)
    return (found[0], found[1][:_LONGEST]) if found else ("", "")


def _first(lines: list[str], order: _Order) -> tuple[str, str] | None:
    return next(((name, line) for line in lines if (name := _says(line, order))), None)


def _without(name: str, text: str) -> str:
    """A text in which the name that was asked for is a mark."""
    for spelled in spellings(name) if name else ():
        text = re.sub(
            rf"(?<![\w.-]){re.escape(spelled)}(?![\w-])", ASKED, text, flags=re.IGNORECASE
        )
    return text


def limited(server: str, text: str) -> str:
    """The line of a limit that looks like a registration; empty where there is none."""
    sample = text[:_SAMPLE]
    known = [form for host, form in LIMITS_OF if host == server]
    for form in (*known, LIMITS_ANYWHERE):
        if match := form.search(sample):
            return _line_at(sample, match.start())
    return ""


def _lines(sample: str) -> tuple[list[str], list[str]]:
    """The short lines that stand alone, and those inside paragraphs of three lines and more."""
    alone: list[str] = []
    inside: list[str] = []
    for paragraph in _PARAGRAPHS.split(sample):
        bare = [line.strip(" \t\r%#*;>-\"'|") for line in paragraph.splitlines()]
        kept = [one for one in bare if one]
        kept = [_POINTS.sub("", one) for one in kept]
        into = inside if len(kept) >= _PARAGRAPH and shapes.prose(" ".join(kept)) else alone
        into += [one for one in kept if len(one) <= _LONGEST and not TERMS_WORDS.search(one)]
    return alone, inside


_POINTS = re.compile(
    r"(?<=[.!;]) +(?:please |pls )?(?:use|see|visit|go to|try)\b[^.!;]{0,40}https?:.*",
    re.IGNORECASE,
)
"""The end of a line that points elsewhere, behind a sentence that says something."""
_PARAGRAPHS = re.compile(r"\n[\s%#*;>|-]*\n")
_PARAGRAPH = 4
_MOST_ALONE = 60
"""Short lines outside paragraphs in an answer that has nothing to tell."""


def _says(line: str, order: _Order) -> str:
    for name, pattern in order:
        if name == UNAVAILABLE:
            if _cannot_be_had(line):
                return name
        elif name == NOTHING and NOT_OF_DOMAINS_WORDS.search(line):
            continue
        elif pattern.search(line):
            return name
    return ""


_ORDER = (
    (LIMITED, LIMITED_WORDS),
    (BROKEN, BROKEN_WORDS),
    (UNAVAILABLE, UNAVAILABLE_WORDS),
    (NOTHING, NOTHING_WORDS),
    (REFUSED, REFUSED_WORDS),
)
"""Of what a line says: a limit before another trouble, "nobody may have it" before "not found",
since the latter words often stand beside the former."""
_ORDER_INSIDE = ((NOTHING, NOTHING_WORDS), (LIMITED, LIMITED_WORDS), (REFUSED, REFUSED_WORDS))
"""In a paragraph, which may be terms of use: its words are not taken for a trouble."""


def says_something(line: str) -> bool:
    """Whether a line alone says one of these things, and so is nobody's name."""
    if len(line) > _LONGEST:
        return False
    patterns: tuple[_Words, ...] = (
        NOTHING_WORDS,
        LIMITED_WORDS,
        REFUSED_WORDS,
        BROKEN_WORDS,
        LIMITS_ANYWHERE,
    )
    listed = any(pattern.search(line) for pattern in patterns) or _cannot_be_had(line)
    return listed or denies(line)


def held(status: str) -> bool:
    """Whether a status, alone, says that somebody has the name."""
    return bool(HELD_WORDS.match(status.strip()))


def free(status: str) -> bool:
    """Whether a status says that a name is not registered."""
    words = f"status: {status.strip()}"
    return bool(NOTHING_WORDS.search(words)) or denies(words)


def unavailable(status: str) -> bool:
    """Whether a status says that nobody may register a name."""
    return _cannot_be_had(f"status: {status.strip()}")


def _cannot_be_had(line: str) -> bool:
    if line[:1].islower() and _TAIL.match(line):
        return False  # the end of a sentence: "… is strictly / prohibited."
    return bool(UNAVAILABLE_WORDS.search(line)) and not NOT_UNAVAILABLE_WORDS.search(line)


def _line_at(text: str, at: int) -> str:
    start = text.rfind("\n", 0, at) + 1
    return text[start:].partition("\n")[0].strip(" %#\r")[:_LONGEST]
