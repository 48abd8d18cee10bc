"""Both languages say the same things, and the code asks for nothing that they cannot say."""

import string

import pytest

from tests.wording.catalogues import details, entries, error_classes, formatted_details, uses
from wording import Language, Wording, detail_id, error_id


def test_both_languages_have_the_same_sentences() -> None:
    """Same ids in the same files; English may leave errors, and parts of them, to the code."""
    english = {(message_id, file) for message_id, (file, _) in entries("en").items()}
    chinese = {(message_id, file) for message_id, (file, _) in entries("zh-CN").items()}
    assert english - chinese == set(), "not translated"
    assert {entry for entry in chinese - english if entry[1] not in ("errors.ftl", "details.ftl")} == set(), (
        "not in English"
    )


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_sentence_is_found_by_itself(language: Language) -> None:
    """Each is cut out of its file and parsed alone, with its attributes."""
    wording = Wording(language)
    assert [message_id for message_id in entries(language) if not wording.knows(message_id)] == []


def test_both_languages_use_the_same_variables() -> None:
    """A translation neither forgets a fact nor invents one."""
    chinese = entries("zh-CN")
    differing = {
        message_id: (set(variables), set(chinese[message_id][1]))
        for message_id, (_, variables) in entries("en").items()
        if message_id in chinese and chinese[message_id][1] != variables
    }
    assert differing == {}


def test_every_error_has_a_translation() -> None:
    """Each class of the error tree has its own sentence in Chinese, with no field that the class does not have."""
    chinese = entries("zh-CN")
    missing = [f"{kind.__module__}.{kind.__name__}" for kind in error_classes() if error_id(kind) not in chinese]
    assert missing == []
    for kind in error_classes():
        fields = {field for _, field, _, _ in string.Formatter().parse(kind.sentence) if field}
        assert chinese[error_id(kind)][1] <= fields, f"{kind.__name__} has no such field"


def test_every_part_of_an_errors_sentence_has_a_translation() -> None:
    """What stands for `problem` in a Chinese sentence is Chinese too, with the same facts in it; none is left over."""
    chinese = {name: variables for name, (file, variables) in entries("zh-CN").items() if file == "details.ftl"}
    english = {
        detail_id(template): frozenset(field for _, field, _, _ in string.Formatter().parse(template) if field)
        for template in details()
    }
    assert chinese == english


def test_no_error_has_facts_in_a_part_that_cannot_be_translated() -> None:
    """A formatted string would reach a Chinese reader in English: `Detail` keeps its facts apart."""
    assert formatted_details() == []


def test_error_names_are_unique() -> None:
    """A class name is the key of its translation, so no two packages may use one name for two errors."""
    names = [kind.__name__ for kind in error_classes()]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_everything_that_the_code_says_exists(language: str) -> None:
    """Each `say("id", …)` names a sentence and gives every variable that the sentence has."""
    known = entries("en" if language == "en" else "zh-CN")
    wrong = [
        f"{use.place}: {use.message_id}"
        for use in uses()
        if use.message_id not in known or (use.fields is not None and not known[use.message_id][1] <= use.fields)
    ]
    assert wrong == []
