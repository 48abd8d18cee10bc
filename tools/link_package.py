"""Link this checkout into an environment without a build step: a .pth file and the `consentry` command.

`make run` uses it so that the runtime lock needs no build backend; `make test` installs the project properly.
Usage: python tools/link_package.py VENV
"""

import sys
from pathlib import Path

LAUNCHER = """\
#!{python}
import sys
from consentry.__main__ import main
sys.exit(main())
"""


def main() -> None:
    environment = Path(sys.argv[1]).resolve()
    if (environment / ".dev").exists():
        return  # the editable install is there
    checkout = Path(__file__).resolve().parent.parent
    site_packages = next((environment / "lib").glob("python3.*/site-packages"))
    (site_packages / "consentry-checkout.pth").write_text(f"{checkout}\n")
    command = environment / "bin" / "consentry"
    command.write_text(LAUNCHER.format(python=environment / "bin" / "python"))
    command.chmod(0o755)


if __name__ == "__main__":
    main()
