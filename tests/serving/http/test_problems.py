"""What went wrong is said in the language that the request asks for; programs read the same name in each."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request

from protocol.details import broken_rule
from serving.http.problems import Problems
from serving.identity.lockouts import LoginLocked
from wording import Language, Wording, accepted_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"), ("zh-CN", "zh-CN"), ("zh", "zh-CN"), ("zh-TW,zh;q=0.9,en;q=0.8", "zh-CN"), ("en-GB,zh;q=0.9", "en"),
        ("de-DE, zh;q=0.5", "zh-CN"), ("en;q=0.2,zh-CN;q=0.7", "zh-CN"), ("zh;q=0", "en"), ("zh;q=nan", "en"),
        ("zh;q=9", "en"), ("de", "en"), ("*", "en"), (",;=,", "en"), ("zh;" * 9999, "en"),
    ],
)  # fmt: skip
def test_the_language_is_the_one_that_is_wanted_most(header: str, language: Language) -> None:
    """Of those that there are; English for everything that cannot be read."""
    assert accepted_language(header) == language


async def answered(error: Exception, language: str) -> Any:
    app = FastAPI()
    Problems({}, {}).answer(app)
    handler = next(app.exception_handlers[kind] for kind in type(error).__mro__ if kind in app.exception_handlers)
    request = Request({"type": "http", "headers": [(b"accept-language", language.encode())]})
    answer: Any = handler(request, error)
    return json.loads(answer.body)


async def test_a_refusal_is_said_in_both_languages_and_named_in_one() -> None:
    """With its facts in the sentence."""
    english, chinese = [await answered(LoginLocked(seconds=42), one) for one in ("en", "zh-CN,zh;q=0.9")]
    assert english["type"] == chinese["type"] == "urn:consentry:login-locked"
    assert "42" in english["detail"]
    assert "42" in chinese["detail"]
    assert any("一" <= character <= "鿿" for character in chinese["detail"])
    assert english["detail"] == str(LoginLocked(seconds=42))


async def test_a_mistake_of_ours_says_so_in_both_languages() -> None:
    """And nothing of what it was."""
    assert (await answered(ZeroDivisionError("secret"), "en"))["detail"].startswith("The server made a mistake.")
    assert (await answered(ZeroDivisionError("secret"), "zh"))["detail"].startswith("服务器出错")


async def test_a_value_that_is_not_taken_is_named_with_its_rule() -> None:
    """In both languages; what was sent is not repeated."""
    rule = {
        "type": "string_too_long",
        "loc": ("body", "name"),
        "msg": "…",
        "ctx": {"max_length": 64},
        "input": "secret",
    }
    english, chinese = [await answered(RequestValidationError([rule]), one) for one in ("en", "zh")]
    assert english["detail"].endswith("name: it has more than 64 characters.")
    assert chinese["detail"] == "无法使用该请求：name：多于 64 个字符。"


def test_a_rule_that_is_not_known_is_said_as_its_maker_says_it() -> None:
    """Ours, which a validator raised, without what pydantic puts before it; and a rule's list of words as a list."""
    assert broken_rule({"type": "value_error", "msg": "Value error, no such team", "ctx": {}}) == "no such team"
    words = broken_rule({"type": "literal_error", "msg": "…", "ctx": {"expected": "'a', 'b' or 'c'"}})
    assert Wording("zh-CN").say_detail(words) == "必须是以下之一：'a', 'b', 'c'"
