"""A form of a page that was opened before its reader signed in anew."""

import pytest
from django.test import Client

from tests.cast import make_cast

pytestmark = pytest.mark.django_db


def test_a_form_too_old_is_answered_in_our_words_on_a_page_and_beside_what_was_typed() -> None:
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "sv"})
    client.force_login(make_cast().dag)
    form = {"step": "note", "text": "Smutsig"}

    page = client.post("/tickets/1/step/", form)
    part = client.post("/tickets/1/step/", form, headers={"HX-Request": "true"})

    assert (page.status_code, part.status_code) == (403, 403)
    assert "Inte sparat: sidan var för gammal" in page.content.decode()
    assert part["Content-Type"] == "text/plain; charset=utf-8"
    assert part.content.decode().startswith("Inte sparat: du har loggat in på nytt")
