"""Search over all indexed sessions. Part of the vault: it reads plaintext, and the broker never imports it.

searching.py     a query through the filters and blocks of every session, page by page
snippets.py      the part of a line that is shown
"""
