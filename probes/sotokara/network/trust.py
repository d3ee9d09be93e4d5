"""Whose certificates are believed."""

import ssl
from functools import lru_cache


@lru_cache
def trusted() -> ssl.SSLContext:
    """The system's certificates (or ``SSL_CERT_FILE``'s), and Mozilla's where there are none."""
    import certifi  # rarely needed

    context = ssl.create_default_context()
    if not context.get_ca_certs():
        context.load_verify_locations(certifi.where())
    return context


def lenient() -> ssl.SSLContext:
    """A context that completes a handshake with whatever a server has: we observe, not trust."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context
