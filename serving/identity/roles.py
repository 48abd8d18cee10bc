"""What a role allows is one table of each server's; here is how it is asked."""

from protocol.errors import RefusedError

ACCOUNT = "account"
"""Permission for one's own account: password, second factor, logins. Every server's table has these three."""

PEOPLE = "people"
"""Permission for other people's logins."""

EVENTS = "events"
"""Permission to read what was decided about people and their logins."""


class NotAllowed(RefusedError):
    sentence = "Your role, {role}, does not allow that."


class OwnPasswordFirst(RefusedError):
    sentence = "Choose a password of your own first: in the console, under “Account”."


class TokenNotAllowed(RefusedError):
    """The person might; the API token that they made was given less."""

    sentence = "This API token does not allow that. Make one that does, or sign in."
