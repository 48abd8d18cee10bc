"""What a role allows is one table of each server's; here is how it is asked."""

from protocol.errors import RefusedError


class NotAllowed(RefusedError):
    sentence = "Your role, {role}, does not allow that."


class OwnPasswordFirst(RefusedError):
    sentence = "Choose a password of your own first: in the console, under “Account”."


class TokenNotAllowed(RefusedError):
    """The person might; the API token that they made was given less."""

    sentence = "This API token does not allow that. Make one that does, or sign in."
