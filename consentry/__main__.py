"""The way in: `consentry …` and `python -m consentry …`."""

import sys


def main() -> None:
    """Runs the command line and exits with its status.

    `ssh-proxy` is started by OpenSSH for every connection, and its start is most of the time that connecting takes:
    it gets nothing imported but itself.
    """
    if sys.argv[1:2] == ["ssh-proxy"]:
        from engineer_client.ssh_proxy import main as carry_ssh

        sys.exit(carry_ssh(sys.argv[2:]))

    from serving.quick_start import undisturbed_imports

    with undisturbed_imports():
        from consentry.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
