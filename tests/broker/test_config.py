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
