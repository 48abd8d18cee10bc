"""Errors that are kept as text and told later."""

from protocol.details import Detail
from protocol.errors import IntegrityError, UnavailableError
from protocol.kept_errors import kept, recalled
from wording import LANGUAGES, Wording


class UnknownToCatalogues(IntegrityError):
    """Of a module that the reader does not have."""

    sentence = "Record {record} has {{braces}}: {problem}."


def test_what_was_kept_is_said_as_it_would_have_been_then() -> None:
    """In each language, with facts, details and errors inside errors."""
    errors = [
        IntegrityError(problem="it is not UTF-8 text"),
        IntegrityError(problem=Detail("it takes longer than {seconds} seconds", seconds=30)),
        IntegrityError(problem=UnavailableError(what="x")),
        IntegrityError(problem=UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad")),
        UnknownToCatalogues(record=7, problem="a {brace}"),
    ]
    for error in errors:
        again = recalled(kept(error))
        assert again is not None
        for language in LANGUAGES:
            if not isinstance(error, UnknownToCatalogues):
                assert Wording(language).say_error(again) == Wording(language).say_error(error)


def test_a_class_that_no_catalogue_knows_is_told_as_it_was() -> None:
    """In English, whatever stands in its facts."""
    error = UnknownToCatalogues(record=7, problem="a {brace}")
    again = recalled(kept(error))
    assert again is not None
    assert Wording("zh-CN").say_error(again) == "Record 7 has {braces}: a {brace}."


def test_text_that_is_no_kept_error_stays_text() -> None:
    """Sentences that were kept before, and anything else."""
    for text in ("", "Record 3 does not verify.", "{", "[]", "{}", '{"error": 1}', "12"):
        assert recalled(text) is None
