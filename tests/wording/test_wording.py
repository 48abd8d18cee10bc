"""How a sentence is found and filled in."""

import errno
import http.client
import json
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.details import Detail, system_reason
from protocol.errors import ConsentryError, InputError, RefusedError, UnavailableError
from wording import UnknownWording, Wording, detect_language, error_id, safe_text

VECTORS = Path(__file__).parents[1] / "vectors"


class _SlipError(InputError):
    sentence = "The code {code} has a slip in it."


def test_an_error_speaks_chinese_from_the_catalogue() -> None:
    """The zh-CN catalogue has the sentence under the class' name, with the class' fields."""
    assert Wording("zh-CN").say_error(UnavailableError(what="broker")) == "无法连接 broker。请检查网络后重试。"


def test_an_error_speaks_english_with_its_own_sentence() -> None:
    """English needs no entry: the sentence stands at the class."""
    assert Wording("en").say_error(_SlipError(code="482")) == "The code 482 has a slip in it."


def test_an_error_without_translation_speaks_like_its_nearest_ancestor() -> None:
    """A class that the catalogue forgot still says something in the reader's language."""
    assert Wording("zh-CN").say_error(_SlipError(problem="x")) == "无法使用该输入：x。"


def test_an_error_outside_the_tree_speaks_for_itself() -> None:
    """'Something went wrong' in the right language would help less than the fact in the wrong one."""

    class Odd(ConsentryError):
        sentence = "The clock is odd."

    assert Wording("zh-CN").say_error(Odd()) == "The clock is odd."


@pytest.mark.parametrize(
    ("error", "english", "chinese"),
    [
        (OSError(errno.ENOSPC, "x"), "No space left on device", "磁盘空间不足"),
        (
            ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('::1', 1)"),
            "Connection refused",
            "连接被拒绝",
        ),
        (socket.gaierror(socket.EAI_NONAME, "?"), "the name is not known here", "此处无法解析该域名"),
        (socket.gaierror(socket.EAI_AGAIN, "?"), "the name service does not answer", "域名服务没有应答"),
        (TimeoutError("timed out"), "no answer in time", "没有及时应答"),
        (http.client.RemoteDisconnected("…"), "the other end closed the connection", "对方关闭了连接"),
        (ssl.SSLError(1, "[SSL] PEM lib (_ssl.c:3905)"), "not a PEM file", "不是 PEM 文件"),
        (OSError(errno.ESTALE, "Stale file handle"), "Stale file handle", "Stale file handle"),
        (http.client.BadStatusLine("x"), "its answer is not HTTP", "它的应答不是 HTTP"),
    ],
)
def test_what_the_system_refuses_is_said_in_the_readers_language(error: Exception, english: str, chinese: str) -> None:
    """By its number, whatever a library wrote behind it; what is not known stays as the system says it."""
    said = UnavailableError(what=system_reason(error, "its answer is not HTTP"))
    assert Wording("zh-CN").say_error(said) == f"无法连接 {chinese}。请检查网络后重试。"
    assert Wording("en").say_error(said) == str(said)
    assert str(said).startswith(f"{english} cannot be reached.")


def test_numbers_of_tls_are_not_taken_for_the_systems() -> None:
    """OpenSSL's errors have numbers of their own: 1 is not "Operation not permitted"."""
    assert system_reason(ssl.SSLError(1, "odd")) == "odd"


def test_a_certificate_that_is_not_trusted_says_why() -> None:
    """The reason is OpenSSL's number, not its words."""
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = 10, "certificate has expired"
    assert Wording("zh-CN").say_detail(system_reason(error)) == "按本机时钟，证书已过期"
    error.verify_code, error.verify_message = 99, "odd purpose"
    assert system_reason(error) == "odd purpose"


def test_a_part_of_a_sentence_keeps_its_facts() -> None:
    """The facts of a Detail, and the parts and errors within it, are said in the same language and made safe."""
    inner = UnavailableError(what="broker")
    detail = Detail("what was to complete it does not hold: {problem}", problem=inner)
    assert Wording("zh-CN").say_error(InputError(problem=detail)) == (
        "无法使用该输入：用来补全的内容不成立：无法连接 broker。请检查网络后重试。"
    )
    assert "\\x1b" in Wording("zh-CN").say_detail(Detail("{path} is missing", path="\x1b"))


def _not_decoded(text: str) -> Exception:
    class Rule(msgspec.Struct, forbid_unknown_fields=True):
        name: Annotated[str, msgspec.Meta(max_length=3)]
        points: Annotated[list[int], msgspec.Meta(max_length=1)] = []

    try:
        msgspec.json.decode(text, type=Rule)
    except msgspec.DecodeError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("{", "过早结束"),
        ("{'", "不是 JSON"),
        ("{}", "缺少 name"),
        ('{"name": "a", "x": 1}', "此处没有 x 这一项"),
        ('{"name": 1}', "应为 str，实为 int，位置 $.name"),
        ('{"name": "abcd"}', "多于 3 个字符，位置 $.name"),
        ('{"name": "a", "points": [1, 2]}', "多于 1 项，位置 $.points"),
    ],
)
def test_what_a_decoder_did_not_take_is_said_in_the_readers_language(text: str, chinese: str) -> None:
    """Whoever raises passes the decoder's error on; which of its sentences it is, the catalogue finds out."""
    assert Wording("zh-CN").say_error(InputError(problem=_not_decoded(text))) == f"无法使用该输入：{chinese}。"


def test_a_decoders_sentence_that_is_not_known_stays_as_it_is() -> None:
    """A newer library may say more than this catalogue knows."""
    assert Wording("zh-CN").say_error(InputError(problem=ValueError("odd value"))) == "无法使用该输入：odd value。"


def test_words_of_others_are_no_parts_of_sentences() -> None:
    """A name that reads like one of our phrases stays a name."""
    assert Wording("zh-CN").say_error(RefusedError(reason="it is too long")) == "已被拒绝：it is too long"


def test_an_unknown_id_is_our_mistake_and_loud() -> None:
    """A sentence that does not exist never becomes an empty line on a customer's screen."""
    with pytest.raises(UnknownWording):
        Wording("en").say("no-such-sentence")


def test_fields_cannot_drive_the_terminal() -> None:
    """A reason with escape sequences in it is shown, not obeyed, in every sentence of every language."""
    for language in ("en", "zh-CN"):
        said = Wording(language).say_error(UnavailableError(what="x\x1b]0;owned\x07\u202ey"))
        assert "\x1b" not in said
        assert "\x07" not in said
        assert "\\x1b]0;owned\\x07\\u202ey" in said


def test_the_vectors_say_what_is_made_harmless() -> None:
    """The console writes the same escapes: its own test reads the same file."""
    for entry in json.loads((VECTORS / "safe_text.json").read_text(encoding="utf-8")):
        assert safe_text(entry["text"]) == entry["shown"]


@given(st.text())
def test_safe_text_draws_what_it_holds(text: str) -> None:
    """Nothing that comes out is a control, a format character or a line break; nothing visible is lost."""
    safe = safe_text(text)
    assert all(character.isprintable() or character.isspace() for character in safe)
    assert not set(safe) & set("\n\r\t\x1b\u202e\u2028")
    assert [c for c in text if c.isalnum()] == [c for c in text if c.isalnum() and c in safe]


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh-CN"),
        ({"LANG": "zh"}, "zh-CN"),
        ({"LANG": "zh.UTF-8"}, "zh-CN"),
        ({"LANG": "zh_TW.UTF-8"}, "zh-CN"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "zhx"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "C", "LC_MESSAGES": "zh_CN"}, "zh-CN"),
        ({"LC_ALL": "", "LANG": "zh_CN"}, "zh-CN"),
        ({"CONSENTRY_LANGUAGE": "zh-CN", "LC_ALL": "en_GB"}, "zh-CN"),
        ({"CONSENTRY_LANGUAGE": "en", "LC_ALL": "zh_CN"}, "en"),
    ],
)
def test_the_language_is_the_first_variable_that_is_set(environment: dict[str, str], language: str) -> None:
    """CONSENTRY_LANGUAGE, LC_ALL, LC_MESSAGES, LANG; an empty variable counts as unset."""
    assert detect_language(environment) == language


def test_the_id_of_an_error_is_its_class_in_kebab_case() -> None:
    """What a translator looks for is the name that stands in the code."""
    assert error_id(UnavailableError) == "error-unavailable-error"


def test_importing_the_catalogue_does_not_import_fluent() -> None:
    """A command that says nothing pays nothing for its languages."""
    code = "import sys, wording; wording.Wording('en'); sys.exit('fluent' in sys.modules or 'babel' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
