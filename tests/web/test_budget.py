"""What a browser loads before anything is seen: a budget, and what has to wait until somebody asks for it."""

import re

import pytest

from audit.service.http_api.pages import DESK
from broker.console import CONSOLE
from serving.http.site import Site

BUDGET_BYTES = 200_000
LATER = ("terminal", "dev-tunnels-ssh", "Files", "hashWorker", "plot")
"""How the names of files begin that come with a terminal, with files, a recording or a plot."""


def loaded_at_first(site: Site) -> dict[str, bytes]:
    """As it goes over the wire: the page, and all that it names, which is every module that its entry imports."""
    page = site.files[""]
    named = re.findall(r'(?:src|href)="[^"]*/(assets/[^"]+)"', page.content.decode())
    return {name: site.files[name].squeezed for name in ("", *named)}


@pytest.mark.parametrize("site", [CONSOLE, DESK], ids=["console", "desk"])
def test_the_first_load_is_small_and_heavy_parts_come_on_demand(site: Site) -> None:
    """Under 200 kB with gzip; terminal, SSH, files, player and plots are there, and not among it."""
    first = loaded_at_first(site)
    assert len(first) > 2
    assert sum(len(content) for content in first.values()) < BUDGET_BYTES
    names = {path.removeprefix("assets/") for path in first}
    later = {path.removeprefix("assets/") for path in site.files} - names
    assert not [name for name in names if name.startswith(LATER)]
    assert [name for name in later if name.startswith(LATER)]
