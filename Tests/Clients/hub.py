"""A small Hugging Face Hub on this machine: what its servers answer, and what may go wrong."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """Serves a model; large files (weights) from a second port, as the Hub's own do.

    The attributes below can be set before or between requests; `log` holds what was asked:
    (which server, method, path, headers).
    """

    def __init__(self, model, files):
        self.model = model
        self.files = files
        self.token = None  # what a reader must show
        self.cut_after = None  # bytes of a large file after which the connection breaks...
        self.cuts = 0  # ...so many times
        self.damage = False  # large files arrive with one bit wrong
        self.ranges = True  # whether parts can be asked for
        self.pause = 0  # seconds between the pieces of a large file
        self.announced = {}  # sizes that are not the true ones
        self.statuses = {}  # answers to paths
        self.log = []
        self.closing = threading.Event()
        self.store = self._serve("store", self._large)
        self.main = self._serve("main", self._small)

    def _serve(self, name, answer):
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                hub.log.append((name, self.command, self.path, dict(self.headers)))
                try:
                    answer(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            do_HEAD = do_GET

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return server

    def url(self, server):
        # Another host than 127.0.0.1 to who compares names, so that it is another port as well.
        host = "localhost" if server is self.store else "127.0.0.1"
        return f"http://{host}:{server.server_port}"

    @property
    def endpoint(self):
        return self.url(self.main)

    def close(self):
        self.closing.set()
        for server in (self.main, self.store):
            server.shutdown()
            server.server_close()

    def requests(self, method=None, server=None):
        return [
            path
            for where, verb, path, _ in self.log
            if method in (None, verb) and server in (None, where)
        ]

    @staticmethod
    def is_large(name):
        return name.endswith((".safetensors", ".bin"))

    def tag(self, name):
        content = self.files[name]
        if self.is_large(name):
            return hashlib.sha256(content).hexdigest()
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()

    def _plain(self, request, status, headers=(), body=b""):
        request.send_response(status)
        for name, value in headers:
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(body)

    def _small(self, request):
        if request.path in self.statuses:
            return self._plain(request, *self.statuses[request.path])
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            code = 403 if "Authorization" in request.headers else 401
            return self._plain(request, code, [("X-Error-Code", "GatedRepo")])
        parts = request.path.split("/resolve/")
        if parts[0] != "/" + self.model:
            return self._plain(request, 404, [("X-Error-Code", "RepoNotFound")])
        revision, name = parts[1].split("/", 1)
        if revision not in ("main", COMMIT) or name not in self.files:
            return self._plain(request, 404, [("X-Error-Code", "EntryNotFound")])
        content = self.files[name]
        headers = [("X-Repo-Commit", COMMIT), ("Accept-Ranges", "bytes")]
        if self.is_large(name):
            size = self.announced.get(name, len(content))
            headers += [
                ("X-Linked-Etag", f'"{self.tag(name)}"'),
                ("X-Linked-Size", str(size)),
                ("Location", f"{self.url(self.store)}/{name}?signed=1"),
            ]
            return self._plain(request, 302, headers, b"Found. Redirecting")
        return self._plain(request, 200, headers + [("ETag", f'W/"{self.tag(name)}"')], content)

    def _large(self, request):
        content = bytearray(self.files[request.path[1:].split("?")[0]])
        if self.damage:
            content[len(content) // 2] ^= 1
        wanted, start = request.headers.get("Range"), 0
        if wanted and self.ranges:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        request.send_response(206 if start else 200)
        request.send_header("Content-Length", str(len(content) - start))
        if start:
            end = len(content)
            request.send_header("Content-Range", f"bytes {start}-{end - 1}/{end}")
        request.end_headers()
        end = len(content)
        if self.cut_after is not None and self.cuts > 0 and start + self.cut_after < end:
            self.cuts -= 1
            end = start + self.cut_after
        step = 1 << 16
        for place in range(start, end, step):
            if self.pause and self.closing.wait(self.pause):
                break
            request.wfile.write(content[place : min(place + step, end)])
        if end < len(content):
            request.close_connection = True
