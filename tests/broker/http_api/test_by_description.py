"""The broker keeps to its own description: whatever it allows is taken, whatever it does not is refused, in order."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.broker.harness import RunningBroker, add_user, described, found, make_settings, running
from tests.helpers.by_description import Asked, Described, in_a_thread, questions

DOCUMENT = described().document
QUESTIONS = [
    one for one in questions(DOCUMENT, "/v1/logout", "/metrics")
    if one != ("GET /log/tile/{name}", "negative")
]  # fmt: skip
"""Not to log out, which would end the login that asks; nor for figures, which have a door of their own. Any name may be
asked for as a tile's."""


RULES_BEYOND = frozenset(
    {"POST /v1/passkeys", "POST /v1/passkeys/{passkey_id}/rename", "POST /v1/device-login/token", "POST /v1/tokens",
     "POST /v1/people", "PATCH /v1/people/{user_name}", "POST /v1/webhooks"}
)  # fmt: skip
"""Names have visible characters, addresses lead somewhere, codes run out."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    settings = make_settings(tmp_path_factory.mktemp("described") / "data", ssh_gateway_port=0)
    organisation = found(settings)
    asyncio.run(add_user(settings, role="supervisor"))
    certificate = settings.data_folder / "organisation" / "tls_certificate.pem"

    async def log_in(broker: RunningBroker) -> Described:
        base_url = f"https://localhost:{broker.server.port}"
        return Described(DOCUMENT, base_url, await broker.login(), str(certificate), RULES_BEYOND)

    with in_a_thread(lambda: running(settings, organisation), log_in) as server:
        yield server


@pytest.mark.parametrize(("label", "mode"), QUESTIONS, ids=str)
def test_an_operation_does_what_its_description_says(server: Described, label: str, mode: Asked) -> None:
    assert server.ask(label, mode)
