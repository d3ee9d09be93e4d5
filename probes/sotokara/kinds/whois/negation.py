"""A sentence that denies a registration, told by its grammar, in the languages of registries.

It has a word that denies and one for what is denied (being found, registered, known), or a word
that says by itself that a name is free; it speaks of nothing else (permission, validity, limits);
it names the domain that was asked for, or stands alone. What else stands in the answer is looked at
in beside.py: a sentence is believed only where nothing of a registration is with it.
"""

import re
from functools import lru_cache
from typing import NamedTuple

# Words of sentences that deny a registration, by language: beginnings of words in small letters.
#
# In scripts without blanks between words, and where a word is joined to others, a piece of a word
# stands here. A language needs both: what denies, and what is denied (being found, registered,
# known). The words of other matters (permission, validity, limits, time) keep a sentence from being
# read: “cannot be registered” and “cannot be answered now” say nothing of a registration.


class Words(NamedTuple):
    """One language."""

    no: str
    """What denies. Alternatives stand with blanks between, a ``_`` is a blank inside of one, and a
    ``*`` any end of the word."""
    found: str
    """What is denied."""
    free: str
    """What says by itself that nobody has a name."""
    other: str
    """What makes the sentence one about another matter."""


APART = {
    "en": Words(
        "no none not never nothing without zero 0 isn't doesn't hasn't couldn't don't aren't"
        " wasn't neither",
        "found find match* exist* register* registration* record* entr* known listed located hit*"
        " result* object* delegated allocated assigned data recorded registrant* holder* owner*"
        " taken present held",
        "free available unregistered unallocated unassigned undelegated unknown nonexistent vacant"
        " non-existent unclaimed",
        "authori* permi* allow* access* denied valid* invalid* support* able unable cannot can't"
        " can could may try again later tempor* wait* limit* quota exceed* connect* timeout error*"
        " eligible reserv* prohibit* restrict* block* guarantee* syntax format length must should"
        " premium delete* transfer* renew* update* suspend* expired name_servers"
        " nameserver* dnssec ds host* server* contact* registrar* abuse email* phone* disclos*"
        " redact* shown public* private* whether if paid fee price* managed authoritative verif*",
    ),
    "de": Words(
        "kein* nicht nie nichts",
        "gefunden existier* registrier* eintr* treffer bekannt vergeben daten* vorhanden",
        "frei verfügbar unbekannt unregistriert",
        "gültig* ungültig* zulässig* erlaubt* möglich* gesperrt* reserviert* später unterstützt*"
        " berechtigt* kann können darf dürfen versuch*",
    ),
    "nl": Words(
        "geen niet",
        "gevonden bestaat geregistreerd* resulta* bekend gegevens",
        "vrij beschikbaar onbekend",
        "geldig* ongeldig* toegestaan* mogelijk* gereserveerd* later kan mag probeer*",
    ),
    "fr": Words(
        "aucun* pas non jamais",
        "trouv* exist* enregistr* résultat* correspond* entrée* donnée* connu* attribué* déposé*",
        "libre disponible inconnu* introuvable inexistant*",
        "valid* invalid* autoris* permis* réserv* possible* impossible* interdit* réessay* peut"
        " peuvent doit bloqu* éligib* accès",
    ),
    "es": Words(
        "no ningún ninguna nunca sin",
        "encontr* encuentra* exist* registr* resultado* dato* entrada* hallad* coincid* asignad*",
        "libre disponible desconocid* inexistente",
        "válid* inválid* permit* autoriz* reserv* puede* prohib* intent* restring* acceso",
    ),
    "ca": Words(
        "no cap sense",
        "trobat* existeix registrat* resultat* registre*",
        "lliure disponible desconegut",
        "vàlid* permès* autoritz* reserv* pot prohib*",
    ),
    "pt": Words(
        "não nao nenhum* nunca sem",
        "encontrad* exist* registr* regist* resultado* dado* localizad* cadastrad*",
        "livre disponível disponivel desconhecid* inexistente",
        "válid* inválid* permit* autoriz* reserv* pode* proib* tent* restri* acesso",
    ),
    "it": Words(
        "non nessun* mai",
        "trovat* esist* registrat* risultat* corrispond* present* assegnat*",
        "libero disponibile sconosciut* inesistente",
        "valid* permess* autorizz* riserv* può possibil* impossibil* vietat* riprov* accesso",
    ),
    "ro": Words(
        "nu niciun* nici",
        "găsit* gasit* există exista înregistrat* inregistrat* rezultat*",
        "liber disponibil* necunoscut*",
        "valid* permis* autorizat* rezervat* poate interzis*",
    ),
    "sv": Words(
        "inte ingen* inga inget ej",
        "hittad* hittas finns registrerad* träff* poster post känd*",
        "ledig* tillgänglig* okänd* oregistrerad*",
        "giltig* ogiltig* tillåt* möjlig* reserverad* senare kan får spärrad*",
    ),
    "da": Words(
        "ikke ingen intet ej",
        "fundet findes registrer* træf* post* kendt funnet finnes treff* kjent oppføring*",
        "ledig* tilgængelig* tilgjengelig* ukendt ukjent uregistreret",
        "gyldig* ugyldig* tillad* tillat* mulig* reserver* senere kan må spærret*",
    ),
    "is": Words("ekki engin* ekkert", "fannst fundust skráð* til", "laust óþekkt", "leyf* gil*"),
    "fi": Words(
        "ei eivät eikä",
        "löydy löytyn* löytynyt olemassa rekisteröit* rekisterissä tulok* varattu*",
        "vapaa vapaana saatavilla tuntematon",
        "voi kelvol* sallit* varatt* myöhemmin kelpaa mahdol*",
    ),
    "et": Words(
        "ei pole",
        "leitud leidu leitu* eksisteeri registreeri* olemas",
        "vaba saadaval tundmatu",
        "kehti* lubatud saa võimalik* reserveeri*",
    ),
    "lv": Words(
        "nav neatras* nereģistr* neeksist* netika",
        "atrast* reģistr* eksistē neatras* nereģistr* neeksist* ieraksts ieraksti",
        "brīvs pieejams nezinām*",
        "derīg* nederīg* atļaut* rezerv* var",
    ),
    "lt": Words(
        "nėra nerast* neregistr* neegzist* nebuvo",
        "rast* registr* egzist* nerast* neregistr* neegzist* įraš*",
        "laisva* laisvas prieinam* nežinom*",
        "galioja* negalioja* leidžiam* neleidžiam* rezerv* gali",
    ),
    "pl": Words(
        "nie brak żaden żadn*",
        "znalezion* istniej* zarejestrowan* rekord* wpis* wynik* danych",
        "wolna wolny wolne dostępna dostępny dostępne nieznan* niezarejestrowan*",
        "prawidłow* nieprawidłow* dozwolon* niedozwolon* zarezerw* można może zablok* później"
        " uprawn* obsług*",
    ),
    "cs": Words(
        "není nie žádn* žiadn* nebyl* nenalez* nenáj* neexist* nezaregistr* neregistr*",
        "nalezen* nájden* existuj* registrov* registrovan* zaregistr* záznam* nenalez* nenáj*"
        " neexist* nezaregistr* neregistr* zaznam*",
        "volná volné volný voľná voľné dostupn* neznám*",
        "platn* neplatn* povolen* nepovolen* rezerv* možn* nelze lze nemožn* blok*",
    ),
    "sl": Words(
        "ni nije nema ne nisu nepostoj*",
        "najden* pronađen* pronaden* postoji obstaja registr* registriran* registrovan* zapis*"
        " podat* upisan*",
        "prosta prosto slobodan slobodna slobodno dostupn* neznan* nepoznat*",
        "valjan* nevaljan* veljavn* neveljavn* dozvoljen* rezerv* može moguć* možno",
    ),
    "hu": Words(
        "nem nincs* nincsen",
        "talál* létez* létezik regisztrál* bejegyz* bejegyez* foglalt adat*",
        "szabad elérhető ismeretlen",
        "érvény* érvénytelen* engedély* lehet* fenntart* később",
    ),
    "tr": Words(
        "yok değil bulunamadı bulunamamıştır bulunmamaktadır kayıtsız",
        "bulun* kayıt* kayıtl* kaydı mevcut tescil*",
        "boş müsait kullanılabilir tahsis_edilmemiş",
        "geçerli geçersiz izin* rezerv* yetki* sonra",
    ),
    "id": Words(
        "tidak tiada belum bukan",
        "ditemukan dijumpai terdaftar didaftarkan data rekod wujud",
        "tersedia kosong",
        "valid sah dibenarkan diizinkan boleh bisa dapat dipesan dilarang nanti",
    ),
    "vi": Words(
        "không chưa",
        "tìm_thấy tồn_tại đăng_ký dữ_liệu",
        "trống",
        "hợp_lệ phép cấm hạn có_thể",
    ),
    "sq": Words("nuk s'ka asnjë", "gjet* ekziston regjistr*", "lirë", "lejo* vlefsh* rezerv*"),
    "eu": Words("ez", "aurkitu existitzen erregistratu*", "libre", "baimen* balio*"),
    "sw": Words("hakuna haija haijapatikana haipo", "haijapatikana haipo", "inapatikana", "ruhus*"),
    "el": Words(
        "δεν καμία κανένα ούτε",
        "βρέθηκ* βρεθ* υπάρχ* καταχωρ* εγγραφ* κατοχυρ*",
        "διαθέσιμο διαθέσιμη ελεύθερο άγνωστο",
        "έγκυρ* επιτρέπ* μπορ* δεσμευ*",
    ),
    "ru": Words(
        "не нет ничего отсутствует отсутствуют незарегистрирован*",
        "найден* найдено существу* зарегистрир* запис* данны* домен отсутству* числит* внесен*"
        " незарегистрирован*",
        "свободен свободно свободна свободный неизвестен неизвестно",
        "допустим* недопустим* доступ* недоступ* разреш* запрещ* резерв* може* возможн* невозможн*"
        " верн* неверн* блокир* попроб* превыш* позже",
    ),
    "uk": Words(
        "не немає нема відсутній відсутні незареєстр*",
        "знайден* існу* зареєстр* запис* даних відсутн* незареєстр*",
        "вільний вільне вільна невідом*",
        "припустим* доступ* дозвол* заборон* резерв* може неможлив* пізніше",
    ),
    "bg": Words(
        "не няма нема",
        "намерен* пронајден* пронађен* регистрир* регистрован* постои постоји съществува запис*",
        "свободен свободно слободен слободно слободан непознат*",
        "валид* позволен* разреш* може резерв* забран*",
    ),
    "ka": Words("არ ვერ არაა", "მოიძებნ* ნაპოვნ* რეგისტრ* არსებ*", "თავისუფალი*", "დაშვ*"),
    "hy": Words("չի չկա չեն", "գտնվ* գրանցվ* գոյություն", "ազատ", "թույլ*"),
    "hi": Words("नहीं", "मिला मिली पंजीकृत मौजूद", "उपलब्ध", "अनुमति*"),
}
"""Written with blanks between words."""
JOINED = {
    "ja": Words(
        "ない ません なし 未登録",
        "見つか 存在 登録 該当 データ 一致",
        "取得可能 登録可能",
        "できま でき 予約 禁止 制限 許可 無効 有効 利用 権限 後ほど しばらく サーバ",
    ),
    "zh": Words(
        "不 无 無 没 沒 未 查无",
        "找到 存在 注册 註冊 注冊 记录 紀錄 記錄 匹配 资料 資料 数据 查到 结果 結果 查询到 查無",
        "可注册 可註冊 可以注册 可以註冊 尚未注册",
        "无效 無效 保留 禁止 限制 不可 不能 允许 允許 拒绝 拒絕 稍后 稍後 格式 频繁 頻繁 服务器",
    ),
    "ko": Words(
        "않 없 아닙 미등록",
        "등록 검색 존재 정보 결과 찾",
        "등록_가능 등록가능 사용_가능 사용가능",
        "등록할_수_없 예약 금지 제한 유효 허용 잘못 나중 서버",
    ),
    "th": Words("ไม่", "พบ ลงทะเบียน ข้อมูล จดทะเบียน", "ว่าง", "อนุญาต ถูกต้อง สงวน"),
    "ar": Words(
        "لا لم غير ليس",
        "موجود مسجل العثور سجل نتائج يوجد",
        "متاح متوفر",
        "صالح مسموح محجوز يمكن ممنوع",
    ),
    "he": Words("לא אין אינ", "נמצא רשום קיים רשומ", "פנוי זמין", "חוקי מורשה שמור ניתן"),
    "fa": Words("نیست نشد ندارد نشده", "یافت ثبت موجود وجود", "آزاد", "مجاز معتبر"),
}
"""Written without blanks between words, or with words joined to others."""


_MOST_WORDS, _MOST_OF_FREE = 24, 6
"""Words of a sentence that denies, and of one that says that a name is free."""
ASKED = "\N{BULLET}"
"""Stands for the name that was asked for."""
_UNABLE = re.compile(
    r"\b(?:can ?not|can't|could ?not|couldn't|unable to)(?: be)? (?=find|found|locate|match)"
)
_NUMBERED = re.compile(r"\bno\.?\s*[:#.]?\s*(?=\d)|\bno[.:]")
"""``Registration No. 7`` denies nothing."""
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*|\N{BULLET}")


class _Tongue(NamedTuple):
    no: re.Pattern[str]
    found: re.Pattern[str]
    free: re.Pattern[str]
    other: re.Pattern[str]
    ordered: bool
    """Whether what denies stands before what is denied."""


def denies(line: str) -> bool:
    """Whether a line denies a registration; the domain that was asked for stands as ``ASKED``.

    >>> denies("Es wurde kein Eintrag gefunden."), denies("該当するデータがありません")
    (True, True)
    >>> denies(f"{ASKED} cannot be registered"), denies(f"{ASKED} ist frei")
    (False, True)
    """
    sentence = _prepared(line)
    count = len(_WORD.findall(sentence))
    if not 0 < count <= _MOST_WORDS or "@" in sentence or "://" in sentence:
        return False
    if not any(one.search(sentence) for one in _any_tongue()):
        return False
    tongues = [one for one in _tongues() if one.no.search(sentence) or one.free.search(sentence)]
    if not tongues:
        return False
    if any(one.other.search(sentence) for one in _tongues()):
        return False
    few = count <= _MOST_OF_FREE + sentence.count(ASKED)
    short = few and not any(char.isdigit() for char in sentence)
    denied = any(one.no.search(sentence) for one in tongues)
    for one in tongues:
        if _denied(one, sentence) or (short and not denied and one.free.search(sentence)):
            return True
    return False


def _denied(tongue: _Tongue, sentence: str) -> bool:
    no, found = tongue.no.search(sentence), tongue.found.search(sentence)
    if not no or not found:
        return False
    if not tongue.ordered:
        return True
    later = tongue.found.search(sentence, no.end())
    return bool(later) or bool(re.search(r"[:=]\s*(?:0|none|zero|nothing)\W*$", sentence))


def _prepared(line: str) -> str:
    text = " ".join(line.split()).casefold().strip(" .!。%#*>-").replace("’", "'")
    return _NUMBERED.sub(" ", _UNABLE.sub("not ", text))


@lru_cache(maxsize=1)
def _tongues() -> tuple[_Tongue, ...]:
    apart = [_tongue(words, r"(?<![^\W_])", name) for name, words in APART.items()]
    return (*apart, *(_tongue(words, "", name) for name, words in JOINED.items()))


@lru_cache(maxsize=1)
def _any_tongue() -> tuple[re.Pattern[str], ...]:
    """What some tongue's denial needs: most lines have nothing of it, and are done with here."""
    return tuple(
        _either(
            [one for words in tongues.values() for one in f"{words.no} {words.free}".split()], edge
        )
        for tongues, edge in ((APART, r"(?<![^\W_])"), (JOINED, ""))
    )


def _tongue(words: Words, edge: str, name: str) -> _Tongue:
    forms = [_either(part.split(), edge) for part in words]
    no, found, free, other = forms
    return _Tongue(no, found, free, other, name == "en")


def _either(words: list[str], edge: str) -> re.Pattern[str]:
    """One of some words; the edge is looked at once for all, so most letters cost nothing."""
    return re.compile(f"{edge}(?:{'|'.join(_form(one, edge) for one in words)})")


def _form(word: str, edge: str) -> str:
    ends = "" if word.endswith("*") or not edge else r"(?![^\W_])"
    return f"{re.escape(word.rstrip('*').replace('_', ' '))}{ends}"
