"""Ids of accounts in pages: who counts the visitors, or is paid for showing them something.

The same id on two sites shows that one account is behind both; a copied page brings the id of the
one whom it was copied from. Each form is that of the service's own documentation of its tag.
"""

import re

import msgspec

_MOST = 50


class Tracker(msgspec.Struct, frozen=True, omit_defaults=True):
    """An account that a page reports its visitors to."""

    service: str
    id: str


_FORMS = (
    # support.google.com/analytics: “Tracking ID”, “Measurement ID”;
    # developers.google.com/tag-manager
    ("google-analytics", re.compile(r"\b(UA-\d{4,10}-\d{1,4})\b")),
    ("google-analytics", re.compile(r"[\"'=/](G-[A-Z0-9]{8,12})\b")),
    ("google-tag-manager", re.compile(r"[\"'=](GTM-[A-Z0-9]{4,9})\b")),
    ("google-ads", re.compile(r"[\"'=](AW-\d{8,12})\b")),
    # support.google.com/adsense: “Publisher ID”
    ("google-adsense", re.compile(r"\b(?:ca-)?(pub-\d{16})\b")),
    # developers.facebook.com/docs/meta-pixel/get-started
    ("meta-pixel", re.compile(r"fbq\(\s*[\"']init[\"']\s*,\s*[\"'](\d{12,17})[\"']")),
    ("meta-pixel", re.compile(r"facebook\.com/tr\?id=(\d{12,17})")),
    # yandex.com/support/metrica/code/counter-initialize
    ("yandex-metrica", re.compile(r"\bym\(\s*(\d{5,9})\s*,")),
    ("yandex-metrica", re.compile(r"mc\.yandex\.(?:ru|com)/watch/(\d{5,9})")),
    # help.hotjar.com: “Hotjar tracking code”; learn.microsoft.com/clarity/setup-and-installation
    ("hotjar", re.compile(r"\bhjid\s*:\s*(\d{5,9})\b")),
    ("microsoft-clarity", re.compile(r"clarity\.ms/tag/([a-z0-9]{8,12})\b")),
    # matomo.org/faq: “Where can I find the tracking code”
    ("matomo-site", re.compile(r"[\"']setSiteId[\"']\s*,\s*[\"']?(\d{1,6})\b")),
    # tongji.baidu.com: “hm.js”
    ("baidu-tongji", re.compile(r"hm\.baidu\.com/hm\.js\?([0-9a-f]{32})")),
    # business.linkedin.com: “Insight Tag”; ads.tiktok.com/help: “TikTok pixel”
    ("linkedin-insight", re.compile(r"_linkedin_partner_id\s*=\s*[\"'](\d{4,9})[\"']")),
    ("tiktok-pixel", re.compile(r"ttq\.load\(\s*[\"']([A-Z0-9]{18,24})[\"']")),
    # developers.cloudflare.com/web-analytics; plausible.io/docs/plausible-script
    ("cloudflare-analytics", re.compile(r"[\"']token[\"']\s*:\s*[\"']([0-9a-f]{32})[\"']")),
    ("plausible", re.compile(r"data-domain=[\"']([\w.-]{4,80})[\"'][^>]{0,200}plausible")),
)  # fmt: skip


def trackers_in(text: str) -> list[Tracker]:
    """The ids in a page, each once, in order of service and id."""
    found = {(service, match[1]) for service, form in _FORMS for match in form.finditer(text)}
    return [Tracker(service, id_) for service, id_ in sorted(found)[:_MOST]]
