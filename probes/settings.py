"""Settings: ``extra.probes`` in mkdocs.yml, each also as ``SOTOKARA_<NAME>`` in the environment."""

import difflib
import os
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import msgspec
import yaml

from probes.addresses import anchor, network, server_address
from probes.durations import seconds
from probes.own_network import masks

type_of_mode = Literal["live", "new", "replay"]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may be asked: networks opened, networks closed, kinds allowed (empty: all)."""

    allow: list[str] = []
    """Special-purpose networks that may be asked after all (``192.168.0.0/16``)."""
    deny: list[str] = []
    """Networks that are never asked; wins over ``allow``."""
    kinds: list[str] = []
    """The only kinds that run; empty: all; ``none``: no kind."""


class Submission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The author's own outgoing mail server (RFC 6409), for ``send: true``."""

    host: str
    """Its name."""
    port: int = 587
    """Its port; 465 goes with ``security: tls``."""
    username: str = ""
    """Empty: it takes your mail without a password."""
    password: str = ""
    """``!ENV NAME`` in mkdocs.yml keeps it out of the file."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """Its certificate is verified wherever a password is sent."""


class Mailbox(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where mail to ``mail_from`` arrives: a Maildir's path, or a host that speaks IMAP."""

    maildir: str = ""
    """The folder that holds ``new`` and ``cur``; with it, nothing else is needed."""
    imap: str = ""
    """The host that speaks IMAP."""
    port: int = 993
    """Its port."""
    username: str = ""
    """The mailbox's user."""
    password: str = ""
    """``!ENV NAME`` in mkdocs.yml keeps it out of the file."""
    folder: str = "INBOX"
    """The folder that is read, and never changed."""
    security: Literal["tls", "none"] = "tls"
    """``none`` only on your own machine."""


class Smtp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the ``smtp`` kind may do and as whom; times in seconds."""

    mail_from: str = ""
    """The author's address; without it no mail server is contacted."""
    helo: str = ""
    """The name given in EHLO; empty: the domain of ``mail_from``."""
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 25
    """Where mail servers listen; another only in test networks."""
    pause: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    """Between two connections to one address."""
    greylist_wait: Annotated[float, msgspec.Meta(ge=0)] = 60.0
    """The longest hinted pause that is waited for in a build; longer ones wait for the next."""
    control: list[str] = msgspec.field(
        default_factory=lambda: ["gmail-smtp-in.l.google.com", "mx01.mail.icloud.com"]
    )
    """Mail servers that tell a dead server from a port 25 that is closed on our side."""
    send_to: list[str] = []
    """The domains that ``send: true`` may write to; empty: none."""
    send_every: Annotated[float, msgspec.Meta(ge=60)] = 604800.0
    """No second message for one question within this time, whatever ``max_age`` says."""
    return_wait: Annotated[float, msgspec.Meta(ge=0)] = 10.0
    """How long a build waits for a message to come back before it says `waiting since`."""
    submission: Submission | None = None
    """The route of sent messages; none: straight to the target's mail server."""
    mailbox: Mailbox | None = None
    """Where returned messages are looked for."""


class Tsa(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A time-stamp authority (RFC 3161) for ``sotokara seal``."""

    url: str = ""
    """Its address; empty: seals get no token."""
    certificate: str = ""
    """Its root certificate, a PEM file relative to mkdocs.yml: no other is trusted."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings with their defaults; times in seconds."""

    mode: type_of_mode = "live"
    """live: measure what is older than max_age; new: what was never observed; replay: nothing."""
    warn_after: float = 0.0
    """Evidence older than this is marked as old; 0: never."""
    error_after: float = 0.0
    """Evidence older than this is marked as too old; 0: never."""
    max_age: float = 0.0
    """Evidence younger than this is not measured again (seconds, or ``15m``, ``12h``, ``30d``)."""
    resolvers: list[str] = []
    """Addresses (``address`` or ``address:port``) of recursive resolvers; empty: the system's."""
    control: list[str] = []
    """Name servers that tell whether there is a network at all; empty: three root servers."""
    timeout: Annotated[float, msgspec.Meta(gt=0)] = 10.0
    """The deadline of one probe."""
    deadline: Annotated[float, msgspec.Meta(gt=0)] = 600.0
    """The deadline of all probes of a build together."""
    concurrency: Annotated[int, msgspec.Meta(ge=1)] = 256
    """Probes under way at once."""
    per_server: Annotated[int, msgspec.Meta(ge=1)] = 8
    """Questions under way at once to any one server other than the resolvers."""
    registry_pause: Annotated[float, msgspec.Meta(ge=0)] = 0.5
    """Between two questions to one registry, which is asked one question at a time."""
    policy: Policy = Policy()
    """Who may be asked; its keys are in the table below."""
    redact: list[str] = []
    """Addresses, networks and words that are taken out of everything before it is stored."""
    own_network: bool | list[str] = True
    """Hide the author's own hops of a path; or: the author's networks and AS numbers."""
    vantage: str = "author"
    """The name of the place that this build measures from."""
    smtp: Smtp = Smtp()
    """As whom mail servers are asked, and how a returned message is found."""
    test_vantages: list[str] = msgspec.field(default_factory=lambda: ["lab"])
    """Places in test networks: their evidence stands only where a definition names them."""
    marked_only: bool = False
    """Measure only the definitions that name this build's vantage."""
    tsa: Tsa = Tsa()
    """Who time-stamps seals."""
    evidence_dir: str = "evidence"
    """The ledger's folder, relative to mkdocs.yml."""
    trust_anchors: list[str] = []
    """DS records of the root that DNSSEC is judged from (``. IN DS …``); empty: IANA's."""
    strict: bool = False
    """Broken claims fail the build (``mkdocs build --strict`` sets it)."""
    lang: str = "en"
    """The language of pages that name none."""


TIMES = ("max_age", "timeout", "deadline", "registry_pause", "warn_after", "error_after")
SMTP_TIMES = ("pause", "greylist_wait", "send_every", "return_wait")


class SettingsError(ValueError):
    """A setting is unknown or has the wrong form; the message says which and how to mend it."""


def load(
    given: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    **forced: Any,  # noqa: ANN401  # any setting, validated below
) -> Settings:
    """Settings from mkdocs.yml's ``extra.probes``, overridden by the environment.

    :raises SettingsError: for an unknown name or a wrong value, naming where it was set.
    """
    names = Settings.__struct_fields__
    values: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for name, value in (given or {}).items():
        if name not in names:
            close = difflib.get_close_matches(str(name), names, 1)
            hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(names)}"
            message = f"mkdocs.yml: extra.probes.{name}: no such setting; {hint}"
            raise SettingsError(message)
        values[name], origin[name] = value, f"mkdocs.yml: extra.probes.{name}"
    for name in names:
        variable = f"SOTOKARA_{name.upper()}"
        text = (os.environ if environ is None else environ).get(variable)
        if text is not None:
            values[name], origin[name] = _read(text, variable), variable
    for name, value in forced.items():
        values[name], origin[name] = value, name
    for name, value in values.items():
        values[name] = _convert(name, value, origin[name])
    return Settings(**values)


def _read(text: str, variable: str) -> Any:  # noqa: ANN401  # whatever YAML says
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        message = f"{variable}: not YAML ({error}); quote the value"
        raise SettingsError(message) from error


def _convert(name: str, value: Any, origin: str) -> Any:  # noqa: ANN401
    fields = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    try:
        if name in TIMES:
            value = seconds(value)
        if name == "smtp" and isinstance(value, dict):
            value = {k: seconds(v) if k in SMTP_TIMES else v for k, v in value.items()}
        converted = msgspec.convert(value, fields[name])
        if name in _CHECKS:
            _CHECKS[name](converted)
    except (ValueError, msgspec.ValidationError) as error:
        message = f"{origin}: {error}; see the settings page of the guide"
        raise SettingsError(message) from error
    return converted


def _each(check: Callable[[str], object]) -> Callable[[Any], object]:
    return lambda texts: [check(text) for text in texts]


def _policy(policy: Policy) -> None:
    from probes.kinds import KINDS  # settings are read before there are any

    for text in (*policy.allow, *policy.deny):
        network(text)
    for name in policy.kinds:
        if name not in (*KINDS, "none"):
            raise ValueError(f"{name!r} is no kind; there are {', '.join(KINDS)}")


_CHECKS: dict[str, Callable[[Any], object]] = {
    "resolvers": _each(server_address),
    "control": _each(server_address),
    "trust_anchors": _each(anchor),
    "own_network": lambda own: masks(own, None),
    "policy": _policy,
}
"""What else is asked of a setting that has the right type."""
