"""The styles of each kind by name; the first of a kind is its default."""

from collections.abc import Callable

from probes.lazy import Lazy
from probes.render.path_picture import Picture
from probes.render.view import Table, View

Style = Callable[[View], "list[str] | Table | Picture"]

STYLES: Lazy[dict[str, Style]] = Lazy(
    {
        "dns": "probes.render.styles.dns:STYLES",
        "smtp": "probes.render.styles.smtp:STYLES",
        "traceroute": "probes.render.styles.traceroute:STYLES",
        "whois": "probes.render.styles.whois:STYLES",
        "rdap": "probes.render.styles.rdap:STYLES",
    }
)
