"""Every setting is described for operators."""

import re
from pathlib import Path

import pytest

from broker.config import Settings, SettingUnusable, load_settings

PAGE = Path(__file__).parents[2] / "docs" / "operating" / "configuration.md"


def test_the_page_describes_every_setting_and_no_other() -> None:
    """By its environment variable, with its default."""
    described = dict(
        re.findall(r"^\| `CONSENTRY_((?!AUDIT_)[A-Z_]+)` \| (.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert {name.lower() for name in described} == set(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        if name == "data_folder":
            continue
        shown = described[name.upper()].strip("`")
        assert shown == ("" if field.default in (None, "") else str(field.default)), name


def test_witnesses_addresses_are_read_by_name() -> None:
    """Names may hold equals signs; what is no address is refused with the variable's name."""
    settings = load_settings(witness_urls="a=b/log=https://a.example/w, c=http://[::1]:8444/witness")
    assert settings.witness_url_of == {"a=b/log": "https://a.example/w", "c": "http://[::1]:8444/witness"}
    for text in ("a", "=https://a.example", "a=ftp://a.example", "a=https://a .example"):
        with pytest.raises(SettingUnusable, match="CONSENTRY_WITNESS_URLS"):
            load_settings(witness_urls=text)


PROVIDER = {"oidc_issuer": "https://id.example.org", "oidc_client_id": "consentry", "oidc_roles": "staff=engineer"}


def test_groups_of_a_provider_are_read_in_their_order() -> None:
    """Names of groups may hold commas and equals signs, as in LDAP: the role stands behind the last one."""
    settings = load_settings(**PROVIDER | {"oidc_roles": "cn=leads,ou=x=supervisor; staff = engineer;"})
    assert settings.oidc_role_pairs == [("cn=leads,ou=x", "supervisor"), ("staff", "engineer")]
    for text in ("staff", "=engineer", "staff=boss", "staff=engineer;x"):
        with pytest.raises(SettingUnusable, match="CONSENTRY_OIDC_ROLES"):
            load_settings(**PROVIDER | {"oidc_roles": text})


@pytest.mark.parametrize(
    "change",
    [{"oidc_issuer": "http://id.example.org"}, {"oidc_issuer": "id.example.org"}, {"oidc_client_id": ""},
     {"oidc_issuer": "https://id.example.org?x=1"}, {"oidc_roles": ""}, {"oidc_scopes": "profile"},
     {"oidc_issuer": "", "password_login": False, "passkeys": False}],
)  # fmt: skip
def test_a_provider_that_is_not_whole_stops_the_broker(change: dict[str, object]) -> None:
    """Before it listens: a sign-in that lets nobody in, or that anybody could read along, is no sign-in."""
    with pytest.raises(SettingUnusable):
        load_settings(**PROVIDER | change)
