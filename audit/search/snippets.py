"""The part of a long line around what was found."""

from audit.replay_index.words import Query, normal_form

SNIPPET_CHARACTERS = 120


def snippet(text: str, query: Query) -> str:
    """At most SNIPPET_CHARACTERS of the text, the first term among them."""
    limit = SNIPPET_CHARACTERS
    if len(text) <= limit:
        return text
    at = query.first_place(normal_form(text))
    begin = min(max(at - limit // 3, 0), len(text) - limit)
    cut = text[begin : begin + limit]
    return ("…" if begin else "") + cut + ("…" if begin + limit < len(text) else "")
