"""Styles of kind ``mailfile``: way and checks as lines, the way drawn, a table of checks."""

from collections.abc import Iterator

from sotokara.core.display import with_unicode
from sotokara.kinds.mailfile.facts import AuthResult, MailfileFacts, ReceivedHop, Signature
from sotokara.kinds.mailfile.masking import MASK
from sotokara.kinds.shared.view import Conclusion, PathRow, Picture, Table, View

_WIDTH = 7
_MOST_ROWS = 40
_HOUR, _DAY = 3600, 86400


def listing(view: View) -> list[str]:
    """From whom, the way from its first line, every check; then what follows."""
    facts: MailfileFacts = view.facts
    words = view.words
    lines = [f"{'From':<{_WIDTH}} {with_unicode(facts.sender) or words['mailfile_unread']}"]
    if facts.envelope:
        lines.append(f"{'':<{_WIDTH}} {words['mailfile_envelope']} {with_unicode(facts.envelope)}")
    for hop in _shown(facts):
        how = f" {hop.protocol}" if hop.protocol else ""
        late = f" ({_delay(hop.delay)})" if hop.delay is not None else ""
        lines.append(f"{hop.number:>{_WIDTH - 1}}. {hop.time or '-'}{late}")
        lines.append(f"{'':<{_WIDTH}} {_peer(hop, words)} → {with_unicode(hop.by) or '-'}{how}")
        lines.append(f"{'':<{_WIDTH}} {words[f'mailfile_{hop.trust}']}")
    for name, text in _checks(view, facts):
        lines.append(f"{name:<{_WIDTH}} {text}")
    return [*lines, *(Conclusion(f"=> {one}") for one in _conclusions(view, facts))]


def _shown(facts: MailfileFacts) -> list[ReceivedHop]:
    """The hops that are shown: of very many, those nearest to the recipient."""
    return facts.hops[-_MOST_ROWS:]


def _peer(hop: ReceivedHop, words: dict[str, str]) -> str:
    """What the server saw, and what its peer called itself where that is something else."""
    if MASK in (hop.helo, hop.name) and not hop.address:
        return words["mailfile_device"]
    seen = hop.name if hop.name not in ("", "unknown", MASK) else ""
    where = f"[{hop.address}]" if hop.address else ""
    text = " ".join(filter(None, [with_unicode(seen), where]))
    if hop.helo and hop.helo not in (hop.name, hop.address):
        called = words["mailfile_called"].format(name=with_unicode(hop.helo))
        text = f"{text} {called}" if text else with_unicode(hop.helo)
    return text or words["mailfile_here"]


def _delay(seconds: int) -> str:
    """``+3 s``, ``-12 s``, ``+2 h 5 min``."""
    sign, rest = "-" if seconds < 0 else "+", abs(seconds)
    if rest < 120:  # noqa: PLR2004  # two minutes
        return f"{sign}{rest} s"
    if rest < _HOUR:
        return f"{sign}{rest // 60} min {rest % 60} s"
    if rest < _DAY:
        return f"{sign}{rest // _HOUR} h {rest % _HOUR // 60} min"
    return f"{sign}{rest // _DAY} d {rest % _DAY // _HOUR} h"


def _checks(view: View, facts: MailfileFacts) -> Iterator[tuple[str, str]]:
    """Each check's name and what came of it."""
    words = view.words
    for one in facts.signatures:
        yield "DKIM", _signature(one, words)
    if facts.arc.seals or facts.arc.chain != "none":
        by = ", ".join(with_unicode(one.domain) for one in facts.arc.seals[:5])
        yield "ARC", f"{words[f'mailfile_chain_{facts.arc.chain}']} ({by})"
    for said in facts.said[:20]:
        yield said.method.upper(), _said(said, words)
    if facts.spf.domain:
        about = f"{with_unicode(facts.spf.domain)}, {facts.spf.address}"
        yield "SPF", f"{words['mailfile_today']} {facts.spf.result} ({about})"
    if facts.sender:
        policy = f"p={facts.dmarc.policy}" if facts.dmarc.policy else ""
        about = ", ".join(filter(None, [with_unicode(facts.dmarc.domain), policy]))
        behind = f" ({about})" if about else ""
        yield "DMARC", f"{words['mailfile_today']} {facts.dmarc.result}{behind}"


def _signature(one: Signature, words: dict[str, str]) -> str:
    said = [words[f"mailfile_{one.verdict}"], *(words[f"mailfile_{p}"] for p in one.problems)]
    return f"{one.selector}, {with_unicode(one.domain)}: {'; '.join(said)}"


def _said(said: AuthResult, words: dict[str, str]) -> str:
    by = with_unicode(said.by) or words["mailfile_unnamed"]
    about = f" ({with_unicode(said.domain)})" if said.domain else ""
    key = "mailfile_then" if said.trusted else "mailfile_then_claimed"
    return f"{words[key].format(by=by)} {said.result}{about}"


def _conclusions(view: View, facts: MailfileFacts) -> Iterator[str]:
    words = view.words
    border = next((one for one in facts.hops if one.trust == "border"), None)
    if border is not None and border.address:
        by = with_unicode(border.by) or "-"
        yield words["mailfile_sum_border"].format(by=by, address=border.address)
    elif facts.hops:
        yield words["mailfile_sum_no_border"]
    if facts.unverifiable:
        yield words["mailfile_sum_claimed"].format(count=facts.unverifiable)
    if any(one.delay is not None and one.delay < 0 for one in facts.hops):
        yield words["mailfile_sum_backwards"]
    held = [one for one in facts.signatures if one.verdict == "holds"]
    for one in held[:5]:
        yield words["mailfile_sum_holds"].format(domain=with_unicode(one.domain))
    if not held and any(one.verdict == "body_changed" for one in facts.signatures):
        yield words["mailfile_sum_changed"]
    told = {(one.method, one.result) for one in facts.said if one.trusted}
    before = next((result for method, result in sorted(told) if method == "spf"), "")
    if before and facts.spf.result not in ("unknown", "temperror", before):
        yield words["mailfile_sum_spf"].format(then=before, today=facts.spf.result)


def received_path(view: View) -> Picture:
    """The way as a path: a row for each line, its bar the time since the one before."""
    facts: MailfileFacts = view.facts
    words = view.words
    rows = []
    for hop in _shown(facts):
        late = hop.delay if hop.delay is not None and hop.delay > 0 else 0
        shown = _delay(hop.delay) if hop.delay is not None else ""
        rows.append(
            PathRow(
                str(hop.number),
                (with_unicode(hop.by) or "-",),
                times=(float(late),) if shown else (),
                said=" · ".join(
                    filter(None, [f"← {_peer(hop, words)}", words[f"mailfile_short_{hop.trust}"]])
                ),
                time=shown,
            )
        )
    return Picture(rows, ("", words["mailfile_server"], words["mailfile_delay"]))


def table(view: View) -> Table:
    """A check a row."""
    words = view.words
    rows = [[name, text] for name, text in _checks(view, view.facts)]
    header = [words["part"], words["value"]]
    return Table(header, rows or [["-", words["mailfile_nothing_signed"]]])


STYLES = {"list": listing, "path": received_path, "table": table}
