"""The sentences of delivery reports: where one begins, whom it is about, what became of it."""

import re

from sotokara.kinds.shared.terminal.interface import any_of

START = re.compile(
    r"^\s*(?:Reporting-MTA\s*:|Original-Envelope-Id\s*:|Final-Recipient\s*:|X-Failed-Recipients\s*:"
    r"|Hi\. This is the (?:qmail-send|deliver) program|This is the (?:Postfix|mail system"
    r"|qmail-send|MAILER)|This message was created automatically by (?:the )?mail"
    r"|This is a (?:permanent error|delivery (?:failure|status) notification|MIME-encapsulated)"
    r"|A message that you (?:sent|have sent) (?:could not|has not yet|contained)"
    r"|The original message was received at|Your message\s*$|Your message (?:to|wasn.t"
    r"|was not|did not)"
    r"|Delivery has failed to these recipients|Delivery to the following recipient"
    r"|This is an automatically generated Delivery Status Notification"
    r"|The following message to <|-{3,}\s*The following addresses had"
    r"|I.m sorry to have to inform you|(?:Unable to deliver|Could not deliver) message"
    r"|Sorry, we were unable to deliver|\*{2} (?:Address not found|Message (?:blocked"
    r"|not delivered)|Delivery incomplete)"
    r"|(?:The following )?(?:recipient|address)\(?e?s?\)? (?:cannot"
    r"|could not) be (?:reached|delivered)"
    r"|The following destination addresses were|Each of the following recipients was rejected"
    r"|The user\(s\) account is|This is (?:an automatic message|the mail delivery agent)"
    r"|Der folgende Empfänger|(?:Fehler bei der Nachrichtenzustellung|Ihre Nachricht (?:hat"
    r"|an|konnte))"
    r"|Die Nachricht konnte nicht|次の受信者|これらの受信者|以下の受信者|次のあて先|このメールは"
    r"|Message from|Undeliver(?:able|ed) (?:mail|message)|Mail delivery failed"
    r"|(?:Undeliverable Address|Invalid final delivery userid|Delivery failed \d+ attempts)\s*:"
    r"|undeliverable\s+to <?[^<>@\s]{1,100}@[^<>\s]{1,255}>?$"
    r"|<[^<>@\s]{1,100}@[^<>\s]{1,255}>:? .{0,300}\bsaid:)",
    re.IGNORECASE,
)
_MESSAGE = r"(?:message|mail|e-?mail|item)"
NOTICE = re.compile(
    rf"^\W{{0,40}}(?:"
    rf"(?:an? )?error (?:has )?occurred while (?:trying|attempting) to deliver"
    rf"|there was an? (?:\w+ )?(?:error|problem) delivering (?:your|the) {_MESSAGE}"
    rf"|we had trouble delivering|.{{0,80}} rejected your {_MESSAGE} to the following"
    rf"|(?:your|the|this|an?) (?:\w+ )?{_MESSAGE}\b.{{0,120}}?(?:could|can|was|were|has|is) ?"
    rf"(?:not|n.t)(?: be(?:en)?)? (?:able to be )?(?:deliver|sent)"
    rf"|could not be delivered to:|delivery failed:|notice: delivery failure"
    rf"|del[ei]very to the following .{{0,20}}(?:failed|was aborted)"
    rf"|the following (?:addresses|recipients?) (?:had|returned|were|have not)"
    rf"|transcript of session follows|failure reasons|non-delivered information"
    rf"|(?:hello, )?this is the (?:mail server on|mailer-daemon\b|dragonfly mail agent)"
    rf"|this (?:is a delivery failure|report relates to a message you sent)"
    rf"|this is (?:only )?a notification about a delay|delivery incomplete"
    rf"|an email that you attempted to send|this is an automated alert"
    rf"|(?:unknown user|user mailbox exceeds allowed size|no such user):"
    rf"|i.m sorry to have to tell you|smtp server .{{1,80}} rejected recipient"
    rf"|échec de la remise|il recapito non|impossibile recapitare|no se pudo entregar"
    rf"|no se ha podido entregar|não foi possível entregar|a entrega (?:falhou|para)"
    rf"|bezorgen (?:van|is)|не удалось доставить|сообщение не доставлено|доставка .{{0,40}}не уда"
    rf"|未传递|无法传递|未傳遞|無法傳遞|传递失败|다음 받는 사람|배달하지 못"
    rf")",
    re.IGNORECASE,
)
"""A sentence with which reports of other systems begin; prose may begin with it too."""
PART = re.compile(r"^\s*Content-Type\s*:\s*message/delivery-status\b", re.IGNORECASE)
"""The head of a mail's part that holds the fields (RFC 3464, 2.1)."""
BRACKETED = re.compile(r"^\s*<[^<>@\s]{1,100}@[^<>\s]{1,255}>:\s*$")
"""A recipient alone, above what a server says of it: a report where a copy of the mail follows."""
BEGINS = any_of(START, NOTICE, BRACKETED)
BY = (
    re.compile(r"(?:qmail-send|deliver) program at\s+(?P<by>[\w.-]+)", re.IGNORECASE),
    re.compile(r"(?:Postfix program|mail system) at host\s+(?P<by>[\w.-]+)", re.IGNORECASE),
    re.compile(
        r"(?:Generating server|created by|gateway at"
        r"|notification from)\s*:?\s*(?P<by>[\w.-]+\.\w+)",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:Mail Agent \S{1,20} at|mail server on)\s+(?P<by>[\w-]+(?:\.[\w-]+)+)", re.IGNORECASE
    ),
    re.compile(r"message was received at .*\bby\s+(?P<by>[\w.-]+\.\w+)", re.IGNORECASE),
)
_MARKS = r"\s*(?:(?:[*•·>-]{1,3}\s{1,4})|[\"<>])?"
"""What stands in front of a recipient in a list."""
BOUNDARY = re.compile(r"^--\S")
"""A line between two parts of a mail (RFC 2046, 5.1.1)."""
_MAIL = r"[^<>@\s:;,()\"']{1,100}@[\w.-]{1,255}"
RECIPIENT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^\s*(?:SMTP\s+)?<(?P<mail>{_MAIL})>(?:[:;,].*|\.{{3}}.*|\s*\(.*\))?$",
        rf"^\s*(?P<mail>{_MAIL}):?$",
        rf"^\s*(?P<mail>{_MAIL}):?\s+(?:on \w{{3}},? |\(.{{0,200}}\)$|<mailto:)",
        rf"^\s*(?:to|recipient|failed recipient|recipient address|e-mail"
        rf"|宛先)\s*:?\s*<?(?P<mail>{_MAIL})>?.{{0,100}}$",
        rf"^\s*\d{{3}}(?: [45]\.\d+\.\d+)? <?(?P<mail>{_MAIL})>?\.{{3}}",
        rf"^\s*>>> RCPT TO:\s*<(?P<mail>{_MAIL})>",
        rf"\b(?:delivered|message|mail"
        rf"|deliver(?:y)?(?: your message)?) to:? <?(?P<mail>{_MAIL})>?(?:[\s.]|$)",
        rf"^X-Failed-Recipients\s*:\s*(?P<mail>{_MAIL})\s*$",
        rf"^\s*(?:Ihre Nachricht an|Votre message à) <?(?P<mail>{_MAIL})",
        rf"^.{{0,60}}[(<](?P<mail>{_MAIL})[)>](?:へ|に).{{0,60}}$",
        rf"^{_MARKS}(?P<mail>{_MAIL})[\">]{{0,2}}[:;,]?\s*(?:$|[(\[<].{{0,300}}$)",
        rf"^\s*(?P<mail>{_MAIL})(?:[:;] |\s+<mailto:|\s+\w+ (?:address|user|mailbox))",
        rf"\b(?:recipient|error delivering your mail to|delivery failed:|errors:|unknown user:"
        rf"|allowed size:|addressed to:|original address:|attempts:|delivery userid:"
        rf"|undeliverable address:|undeliverable\s+to)\s*<?(?P<mail>{_MAIL})",
        rf":<(?P<mail>{_MAIL})>\s*:",
        rf"^\s*<(?P<mail>{_MAIL})>\s+\w.{{0,200}}$",
    )
)
"""Whom a report is about, the surest form first."""
BEFORE = re.compile(
    rf"(?:expanded from|generated from|originally addressed to|original address|ORCPT(?: rfc822;)?)"
    rf"\s*:?\s*<?(?P<mail>{_MAIL})",
    re.IGNORECASE,
)
"""Whom the author wrote to, where the mail went on to somebody else."""
ALIAS = re.compile(r"\(expanded from\s*:?\s*<?[^@<>()\s]{1,255}>?\)", re.IGNORECASE)
OF_THE_MAIL = re.compile(r"^\s+To\s?:")
"""The header of the message itself; a mailing list that it went to is no recipient that failed."""
BESIDE = re.compile(r"^\s+(?:Cc|Subject|Sent|Date|From)\s?:")
ANY_MAIL = re.compile(_MAIL)
SENDER_BELOW = re.compile(r"(?:sent by|sender|sent from|from)\s*:?\s*$", re.IGNORECASE)
"""Below such a line stands who sent the message."""
NOBODY = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon|double-bounce)@", re.IGNORECASE)
_TEXT = r"(?P<code>[45][0-5]\d)(?P<mark>[ -]+)#?(?P<status>[45]\.\d{1,3}\.\d{1,3})?(?P<rest>.*)"
_ENDED = r"(?:[45][0-5]\d )?"
SPOKEN = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bsaid:\s*\"?{_ENDED}{_TEXT}$",
        rf"\bSMTP error from remote (?:mail server|mailer|server) after .{{1,200}}?:\s*{_TEXT}$",
        rf"(?:^|\s)<<< {_TEXT}$",
        rf"\b(?:response|responded|returned|replied|reason|error)(?: was"
        rf"| with)?\s*:?\s*[\"'(]*{_ENDED}{_TEXT}$",
        rf"(?:^|[\s<;])(?:smtp|x-\w{{1,20}})\s*;\s*{_TEXT}$",
        rf"^\s*(?:[\"'(#]|\S+ #)\s?{_TEXT}$",
        rf"^\s*\S+@\S+:? {_TEXT}$",
        rf"\[[\da-f.:]{{3,45}}\],?\s?:?\s+{_TEXT}$",
        rf"\bresponded as follows: \[{_TEXT}$",
        rf"(?:^|:)\s*host \S{{1,200}} \[[\da-f.:]{{3,45}}\]:\s*{_TEXT}$",
    )
)
"""A reply's code where a report quotes a server."""
ALONE = re.compile(rf"^\s{{0,12}}{_ENDED}{_TEXT}$")
"""A line that begins with a code."""
NAMED = re.compile(
    rf"^{_MARKS}{_MAIL}[\">]{{0,2}}(?::.*)?$|^\s*<{_MAIL}>\s|(?::\s*|<|:<){_MAIL}>?[.\s:]*(?:$|: )"
)
"""A line that holds a recipient as machines write them: alone, behind a colon, in brackets."""
QUOTED_BELOW = re.compile(
    r"(?:did not like our [\w ]{1,40}"
    r"|said|was|were|returned|response|error|reason|administrators|talking to \S+|following|"
    r"session follows(?: -+)?|because)\s*:?\s*$",
    re.IGNORECASE,
)
UNITS = re.compile(
    r"^\s*(?:k|m|g)?(?:i?b|bytes?)\b|^\s*(?:messages|mails|days?|hours?|minutes?|seconds?|recipients"
    r"|people|users|lines?|times|Mb|KB)\b",
    re.IGNORECASE,
)
STATUS = re.compile(r"#?(?<![\d.])(?P<status>[245]\.\d{1,3}\.\d{1,3})(?![\d.])")
RULE = re.compile(
    r"^\s*-{3,}.*(?:copy of|mensaje original|original message|message header|undelivered message"
    r"|below this line|forwarded message|returned message).*$|^\s*-{2,}\s?Original Message.*$",
    re.IGNORECASE,
)
HEADERS = re.compile(
    r"^\s*(?:Received|Return-Path|Message-ID|Subject|From|To|Date|MIME-Version|Content-Type)\s?:\s",
    re.IGNORECASE,
)
DELAYED = re.compile(
    r"(?:has been|is|was|were|been) delayed|warning (?:message )?only|not yet been delivered"
    r"|(?<!not )(?:still|keep|continue) (?:to )?(?:be )?(?:try|retr|attempt)"
    r"|delivery attempts will continue"
    r"|will (?:be )?retr(?:y|ied)|do not need to re-?send"
    r"|temporary problem delivering|a temporary failure report|no need to resend"
    r"|delivery incomplete|not yet received|has been postponed"
    r"|遅延|verzögert",
    re.IGNORECASE,
)
FAILED = re.compile(
    r"(?:could not|couldn.t|can ?not|can.t|was not|wasn.t|not be|were not|weren.t|unable to) "
    r"(?:be )?(?:deliver|reach|send)|undeliver(?:able|ed)|has failed|failed permanently"
    r"|permanent(?:ly)? (?:fatal )?(?:error|failure|fail)|fatal errors|giving up|given up"
    r"|has been (?:returned|rejected|blocked)|did(?:n.t| not) (?:reach|get)|were? unable to deliver"
    r"|user unknown|unknown user|no such (?:user|mailbox|recipient)|(?:was|were) rejected"
    r"|address(?:es)? (?:failed|were unknown|not found)|message (?:blocked|not delivered)"
    r"|not listed in|account is disabled|mailbox (?:is )?full|over quota"
    r"|nicht (?:zugestellt|erreicht)"
    r"|nicht zustellen|fehler bei der nachrichtenzustellung|配信に失敗|配信できません|届きません"
    r"|送信できません"
    r"|not delivered|not been delivered|(?:was|is) blocked by|not be sent"
    r"|not able to be delivered|error (?:has )?occurred while"
    r"|(?:error|trouble|problem) delivering|delivery (?:errors|problems|failure)|failure reasons"
    r"|host unknown|domain does not exist|rejected (?:your|recipient)|automatically rejected"
    r"|invalid final delivery|no mailbox here|mailfolder is full|exceeding their quota"
    r"|(?:delivery|recipients) failed|was aborted|refused to accept"
    r"|non-delivered|exceeds allowed size|no such user"
    r"|échec de la remise|non è riuscito|impossibile recapitare|se (?:pudo|ha podido) entregar"
    r"|foi possível entregar|entrega falhou|не удалось доставить|не доставлено|не удалась"
    r"|未传递|无法传递|未傳遞|無法傳遞|传递失败|배달하지 못",
    re.IGNORECASE,
)
FINAL = re.compile(
    r"(?<!fails )permanent|giving up|given up|has been returned|undeliverable|failed permanently",
    re.IGNORECASE,
)
"""What no report of a delay says."""
ENDS = {
    "delivered": "delivered",
    "relayed": "relayed",
    "expanded": "delivered",
    "delayed": "waiting",
}
"""Actions of RFC 3464, 2.3.3, other than ``failed``."""
