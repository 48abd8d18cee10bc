"""`consentry admin audit-service`, `consentry audit init` and what looks after the service, as somebody types them."""

import json
import os
import sys
from pathlib import Path

import pytest

from audit.service.config import load_audit_settings
from audit.service.passphrases import PassphraseNeeded, passphrase_source
from audit.service.setup import load_setup, setup_file, tls_files
from audit.vault.keys import load_key, make_audit_key
from protocol.share_url import ShareUrl
from tests.broker.harness import PASSWORD, found, make_settings
from tests.helpers.typed_commands import Shell


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    monkeypatch.setenv("CONSENTRY_DATA_FOLDER", str(tmp_path / "broker"))
    monkeypatch.setenv("CONSENTRY_AUDIT_DATA_FOLDER", str(tmp_path / "audit"))
    return Shell(capsys, monkeypatch)


@pytest.fixture
def service(shell: Shell, tmp_path: Path) -> Path:
    """An audit service that was set up by the commands of docs/operating/running.md."""
    organisation = found(make_settings(tmp_path / "broker"))
    make_audit_key(tmp_path / "audit.key", suite="x25519")
    status, token, _ = shell("admin", "audit-service", "add", "audit-1")
    assert status == 0
    status, _, said = shell(
        "audit", "init", "--broker", organisation.share_url, "--key", tmp_path / "audit.key", typed=token
    )
    assert (status, "set up" in said) == (0, True), said
    return tmp_path / "audit"


def test_setting_up_makes_private_files(shell: Shell, service: Path) -> None:
    """The token, the key's place and a certificate; nobody else on the machine reads them, nothing shows the token."""
    assert all(path.stat().st_mode & 0o077 == 0 for path in [service, *service.rglob("*")])
    setup = load_setup(service)
    assert setup.token not in repr(setup)
    assert setup.key_files == (service.parent / "audit.key",)
    assert all(path.exists() for path in tls_files(service))
    status, _, said = shell("audit", "init", "--broker", str(setup.broker), "--key", "x", typed=setup.token)
    assert (status, "already" in said) == (1, True)


def test_a_token_is_needed_and_the_database_holds_none(shell: Shell, service: Path, tmp_path: Path) -> None:
    """It comes on standard input, where no list of processes shows it."""
    status, _, said = shell("audit", "init", "--broker", "https://localhost", "--key", "x", "--data", tmp_path / "new")
    assert (status, "standard input" in said) == (1, True)
    token = load_setup(service).token.encode()
    assert token not in (tmp_path / "broker" / "broker.sqlite3").read_bytes()
    assert token in setup_file(service).read_bytes()


def test_a_service_is_given_another_token_and_another_address(shell: Shell, service: Path) -> None:
    """Both at once or one of them; keys stay as they are. With neither, nothing is changed."""
    before = load_setup(service)
    moved = str(ShareUrl("https://support.example.org", before.broker.root_key))
    for options, typed, address, token in (
        ((), "cst_new\n", before.broker, "cst_new"),
        (("--broker", moved), "", moved, "cst_new"),
        (("--broker", before.broker), "cst_newer\n", before.broker, "cst_newer"),
    ):
        status, _, said = shell("audit", "connect", *options, typed=typed)
        assert (status, "from its next start on" in said) == (0, True)
        setup = load_setup(service)
        assert (str(setup.broker), setup.token, setup.key_files) == (str(address), token, before.key_files)
    status, _, said = shell("audit", "connect")
    assert (status, "--broker" in said) == (1, True)
    assert load_setup(service) == setup


def test_audit_services_are_listed_and_removed(shell: Shell, service: Path) -> None:
    """By the names that they were given, each once."""
    assert shell("admin", "audit-service", "list")[1] == "audit-1\n"
    status, _, said = shell("admin", "audit-service", "add", "audit-1")
    assert (status, "already" in said) == (1, True)
    assert shell("admin", "audit-service", "remove", "audit-1")[0] == 0
    assert json.loads(shell("admin", "audit-service", "list", "--json")[1]) == []
    assert shell("admin", "audit-service", "remove", "audit-1")[0] == 1


def test_people_are_added_on_the_machine_itself(shell: Shell, service: Path) -> None:
    """With a role, a password and, if wished, one-time numbers; listed, locked out, let in again."""
    add = ("audit", "user", "add", "chen", "--name", "Chen Yu", "--role", "reviewer", "--password-stdin")
    status, out, _ = shell(*add, "--totp", "--json", typed=f"{PASSWORD}\n")
    assert (status, json.loads(out)["totp_uri"].startswith("otpauth://totp/")) == (0, True)
    assert shell(*add, typed=f"{PASSWORD}\n")[0] == 1
    for verb, disabled in (("disable", True), ("enable", False)):
        assert shell("audit", "user", verb, "chen")[0] == 0
        (chen,) = json.loads(shell("audit", "user", "list", "--json")[1])
        assert (chen["role"], chen["disabled"], chen["totp"]) == ("reviewer", disabled, True)
    assert shell("audit", "user", "reset-password", "chen", "--password-stdin", typed="a new password\n")[0] == 0
    assert shell("audit", "user", "totp", "chen", "--off")[0] == 0
    status, _, said = shell("audit", "user", "disable", "nobody")
    assert (status, "consentry audit user list" in said) == (1, True)


def test_a_key_is_added_and_a_backup_made_and_restored(shell: Shell, service: Path, tmp_path: Path) -> None:
    """Each command says what it did, and what to do next."""
    make_audit_key(tmp_path / "next.key", suite="x25519")
    status, out, said = shell("audit", "key", "add", tmp_path / "next.key")
    assert (status, "opens with" in out, "within seconds" in said) == (0, True, True)
    assert len(load_setup(service).key_files) == 2
    for folder in ("records", "epochs"):
        (service / folder).mkdir()
    status, out, said = shell("audit", "backup", tmp_path / "backup")
    assert (status, "apart" in said) == (0, True)
    status, out, _ = shell("audit", "restore", tmp_path / "backup", "--data", tmp_path / "restored", "--json")
    assert (status, json.loads(out)) == (0, {"sessions": 0, "erased": 0, "broken": [], "unopened": []})
    status, _, said = shell("audit", "restore", tmp_path / "backup", "--data", tmp_path / "restored")
    assert (status, "not empty" in said) == (1, True)
    status, _, said = shell(
        "audit", "restore", tmp_path / "backup", "--keys-from", tmp_path / "none", "--data", tmp_path / "second"
    )
    assert (status, "is not there" in said, (tmp_path / "second").exists()) == (1, True, False)
    status, _, said = shell("audit", "backup", service / "inside")
    assert (status, "inside the data folder" in said) == (1, True)


def test_without_a_service_the_commands_say_what_to_do(shell: Shell) -> None:
    """One sentence, and nothing is made."""
    status, _, said = shell("audit", "user", "list")
    assert (status, "consentry audit init" in said) == (1, True)


def test_a_machine_without_the_services_parts_says_which_to_install(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever only reads recordings need not have them, and gets no traceback."""
    monkeypatch.delitem(sys.modules, "audit.service.config", raising=False)
    monkeypatch.setitem(sys.modules, "pydantic_settings", None)
    status, _, said = shell("audit", "user", "list")
    assert (status, "pip install" in said) == (1, True)


def test_a_key_under_a_passphrase_is_opened_by_a_file_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service without a terminal never waits for somebody to type."""
    make_audit_key(tmp_path / "audit.key", suite="x25519", passphrase="open sesame", scrypt_cost=2**14)
    (tmp_path / "passphrase").write_text("open sesame\n")
    given = load_audit_settings(data_folder=tmp_path, passphrase_file=tmp_path / "passphrase")
    load_key(tmp_path / "audit.key", passphrase_source(given, tmp_path / "audit.key"))
    real_open = os.open

    def no_terminal(path: object, *arguments: object) -> int:
        if path == "/dev/tty":
            raise OSError(6, "no terminal")
        return real_open(path, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", no_terminal)
    alone = load_audit_settings(data_folder=tmp_path)
    with pytest.raises(PassphraseNeeded, match="CONSENTRY_AUDIT_PASSPHRASE_FILE"):
        load_key(tmp_path / "audit.key", passphrase_source(alone, tmp_path / "audit.key"))
