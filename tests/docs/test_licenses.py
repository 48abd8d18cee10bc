"""What of others is in what we ship, and what their licences ask for: to be named, and their text to be passed on."""

import importlib.metadata
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SITES = [ROOT / of / "site" / "licenses.md" for of in ("broker/console", "audit/service", "agent_client/page")]
PERMISSIVE = re.compile(r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation")


def listed(page: Path) -> dict[str, tuple[str, str]]:
    """Version and text by the package's name."""
    entries = re.split(r"^## ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    heads = [re.match(r"(\S+) - (\S+) \((.+)\)\n", entry) for entry in entries]
    assert all(heads)
    return {head[1]: (head[2], entry[head.end() :].strip()) for head, entry in zip(heads, entries, strict=True) if head}


def test_every_library_of_the_pages_is_listed_with_the_version_that_is_locked() -> None:
    """Those that run in a thread of the page, too (hashes of files)."""
    locked = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    wanted = {*locked[""]["dependencies"], "svelte"}  # svelte compiles, and brings what the compiled pages stand on
    every = {name: version for page in SITES for name, (version, _) in listed(page).items()}
    assert not wanted - every.keys()
    assert all(locked[f"node_modules/{name}"]["version"] == every[name] for name in wanted)


@pytest.mark.parametrize("page", SITES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_listed_library_comes_with_the_text_of_its_licence(page: Path) -> None:
    """Also where its package has no file of it."""
    texts = {name: text for name, (_, text) in listed(page).items()}
    assert not [name for name, text in texts.items() if not re.search("(?i)permission|licensed|license", text)]
    assert all(len(text) > 500 for text in texts.values())


def test_the_notice_names_the_libraries_whose_licences_ask_for_more_and_no_others() -> None:
    """Of those that the lock installs here; all others ask for their text alone."""
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    named = {line.lower() for line in re.findall(r"^- (\S+), under", notice, re.MULTILINE)}
    asking = set()
    for name in re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE):
        try:
            metadata = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # of another system
        said = [metadata.get("License-Expression"), metadata.get("License"), *(metadata.get_all("Classifier") or [])]
        if not any(PERMISSIVE.search(word) for word in said if word):
            asking.add(name)
    assert named == asking
