"""Lists come in pages that fit together; what is made under an `Idempotency-Key` is made once."""

from pathlib import Path
from typing import Any

from tests.broker.harness import add_user, found, make_settings, running


async def test_pages_of_sessions_hold_each_session_once(tmp_path: Path) -> None:
    """The newest first, also those that were opened in the same millisecond; the last page says that it is the last."""
    settings = make_settings(tmp_path / "data")
    organisation = found(settings)
    await add_user(settings, role="supervisor")
    async with running(settings, organisation) as broker:
        opened = []
        for _ in range(5):
            async with broker.agent() as (_, session):
                opened.append(session.session_id.hex())
        token, before, seen, pages = await broker.login(), "", [], 0
        while before is not None:
            query = f"/v1/sessions?whose=all&limit=2{f'&before={before}' if before else ''}"
            page = (await broker.request("GET", query, token=token)).json
            assert len(page["sessions"]) <= 2
            seen += [one["session_id"] for one in page["sessions"]]
            before, pages = page["before"], pages + 1
        assert pages == 3
        assert sorted(seen) == sorted(opened)
        whole = (await broker.request("GET", "/v1/sessions?whose=all", token=token)).json
        assert [one["session_id"] for one in whole["sessions"]] == seen
        assert whole["before"] is None
        assert (await broker.request("GET", "/v1/sessions?limit=0", token=token)).status == 422


async def test_a_request_that_is_sent_again_makes_one_webhook(tmp_path: Path) -> None:
    """The same secret comes back, which lies sealed meanwhile; another body is refused, and whoever logged out."""
    settings = make_settings(tmp_path / "data")
    organisation = found(settings)
    await add_user(settings, "ada", role="administrator")
    async with running(settings, organisation) as broker:
        token = await broker.login("ada")

        async def add(url: str = "https://example.org/hooks") -> Any:
            body = {"url": url, "events": ["session.ended"]}
            return await broker.request(
                "POST", "/v1/webhooks", body, token=token, headers={"Idempotency-Key": "4f1c-once"}
            )

        first, second = await add(), await add()
        assert (first.status, second.status) == (201, 201)
        assert first.json == second.json
        assert second.headers["x-content-type-options"] == "nosniff"
        assert len((await broker.request("GET", "/v1/webhooks", token=token)).json["webhooks"]) == 1
        other = await add("https://example.org/others")
        assert (other.status, other.json["type"]) == (422, "urn:consentry:idempotency-key-reused")
        raw = b"".join(path.read_bytes() for path in settings.data_folder.glob("broker.sqlite3*"))
        assert first.json["secret"].encode() not in raw
        await broker.request("POST", "/v1/logout", token=token)
        assert (await add()).status == 401
