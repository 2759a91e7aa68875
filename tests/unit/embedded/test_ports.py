import socket

from chargenet.embedded import ports

HOST = "127.0.0.1"


def _taken() -> socket.socket:
    taken = socket.socket()
    taken.bind((HOST, 0))
    taken.listen()
    return taken


def test_a_free_port_is_no_reason_to_complain():
    with _taken() as once:
        port = once.getsockname()[1]

    assert ports.complaints(HOST, [("WEB_PORT", port)]) == []


def test_a_port_in_use_is_named_with_its_owner_and_a_way_out():
    with _taken() as taken:
        port = taken.getsockname()[1]
        (told,) = ports.complaints(HOST, [("WEB_PORT", port)])

    assert f"Port {port} is in use by" in told
    assert "make run WEB_PORT=" in told


def test_two_settings_may_not_name_one_port():
    with _taken() as once:
        port = once.getsockname()[1]

    (told,) = ports.complaints(HOST, [("WEB_PORT", port), ("GATEWAY_PORT", port)])

    assert told == f"WEB_PORT and GATEWAY_PORT are both {port}. Choose two ports."


def test_a_number_that_is_no_port_is_refused():
    (told,) = ports.complaints(HOST, [("WEB_PORT", 70000)])

    assert "WEB_PORT=70000 is no port" in told
