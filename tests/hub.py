"""A hub of one machine: folders served as the model hub serves repositories, so that its real clients can fetch, stream and be refused."""
import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

SHA = "0123456789abcdef0123456789abcdef01234567"  # of the one commit that each repository has


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *args): pass

    def answer(self, status, body=b"", kind="application/json", **headers):
        body = json.dumps(body).encode() if not isinstance(body, bytes) else body
        self.send_response(status)
        for k, v in {"Content-Type": kind, "Content-Length": len(body), **{k.replace("_", "-"): v for k, v in headers.items()}}.items(): self.send_header(k, str(v))
        self.end_headers()
        if self.command != "HEAD": self.wfile.write(body)

    def refuse(self, status, code, says): self.answer(status, dict(error=says), X_Error_Code=code, X_Error_Message=says)

    def repository(self, kind, owner, name):
        "Its folder; None where it was refused."
        self.server.asked.append(f"{self.command} {self.path}")
        folder, id = self.server.root/kind/owner/name, f"{owner}/{name}"
        if not folder.is_dir(): return self.refuse(404, "RepoNotFound", "Repository not found")
        if id in self.server.gated and self.headers.get("Authorization") != f"Bearer {self.server.token}": return self.refuse(401, "GatedRepo", f"Access to {kind[:-1]} {id} is restricted. You must have access to it and be authenticated to access it.")
        return folder

    @staticmethod
    def entry(folder, p):
        data = p.read_bytes()
        return dict(type="file", path=p.relative_to(folder).as_posix(), size=len(data), oid=hashlib.sha1(data).hexdigest())

    def entries(self, folder, under="", deep=True):
        at = folder/under
        if at.is_file(): return [self.entry(folder, at)]
        for p in sorted(at.rglob("*") if deep else at.iterdir()): yield self.entry(folder, p) if p.is_file() else dict(type="directory", path=p.relative_to(folder).as_posix(), size=0, oid=SHA)

    def do_GET(self):
        url = urlsplit(self.path)
        parts, query = [unquote(p) for p in url.path.strip("/").split("/")], parse_qs(url.query)
        if parts[0] == "api" and len(parts) >= 4:
            if (folder := self.repository(*parts[1:4])) is None: return
            rest = parts[4:]
            if not rest or rest[0] == "revision":
                files = [e["path"] for e in self.entries(folder) if e["type"] == "file"]
                id = "/".join(parts[2:4])
                return self.answer(200, dict(id=id, modelId=id, sha=SHA, private=False, gated=id in self.server.gated, disabled=False, downloads=0, likes=0, tags=[], siblings=[dict(rfilename=f) for f in files], lastModified="2026-01-01T00:00:00.000Z", createdAt="2026-01-01T00:00:00.000Z"))
            if rest[0] == "tree" and not folder.joinpath(*rest[2:]).exists(): return self.refuse(404, "EntryNotFound", "Entry not found")
            if rest[0] == "tree": return self.answer(200, list(self.entries(folder, "/".join(rest[2:]), query.get("recursive", ["false"])[0].lower() in ("true", "1"))))
        if "resolve" in parts:
            at = parts.index("resolve")
            if (folder := self.repository(*((parts[0],) if at == 3 else ("models",)), *parts[at - 2:at])) is None: return
            p = folder.joinpath(*parts[at + 2:])
            if not p.is_file(): return self.refuse(404, "EntryNotFound", "Entry not found")
            data = p.read_bytes()
            same = dict(kind="application/octet-stream", ETag=f'"{hashlib.sha1(data).hexdigest()}"', X_Repo_Commit=SHA, Accept_Ranges="bytes")
            if (wanted := self.headers.get("Range", "")).startswith("bytes="):
                first, last = (int(x) if x else None for x in wanted[6:].split("-"))
                last = len(data) - 1 if last is None else min(last, len(data) - 1)
                return self.answer(206, data[first:last + 1], Content_Range=f"bytes {first}-{last}/{len(data)}", **same)
            return self.answer(200, data, **same)
        self.refuse(404, "EntryNotFound", "There is nothing here")
    do_HEAD = do_GET

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = [unquote(p) for p in urlsplit(self.path).path.strip("/").split("/")]
        if len(parts) < 6 or parts[4] != "paths-info": return self.refuse(404, "EntryNotFound", "There is nothing here")
        if (folder := self.repository(*parts[1:4])) is None: return
        paths = json.loads(body)["paths"] if body[:1] == b"{" else parse_qs(body.decode()).get("paths", [])
        self.answer(200, [self.entry(folder, folder/p) for p in paths if (folder/p).is_file()] + [dict(type="directory", path=p, size=0, oid=SHA) for p in paths if (folder/p).is_dir()])


@contextmanager
def hub(root: Path, gated=(), token=""):
    "Serves root/models/OWNER/NAME and root/datasets/OWNER/NAME; `.url` is its address, `.asked` what was asked."
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.root, server.gated, server.token, server.asked, server.url = root, set(gated), token, [], f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try: yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
