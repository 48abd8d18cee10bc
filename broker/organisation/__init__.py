"""What makes an installation somebody's: founded once, on the machine itself, never over the network.

folder.py        which file is where in the data folder, and private files on disk
founding.py      `consentry admin init`: root key, engineer CA, ticket key, TLS certificate, signed profile
organisation.py  loads what was founded, and refuses what does not fit together
certificate.py   the broker's own TLS certificate
"""
