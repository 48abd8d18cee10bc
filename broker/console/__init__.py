"""The console's built files, as `make web` puts them into site/: served by exact name, never looked for.

Its source is web/; what it speaks is the HTTP API and the websockets, nothing of its own.
"""

from pathlib import Path

from serving.http.site import Site

CONSOLE = Site(Path(__file__).parent / "site")
