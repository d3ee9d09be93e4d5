"""Styles of kind ``mail``: what the domain says, part by part, and what follows; a table."""

from collections.abc import Iterator

from sotokara.core.display import with_unicode
from sotokara.kinds.mail.facts import Dane, MailFacts, MtaSts
from sotokara.kinds.shared.mail.parts import Dkim, Dmarc, PolicyPart, Spf
from sotokara.kinds.shared.mail.spf import MOST_LOOKUPS
from sotokara.kinds.shared.view import Conclusion, Table, View

_WIDTH = 9
_NO_ROUTE = ("null_mx", "nothing", "no_domain")


def listing(view: View) -> list[str]:
    """Each part under its name; behind them what a sender or a forger meets."""
    facts: MailFacts = view.facts
    lines: list[str] = []
    for name, part in _parts(facts):
        said = list(_said(view, part))
        lines += [f"{name if not at else '':<{_WIDTH}} {text}" for at, text in enumerate(said)]
    return [*_mx(view, facts), *lines, *map(Conclusion, _conclusions(view, facts))]


def _mx(view: View, facts: MailFacts) -> Iterator[str]:
    if not facts.mx:
        yield f"{'MX':<{_WIDTH}} {view.words[f'mail_route_{facts.route}']}"
        return
    for at, line in enumerate(facts.mx):
        yield f"{'' if at else 'MX':<{_WIDTH}} {with_unicode(line)}"
    if facts.route == "null_mx_beside_others":
        yield f"{'':<{_WIDTH}} {view.words['mail_route_null_mx_beside_others']}"


def _parts(facts: MailFacts) -> Iterator[tuple[str, PolicyPart]]:
    yield "SPF", facts.spf
    yield "DMARC", facts.dmarc
    for key in facts.dkim:
        yield "DKIM", key
    yield "MTA-STS", facts.mta_sts
    yield "TLS-RPT", facts.tls_rpt
    for host in facts.dane:
        yield "DANE", host


def _said(view: View, part: PolicyPart) -> Iterator[str]:
    """The record as it stands, then what was read in it, then what is wrong with it."""
    before = _about(part)
    state = view.words[f"mail_{part.state}"]
    if part.record:
        yield f"{before}{part.record}"
        if part.state in ("broken", "not_answered"):
            yield state
    else:
        yield f"{before}{state}"
    if read := _read(view, part):
        yield read
    for problem in part.problems:
        yield view.words[f"mail_problem_{problem}"].format(hosts=", ".join(_uncovered(part)))


def _about(part: PolicyPart) -> str:
    if isinstance(part, Dkim):
        return f"{part.selector}: "
    return f"{with_unicode(part.host)}: " if isinstance(part, Dane) else ""


def _uncovered(part: PolicyPart) -> list[str]:
    return part.uncovered if isinstance(part, MtaSts) else []


def _read(view: View, part: PolicyPart) -> str:
    words = view.words
    if isinstance(part, Spf) and (part.all or part.lookups):
        count = words["mail_lookups"].format(count=part.lookups, most=MOST_LOOKUPS)
        return f"{words[f'mail_all_{_SIGNS[part.all]}']}; {count}" if part.all else count
    if isinstance(part, Dmarc) and part.domain and part.domain != view.question.target:
        return words["mail_dmarc_above"].format(domain=with_unicode(part.domain))
    if isinstance(part, Dkim) and part.bits:
        return f"{part.key}, {words['mail_bits'].format(count=part.bits)}"
    if isinstance(part, MtaSts) and part.mode:
        return words["mail_sts"].format(mode=part.mode)
    return ""


_SIGNS = {"-": "fail", "~": "softfail", "?": "neutral", "+": "pass"}


def _conclusions(view: View, facts: MailFacts) -> Iterator[str]:
    """What a sender's mail and a forger's mail meet; nothing where a part was not answered."""
    words, domain = view.words, with_unicode(view.question.target)
    if facts.route in (*_NO_ROUTE, "address"):
        yield f"=> {words[f'mail_sum_{facts.route}'].format(domain=domain)}"
    if forged := _forged(facts):
        yield f"=> {words[f'mail_sum_forged_{forged}'].format(domain=domain)}"
    if facts.spf.state == "broken":
        yield f"=> {words['mail_sum_spf_broken'].format(domain=domain)}"
    if facts.mta_sts.mode == "enforce" and facts.mta_sts.uncovered:
        hosts = ", ".join(map(with_unicode, facts.mta_sts.uncovered))
        yield f"=> {words['mail_sum_uncovered'].format(hosts=hosts)}"


def _forged(facts: MailFacts) -> str:
    """What receivers are asked to do with mail that only bears the domain's name."""
    if facts.dmarc.state == "present":
        return facts.dmarc.policy
    if facts.dmarc.state != "absent":
        return ""
    if facts.spf.state == "present" and facts.spf.all == "-":
        return "spf"
    return "nothing" if facts.spf.state in ("present", "absent") else ""


def table(view: View) -> Table:
    """A part a row: its name, its state, its record, what is wrong."""
    words, facts = view.words, view.facts
    route = "present" if facts.mx else facts.route
    state = words.get(f"mail_{route}") or words[f"mail_route_{route}"]
    rows = [["MX", state, ", ".join(map(with_unicode, facts.mx)), ""]]
    for name, part in _parts(facts):
        problems = [
            words[f"mail_problem_{one}"].format(hosts=", ".join(_uncovered(part)))
            for one in part.problems
        ]
        about = _about(part).removesuffix(": ")
        rows.append(
            [
                f"{name} {about}".strip(),
                words[f"mail_{part.state}"],
                part.record,
                "; ".join(filter(None, [_read(view, part), *problems])),
            ]
        )
    return Table([words["part"], words["status"], words["value"], words["remark"]], rows)


STYLES = {"list": listing, "table": table}
