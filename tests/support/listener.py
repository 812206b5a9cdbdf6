"""Listen for HTTP requests of a program under test, and keep what was asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

Asked = tuple[str, dict[str, str]]
"""The path of a request, and its query by name."""


class HttpListener:
    """Answer every GET with 200 and an empty text; `asked` grows in order."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def of(self, path: str) -> list[dict[str, str]]:
        """Give the queries of the requests for `path`."""
        return [query for asked, query in list(self.asked) if asked == path]

    @contextmanager
    def serving(self) -> Iterator[HttpListener]:
        thread = threading.Thread(target=self._server.serve_forever, name="listener")
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = parse_qs(parts.query, keep_blank_values=True)
                asked.append((parts.path, {name: values[0] for name, values in query.items()}))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler
