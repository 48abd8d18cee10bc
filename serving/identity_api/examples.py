"""One example of each body that these routes take, for a server's description in OpenAPI; a test holds them to it."""

from typing import Any

IDENTITY_EXAMPLES: dict[str, Any] = {
    "LoginBody": {"user_name": "sam", "password": "correct horse battery staple", "totp": "492039"},
    "PasswordBody": {"password": "correct horse battery staple"},
    "PasswordChangeBody": {
        "password": "correct horse battery staple",
        "new_password": "a longer one, with a needle in it",
    },
    "TotpBody": {
        "password": "correct horse battery staple",
        "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "totp": "492039",
    },
    "DeviceDecisionBody": {"allow": True},
    "DevicePollBody": {"device_code": "what POST /v1/device-login has answered"},
    "TokenBody": {"name": "the weekly report", "permissions": ["events"], "days": 90},
    "OidcBeginBody": {"fresh": False},
    "PasskeyBody": {"ceremony": "what …/begin has answered", "credential": "{}", "name": "laptop"},
    "PasskeyLoginBody": {"ceremony": "what …/begin has answered", "credential": "{}"},
    "PasskeyNameBody": {"name": "laptop"},
}
