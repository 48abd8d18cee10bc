"""The small HTTP client against a server that answers whatever a broker, or somebody in its place, might answer."""

import errno
import http.server
import io
import json
import os
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from protocol.errors import InputError, PeerError
from tests.helpers.relay_house import make_certificate
from tunnel.json_api import AnswerNotKept, JsonApi, LoginNeeded, ServerNotTrusted, ServerRefused, ServerUnreachable
from tunnel.trust import broker_tls


@dataclass
class Broker:
    """Answers every request with `status` and `body`, and remembers the headers that came."""

    origin: str
    certificate: str
    status: int = 200
    body: bytes = b"{}"
    headers: list[dict[str, str]] = field(default_factory=list)

    def api(self, token: str = "") -> JsonApi:
        return JsonApi(self.origin, broker_tls(self.certificate), token)


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    certificate, key, pem = make_certificate(tmp_path_factory.mktemp("tls"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            broker.headers.append(dict(self.headers))
            self.send_response(broker.status)
            self.send_header("Content-Length", str(len(broker.body)))
            self.end_headers()
            self.wfile.write(broker.body)

        do_POST = do_GET  # noqa: N815 (the library finds it by this name)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    broker = Broker(f"https://127.0.0.1:{server.server_port}", pem)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield broker
    server.shutdown()
    server.server_close()


@pytest.fixture
def broker(listening: Broker) -> Broker:
    listening.status, listening.body = 200, b"{}"
    listening.headers.clear()
    return listening


def test_an_answer_is_decoded_and_the_token_travels_in_its_header(broker: Broker) -> None:
    """As a Bearer token, never in the address."""
    broker.body = b'{"sessions": []}'
    assert broker.api("secret-token").get("/v1/sessions") == {"sessions": []}
    assert broker.headers[0]["Authorization"] == "Bearer secret-token"


@pytest.mark.parametrize(("speaks", "asked"), [("zh_CN.UTF-8", "zh-CN"), ("de_DE.UTF-8", "en"), ("", "en")])
def test_a_server_is_asked_to_refuse_in_the_language_of_the_command(
    broker: Broker, monkeypatch: pytest.MonkeyPatch, speaks: str, asked: str
) -> None:
    """The language that everything else on this terminal is in."""
    for variable in ("CONSENTRY_LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("LANG", speaks)
    broker.api().get("/v1/me")
    assert broker.headers[0]["Accept-Language"] == asked


def test_an_empty_answer_is_none(broker: Broker) -> None:
    """204 after a logout."""
    broker.status, broker.body = 204, b""
    assert broker.api("t").post("/v1/logout", {}) is None


def test_a_problem_document_becomes_its_sentence_and_code(broker: Broker) -> None:
    """RFC 9457: the detail is for people, the last part of the type names the translation."""
    broker.status = 403
    broker.body = json.dumps({"type": "urn:consentry:engineer-locked", "detail": "Wait."}).encode()
    with pytest.raises(ServerRefused) as caught:
        broker.api("t").get("/v1/me")
    assert (caught.value.fields["code"], caught.value.fields["reason"]) == ("engineer-locked", "Wait.")


@pytest.mark.parametrize("body", [b"[1]", b'"x"', b"{}", b'{"detail": 7}', b"null"])
def test_a_refusal_in_any_other_shape_is_still_one_sentence(body: bytes, broker: Broker) -> None:
    """Valid JSON that is no problem document."""
    broker.status, broker.body = 500, body
    with pytest.raises(ServerRefused) as caught:
        broker.api("t").get("/v1/me")
    assert str(caught.value).startswith("The server refused: ")


def test_an_expired_token_asks_for_a_login(broker: Broker) -> None:
    """401 to somebody with a token means: log in again. To somebody without, it is the refusal of the login."""
    broker.status = 401
    with pytest.raises(LoginNeeded):
        broker.api("old").get("/v1/me")
    with pytest.raises(ServerRefused):
        broker.api().post("/v1/login", {})


@pytest.mark.parametrize("body", [b"<html>", b"\xff\xfe", b"{", b"[" * 100_000])
def test_an_answer_that_is_not_json_is_a_broken_protocol(body: bytes, broker: Broker) -> None:
    """A proxy's error page, or something worse."""
    broker.body = body
    with pytest.raises(PeerError):
        broker.api().get("/v1/me")


def test_an_endless_answer_is_cut_off(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded whatever comes."""
    monkeypatch.setattr("tunnel.json_api.ANSWER_LIMIT_BYTES", 1000)
    broker.body = b" " * 1001
    with pytest.raises(PeerError):
        broker.api().get("/v1/me")


def test_a_large_answer_goes_to_a_file_as_it_comes(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export is larger than what is held in memory."""
    monkeypatch.setattr("tunnel.json_api.ANSWER_LIMIT_BYTES", 1000)
    broker.body = bytes(300_000)
    kept = io.BytesIO()
    assert broker.api("t").save("/v1/requests/1/export", kept) == 300_000
    assert kept.getvalue() == broker.body


def test_a_refused_file_is_a_refusal_and_nothing_is_written(broker: Broker) -> None:
    """The problem document is not the file."""
    broker.status, broker.body = 403, b'{"detail": "No."}'
    kept = io.BytesIO()
    with pytest.raises(ServerRefused):
        broker.api("t").save("/v1/requests/1/export", kept)
    assert kept.getvalue() == b""


def test_a_full_disk_is_not_called_the_servers_fault(broker: Broker) -> None:
    """Nobody looks for the network because of it."""

    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    broker.body = b"x"
    with pytest.raises(AnswerNotKept, match="No space left"):
        broker.api("t").save("/v1/requests/1/export", Full())


def test_another_certificate_gets_no_request(broker: Broker, tmp_path: Path) -> None:
    """Whoever stands in the broker's place with a certificate of their own never sees the token."""
    _, _, other = make_certificate(tmp_path)
    with pytest.raises(ServerNotTrusted):
        JsonApi(broker.origin, broker_tls(other), "secret").get("/v1/me")
    assert broker.headers == []


def test_a_broker_that_is_not_there_is_told_with_its_address() -> None:
    """One sentence with the address and the reason."""
    with pytest.raises(ServerUnreachable) as caught:
        JsonApi("https://127.0.0.1:9", broker_tls("")).get("/v1/me")
    assert "https://127.0.0.1:9" in str(caught.value)


def test_only_https_is_spoken() -> None:
    """A token never goes over a line that is not encrypted."""
    with pytest.raises(InputError):
        JsonApi("http://127.0.0.1:9", broker_tls("")).get("/v1/me")
