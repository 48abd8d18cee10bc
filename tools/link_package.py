"""Link this checkout into an environment without a build step: a .pth file, the `consentry` command, and what the
package says of itself (`importlib.metadata`).

`make run` uses it so that the runtime lock needs no build backend; `make test` installs the project properly, in the
place of this link, which its RECORD lets every installer remove.
Usage: python tools/link_package.py VENV
"""

import os
import shutil
import sys
import tomllib
from pathlib import Path

LAUNCHER = """\
#!{python}
import sys
from consentry.__main__ import main
sys.exit(main())
"""

METADATA = """\
Metadata-Version: 2.1
Name: {name}
Version: {version}
"""


def main() -> None:
    environment = Path(sys.argv[1]).resolve()
    if (environment / ".dev").exists():
        return  # the editable install is there
    checkout = Path(__file__).resolve().parent.parent
    with (checkout / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    site_packages = next((environment / "lib").glob("python3.*/site-packages"))
    link = site_packages / "consentry-checkout.pth"
    link.write_text(f"{checkout}\n")
    command = environment / "bin" / "consentry"
    command.write_text(LAUNCHER.format(python=environment / "bin" / "python"))
    command.chmod(0o755)
    for earlier in site_packages.glob("consentry-*.dist-info"):
        shutil.rmtree(earlier)
    about = site_packages / f"{project['name']}-{project['version']}.dist-info"
    about.mkdir()
    metadata, record = about / "METADATA", about / "RECORD"
    metadata.write_text(METADATA.format(**project))
    installed = (link, command, metadata, record)
    record.write_text("".join(f"{os.path.relpath(path, site_packages)},,\n" for path in installed))


if __name__ == "__main__":
    main()
