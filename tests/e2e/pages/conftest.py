"""A browser and a web process on one network, for the tests of pages."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection
from playwright.sync_api import Browser

from tests.conftest import truncate_everything
from tests.e2e.pages import site as page_site
from tests.e2e.pages.scene import make_scene
from tests.e2e.pages.site import Site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with page_site.running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def site(browser: Browser, django_db_setup: None, django_db_blocker) -> Iterator[Site]:
    with django_db_blocker.unblock():
        truncate_everything()
        with page_site.running_web(make_scene(datetime.now(UTC))) as site:
            yield site
        truncate_everything()
        connection.close()
