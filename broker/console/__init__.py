"""The console's built files, as `make web` puts them into site/: read once, served by exact name, never looked for.

    files.py   what there is, and how each is cached

Its source is web/; what it speaks is the HTTP API and the websockets, nothing of its own.
"""
