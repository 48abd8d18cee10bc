"""The customer's local page: the third face, in the browser of the very person who typed `consentry share`.

The agent serves the page itself, from its own package data, on the loopback address and nowhere else. Nothing of it
comes from the broker. What goes over its one websocket is what `faces/json_conversation.py` says and understands.

    page_face.py   the `Face`: what the customer is told, and that everything stands still while nobody looks
    server.py      files and the websocket on 127.0.0.1
    door.py        who may come in: one page at a time, each ticket once (docs/decisions/0030)
    peers.py       whose socket is at the other end
    visitor.py     the page that is connected, and how far it is behind
    history.py     what a page that comes back has to be told again
    site.py        the page's files, in memory
    desktop.py     is there a desktop, and how a browser is started on it
    site/          built from web/ by `make web`, not in git
"""
