"""What Windows' path tools say in its languages: the sentences beside hops, by what they mean."""

import re

TIMED_OUT = re.compile(
    r"(?:Request timed out|要求がタイムアウトしました|Zeit.{1,3}berschreitung der Anforderung"
    r"|D.{1,3}lai d.attente de la demande d.{1,3}pass|Tiempo de espera agotado para esta solicitud"
    r"|Richiesta scaduta|(?:Esgotado o (?:tempo limite|limite de tempo)|Tempo limite) do pedido"
    r"|Превышен интервал ожидания для запроса|请求超时|要求等候逾時|요청 시간이 만료되었습니다"
    r"|Time-out bij opdracht|Up.yn.. limit czasu ..dania|Begäran gjorde timeout"
    r"|İstek zaman aşımına uğradı)",
    re.IGNORECASE,
)
"""A hop that did not answer."""
DONE = re.compile(
    r"^\s*(?:Trace complete|トレースを完了しました|Ablaufverfolgung beendet"
    r"|Itin.{1,3}raire d.{1,3}termin.{1,3}|Traza completa|Traccia completata"
    r"|Rastreamento conclu.{1,3}do|Rastreio conclu.{1,3}do|Трассировка завершена|跟踪完成|追蹤完成"
    r"|추적을 완료했습니다|추적이 완료되었습니다|De trace is voltooid|..ledzenie zako.czone"
    r"|Spårning slutförd|İzleme tamamlandı)[.。]?\s*$",
    re.IGNORECASE,
)
"""The trace came to its end."""
CANNOT = tuple(
    re.compile(rf"^\s*{pattern}\s*$", re.IGNORECASE)
    for pattern in (
        r"Unable to resolve target system name (?P<name>[^\s]+?)\.?",
        r"ターゲット システム名 (?P<name>\S+) を解決できません。?",
        r"Der Zielname (?P<name>\S+) konnte nicht aufgel.{1,3}st werden\.?",
        r"Impossible de r.{1,3}soudre le nom du syst.{1,3}me cible (?P<name>\S+?)\.?",
        r"No se puede resolver el nombre del sistema de destino (?P<name>\S+?)\.?",
        r"Impossibile risolvere il nome (?:del )?sistema di destinazione (?P<name>\S+?)\.?",
        r"N.{1,3}o .{1,3} poss.{1,3}vel resolver o nome do sistema de destino (?P<name>\S+?)\.?",
        r"Не удается разрешить системное имя узла (?P<name>\S+?)\.?",
        r"无法解析目标系统名称 ?(?P<name>[!-~]+?)[.。]?",
        r"대상 시스템 이름 (?P<name>[!-~]+?)\S*(?: 이름)?[을를()]* ?확인할 수 없습니다\.?",
    )
)
"""The name could not be resolved."""
_MARKS = (
    (
        re.compile(
            r"TTL|Gültigkeitsdauer|durée de vie|transito|срок жизни|生存时间", re.IGNORECASE
        ),
        "",
    ),
    (re.compile(r"port|порт|端口|ポート", re.IGNORECASE), ""),
    (re.compile(r"prohibit|verboten|interdit|prohibid", re.IGNORECASE), "!X"),
    (re.compile(r"protocol|protokoll|プロトコル", re.IGNORECASE), "!P"),
    (
        re.compile(
            r"\bnet\b|network|zielnetz|réseau|\bred\b|\brete\b|\brede\b|сеть|网络|網路|네트워크"
            r"|ネットワーク",
            re.IGNORECASE,
        ),
        "!N",
    ),
    (re.compile(r"host|hôte|узел|хост|主机|主機|호스트|ホスト", re.IGNORECASE), "!H"),
)
UNREACHABLE = re.compile(
    r"unreachable|到達できません|nicht erreichbar|inaccessible|injoignable|inaccesible"
    r"|non raggiungibile|inacess.{1,3}vel|недоступ|无法访问|無法連線|연결할 수 없습니다"
    r"|General failure"
    r"|一般エラー|Allgemeiner Fehler|D.{1,3}faillance g|Error general|Errore generale|Falha geral"
    r"|Общий сбой|常见故障|一般故障|일반 오류|Transmit error|prohibit",
    re.IGNORECASE,
)
"""A report that the way ends there."""


def mark_of(why: str) -> str | None:
    """The mark that a report's text stands for; None for a text that is not known."""
    for pattern, mark in _MARKS:
        if pattern.search(why) and (UNREACHABLE.search(why) or not mark):
            return mark
    return "!?" if UNREACHABLE.search(why) else None
