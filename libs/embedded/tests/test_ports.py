from __future__ import annotations

import os
import socket

import pytest

from kinetic.embedded import PortTaken, ensure_free, free_ports


def test_free_ports_are_distinct_and_can_be_listened_on() -> None:
    ports = free_ports(5)

    assert len(set(ports)) == 5
    for port in ports:
        with socket.socket() as server:
            server.bind(("127.0.0.1", port))
            server.listen()


def test_a_taken_port_is_refused_in_one_line_that_names_port_and_process() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]

        with pytest.raises(PortTaken) as refusal:
            ensure_free(port, "Kafka's port")

    assert f"Kafka's port {port} is taken by process {os.getpid()}" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_port_taken_on_all_addresses_is_refused_too() -> None:
    with socket.socket() as server:
        server.bind(("0.0.0.0", 0))  # noqa: S104
        server.listen()

        with pytest.raises(PortTaken):
            ensure_free(server.getsockname()[1])


def test_a_port_with_closed_connections_that_linger_is_free() -> None:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = server.accept()
        accepted.close()  # the side that closes first keeps the port in TIME_WAIT
        client.close()

    ensure_free(port)
