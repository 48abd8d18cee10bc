"""`consentry admin` and `consentry serve`, as somebody types them."""

import json
from pathlib import Path

import pytest

from broker.config import load_settings
from broker.organisation.organisation import load_organisation
from protocol.profile import encode_recipient
from tests.broker.harness import PASSWORD
from tests.helpers.recordings import make_key
from tests.helpers.typed_commands import Shell

ORIGIN = "https://help.example.org:8443"


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    monkeypatch.setenv("CONSENTRY_DATA_FOLDER", str(tmp_path / "data"))
    return Shell(capsys, monkeypatch)


@pytest.fixture
def founded(shell: Shell, tmp_path: Path) -> Path:
    recipient = tmp_path / "audit.json"
    recipient.write_bytes(encode_recipient(make_key().recipient))
    status, out, err = shell(
        "admin", "init", "--name", "Example Support", "--origin", ORIGIN, "--audit-recipient", recipient
    )
    assert (status, out.startswith(f"{ORIGIN}/#")) == (0, True), err
    return tmp_path / "data"


def test_founding_makes_private_files_and_an_address(shell: Shell, founded: Path) -> None:
    """Nobody but the owner reads anything of it; the address carries the root key."""
    organisation = load_organisation(load_settings(data_folder=founded))
    assert str(organisation.share_url).startswith(f"{ORIGIN}/#")
    assert len(organisation.profile.audit_recipients) == 1
    everything = [founded, *founded.rglob("*")]
    assert [path for path in everything if path.stat().st_mode & 0o077] == []


def test_an_organisation_is_founded_once(shell: Shell, founded: Path, tmp_path: Path) -> None:
    """A second root key would make every address worthless that was handed out."""
    before = {path: path.read_bytes() for path in founded.rglob("*") if path.is_file()}
    status, out, err = shell(
        "admin", "init", "--name", "Other", "--origin", ORIGIN, "--audit-recipient", tmp_path / "audit.json"
    )
    assert (status, out) == (1, "")
    assert "already" in err
    assert {path: path.read_bytes() for path in founded.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"--origin": "http://help.example.org"}, "https://"),
        ({"--origin": "https://help.example.org/path"}, "host and a port"),
        ({"--name": "a\u202eb"}, "visible"),
        ({"--name": ""}, "visible"),
        ({"--audit-recipient": "/nonexistent"}, "/nonexistent"),
        ({"--audit-recipient": "/dev/null"}, "public half"),
    ],
)
def test_founding_with_bad_input_founds_nothing(
    shell: Shell, tmp_path: Path, changed: dict[str, str], word: str
) -> None:
    """One sentence, status 1, and the next attempt begins anew."""
    recipient = tmp_path / "audit.json"
    recipient.write_bytes(encode_recipient(make_key().recipient))
    options = {"--name": "Example", "--origin": ORIGIN, "--audit-recipient": str(recipient)} | changed
    status, out, err = shell("admin", "init", *[word for option in options.items() for word in option])
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert word in err
    assert not (tmp_path / "data" / "organisation" / "profile.note").exists()


@pytest.mark.parametrize("command", ["status", "profile show", "user list"])
def test_before_founding_everything_says_what_to_do(shell: Shell, command: str) -> None:
    """One sentence that names the command."""
    status, _, err = shell("admin", *command.split())
    assert status == 1
    assert "consentry admin init" in err


def test_serving_before_founding_says_what_to_do(shell: Shell) -> None:
    """No set-up over the network, no default organisation."""
    status, _, err = shell("serve")
    assert status == 1
    assert "consentry admin init" in err


def test_users_are_added_listed_changed(shell: Shell, founded: Path) -> None:
    """The password comes from standard input or a terminal, never from the command line."""
    add = ["admin", "user", "add", "Wei", "--name", "王伟", "--staff-number", "E-1", "--password-stdin"]
    assert shell(*add, typed=f"{PASSWORD}\n")[0] == 0
    status, _, err = shell(*add, typed=f"{PASSWORD}\n")
    assert (status, "already" in err) == (1, True)
    assert shell("admin", "user", "disable", "wei")[0] == 0
    (listed,) = json.loads(shell("admin", "user", "list", "--json")[1])
    assert (listed["user_name"], listed["name"], listed["disabled"], listed["totp"]) == ("wei", "王伟", True, False)
    assert shell("admin", "user", "enable", "wei")[0] == 0
    assert "otpauth://" in shell("admin", "user", "totp", "wei")[1]
    (listed,) = json.loads(shell("admin", "user", "list", "--json")[1])
    assert (listed["disabled"], listed["totp"]) == (False, True)
    assert shell("admin", "user", "reset-password", "wei", "--password-stdin", typed="another password\n")[0] == 0
    assert json.loads(shell("admin", "status", "--json")[1])["users"] == 1


@pytest.mark.parametrize(
    ("arguments", "typed", "word"),
    [
        (["add", "w", "--name", "W", "--staff-number", "1", "--password-stdin"], "short\n", "12 to 256"),
        (["add", "w", "--name", "W", "--staff-number", "1", "--password-stdin"], "", "12 to 256"),
        (["add", "w", "--name", "W", "--staff-number", "1"], "", "--password-stdin"),
        (["add", "w w", "--name", "W", "--staff-number", "1", "--password-stdin"], PASSWORD, "user name"),
        (["add", "w", "--name", "\u200b", "--staff-number", "1", "--password-stdin"], PASSWORD, "visible"),
        (["disable", "nobody"], "", "no user nobody"),
        (["reset-password", "nobody", "--password-stdin"], PASSWORD, "no user nobody"),
    ],
)
def test_bad_users_are_refused(shell: Shell, founded: Path, arguments: list[str], typed: str, word: str) -> None:
    """One sentence, status 1, nobody added."""
    status, out, err = shell("admin", "user", *arguments, typed=typed)
    assert (status, out) == (1, "")
    assert word in err
    assert json.loads(shell("admin", "user", "list", "--json")[1]) == []


def test_a_changed_profile_has_the_next_version(shell: Shell, founded: Path) -> None:
    """Signed by the same root; without the root key there is no change."""
    assert shell("admin", "profile", "update")[0] == 1
    assert shell("admin", "profile", "update", "--output-policy", "strict", "--max-minutes", "30")[0] == 0
    shown = json.loads(shell("admin", "profile", "show", "--json")[1])
    assert (shown["profile_version"], shown["output_policy"], shown["max_minutes"]) == (2, "strict", 30)
    (founded / "organisation" / "root.key").unlink()
    status, _, err = shell("admin", "profile", "update", "--max-minutes", "60")
    assert (status, "root.key" in err) == (1, True)
    assert json.loads(shell("admin", "profile", "show", "--json")[1])["profile_version"] == 2


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LOGIN_HOURS", "0"),
        ("CERTIFICATE_HOURS", "13"),
        ("LOG_LEVEL", "loud"),
        ("MAX_OPEN_CODES", "5001"),
        ("TLS", "given"),
    ],
)
def test_a_bad_setting_is_named(
    shell: Shell, founded: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """With its environment variable."""
    monkeypatch.setenv(f"CONSENTRY_{variable}", value)
    status, _, err = shell("serve")
    assert status == 1
    assert f"CONSENTRY_{variable}" in err


def test_roles_logins_and_what_was_decided(shell: Shell, founded: Path) -> None:
    """The first administrator is made here; a role is changed, logins end, and all of it is noted with who did it."""
    add = ("admin", "user", "add", "ada", "--name", "Ada Example", "--staff-number", "A-1", "--password-stdin")
    status, _, err = shell(*add, "--role", "king", typed=f"{PASSWORD}\n")
    assert (status, "one of engineer, supervisor, reviewer" in err) == (2, True)
    assert shell(*add, "--role", "administrator", typed=f"{PASSWORD}\n")[0] == 0
    assert json.loads(shell("admin", "user", "list", "--json")[1])[0]["role"] == "administrator"
    assert "administrator" in shell("admin", "user", "list")[1]
    assert shell("admin", "user", "role", "ada", "supervisor")[0] == 0
    assert json.loads(shell("admin", "user", "list", "--json")[1])[0]["role"] == "supervisor"
    assert json.loads(shell("admin", "user", "logins", "ada", "--json")[1]) == []
    assert shell("admin", "user", "log-out", "ada", "--login", "5c")[0] == 1
    assert shell("admin", "user", "log-out", "ada")[0] == 0
    events = json.loads(shell("admin", "events", "--user", "ada", "--json")[1])
    assert [(one["kind"], one["facts"]) for one in reversed(events)] == [
        ("person_added", {"role": "administrator"}),
        ("person_changed", {"role": "supervisor"}),
        ("login_revoked", {"logins": 0}),
    ]
    assert all(one["actor"].endswith(" (local)") for one in events)


def test_teams_on_the_machine(shell: Shell, founded: Path) -> None:
    """Set, listed, renamed, cleared; what cannot be is said in a sentence, and all that was done is noted."""
    for number, (name, *team) in enumerate((("wang", "--team", "Berlin"), ("li",))):
        words = ("admin", "user", "add", name, "--name", name, "--staff-number", f"E-{number}", "--password-stdin")
        assert shell(*words, *team, typed=f"{PASSWORD}\n")[0] == 0
    assert shell("admin", "team", "set", "li", "Hamburg")[0] == 0
    assert "already" in shell("admin", "team", "rename", "Berlin", "Hamburg")[2]
    assert "Nobody is in a team Rome" in shell("admin", "team", "rename", "Rome", "Paris")[2]
    assert "letter or a digit" in shell("admin", "team", "set", "li", "–")[2]
    assert shell("admin", "team", "rename", "Berlin", "Berlin 2")[0] == 0
    assert shell("admin", "team", "clear", "li")[0] == 0
    teams = json.loads(shell("admin", "team", "list", "--json")[1])
    assert [(one["team"], one["people"]) for one in teams] == [("Berlin 2", 1), ("", 1)]
    for team, expected in (("Berlin 2", ["wang"]), ("-", ["li"])):
        listed = json.loads(shell("admin", "user", "list", "--team", team, "--json")[1])
        assert [one["user_name"] for one in listed] == expected
    assert "wang" in shell("admin", "team", "list")[1]
    events = json.loads(shell("admin", "events", "--json")[1])
    assert [(one["kind"], one["subject"], one["facts"].get("team")) for one in reversed(events)] == [
        ("person_added", "wang", "Berlin"),
        ("person_added", "li", None),
        ("team_changed", "li", "Hamburg"),
        ("team_renamed", "", "Berlin 2"),
        ("team_changed", "li", ""),
    ]


def test_somebody_is_linked_to_the_provider_once(shell: Shell, founded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By subject; without a provider, to a second person, or for nobody, the command says what is wrong."""
    for number, name in enumerate(("wang", "li")):
        words = ("admin", "user", "add", name, "--name", name, "--staff-number", number, "--password-stdin")
        assert shell(*words, typed=f"{PASSWORD}\n")[0] == 0
    assert "names none" in shell("admin", "user", "link", "wang", "2482")[2]
    monkeypatch.setenv("CONSENTRY_OIDC_ISSUER", "https://id.example.org")
    monkeypatch.setenv("CONSENTRY_OIDC_CLIENT_ID", "consentry")
    monkeypatch.setenv("CONSENTRY_OIDC_ROLES", "staff=engineer")
    assert shell("admin", "user", "link", "wang", "2482")[0] == 0
    assert "already" in shell("admin", "user", "link", "li", "2482")[2]
    assert "no user eve" in shell("admin", "user", "link", "eve", "1")[2]
