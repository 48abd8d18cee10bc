"""A folder of built pages, as servers of ours serve it."""

import gzip
from pathlib import Path

import pytest

from serving.http.site import CONTENT_SECURITY_POLICY, PagesNotBuilt, Site


def test_a_file_of_another_kind_is_no_part_of_it(tmp_path: Path) -> None:
    """What a browser would have to guess at is left out."""
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "notes.txt").write_text("left behind")
    assert set(Site(tmp_path).files) == {""}


def test_without_a_page_there_is_no_site(tmp_path: Path) -> None:
    """And whoever asks is told how to make one."""
    (tmp_path / "left.js").write_text("")
    with pytest.raises(PagesNotBuilt, match="make web"):
        Site(tmp_path).answer("", "")


def test_what_a_browser_loads_is_squeezed(tmp_path: Path) -> None:
    """Once, at the start. Whoever does not take gzip gets it as it is, and no cache between mixes the two up."""
    page = b"<!doctype html>" + 500 * b"<p>the same again</p>"
    (tmp_path / "index.html").write_bytes(page)
    site = Site(tmp_path)
    squeezed, plain = site.answer("", "gzip, deflate, br"), site.answer("", "identity")
    assert (squeezed.headers["Content-Encoding"], gzip.decompress(bytes(squeezed.body))) == ("gzip", page)
    assert len(squeezed.body) < len(page) / 10
    assert ("Content-Encoding" in plain.headers, plain.body) == (False, page)
    assert squeezed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


def test_webassembly_is_for_the_thread_that_hashes_alone(tmp_path: Path) -> None:
    """A policy of its own, in which nothing can be loaded or asked; the page and its other scripts have the page's."""
    assets = tmp_path / "assets"
    assets.mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>")
    for name in ("hashWorker-AbC1.js", "Files-hashWorker-2.js"):
        (assets / name).write_text("")
    site = Site(tmp_path)
    policies = {path: site.answer(path, "").headers["Content-Security-Policy"] for path in site.files}
    assert policies.pop("assets/hashWorker-AbC1.js") == "default-src 'none'; script-src 'wasm-unsafe-eval'"
    assert set(policies.values()) == {CONTENT_SECURITY_POLICY}
    assert "wasm" not in CONTENT_SECURITY_POLICY
