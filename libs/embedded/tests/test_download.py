from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kinetic.embedded import DownloadFailed, KafkaJars, fetch_kafka, free_ports

TORN = "zstd-jni"


class Mirror:
    """A Maven repository with Kafka's jars, of which one can be spoilt or withheld."""

    def __init__(self, jars: KafkaJars) -> None:
        self.spoilt = self.withheld = ""
        self.asked: list[str] = []
        mirror = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.rpartition("/")[2]
                mirror.asked.append(name)
                held_back = mirror.withheld and name.startswith(mirror.withheld)
                if name not in jars.names or held_back:
                    self.send_error(404)
                    return
                content = (jars.folder / name).read_bytes()
                if mirror.spoilt and name.startswith(mirror.spoilt):
                    content = content[:-1]
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def mirror(jars: KafkaJars, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    mirror = Mirror(jars)
    monkeypatch.setenv("KINETIC_MAVEN_MIRROR", mirror.url)
    threading.Thread(target=mirror.server.serve_forever, daemon=True).start()
    yield mirror
    mirror.server.shutdown()
    mirror.server.server_close()


def test_jars_once_fetched_are_never_asked_for_again(mirror: Mirror, tmp_path: Path) -> None:
    first = fetch_kafka(tmp_path)
    mirror.asked.clear()

    assert fetch_kafka(tmp_path) == first
    assert mirror.asked == []
    assert all((first.folder / name).is_file() for name in first.names)


def test_a_jar_that_differs_from_the_lock_is_refused_by_name(mirror: Mirror, tmp_path: Path) -> None:
    mirror.spoilt = TORN

    with pytest.raises(DownloadFailed) as refusal:
        fetch_kafka(tmp_path)

    assert "com.github.luben:zstd-jni:" in str(refusal.value)
    assert "sha256" in str(refusal.value)


def test_a_download_that_broke_off_fetches_only_what_is_missing(mirror: Mirror, tmp_path: Path) -> None:
    mirror.withheld = TORN
    with pytest.raises(DownloadFailed):
        fetch_kafka(tmp_path)
    mirror.withheld = ""
    kept = {jar.name for jar in tmp_path.rglob("*.jar")}
    mirror.asked.clear()

    fetch_kafka(tmp_path)

    assert kept
    assert kept.isdisjoint(mirror.asked)


def test_without_a_network_the_error_is_one_line_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [closed] = free_ports(1)
    monkeypatch.setenv("KINETIC_MAVEN_MIRROR", f"http://127.0.0.1:{closed}")

    with pytest.raises(DownloadFailed) as refusal:
        fetch_kafka(tmp_path)

    assert "refused" in str(refusal.value)
    assert "KINETIC_MAVEN_MIRROR" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_progress_is_told_in_sentences(mirror: Mirror, tmp_path: Path) -> None:
    told: list[str] = []

    fetch_kafka(tmp_path, told.append)

    assert told[0] == "Downloading Kafka, once: 45 jars"
    assert told[-1] == "Downloaded 45 of 45 jars"
    assert mirror.asked
