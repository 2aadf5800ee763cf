import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pooch
import pytest

from coopdistill.datasets.source import DATA_VARIABLE, SourceFile, locate
from coopdistill.exceptions import DatasetError

CONTENT = b"1,2,3\n4,5,6\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class _Archive(BaseHTTPRequestHandler):
    """Serves the file at /good, half of it at /cut, and nothing else; counts the requests."""

    requests = 0

    def do_GET(self):
        type(self).requests += 1
        if self.path not in ("/good", "/cut"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT if self.path == "/good" else CONTENT[:5])

    def log_message(self, *args):
        pass


@pytest.fixture
def archive(monkeypatch):
    """The address of a server on this machine."""
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(_Archive, "requests", 0)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Archive) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setattr(pooch, "os_cache", lambda application: folder / application)
    return folder / "coopdistill"


def _files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_download_is_checked_cached_and_not_repeated(archive, cache):
    file = SourceFile("numbers/three.csv", f"{archive}/good", SHA256)
    path = locate(file)
    assert path == cache / "numbers" / "three.csv"
    assert path.read_bytes() == CONTENT
    assert locate(file) == path
    assert _Archive.requests == 1
    assert _files(cache) == [path]


def test_a_damaged_cached_file_is_downloaded_again(archive, cache):
    file = SourceFile("numbers/three.csv", f"{archive}/good", SHA256)
    locate(file).write_bytes(CONTENT[:3])
    assert locate(file).read_bytes() == CONTENT
    assert _Archive.requests == 2


@pytest.mark.parametrize(
    ("page", "sha256"),
    [
        pytest.param("absent", SHA256, id="no such page"),
        pytest.param("cut", SHA256, id="connection lost"),
        pytest.param("good", "0" * 64, id="another content"),
    ],
)
def test_a_failed_download_says_what_to_do_and_leaves_nothing(archive, cache, page, sha256):
    with pytest.raises(DatasetError, match=f"numbers/three.csv.*{page}.*set COOPDISTILL_DATA"):
        locate(SourceFile("numbers/three.csv", f"{archive}/{page}", sha256))
    assert _files(cache) == []


def test_no_server_at_all(archive, cache):
    with pytest.raises(DatasetError, match="set COOPDISTILL_DATA to that folder"):
        # Port 9 discards: nothing listens there on this machine.
        locate(SourceFile("numbers/three.csv", "http://127.0.0.1:9/good", SHA256))
    assert _files(cache) == []


def test_a_local_folder_is_used_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    (tmp_path / "numbers").mkdir()
    mine = tmp_path / "numbers" / "three.csv"
    mine.write_text("a cleaned copy, of another checksum")
    assert locate(SourceFile("numbers/three.csv", "http://127.0.0.1:9/good", SHA256)) == mine


def test_a_file_that_the_local_folder_lacks(tmp_path, monkeypatch):
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    with pytest.raises(DatasetError, match=r"COOPDISTILL_DATA=.* has no file 'numbers/three.csv'"):
        locate(SourceFile("numbers/three.csv", "http://127.0.0.1:9/good", SHA256))
