"""One certificate (RFC 5280), read from bytes that nobody vouches for."""

import warnings
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.x509.oid import NameOID

_LONGEST = 200


def load_certificate(der: bytes) -> x509.Certificate | None:
    """The certificate; None for bytes that are none."""
    with warnings.catch_warnings():  # of what is wrong with somebody else's certificate
        warnings.simplefilter("ignore")
        try:
            return x509.load_der_x509_certificate(der)
        except ValueError:
            return None


def names_of(certificate: x509.Certificate) -> list[str]:
    """The DNS names and addresses that it is for, sorted; its common name where it lists none."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        name = common_name(certificate.subject)
        return [name] if name else []
    names = {one_line(name) for name in found.get_values_for_type(x509.DNSName)}
    addresses = {str(one) for one in found.get_values_for_type(x509.IPAddress)}
    return sorted(names) + sorted(addresses)


def one_line(text: str) -> str:
    """Text of a certificate as one line of bounded length."""
    return " ".join(text.split())[:_LONGEST]


def common_name(name: x509.Name) -> str:
    """The common name; the whole name where it has none."""
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return one_line(str(found[0].value) if found else name.rfc4514_string())


def issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the issuer's key has signed the certificate, and its name is the one named there."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def self_signed(certificate: x509.Certificate) -> bool:
    """Whether it is signed with its own key."""
    return issued_by(certificate, certificate)


def matches(host: str, names: Iterable[str]) -> bool:
    """RFC 9525, 6.3: the whole name, or a whole first label by ``*``; an address by itself.

    A certificate may have ten thousand names: each is compared as text, once.
    """
    host = host.lower().rstrip(".")
    if (address := _address(host)) is not None:
        return any(_address(name) == address for name in names)
    above = host.partition(".")[2]
    wanted = {host, f"*.{above}"} if "." in above else {host}
    return any(name.lower().rstrip(".") in wanted for name in names)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def key_of(certificate: x509.Certificate) -> str:
    """The key's kind and size: ``EC secp256r1``, ``RSA 2048``, ``Ed25519``."""
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return ""
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    if isinstance(key, rsa.RSAPublicKey | dsa.DSAPublicKey):
        return f"{type(key).__name__.lstrip('_')[:3]} {key.key_size}"
    return type(key).__name__.lstrip("_").removesuffix("PublicKey")


def signature_of(certificate: x509.Certificate) -> str:
    """The name of the algorithm that it is signed by (``ecdsa-with-SHA256``), else its number."""
    found = certificate.signature_algorithm_oid
    name: str = found._name  # noqa: SLF001  # the library has the names there alone
    return found.dotted_string if name == "Unknown OID" else name
