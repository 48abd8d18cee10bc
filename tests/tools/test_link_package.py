"""The link that `make run` makes instead of an installation."""

import subprocess
import sys
from importlib.metadata import distributions, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_linked_package_says_its_version_like_an_installed_one(tmp_path: Path) -> None:
    """Also when it is linked again over an earlier one; and whoever removes it finds all of its files."""
    site_packages = tmp_path / "lib" / "python3.11" / "site-packages"
    (site_packages / "consentry-0.0.1.dist-info").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    for _ in range(2):
        subprocess.run([sys.executable, ROOT / "tools" / "link_package.py", tmp_path], check=True)
    (linked,) = distributions(name="consentry", path=[str(site_packages)])
    assert linked.version == version("consentry")
    assert linked.files is not None
    assert {Path(str(path.locate())).resolve() for path in linked.files} == {
        path.resolve() for path in tmp_path.rglob("*") if path.is_file()
    }
    assert (site_packages / "consentry-checkout.pth").read_text() == f"{ROOT}\n"
