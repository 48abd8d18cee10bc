"""What makes an installation somebody's: founded once, on the machine itself, never over the network.

folder.py        which file is where in the data folder
people.py        roles, and what each may do
engineers.py     what an engineer is
teams.py         by what lists and figures tell people apart
authority.py     the engineer CA: who gets a certificate
founding.py      `consentry admin init`: root key, engineer CA, ticket key, TLS certificate, signed profile
key_dates.py     since when each key is here
organisation.py  loads what was founded, and refuses what does not fit together
"""
