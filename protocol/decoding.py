"""What msgspec raises for bytes that are not what they should be: one tuple, so that no reader forgets one of them."""

import msgspec

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""DecodeError for almost everything. A tag or a text that is not UTF-8 surfaces as UnicodeDecodeError, and a value that
is nested beyond Python's limit, where msgspec has to step over it, as RecursionError: both are a peer's doing."""
