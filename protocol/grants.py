"""Scopes, and what a customer allowed to whom until when."""

from enum import StrEnum


class Scope(StrEnum):
    """One thing that an engineer may do on the customer's machine. Each is asked for and granted by name."""

    VIEW = "view"
    """See the shared terminal."""
    SHELL = "shell"
    """Type in the shared terminal and run commands."""
    FILES_READ = "files:r"
    """List and read files in the granted folders."""
    FILES_WRITE = "files:w"
    """Create, change, rename and remove files in the granted folders."""
    FORWARD = "forward"
    """Open TCP connections from the customer's machine."""
    ROOT = "root"
    """Any of the above as the system's administrator."""
