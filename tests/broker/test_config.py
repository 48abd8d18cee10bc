"""Every setting is described for operators."""

import re
from pathlib import Path

from broker.config import Settings

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
