"""Signing webhooks as the Standard Webhooks specification has it; the vector is that of its reference libraries."""

from __future__ import annotations

import base64

import httpx
import pytest
from pydantic import SecretStr

from activation.destinations.webhook import Signature, Webhook, WebhookAccount, WebhookOptions, keys_of, sign
from activation.sync.destination import DestinationError

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY = base64.b64decode(SECRET.removeprefix("whsec_"))


def test_the_published_vector() -> None:
    signature = sign(KEY, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def signed(content: bytes, *secrets: str) -> httpx.Request:
    auth = Signature(keys_of(SecretStr(" ".join(secrets))), httpx.URL("https://shop.example/hook?key=1"))
    return next(auth.auth_flow(httpx.Request("POST", "https://shop.example/", content=content)))


def test_the_id_is_of_the_body_and_the_address_is_as_given() -> None:
    one, again, other = signed(b"{}", SECRET), signed(b"{}", SECRET), signed(b"{ }", SECRET)
    assert one.headers["webhook-id"] == again.headers["webhook-id"] != other.headers["webhook-id"]
    assert str(one.url) == "https://shop.example/hook?key=1", "no slash added, the query kept"
    message_id, timestamp = one.headers["webhook-id"], int(one.headers["webhook-timestamp"])
    assert one.headers["webhook-signature"] == sign(KEY, message_id, timestamp, b"{}")


def test_while_a_secret_is_replaced_both_sign() -> None:
    newer = "whsec_" + base64.b64encode(b"n" * 32).decode()
    request = signed(b"{}", newer, SECRET)
    assert len(request.headers["webhook-signature"].split()) == 2


def test_a_secret_that_is_no_whsec_is_taken_as_its_bytes() -> None:
    assert keys_of(SecretStr("a-plain-secret-of-25-bytes")) == [b"a-plain-secret-of-25-bytes"]


@pytest.mark.parametrize("secret", ["", "tiny", "whsec_!!!!", "whsec_c2hvcnQ="])
def test_a_secret_that_cannot_sign_is_refused_and_not_shown(secret: str) -> None:
    with pytest.raises(DestinationError, match="BRAID_WEBHOOK__SECRET") as failure:
        keys_of(SecretStr(secret))
    assert not secret or secret not in str(failure.value)


@pytest.mark.parametrize("url", ["", "shop.example/hook", "ftp://shop.example"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(DestinationError, match="BRAID_WEBHOOK__URL"):
        Webhook(WebhookAccount(url=url, secret=SecretStr(SECRET)), WebhookOptions(), "block")
