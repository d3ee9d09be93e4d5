"""Registrations written as no registry has written them yet: labels, order, dates, line ends.

``python -m tests.mutated_registrations [SEED [COUNT]]`` makes registrations of invented persons and
prints where a person survives the masking, a fact is neither right nor empty, or the answer is
called something else than a registration (or not read). The test takes a few of each kind.
"""

import calendar
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from sotokara.core.observation import Failure
from sotokara.kinds.shared.registry.target import read_target
from sotokara.kinds.whois.persons import mask_persons
from sotokara.kinds.whois.verdict import read_answer

LANGUAGES: dict[str, str] = {
    "en": (
        "Domain name|Registrant|Name|Address|Phone|Email|Created|Expires|Registrar|"
        "Name server|Technical contact"
    ),
    "de": (
        "Domain|Inhaber|Name|Adresse|Telefon|E-Mail|Erstellt|Ablaufdatum|Registrar|"
        "Nameserver|Technischer Kontakt"
    ),
    "fr": (
        "Nom de domaine|Titulaire|Nom|Adresse|Téléphone|Courriel|Date de création|"
        "Date d'échéance|Bureau d'enregistrement|Serveur de noms|Contact technique"
    ),
    "es": (
        "Dominio|Titular|Nombre|Dirección|Teléfono|Correo electrónico|"
        "Fecha de creación|Fecha de vencimiento|Registrador|Servidor de nombres|"
        "Contacto técnico"
    ),
    "it": (
        "Dominio|Intestatario|Nome|Indirizzo|Telefono|Posta elettronica|"
        "Data di creazione|Data di scadenza|Registratore|Server dei nomi|"
        "Contatto tecnico"
    ),
    "pt": (
        "Domínio|Titular|Nome|Endereço|Telefone|Correio eletrónico|Data de criação|"
        "Data de expiração|Agente registador|Servidor de nomes|Contato técnico"
    ),
    "nl": (
        "Domeinnaam|Houder|Naam|Adres|Telefoon|E-mail|Aangemaakt|Vervaldatum|"
        "Registrar|Naamserver|Technisch contact"
    ),
    "sv": (
        "Domän|Innehavare|Namn|Adress|Telefon|E-post|Skapad|Utgår|Registrar|"
        "Namnserver|Teknisk kontakt"
    ),
    "fi": (
        "Verkkotunnus|Haltija|Nimi|Osoite|Puhelin|Sähköposti|Luotu|Päättyy|"
        "Välittäjä|Nimipalvelin|Tekninen yhteyshenkilö"
    ),
    "pl": (
        "Domena|Abonent|Nazwa|Adres|Telefon|E-mail|Utworzono|Wygasa|Rejestrator|"
        "Serwer nazw|Kontakt techniczny"
    ),
    "cs": (
        "Doména|Držitel|Jméno|Adresa|Telefon|E-mail|Vytvořeno|Platnost do|"
        "Registrátor|Jmenný server|Technický kontakt"
    ),
    "hu": (
        "Domain|Tulajdonos|Név|Cím|Telefonszám|E-mail|Létrehozva|Lejárat|"
        "Regisztrátor|Névszerver|Műszaki kapcsolattartó"
    ),
    "ro": (
        "Domeniu|Deținător|Nume|Adresă|Telefon|E-mail|Creat|Expiră|Registrator|"
        "Server de nume|Contact tehnic"
    ),
    "tr": (
        "Alan adı|Kayıt sahibi|Ad|Adres|Telefon|E-posta|Oluşturulma tarihi|"
        "Bitiş tarihi|Kayıt şirketi|Ad sunucusu|Teknik irtibat"
    ),
    "ru": (
        "Домен|Владелец|Имя|Адрес|Телефон|Эл. почта|Создан|Истекает|Регистратор|"
        "Сервер имён|Технический контакт"
    ),
    "uk": (
        "Домен|Власник|Ім'я|Адреса|Телефон|Ел. пошта|Створено|Діє до|Реєстратор|"
        "Сервер імен|Технічний контакт"
    ),
    "el": (
        "Όνομα χώρου|Κάτοχος|Όνομα|Διεύθυνση|Τηλέφωνο|Ηλ. ταχυδρομείο|"
        "Δημιουργήθηκε|Λήγει|Καταχωρητής|Διακομιστής|Τεχνική επαφή"
    ),
    "ja": (
        "ドメイン名|登録者|氏名|住所|電話番号|メールアドレス|登録年月日|有効期限|"
        "指定事業者|ネームサーバ|技術連絡担当者"
    ),
    "ko": (
        "도메인이름|등록인|이름|주소|전화번호|전자우편|등록일|만료일|등록대행자|"
        "호스트이름|기술책임자"
    ),
    "zh": ("域名|注册人|姓名|地址|电话|邮箱|注册日期|过期日期|注册商|域名服务器|技术联系人"),
    "th": ("ชื่อโดเมน|ผู้ถือครอง|ชื่อ|ที่อยู่|โทรศัพท์|อีเมล|วันที่สร้าง|วันหมดอายุ|ผู้รับจดทะเบียน|เนมเซิร์ฟเวอร์|ผู้ติดต่อ"),
    "id": (
        "Nama domain|Pemilik|Nama|Alamat|Telepon|Surel|Dibuat|Kedaluwarsa|"
        "Registrar|Server nama|Kontak teknis"
    ),
}
"""Of each language: domain, holder, name, address, phone, mail, created, expires, registrar, name
server, technical contact."""
PERSONS = (
    "Mia Roe",
    "MIA ROE",
    "Roe, Mia",
    "Mia A. Roe",
    "Mia van der Roe",
    "Dr. Mia Roe",
    "Mia Roe-Bank",
    "Mia Sa",
    "Reiyama, Sa",
    "例山 花子",
    "예 민지",
    "Мия Примерова",
    "Mía Peña Ejemplo",
    "Mia Center",
    "Mia Group",
    "Mia Roe (Hostmaster)",
    "Mia Roe <noc@dns.example.net>",
    "mia roe",
    "Mia Domain",
)
COMPANIES = (
    "Example Works Ltd",
    "Beispiel GmbH",
    "Ejemplo S.A.",
    "株式会社例示",
    "ООО Пример",
    "Esempio S.r.l.",
)
STREETS = (
    "Main Street 5",
    "Hauptstr. 17b",
    "12, rue de l'Exemple",
    "例区例町1-2-3",
    "ul. Przykładowa 9/3",
)
PHONES = ("+49.30555019", "(030) 555 01 23", "03-5555-0123", "+1 202 555 0147")
_MONTHS = ["", *(name for name in calendar.month_abbr if name)]
DATES: tuple[Callable[[str, str, str], str], ...] = (
    lambda y, m, d: f"{y}-{m}-{d}",
    lambda y, m, d: f"{y}-{m}-{d}T10:20:30Z",
    lambda y, m, d: f"{y}/{m}/{d}",
    lambda y, m, d: f"{y}.{m}.{d}",
    lambda y, m, d: f"{d}.{m}.{y}",
    lambda y, m, d: f"{d}-{_MONTHS[int(m)]}-{y}",
    lambda y, m, d: f"{d} {_MONTHS[int(m)]} {y}",
    lambda y, m, d: f"{_MONTHS[int(m)]} {d}, {y}",
    lambda y, m, d: f"{y}年{m}月{d}日",
    lambda y, m, d: f"{y}{m}{d}",
    lambda y, m, d: f"{d}/{m}/{y} 10:20:30",
    lambda y, m, d: f"{m}/{d}/{y}",
    lambda y, m, d: f"{y}-{m}-{d} 10:20:30 (UTC+9)",
    lambda y, m, d: f"Tue {_MONTHS[int(m)]} {d} 10:20:30 UTC {y}",
)
STYLES: dict[str, Callable[[str], str]] = {
    "as it is": lambda label: label,
    "capitals": str.upper,
    "small": str.lower,
    "underscores": lambda label: label.replace(" ", "_"),
    "hyphens": lambda label: label.replace(" ", "-").lower(),
    "camel": lambda label: "".join(word[:1].upper() + word[1:] for word in label.split()),
}
JOINTS: dict[str, Callable[[str, str], str]] = {
    "colon": lambda label, value: f"{label}: {value}",
    "column": lambda label, value: f"{label + ':':28}{value}",
    "no blank": lambda label, value: f"{label}:{value}",
    "colon apart": lambda label, value: f"{label:24} : {value}",
    "dots": lambda label, value: f"{label:.<30}: {value}",
    "tab": lambda label, value: f"{label}:\t{value}",
    "brackets": lambda label, value: f"[{label}]    {value}",
    "below": lambda label, value: f"{label}:\n   {value}",
    "full width": lambda label, value: f"{label}：{value}",
    "comment": lambda label, value: f"% {label}: {value}",
}


class Made(NamedTuple):
    """One registration, what is right in it, and what must go."""

    text: str
    facts: dict[str, object]
    gone: tuple[str, ...]
    how: str
    target: str


def made(chance: random.Random) -> Made:
    """One registration in one language, style and layout."""
    tongue = chance.choice([*LANGUAGES])
    style, joint = chance.choice([*STYLES]), chance.choice([*JOINTS])
    labels = [STYLES[style](one) for one in LANGUAGES[tongue].split("|")]
    domain, holder, name, address, phone, mail, created, expires, registrar, server, tech = labels
    target = chance.choice(("example.com", "example.de", "example.co.uk", "example.org"))
    write = chance.choice(DATES)
    days = [("2004", "03", "02"), ("2031", "12", "25")]
    person, other = chance.sample(PERSONS, 2)
    company = chance.choice(COMPANIES)
    street, number = chance.choice(STREETS), chance.choice(PHONES)
    box = f"mia.roe{chance.randrange(90)}@home.example.net"
    join = JOINTS[joint]
    own = [
        join(domain, target),
        join(created, write(*days[0])),
        join(expires, write(*days[1])),
        join(registrar, company),
    ]
    servers = [join(server, f"ns{n}.example.net") for n in (1, 2)]
    shape = chance.choice(("prefixed", "sections", "indented", "alone", "values below"))
    people = []
    for whose, who in ((holder, person), (tech, other)):
        rows = [(name, who), (address, street), (phone, number), (mail, box)]
        if shape == "prefixed":
            people.append("\n".join(join(f"{whose} {label}", value) for label, value in rows))
        elif shape == "sections":
            people.append(f"{whose}:\n" + "\n".join(join(label, value) for label, value in rows))
        elif shape == "indented":
            body = "\n".join(f"    {join(label, value)}" for label, value in rows)
            people.append(f"{whose}:\n{body}")
        elif shape == "alone":
            people.append("\n".join([join(whose, who), *(join(*row) for row in rows[1:])]))
        else:
            people.append(f"{whose}:\n" + "\n".join(f"    {value}" for _, value in rows))
    parts = ["\n".join(own), *people, "\n".join(servers)]
    if chance.randrange(3) == 0:
        parts = [parts[0], *chance.sample(parts[1:], len(parts) - 1)]
    between = chance.choice(("\n\n", "\n\n", "\n\n", "\n"))
    end = chance.choice(("\n", "\n", "\r\n", "\r\r\n"))
    text = between.join(parts) + "\n"
    facts: dict[str, object] = {
        "allocated": "2004-03-02",
        "expires": "2031-12-25",
        "registrar": company,
        "organization": "",
        "nameservers": ["ns1.example.net", "ns2.example.net"],
    }
    how = f"{tongue}, {style}, {joint}, {shape}, {between!r}, {end!r}"
    return Made(text.replace("\n", end), facts, (person, other, street, number, box), how, target)


def wrong(one: Made) -> Iterator[str]:
    """What survives, is wrong, or is called something else."""
    kept = mask_persons(one.text.encode(), "utf-8").decode()
    read = read_answer("whois.registry.example", kept, read_target(one.target))
    for gone in one.gone:
        for piece in (gone, gone.partition(" <")[0].partition(" (")[0]):
            if piece in kept or piece in str(read):
                yield f"SURVIVES {piece}"
                break
    if isinstance(read, Failure):
        if read.name != "unknown_form":
            yield f"called {read.name}"
        return
    if read.answer != "registered":
        yield f"called {read.answer}"
    for name, right in one.facts.items():
        found = getattr(read, name)
        if found and found != right:
            yield f"wrong {name}: {found}"


def main(seed: int = 1, count: int = 2000) -> int:
    """Print what is wrong, and how often each fact is read."""
    chance = random.Random(seed)  # noqa: S311  # no secret
    counted: Counter[str] = Counter()
    bad = 0
    for _ in range(count):
        one = made(chance)
        found = [*wrong(one)]
        kept = mask_persons(one.text.encode(), "utf-8").decode()
        read = read_answer("whois.registry.example", kept, read_target(one.target))
        counted["not read" if isinstance(read, Failure) else "read"] += 1
        if not isinstance(read, Failure):
            counted.update(
                name for name, right in one.facts.items() if getattr(read, name) == right
            )
        bad += bool(found)
        for line in found:
            print(f"{line} [{one.how}]")
    print(f"{count} made, {bad} with something wrong; {dict(counted)}")
    return int(bad > 0)


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])))
