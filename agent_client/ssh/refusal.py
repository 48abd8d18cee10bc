"""What is refused, in sentences: they reach the engineer on the standard error of their own client."""

from protocol.errors import RefusedError

EXIT_REFUSED = 126
"""What shells answer for a command that may not be executed."""


class RequestNotOffered(RefusedError):
    """The client asked for something that this server never does."""

    sentence = "This session does not offer '{request}'."


class TooManyChannels(RefusedError):
    """One connection opened more channels than any tool needs."""

    sentence = "More than {limit} channels are open on this connection. Close some and try again."
