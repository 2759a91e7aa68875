"""A station that offers no version we speak: refused, or let in and sent away."""

from collections.abc import Mapping
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import override_settings

from stations.ocpp import gate


def denied(denial: gate.Denial) -> list[Mapping[str, Any]]:
    said: list[Mapping[str, Any]] = []

    async def send(event: Mapping[str, Any]) -> None:
        said.append(event)

    async_to_sync(gate.deny)(send, denial)
    return said


def test_it_is_refused_with_400_by_default() -> None:
    said = denied(gate.NO_VERSION)

    assert [event["type"] for event in said] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]
    assert said[0]["status"] == 400


@override_settings(OCPP_CLOSE_WITHOUT_VERSION=True)
def test_it_is_let_in_without_a_version_and_closed_where_the_setting_says_so() -> None:
    assert denied(gate.NO_VERSION) == [
        {"type": "websocket.accept"},
        {"type": "websocket.close", "code": 1002},
    ]


@override_settings(OCPP_CLOSE_WITHOUT_VERSION=True)
@pytest.mark.parametrize("denial", [gate.UNKNOWN, gate.UNPROVEN, gate.STORE_AWAY])
def test_everybody_else_is_refused_all_the_same(
    denial: gate.Denial,
) -> None:
    assert denied(denial)[0]["status"] == denial.status
