"""Policies on how mail is carried: MTA-STS (RFC 8461), reports on TLS (RFC 8460)."""

import re
from collections.abc import Iterable

from sotokara.kinds.mail.facts import MtaSts
from sotokara.kinds.shared.mail.parts import PolicyPart
from sotokara.kinds.shared.mail.policies import of_version, tags

_ID = re.compile(r"[A-Za-z0-9]{1,32}")
_MASK = re.compile(r"(?<![^.])x{2,}(?![^.])")
"""A label that was masked, as a whole."""


def sts_record(texts: Iterable[str]) -> tuple[MtaSts, bool]:
    """The announcement in the DNS, and whether there is a policy to fetch (RFC 8461, 3.1)."""
    own = of_version(texts, "STSv1")
    if not own:
        return MtaSts(state="absent"), False
    if len(own) > 1:  # as good as none
        return MtaSts(state="broken", problems=["several_records"]), False
    said = tags(own[0])
    if said is None or not _ID.fullmatch(said.get("id", "")):
        return MtaSts(state="broken", record=own[0], problems=["syntax"]), False
    return MtaSts(state="not_answered", record=own[0]), True


def sts_policy(announced: MtaSts, text: str, servers: Iterable[str]) -> MtaSts:
    """The policy's file held against the domain's mail servers (RFC 8461, 3.2 and 4.1)."""
    said: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            said.setdefault(name.strip(), []).append(value.strip())
    mode = said.get("mode", [""])[0]
    age = said.get("max_age", [""])[0]
    fits = (
        said.get("version", [""])[0] == "STSv1"
        and mode in ("enforce", "testing", "none")
        and age.isdecimal()
        and (mode == "none" or bool(said.get("mx")))
    )
    if not fits:
        return MtaSts(state="broken", record=announced.record, problems=["policy_syntax"])
    patterns = [one.lower().rstrip(".") for one in said.get("mx", [])]
    told = [one for one in servers if mode != "none" and not _masked([one, *patterns])]
    uncovered = [one for one in told if not _covered(one, patterns)]
    return MtaSts(
        state="present",
        record=announced.record,
        mode=mode,
        uncovered=uncovered,
        problems=["uncovered"] if uncovered else [],
    )


def _masked(names: Iterable[str]) -> bool:
    """Whether something in these names is masked, so that nobody can tell which covers which."""
    return any(_MASK.search(one) for one in names)


def _covered(host: str, patterns: Iterable[str]) -> bool:
    """Whether a pattern names a host; ``*.`` stands for one label (RFC 8461, 4.1)."""
    host = host.lower().rstrip(".")
    return any(
        host == one or (one.startswith("*.") and host.partition(".")[2] == one[2:])
        for one in patterns
    )


def tls_rpt(texts: Iterable[str]) -> PolicyPart:
    """Where failures of TLS are to be reported (RFC 8460, 3)."""
    own = of_version(texts, "TLSRPTv1")
    if not own:
        return PolicyPart(state="absent")
    if len(own) > 1:
        return PolicyPart(state="broken", problems=["several_records"])
    said = tags(own[0])
    rua = (said or {}).get("rua", "")
    fits = all(one.strip().lower().startswith(("mailto:", "https:")) for one in rua.split(","))
    if not fits:
        return PolicyPart(state="broken", record=own[0], problems=["syntax"])
    return PolicyPart(state="present", record=own[0])
