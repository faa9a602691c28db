"""A server on this machine that can misbehave."""

import re
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sklearn_ecg.datasets import _download


class Server:
    """Serve `files`; each of `faults` answers one request in place of the right answer."""

    def __init__(self):
        self.files = {}
        self.faults = deque()
        self.requests = []  # of (name, first byte asked for)
        self.stalled = threading.Event()
        self.closing = threading.Event()
        self._httpd = ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        self._thread = threading.Thread(target=self._httpd.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._httpd.server_port}/"

    def close(self):
        self.closing.set()
        self._httpd.shutdown()
        self._thread.join()
        self._httpd.server_close()

    def answer(self, handler, body, start):
        """Send what was asked for, as a server should."""
        if body is None:
            handler.send_error(404)
        elif start and start >= len(body):
            handler.send_error(416)
        else:
            handler.send_response(206 if start else 200)
            handler.send_header("Content-Length", str(len(body) - start))
            handler.end_headers()
            handler.wfile.write(body[start:])

    def truncate(self, handler, body, start):
        """Promise the whole file and hang up in the middle of it."""
        self._begin(handler, body, start)

    def stall(self, handler, body, start):
        """Promise the whole file, send half of it, and keep silent."""
        self._begin(handler, body, start)
        self.stalled.set()
        self.closing.wait()

    def ignore_range(self, handler, body, start):
        """Send the whole file whatever part was asked for."""
        self.answer(handler, body, 0)

    @staticmethod
    def fail(status):
        """Make a fault that answers with an error."""
        return lambda handler, body, start: handler.send_error(status)

    def _begin(self, handler, body, start):
        handler.send_response(206 if start else 200)
        handler.send_header("Content-Length", str(len(body) - start))
        handler.end_headers()
        handler.wfile.write(body[start : len(body) // 2])
        handler.wfile.flush()

    def _make_handler(server):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.path.removeprefix("/")
                asked = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
                start = int(asked[1]) if asked else 0
                server.requests.append((name, start))
                respond = server.faults.popleft() if server.faults else server.answer
                respond(self, server.files.get(name), start)

            def log_message(self, *args):
                pass

        return Handler


@pytest.fixture
def server(monkeypatch):
    """Server of made-up files, with downloads that lose no time on it."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(_download, "_PAUSE_S", 0.0)
    monkeypatch.setattr(_download, "_CHUNK_SIZE", 16)
    server = Server()
    yield server
    server.close()
