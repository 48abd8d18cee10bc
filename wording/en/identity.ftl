### People who log in: what administrators are asked.

identity-ask-password = New password (at least 12 characters):{" "}
identity-ask-password-again = Again:{" "}
