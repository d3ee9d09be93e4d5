"""The words of labels, in whichever language: whose a value is, and what it is.

A label is looked at as words in lower case with a blank between (see labels.py).
"""

import re

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
