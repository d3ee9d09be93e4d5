"""Sentences that deny a registration in words that no list holds, and what only sounds like one.

All are invented. A registered name is never called free, nor a free one registered: what is not
plain is not read.
"""

import json
from pathlib import Path

import pytest
from sotokara.core.observation import Failure
from sotokara.kinds.shared.registry.target import read_target
from sotokara.kinds.whois.persons import mask_persons
from sotokara.kinds.whois.text import charset, decode_answer
from sotokara.kinds.whois.verdict import read_answer

from tests.peers.unknown import SAFE, stated

DENIALS = (
    "There is no registration on file for nothere.example.",
    "nothere.example: 0 records",
    "Records found: 0",
    "We hold no entry under the name nothere.example",
    "Domain nothere.example is vacant",
    "The name nothere.example is not taken",
    "% nothere.example: domain unknown",
    "nothere.example is currently unclaimed.",
    "Zu nothere.example gibt es keinen Eintrag.",
    "Die Domain nothere.example ist nicht vergeben",
    "nothere.example ist frei",
    "De domeinnaam nothere.example is niet geregistreerd.",
    "nothere.example is vrij",
    "Aucun enregistrement ne correspond à nothere.example",
    "Le domaine nothere.example n'est pas attribué.",
    "nothere.example est inconnu",
    "Ningún dominio registrado con ese nombre",
    "nothere.example está libre",
    "El domini nothere.example no existeix",
    "Nenhum resultado para nothere.example",
    "O domínio nothere.example está disponível",
    "Nessun risultato per nothere.example",
    "nothere.example: libero",
    "Domeniul nothere.example nu este înregistrat",
    "Domänen nothere.example finns inte registrerad.",
    "nothere.example er ledigt",
    "Domenet nothere.example er ikke registrert",
    "Verkkotunnusta nothere.example ei ole rekisteröity",
    "Domeeni nothere.example ei leitud",
    "Domēns nothere.example nav reģistrēts",
    "Domenas nothere.example neregistruotas",
    "Domena nothere.example nie jest zarejestrowana",
    "Brak wpisu dla nothere.example",
    "Doména nothere.example není registrována",
    "Doména nothere.example neexistuje",
    "Domena nothere.example ni registrirana",
    "Naziv nothere.example nije pronađen",
    "A nothere.example domain nincs bejegyezve",
    "nothere.example alan adı kayıtlı değil",
    "Nama domain nothere.example belum terdaftar",
    "Tên miền nothere.example chưa được đăng ký",
    "Το όνομα nothere.example δεν βρέθηκε",
    "Домен nothere.example не зарегистрирован",
    "nothere.example: свободен",
    "Домен nothere.example не знайдено",
    "Домейнът nothere.example не е регистриран",
    "დომენი nothere.example არ მოიძებნა",
    "डोमेन nothere.example पंजीकृत नहीं है",
    "指定されたドメイン名は登録されておりません",
    "域名 nothere.example 尚未被注册",
    "查詢的域名 nothere.example 沒有資料",
    "nothere.example 도메인은 등록되지 않은 이름입니다",
    "ไม่มีข้อมูลของ nothere.example",
    "النطاق nothere.example غير مسجل",
    "הדומיין nothere.example אינו רשום",
    "دامنه nothere.example ثبت نشده است",
    "WHOIS server of the example registry\n\nQuery: nothere.example\nStatus: vapaa\n",
    "Domaine: nothere.example\nStatut: inexistant\n",
)
OTHERWISE = (
    "nothere.example is not a valid domain name",
    "The domain nothere.example is not supported by this server",
    "You may not query nothere.example from here",
    "WHOIS lookup for nothere.example can temporarily not be answered.",
    "nothere.example cannot be answered, no data server is reachable",
    "No name servers found for nothere.example",
    "No DNSSEC records found",
    "nothere.example: not available",
    "The contact of nothere.example was not found",
    "Registration No. 4711",
    "nothere.example kann nicht registriert werden",
    "Der Name nothere.example ist nicht verfügbar",
    "nothere.example n'est pas disponible",
    "Domeniul nothere.example nu este disponibil",
    "El dominio nothere.example no está permitido",
    "Domena nothere.example nie jest dostępna",
    "nothere.example はご利用いただけません",
    "nothere.example 不可用",
    "nothere.example 도메인은 등록할 수 없습니다",
    "Details of nothere.example are available from the registrar",
    "nothere.example",
    "OK",
    "Domain: nothere.example\nStatus: zanimljivo\n",
    "Domain: nothere.example\nStatus: invalid\n",
    "domain_name: nothere.example\nquery_status: 510 Not managed here\n",
    "Domain: nothere.example\nStatus: 500 odd characters in the query\n",
    "Domain: nothere.example\nUpdated: 2026-01-02T03:04:05Z\n",
    "Domain: nothere.example\nRegistrar: none\nRegistrant: N/A\nCreated: -\n",
)
REGISTERED_IN_AN_UNKNOWN_LAYOUT = (
    "ΟΝΟΜΑ: nothere.example\nΚΑΤΟΧΟΣ: Παράδειγμα\nΔΙΑΚΟΜΙΣΤΗΣ: ns1.example.net\n"
    "ΚΛΕΙΔΙ: no records found\n",
    "Anv: nothere.example\n\nServijerioù:\n  a.exa.com\n  b.exa.com\n  c.exa.com\n\n"
    "DS: not found\n",
    "anv nothere.example\nns1.example.net\nns2.example.net\nAlc'hwez DNSSEC: not found\n",
    "Blwyddyn: 1999-01-02\nHyd: 2030-01-02\nEnw: nothere.example\nDNSSEC key: no data found\n",
    "Ainm: nothere\nDuine: ceann\nBaile: dhá\nSráid: trí\nTír: IE\nDS: no entries found\n",
    "nothere.example\nTech contact: EX1-EXAMPLE\nZone contact: not found\n",
)
NAMES_OF_WORDS = (
    ("free.example", "Domain: free.example\nNserver: ns1.example.net\nCreated: 1999-01-02\n"),
    ("not-found.example", "Domain: not-found.example\nStatus: connect\n"),
    ("available.example", "Domain: available.example\nRegistrar: Example Ltd\n"),
    ("reserved.example", "Domain: reserved.example\nHolder: Example Ltd\nCreated: 1999-01-02\n"),
)
FREE_NAMES_OF_WORDS = (
    "throttled.example",
    "rate-limit-exceeded.example",
    "access-denied.example",
    "reserved.example",
    "too-many-requests.example",
    "timeout.example",
)

LIMITS = (
    "Demasiadas consultas desde su dirección.",
    "Muitas solicitações deste endereço",
    "Trop de requêtes, réessayez plus tard",
    "Troppe richieste da questo indirizzo",
    "Zbyt wiele zapytań z tego adresu",
    "Слишком много запросов с вашего адреса",
    "Příliš mnoho dotazů",
    "Túl sok lekérdezés",
    "Terlalu banyak permintaan dari alamat Anda",
    "Υπέρβαση ορίου ερωτημάτων",
    "Please wait a while before querying again",
    "You have hit our query cap",
    "Daily limit of 50 lookups used up",
    "You may query only once every 10 seconds",
    "Service is unavailable at present: we receive a large number of\nrequests. Try again later.",
)
TROUBLES = ("Server is busy, please try again later.", "The database is overloaded")


def said(text: str, name: str = "nothere.example") -> str:
    read = read_answer("whois.nic.example", f"{text}\n", read_target(name))
    return read.name if isinstance(read, Failure) else read.answer


@pytest.mark.parametrize("text", DENIALS)
def test_a_sentence_that_denies_is_no_match(text: str) -> None:
    assert said(text) == "no_match"
    assert said(f"% Whois of the registry\n%\n\n{text}\n\n% served in 12 ms") == "no_match"


@pytest.mark.parametrize("text", OTHERWISE)
def test_what_only_sounds_like_it_is_neither(text: str) -> None:
    assert said(text) not in ("no_match", "registered")


@pytest.mark.parametrize("text", REGISTERED_IN_AN_UNKNOWN_LAYOUT)
def test_a_denial_beside_a_registration_is_not_believed(text: str) -> None:
    assert said(text) != "no_match"


@pytest.mark.parametrize(("name", "text"), NAMES_OF_WORDS)
def test_the_words_of_a_registered_name_say_nothing(name: str, text: str) -> None:
    assert said(text, name) == "registered"


@pytest.mark.parametrize("name", FREE_NAMES_OF_WORDS)
def test_the_words_of_a_free_name_say_nothing(name: str) -> None:
    assert said(f'No match for "{name.upper()}".', name) == "no_match"


@pytest.mark.parametrize("text", LIMITS)
def test_too_many_questions_are_a_limit_in_any_language(text: str) -> None:
    assert said(text) == "rate_limited"


@pytest.mark.parametrize("text", TROUBLES)
def test_a_server_in_trouble_states_no_limit(text: str) -> None:
    assert said(text) == "server_misbehaving"


def test_where_to_read_on_is_no_registration() -> None:
    below = "WHOIS answers and data of registrants are at: https://registry.example/whois"
    assert said(f"No entry found for nothere.example\n\n{below}") == "no_match"


@pytest.mark.parametrize("text", DENIALS)
def test_a_denial_is_kept_in_the_evidence(text: str) -> None:
    assert mask_persons(f"{text}\n".encode(), "utf-8").decode() == f"{text}\n"


REGISTERED = [
    path
    for path in sorted((Path(__file__).parent / "cases" / "whois").glob("*/*.json"))
    if (json.loads(path.read_text("utf-8")).get("facts") or {}).get("answer") == "registered"
]


@pytest.mark.parametrize("path", REGISTERED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_registration_in_a_layout_nobody_knows_is_nothing_else(path: Path) -> None:
    raw, case = path.with_suffix(".raw").read_bytes(), json.loads(path.read_text("utf-8"))
    text = decode_answer(raw, charset(path.parent.name, raw))
    assert stated(path.parent.name, text, read_target(case["target"])) in SAFE


TERMS = (
    "You are not authorized to access or query our Whois\ndatabase through electronic processes.",
    "It is not permitted to use it for any purpose other than technical or\nadministrative ones.",
    "City: NOT AVAILABLE",
    "Holder: withheld for privacy",
    "Flags: update blocked",
)


@pytest.mark.parametrize("terms", TERMS)
def test_terms_below_a_registration_in_an_unknown_layout_say_nothing_of_it(terms: str) -> None:
    layout = "Ainm: nothere.example\nDuine: ceann\nTús: 1999-01-02\nDeireadh: 2030-01-02\n"
    assert said(f"{layout}{terms}\n\n{terms}\n") == "unknown_form"
