"""What a label says, in whichever language: whose it is, and whether its values may be shown.

A label is looked at word by word, so that ``Registrant Contact Name``, ``owner-name`` and
``registrant_contact_phone`` need no entry of their own. What is not known here is not safe.
"""

import re
from functools import lru_cache

from sotokara.kinds.whois.lines import words

HOLDER, CONTACT, REGISTRAR, SERVERS, DOMAIN, UNKNOWN = (
    "holder",
    "contact",
    "registrar",
    "servers",
    "domain",
    "",
)
"""Whose a label or a section is: the registrant's, another contact's, …"""
ORGANIZATION, NAME, HANDLE, SAFE, TYPE, REMARK, IDENTITY, PRIVATE = (
    "organization",
    "name",
    "handle",
    "safe",
    "type",
    "remark",
    "identity",
    "private",
)
"""What stands behind a label: a name that the label calls an organization's, any name, a handle,
what is nobody's, the word that tells persons from organizations, free words, a number of a person
in some register, or all else."""


class Label:
    """What one label says."""

    def __init__(self, text: str) -> None:
        """``text``: as sent."""
        self.words = words(text)
        plain = " ".join(self.words)
        self.plain = plain
        """The words with a blank between."""
        self.whose = _whose(plain)
        self.what = _what(plain, self.whose)
        known = (PRIVATE_WORDS, NAME_WORDS, HANDLE_WORDS, ORGANIZATION_WORDS, NATIONAL_WORDS)
        self.odd = self.what == PRIVATE and not any(one.search(plain) for one in known)
        """Whether no word of it is known."""


def _whose(plain: str) -> str:
    if NETWORK_WORDS.match(plain):
        return DOMAIN
    if REGISTRAR_WORDS.search(plain) and not REGISTRAR_STAFF.search(plain):
        return REGISTRAR
    if CONTACT_WORDS.search(plain) and not plain.startswith(("registrant", "holder", "owner")):
        return CONTACT
    if HOLDER_WORDS.search(plain):
        return HOLDER
    if SERVERS_WORDS.search(plain) and not plain.startswith(("whois", "registrar")):
        return SERVERS
    return DOMAIN if SAFE_WORDS.search(plain) else UNKNOWN


def _what(plain: str, whose: str) -> str:  # noqa: C901, PLR0911  # a line for each form
    if REMARK_WORDS.match(plain):
        return REMARK
    if NETWORK_WORDS.match(plain) or DOMAIN_WORDS.match(plain):
        return SAFE
    if plain.startswith("mnt "):
        return HANDLE
    if TYPE_WORDS.match(plain):
        return TYPE
    if NATIONAL_WORDS.search(plain) and whose != REGISTRAR:
        return IDENTITY
    if PRIVATE_WORDS.search(plain) and not _mailbox(plain) and whose not in (REGISTRAR, SERVERS):
        return PRIVATE
    if whose == REGISTRAR:
        return SAFE if not REGISTRAR_DETAILS.sub("", _rest(plain)).strip() else NAME
    last = plain.rpartition(" ")[2]
    if ORGANIZATION_WORDS.search(plain) and not HANDLE_WORDS.search(last):
        return NAME if _person_word(plain) else ORGANIZATION
    if HANDLE_WORDS.search(last) and (whose != UNKNOWN or len(plain) > 1):
        return HANDLE
    if whose in (HOLDER, CONTACT):
        rest = HOLDER_WORDS.sub("", CONTACT_WORDS.sub("", _rest(plain))).strip()
        return (
            SAFE if SAFE_WORDS.search(plain) and not rest and not _NAME_LAST.search(plain) else NAME
        )
    somebodys = "name" in plain and not OF_THINGS_WORDS.search(plain)  # "last name"
    if whose == SERVERS or (whose == DOMAIN and not _rest(plain) and not somebodys):
        return SAFE
    return NAME if NAME_WORDS.search(plain) else PRIVATE


def _rest(plain: str) -> str:
    """What is left of a label without the words that are known to be safe."""
    return NEUTRAL_WORDS.sub(
        "", SERVERS_WORDS.sub("", REGISTRAR_WORDS.sub("", SAFE_WORDS.sub("", plain)))
    ).strip()


_NAME_LAST = re.compile(r"\b(?:names?|person|contact|holder|owner|registrant)$")


def _mailbox(plain: str) -> bool:
    return plain in ("abuse mailbox", "orgabuse email")


def _person_word(plain: str) -> bool:
    return bool(re.search(r"\b(?:contact|person|responsib\w*|representative|first|last)\b", plain))


@lru_cache(maxsize=8192)
def label(text: str) -> Label:
    """A label, as sent, in its meaning."""
    return Label(text)


# The words of labels, in whichever language: whose a value is, and what it is.
# A label is looked at as words in lower case with a blank between.

HOLDER_WORDS = re.compile(
    r"\b(?:registrants?|holder|owner|ownerid|licensee|titulaire|titular|titolare|inhaber|halter"
    r"|propriet[aá]rio|propietario|intestatario|haltija|innehavare|registreerija|tulajdonos|abonent"
    r"|proprietaire|propriétaire|владелец|власник|owners|holders|kupac|domeinnaamhouder"
    r"|houder|držitel|drzitel|vlasnik|nosilec|imetnik|savininkas|turėtājs|sahibi|kayıt sahibi)\b"
    r"|registered (?:for|to)|using domain|^registran|^holder|^owner|登録者|登録人|등록인|注册人"
    r"|註冊人|注冊人|ผู้ถือครอง|인터넷주소 사용자|组织名称"
)
"""Of registrants."""
CONTACT_WORDS = re.compile(
    r"\b(?:admin\w*|tech\w*|billing|zone c|zone contact|contacts?|contacto|contatto|contato"
    r"|kontakt\w*|onsites?"
    r"|person\w*|responsib\w*|responsable|responsável|agent|entidade|gestora|domicile|ac|tc|bc"
    r"|verantwort\w*|ansprechpartner|yhteys\w*|контакт\w*|администратор|correspondent|customer"
    r"|nic hdl|rabuse|orgtech|orgabuse|orgnoc|orgadmin|rtech|rnoc|emergency|reseller contact)\b"
    r"|連絡|担当|책임자|담당|联系|聯絡|联络|ผู้ติดต่อ"
)
"""Of other contacts."""
REGISTRAR_WORDS = re.compile(
    r"\b(?:registrars?|registar\w*|registraire|registrador|registratore|registrator\w*|reseller"
    r"|registration service pro\w*|registered by|authori[sz]ed agency|sponsoring|maintained by"
    r"|registered through|registrado por"
    r"|agent d enregistrement|bureau d enregistrement|регистратор|провайдер|created by"
    r"|last updated by|maintainance)\b|등록대행자|注册商|註冊商|指定事業者"
)
"""Of registrars, and of others through whom a domain is registered."""
SERVERS_WORDS = re.compile(
    r"\b(?:name ?servers?|nservers?|domain (?:name ?)?servers?|dns|ns|hosts?|hostname"
    r"|ns name|nameservers?|nsset|serveurs?|servidor\w*|dns servers?|zone files?|servery|nserver"
    r"|primary server|secondary server|glue|ns ip\w*|delegation|delegaç\w*"
    r"|name server ip\w*|host name|ip address|domain servers in listed order)\b"
    r"|^(?:prim|sec)ns\d?(?:fqdn|ip|ipv6|ipv)$|^servers$|ネームサーバ|호스트이름|域名服务器|네임서버|dns服务器"
)
"""Of name servers."""
REGISTRAR_STAFF = re.compile(
    r"\b(?:contacts?|admin\w*|tech\w*|billing|person\w*|representative)\b(?!.*\b(?:information)\b)"
)
"""Of somebody who works for a registrar."""
TYPE_WORDS = re.compile(
    r"^(?:(?:registrants?|holder|owner|admin|tech|contact|entity|client|registrar|org"
    r"|organi[sz]ation"
    r"|billing|person|legal) )*(?:type|entity type|form|typ|tipo|category)$|^(?:owner"
    r"|holder|registrant|contact|entity)type$|^vid$|^kind$"
)
"""Of what tells persons from organizations."""
ORGANIZATION_WORDS = re.compile(
    r"\b(?:organi[sz]ations?|organi[sz]ation name|orgname|org name|company|firm\w*|organisme"
    r"|corporate|institution|organizacja|organizaci[oó]n|organisatie|organização|organizace"
    r"|association|department|société|azienda|ditta|spoločnosť|yritys)\b|組織|会社|기관|单位|機構"
    r"|公司|นิติบุคคล"
)
"""Of organizations' names."""
NAME_WORDS = re.compile(
    r"\b(?:name|person|personname|role|contact|owner|holder|registrants?|responsib\w*|customer"
    r"|cust name|attention|attn|nom|nombre|nome|naam|nimi|namn|navn|imi\w*|jméno|név|имя|titular"
    r"|titulaire|titolare|org|o|descr|domain owner|firstname|lastname|surname|given|family|middle"
    r"|last|first|admin\w*|tech\w*|billing|zone|ac|tc|licensee|netname person|organizations?)\b"
    r"|氏名|名前|登録者|担当|등록인|책임자|이름|姓名|联系人|注册人"
)
"""Of names, of persons or organizations."""
HANDLE_WORDS = re.compile(
    r"\b(?:id|handle|hdl|hdl br|contactid|roid|ref|c|repository|personid|orgid|cust ?id|nichandle"
    r"|registrantid|identifiant|code|holder c|mnt|mntner|mnt by|mnt lower|mnt ref|mnt routes"
    r"|mnt domains|mnt irt|irt|abuse c|ns list|nsl)\b"
)
"""Of handles."""
NATIONAL_WORDS = re.compile(
    r"\b(?:tax|national|id number|identity|passport|vat|cpf|cnpj|cui|ico|ičo|oib|pib|mb|nif|nie|rut"
    r"|ssn|birth\w*|register number|regnr|reg no|registration number|personal|ownerid|organization"
    r" id|identification|company number|eligibility|cedula|dni|inn|iin|bin|pesel)\b"
)
"""Of a person's or a company's number in some register."""
SAFE_WORDS = re.compile(
    r"\b(?:country|countrycode|economy|pays|país|pais|land|maa|страна|domain|domains|domainname"
    r"|dominio|domaine|domínio|domena|dn|ace|idn|status|estatus|estado|statut|stato|eppstatus"
    r"|date|dates|datum|fecha|created|creation|changed|updated?|modified|expir\w*|expires?|renewal"
    r"|registered on|paid|free date|dnssec|ds|ds rdata|rdata|dnskey|keys?|keytag|keyset|signed"
    r"|signing|algorithm|digest|source|version|server|servers|whois|url|website|web|www|website url"
    r"|referral|refer|referralserver|resourcelink|lang|language|script|timestamp|query|queried"
    r"|type|period|registry|reg|regdate|inetnum|inet6num|inet|net (?:name|type|handle|range)"
    r"|network name|netname|nettype|netrange|nethandle|asnumber|asname|ashandle|originas|cidr"
    r"|reg date|parent|origin as|origin|route|as|aut|as (?:number|name|handle)|block|abuse mailbox"
    r"|(?:less|more) specific info"
    r"|member of|import|export|mp import|mp export|default|geofeed|anonymous|obsoleted|hold"
    r"|eligstatus|reachstatus|reachmedia|reachsource|reachdate|eligdate|eligsource|publishes"
    r"|idstatus|lock|flags?|last|transfer\w*|maintainer|encoding|charset|remarks url|object"
    r"|validity|valid|registration|registered|date\w*|locked|activ\w*|anniversary"
    r"|trouble ticket|network number"
    r"|allocated|assigned|inetrev|nsstat"
    r"|nslastaa|sponsoring org|domain information|delegated|nsset|language|database|server|response"
    r"|org type|nic|license|dom public|redemption\w*|phase|nserver|signature|zone signed|ipv[46]"
    r"|netblock|service name|publish|tag|comment date|open(?:ed)?|rev srv|rev srvs|method)\b"
    r"|上位情報|下位情報|年月日|状態|期限|国名|등록일|종료일|변경일|정보공개|도메인|域名|状态|ドメイン名|ネットワーク"
    r"|アドレス範囲|更新|署名鍵|创建|过期|注册日期|到期|ドメイン情報|種別|割当|割振"
)
"""Of what is nobody's."""
PRIVATE_WORDS = re.compile(
    r"\b(?:address\w*|addr|street\w*|city|town|locality|zip|zipcode|postal\w*|postcode|post|p o box"
    r"|phone\w*|telephone|tel|telefon\w*|fax\w*|mobile|mobil|cell|gsm|e ?mails?|mail|mailbox|state"
    r"|province|region|district|building|house|flat|suite|ext|extension|adresse?|adres\w*|direccion"
    r"|dirección|endereço|indirizzo|osoite|ulica|rue|calle|strasse|straße|location|gps|skype|icq"
    r"|im|notify|upd|county|area|signature name|sex|gender|title)\b"
    r"|電話|住所|郵便|电话|地址|주소|전화|우편|팩스|адрес|телефон|ที่อยู่|通知アドレス|メイル|メール|fax|전자우편"
)
"""Of addresses, telephones, mails."""
NETWORK_WORDS = re.compile(
    r"^(?:ip|ipv|network|net)(?: address| number| range| block| name| type)?s?$|^ip.?アドレス"
    r"|^(?:primary|secondary)? ?ip address$|ipネットワークアドレス"
)
"""Of networks and their addresses, which are no postal ones."""
OF_THINGS_WORDS = re.compile(
    r"\b(?:domains?|hosts?|servers?|dns|ns|net|networks?|services?|registry|reg|zone|as|aut|tld|sld"
    r"|idn|database|tag|nic|route|block)(?: name|names)\b|\b(?:host|net|domain|server|user)names?\b"
    r"|\bname ?servers?\b"
)
"""Of names that are things'; any other label with the word is taken for somebody's."""
DOMAIN_WORDS = re.compile(
    r"^(?:nom|nombre|nome|nume\w*) (?:de|di|do|del|du) (?:domaine|domini[ou]|domínio)$"
)
"""Of the domain's name, which is nobody's, where the words for a name are those for a person's."""
REMARK_WORDS = re.compile(
    r"^(?:remarks?|descr|comments?|notes?|description|bemerkung|observa\w*"
    r"|errors?|messages?|msg|notices?|warnings?|info|reason|result)$"
)
"""Of free words."""
NEUTRAL_WORDS = re.compile(
    r"\b(?:the|of|on|in|at|by|for|to|no|number|name|names|time|full|first|local|current|original"
    r"|complete|display|information|info|details?|record|records|order|listed|del|de|da|do|di|e|y"
    r"|code|text|format|note|index|iana|icann|epp|registrar|holder|sponsoring|internationalized|sld"
    r"|tld|top|level|second|third|short|long|ascii|utf|unicode|latin|punycode|hostname|primary"
    r"|secondary|user|count|total|result|results|found|set|list|data|is|was|zone|node|ttl|value|raw)\b"
    r"|名称?|番号|情報|最終|登録|有効|接続|日付|区分|이름|최근|정보|사용|여부|名称|时间|日期|注册"
)
"""Words that say nothing of whose a value is, beside words that are known to be safe."""
REGISTRAR_DETAILS = re.compile(
    r"\b(?:url|phone|e?mail|e|fax|abuse|address\d*|street|city|state|province|postal|zip|country"
    r"|iana|id|handle|organi[sz]ation|company|website|customer|service|hotline|tel|telephone|no|ext"
    r"|postalcode|postcode|nic|contact information|technical contacts|legal|english|whois"
    r"|license)\b"
)
"""Of a registrar's particulars."""
