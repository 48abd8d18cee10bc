"""File descriptors: a server takes as many as the system lets it have.

Shells begin programs with a soft limit of 1,024, for the sake of `select`, which nothing here uses; the hard limit is
what an administrator really allows.
"""

import resource


def raise_descriptor_limit() -> int:
    """Raises the soft limit to the hard one; answers what may be open at a time."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == hard:
        return soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):  # macOS says "unlimited" and takes no more than kern.maxfilesperproc
        return soft
    return hard
