"""Parts of a sentence that are sentences themselves: why a file cannot be read, what is wrong with a key.

An error says them through a field, mostly `problem`. In English they stand here and where they are raised; the other
catalogues have them under an id made of the English words (`wording/catalogue.py`), and a test finds the ones that are
missing. What has facts in it is a `Detail`; what has none may be a plain string.
"""

import errno
import re
from collections.abc import Mapping
from typing import Any, Self

NO_REASON = "the system gives no reason"


class Detail(str):
    """`Detail("it has {size} bytes", size=3)` is the text "it has 3 bytes" that can be said in other languages too."""

    __slots__ = ("fields", "template")

    template: str
    fields: Mapping[str, object]

    def __new__(cls, template: str, **fields: object) -> Self:
        self = super().__new__(cls, template.format(**fields))
        self.template = template
        self.fields = fields
        return self


def system_reason(error: Exception, otherwise: str = NO_REASON) -> str:
    """Why the operating system, a name service or TLS refused: a Detail for the usual causes.

    What is not known here stays as the system says it; `otherwise` is said where it says nothing.
    """
    known = _tls_cause(error) if _is(error, "SSLError") else _system_cause(error)
    if known:
        return Detail(known)
    return getattr(error, "verify_message", None) or getattr(error, "strerror", None) or otherwise


def broken_rule(found: Mapping[str, Any]) -> str:
    """What is wrong with a value, of one of pydantic's `ValidationError.errors()`: a Detail for the usual rules."""
    said = _RULES.get(found["type"])
    if said is None:
        return str(found["msg"]).removeprefix("Value error, ")
    facts = dict(found.get("ctx", {}))
    if "expected" in facts:
        facts["expected"] = facts["expected"].replace(" or ", ", ")
    return Detail(said, **facts)


def undecodable(error: Exception) -> str:
    """What is wrong with a text, of what a decoder raised: a Detail for msgspec's usual sentences, with their place."""
    if isinstance(error, UnicodeDecodeError):
        return Detail("it is not UTF-8 text")
    if isinstance(error, RecursionError):
        return Detail("it is nested too deeply")
    said, _, place = str(error).partition(" - at ")
    for form, template in _DECODERS_SENTENCES:
        if facts := form.fullmatch(said):
            problem = Detail(template, **facts.groupdict())
            return Detail("{problem}, at {place}", problem=problem, place=place.strip("`")) if place else problem
    return str(error)


def _is(error: Exception, kind: str) -> bool:
    """By name, for the modules that have them do I/O."""
    return any(one.__name__ == kind for one in type(error).__mro__)


def _tls_cause(error: Exception) -> str | None:
    """Of an ssl.SSLError, whose numbers are OpenSSL's."""
    if said := _CERTIFICATE_CAUSES.get(getattr(error, "verify_code", 0)):
        return said
    reason = getattr(error, "reason", None)
    return _TLS_CAUSES.get(reason) if reason else _NOT_PEM if "PEM lib" in str(error) else None


def _system_cause(error: Exception) -> str | None:
    if not isinstance(error, OSError):
        return None
    known = _NAME_SERVICE_CAUSES if _is(error, "gaierror") else _SYSTEM_CAUSES
    of_kind = (said for kind, said in _CAUSES_OF_KINDS if isinstance(error, kind))
    return known.get(error.errno or 0) or next(of_kind, None)


_SYSTEM_CAUSES = {
    errno.ENOENT: "No such file or directory",
    errno.EACCES: "Permission denied",
    errno.EPERM: "Operation not permitted",
    errno.EEXIST: "File exists",
    errno.EISDIR: "Is a directory",
    errno.ENOTDIR: "Not a directory",
    errno.ENOTEMPTY: "Directory not empty",
    errno.ENOSPC: "No space left on device",
    errno.EDQUOT: "Disk quota exceeded",
    errno.EROFS: "Read-only file system",
    errno.EIO: "Input/output error",
    errno.EFBIG: "File too large",
    errno.ENAMETOOLONG: "File name too long",
    errno.ELOOP: "Too many levels of symbolic links",
    errno.EMFILE: "Too many open files",
    errno.ENFILE: "Too many open files in system",
    errno.ENOMEM: "Cannot allocate memory",
    errno.EBUSY: "Device or resource busy",
    errno.ETXTBSY: "Text file busy",
    errno.ENOEXEC: "Exec format error",
    errno.EADDRINUSE: "Address already in use",
    errno.EADDRNOTAVAIL: "Cannot assign requested address",
    errno.ECONNREFUSED: "Connection refused",
    errno.ECONNRESET: "Connection reset by peer",
    errno.ECONNABORTED: "Software caused connection abort",
    errno.EPIPE: "Broken pipe",
    errno.ETIMEDOUT: "Connection timed out",
    errno.EHOSTUNREACH: "No route to host",
    errno.ENETUNREACH: "Network is unreachable",
    errno.ENETDOWN: "Network is down",
}
"""As POSIX systems say it in English, so that a search finds it; without what libraries write behind it."""

_CAUSES_OF_KINDS = (
    (TimeoutError, "no answer in time"),
    (ConnectionError, "the other end closed the connection"),
)
"""What Python raises without a number."""

_NAME_UNKNOWN = "the name is not known here"
_NAME_SERVICE_SILENT = "the name service does not answer"
_NAME_SERVICE_CAUSES = {
    **dict.fromkeys((-2, -5, 7, 8), _NAME_UNKNOWN),
    **dict.fromkeys((-3, 2), _NAME_SERVICE_SILENT),
    **dict.fromkeys((-4, 4), "the name service failed"),
}
"""EAI_NONAME and EAI_NODATA, EAI_AGAIN, EAI_FAIL: below zero on Linux (netdb.h), above on macOS and the BSDs."""

_UNKNOWN_ISSUER = "nobody who is trusted here has issued the certificate"
_CERTIFICATE_CAUSES = {
    9: "by this machine's clock, the certificate is not valid yet",
    10: "by this machine's clock, the certificate has expired",
    18: _UNKNOWN_ISSUER,
    19: _UNKNOWN_ISSUER,
    20: _UNKNOWN_ISSUER,
    21: _UNKNOWN_ISSUER,
    62: "the certificate is for another host",
    64: "the certificate is for another host",
}
"""X509_V_ERR_… of OpenSSL, `x509_vfy.h`."""

_NO_TLS = "it does not speak TLS"
_NOT_PEM = "not a PEM file"
_TLS_CAUSES = {
    "WRONG_VERSION_NUMBER": _NO_TLS,
    "HTTP_REQUEST": _NO_TLS,
    "RECORD_LAYER_FAILURE": _NO_TLS,
    "UNEXPECTED_EOF_WHILE_READING": "the other end closed the connection",
    "KEY_VALUES_MISMATCH": "the key does not belong to the certificate",
    "NO_START_LINE": _NOT_PEM,
    "NO_CERTIFICATE_OR_CRL_FOUND": _NOT_PEM,
}
"""Names of OpenSSL's `sslerr.h`, `pemerr.h` and `x509err.h`, as Python's ssl gives them."""

_NO_NUMBER = "it is no whole number"
_NO_OBJECT = "it is no object with names and values"
_RULES = {
    "missing": "it is missing",
    "extra_forbidden": "nothing of that name is taken here",
    "string_too_short": "it has fewer than {min_length} characters",
    "string_too_long": "it has more than {max_length} characters",
    "string_pattern_mismatch": "it is not of the form {pattern}",
    "string_type": "it is no text",
    "too_short": "it has fewer than {min_length} entries",
    "too_long": "it has more than {max_length} entries",
    "list_type": "it is no list",
    "less_than": "it must be less than {lt}",
    "less_than_equal": "it must be {le} at most",
    "greater_than": "it must be more than {gt}",
    "greater_than_equal": "it must be {ge} at least",
    "literal_error": "it must be one of {expected}",
    "enum": "it must be one of {expected}",
    "int_parsing": _NO_NUMBER,
    "int_type": _NO_NUMBER,
    "int_from_float": _NO_NUMBER,
    "float_parsing": "it is no number",
    "float_type": "it is no number",
    "bool_parsing": "it is neither true nor false",
    "bool_type": "it is neither true nor false",
    "dict_type": _NO_OBJECT,
    "model_type": _NO_OBJECT,
    "model_attributes_type": _NO_OBJECT,
    "json_invalid": "it is no JSON",
}
"""By pydantic's names (https://docs.pydantic.dev/latest/errors/validation_errors/)."""

_DECODERS_SENTENCES = tuple(
    (re.compile(form), template)
    for form, template in (
        (r"Object missing required field `(?P<name>.*)`", "it lacks {name}"),
        (r"Object contains unknown field `(?P<name>.*)`", "{name} is not taken here"),
        (r"Expected `(?P<needed>.*)`, got `(?P<found>.*)`", "expected {needed}, got {found}"),
        (r"Expected `\w+` <= (?P<le>.*)", _RULES["less_than_equal"]),
        (r"Expected `\w+` >= (?P<ge>.*)", _RULES["greater_than_equal"]),
        (r"Expected `str` of length >= (?P<min_length>\d+)", _RULES["string_too_short"]),
        (r"Expected `str` of length <= (?P<max_length>\d+)", _RULES["string_too_long"]),
        (r"Expected `\w+` of length >= (?P<min_length>\d+)", _RULES["too_short"]),
        (r"Expected `\w+` of length <= (?P<max_length>\d+)", _RULES["too_long"]),
        (r"Expected `str` matching regex '(?P<pattern>.*)'", _RULES["string_pattern_mismatch"]),
        (r"Invalid enum value '?(?P<value>.*?)'?", "{value} is none of the words that are possible"),
        (r"Input data was truncated", "it ends too early"),
        (r"JSON is malformed: .*", _RULES["json_invalid"]),
    )
)
"""msgspec's, before the place; it has no numbers for them."""

KNOWN_REASONS = frozenset(
    {
        *_SYSTEM_CAUSES.values(),
        *_NAME_SERVICE_CAUSES.values(),
        *_CERTIFICATE_CAUSES.values(),
        *_TLS_CAUSES.values(),
        *(said for _, said in _CAUSES_OF_KINDS),
        *_RULES.values(),
        *(template for _, template in _DECODERS_SENTENCES),
        NO_REASON,
    }
)
"""All that the functions above know, for the catalogues."""
