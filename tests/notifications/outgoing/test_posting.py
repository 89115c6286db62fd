"""One POST to an address that somebody gave: what arrives, and what no receiver can do."""

import shutil
import socket
import ssl
import subprocess
import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest

from notifications.outgoing.posting import post
from notifications.outgoing.retries import Answer
from tests.notifications.outgoing.receiver import receiver

PORT = 443


def send(url, **options):
    options = {"allow_private": True, "seconds": 1, **options}
    return post(url, body='{"a":"é"}', headers={"webhook-id": "1"}, **options)


def test_the_body_arrives_byte_for_byte_with_its_headers(listener):
    answer = send(listener.url)

    (got,) = listener.got
    assert answer == Answer(204)
    assert got.path == "/hooks?key=kept"
    assert got.body == '{"a":"é"}'.encode()
    assert {name: got.headers[name] for name in ("host", "content-type", "user-agent", "webhook-id")} == {
        "host": f"127.0.0.1:{listener.port}",
        "content-type": "application/json",
        "user-agent": "cadence-webhooks/1",
        "webhook-id": "1",
    }


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(listener, status):
    listener.says((status, {"Location": listener.url}))

    assert send(listener.url) == Answer(status)
    assert len(listener.got) == 1


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("120", 120), ("999999999", 86_400), ("9999999999", None), ("-1", None), ("soon", None), ("", None)],
)
def test_how_long_to_wait_is_read_within_bounds(listener, said, seconds):
    listener.says((429, {"Retry-After": said}))

    wait = None if seconds is None else timedelta(seconds=seconds)
    assert send(listener.url) == Answer(429, retry_after=wait)


def test_a_private_address_is_not_connected_to(listener):
    asked = []

    def resolve(host, port):
        asked.append(host)
        return ["127.0.0.1"]

    answer = send("https://ehr.example/", allow_private=False, resolve=resolve)

    assert answer == Answer(detail="the name of the server leads into a private network")
    assert asked == ["ehr.example"]
    assert send(listener.url, allow_private=False).detail == "The address begins with https://."
    assert listener.got == []


def test_a_name_is_resolved_once_and_the_connection_made_to_what_was_checked(listener):
    """Whoever owns the name may answer something else the second time: nobody asks a second time."""
    answers = [["127.0.0.1"], ["10.0.0.1"]]

    answer = send(f"http://ehr.example:{listener.port}/", resolve=lambda host, port: answers.pop(0))

    assert answer == Answer(204)
    assert answers == [["10.0.0.1"]]
    assert listener.got[0].headers["host"] == f"ehr.example:{listener.port}"


def test_the_second_address_is_tried_when_the_first_refuses(listener):
    found = ["127.0.0.2", "127.0.0.1"]  # nobody listens at the first

    assert send(f"http://ehr.example:{listener.port}/", resolve=lambda *_: found) == Answer(204)


def test_nobody_there():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    assert send(f"http://127.0.0.1:{port}/") == Answer(detail="no connection")
    assert send("http://nowhere.invalid/") == Answer(detail="the name of the server is not known")


@contextmanager
def talker(talk):
    """A server that talks as it likes to whoever connects."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            try:
                with server.accept()[0] as peer:
                    talk(peer)
            except OSError:
                pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread.join(5)


def say_nothing(peer):
    while peer.recv(1000):
        pass


def drip(peer):
    for _ in range(100):
        peer.sendall(b"HTTP/1.1 200 OK\r\n" if _ == 0 else b"X-More: yes\r\n")
        time.sleep(0.1)


def chatter(peer):
    peer.sendall(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
    say_nothing(peer)


def pour(peer):
    peer.recv(1000)
    while True:
        peer.sendall(b"X-More: " + b"x" * 65_536 + b"\r\n")


def hang_up(peer):
    peer.recv(10)


@pytest.mark.parametrize(
    ("talk", "detail"),
    [
        (say_nothing, "no answer within 0.5 s"),
        (drip, "no answer within 0.5 s"),
        (chatter, "the connection broke, or it did not speak HTTP"),
        (pour, "the connection broke, or it did not speak HTTP"),
        (hang_up, "the connection broke, or it did not speak HTTP"),
    ],
)
def test_no_receiver_holds_a_worker_or_breaks_it(talk, detail):
    with talker(talk) as url:
        began = time.monotonic()
        answer = send(url, seconds=0.5)
        took = time.monotonic() - began

    assert answer == Answer(detail=detail)
    assert took < 2


def endless(peer):
    peer.recv(1000)
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n")
    while True:
        peer.sendall(b"x" * 65_536)


def test_a_body_without_end_is_not_read():
    with talker(endless) as url:
        assert send(url) == Answer(200)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """For `ehr.example` alone, signed by itself."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=ehr.example", "-addext", "subjectAltName=DNS:ehr.example"),
            *("-keyout", folder / "key", "-out", folder / "cert"),
        ],
        check=True,
        capture_output=True,
    )
    return folder


def test_a_certificate_is_checked_under_the_name_of_the_url(certificate):
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate / "cert", certificate / "key")
    trust = ssl.create_default_context(cafile=certificate / "cert")

    def to(host, port, **options):
        return send(f"https://{host}:{port}/", resolve=lambda *_: ["127.0.0.1"], **options)

    with receiver(secure=serving) as one:
        good = to("ehr.example", one.port, trust=trust)
        other_name = to("other.example", one.port, trust=trust)
        unknown = to("ehr.example", one.port)

    assert good == Answer(204)
    assert [got.headers["host"] for got in one.got] == [f"ehr.example:{one.port}"]
    assert other_name == Answer(detail="its certificate is not valid")
    assert unknown == Answer(detail="its certificate is not valid")
