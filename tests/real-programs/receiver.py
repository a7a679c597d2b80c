"""Where a program has itself told what is new: a web server that answers 200 and keeps what came."""

import queue
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

WAIT_SECONDS_MAX = 30


class Receiver:
    """Listens on a free port as long as the `with` lasts."""

    def __init__(self):
        told = self.told = queue.Queue()

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self):
                self.send_response(200)
                self.end_headers()

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                fields = parse_qs(self.rfile.read(length).decode(), strict_parsing=True)
                told.put({name: value for name, [value] in fields.items()})
                self.do_HEAD()

            def log_message(self, format, *args):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/told"

    def next(self):
        """The next notification, waited for."""
        return self.told.get(timeout=WAIT_SECONDS_MAX)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
