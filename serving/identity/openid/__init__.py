"""Sign in at somebody else: OpenID Connect, code flow with PKCE (OpenID Connect Core 1.0, RFC 7636, RFC 9207).

door.py       HTTPS to the provider: small answers, no redirects, limits of time
provider.py   discovery, keys and their rotation, the code for tokens
id_token.py   what makes an ID token one that we believe
claims.py     who somebody is, and their groups, out of what the provider says
admission.py  who of the provider's people may work here, and who they are; sql_people.py: in SQL
sign_in.py    there and back: what is sent, and what must come back with it
"""
