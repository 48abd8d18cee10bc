"""What somebody may do, in words: on a receipt, and in the sentence that the customer agreed to."""

from collections.abc import Iterable

from protocol.grants import Scope
from wording.catalogue import Wording


def scopes_text(wording: Wording, scopes: Iterable[str]) -> str:
    """In the order in which they build upon each other; one of a later version as it is written."""
    scopes = frozenset(scopes)
    known = [scope for scope in Scope if scope in scopes]
    words = [wording.say(f"consent-scope-{scope.replace(':', '-')}") for scope in known]
    return ", ".join([*words, *sorted(scopes - frozenset(known))])
