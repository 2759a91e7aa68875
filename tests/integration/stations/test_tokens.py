"""Tokens are issued, blocked and opened again, and every verb can run twice."""

import pytest

from stations import tokens
from stations.models import Token
from tests.cast import make_cast

pytestmark = pytest.mark.django_db


def test_a_token_is_blocked_once_and_opened_once():
    token = make_cast().astrids_token

    assert tokens.block_token(token_id=token.pk, reason="unpaid")
    assert not tokens.block_token(token_id=token.pk, reason="unpaid again")
    assert Token.objects.get(pk=token.pk).block_reason == "unpaid"
    assert tokens.unblock_token(token_id=token.pk)
    assert not tokens.unblock_token(token_id=token.pk)


def test_the_same_uid_in_any_case_is_the_same_token():
    cast = make_cast()

    first = tokens.issue_token(operator=cast.operator, uid="AbC1", driver=cast.astrid)
    second = tokens.issue_token(operator=cast.operator, uid="aBc1", driver=cast.astrid)

    assert first.pk == second.pk
    assert first.uid == "AbC1"


def test_somebody_elses_token_is_refused():
    cast = make_cast()
    tokens.issue_token(operator=cast.operator, uid="X1", driver=cast.astrid)

    with pytest.raises(tokens.TokenTaken):
        tokens.issue_token(operator=cast.operator, uid="x1", driver=cast.bo)
    tokens.issue_token(operator=cast.other_operator, uid="x1", driver=cast.bo)
