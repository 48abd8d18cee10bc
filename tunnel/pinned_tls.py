"""TLS to a broker by its pinned certificate. On the start-up path of `ssh-proxy`: standard library only."""

import ssl

from protocol.errors import IntegrityError


class CertificateUnreadable(IntegrityError):
    """What is pinned is no certificate."""

    sentence = "The broker's certificate in the profile cannot be read. Tell your support organisation."


def broker_tls(certificate_pem: str) -> ssl.SSLContext:
    """Trusts exactly this certificate (or its issuer), or with "" what the system trusts. Host names are checked."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate_pem:
        # The certificate itself is the anchor, also where another one issued it.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        try:
            context.load_verify_locations(cadata=certificate_pem)
        except ssl.SSLError:
            raise CertificateUnreadable from None
    else:
        context.load_default_certs()
    return context
