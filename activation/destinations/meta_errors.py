"""What Meta's Graph API means by a refusal: it says so in the body, and the HTTP status is often 400 whatever it is.

Source: "Marketing API Error Codes" and "Rate Limits", developers.facebook.com.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import httpx

from activation.destinations.vendor_client import Passing, retry_after, without_personal_data
from activation.sync.destination import BatchRejected, DestinationError

_USAGE: Final = "x-business-use-case-usage"
_TOO_MANY_CALLS: Final = frozenset({4, 17, 32, 613, *range(80000, 80015)})
_TRANSIENT: Final = frozenset({1, 2})
_TOKEN: Final = frozenset({102, 104, 190})
_TERMS: Final = 1870034
_TOO_SMALL: Final = 1870047
_BLOCKED: Final = frozenset({1713228, 1713230, 1713231})
_MISSING: Final = 33


def judge(response: httpx.Response) -> None:
    """Raise what a refusal of the Graph API means; return when only its status says anything.

    Raises:
        Passing: too many calls, or a fault that Meta calls transient.
        BatchRejected: Meta refuses these rows alone.
        DestinationError: nothing more can be sent until a person has done what the message says.
    """
    error = _error_in(response)
    if error is None:
        return
    code, subcode = error.get("code"), error.get("error_subcode")
    said = f"{code}/{subcode}" if subcode else str(code)
    if code in _TOO_MANY_CALLS:
        # The call was not carried out, so it may be repeated.
        raise Passing(f"answered code {said}, too many calls", _wait(response), sent=False)
    if code in _TRANSIENT or error.get("is_transient"):
        raise Passing(f"answered code {said}", _wait(response))
    if code in _TOKEN:
        raise DestinationError(
            f"Meta refuses the access token (code {said}); make a new one for the system user and set "
            "BRAID_META_ADS__ACCESS_TOKEN"
        )
    if subcode == _TERMS:
        raise DestinationError(
            "Meta's terms for custom audiences are not accepted for this ad account (code "
            f"{said}); an admin accepts them in Meta's Audience Manager, then run the sync again"
        )
    if subcode == _TOO_SMALL:
        raise BatchRejected(
            f"code {said}: Meta removes nobody from an audience that would become too small; take the audience out of "
            "its ad sets or delete it in Audience Manager, Braid makes a new one"
        )
    if subcode in _BLOCKED:
        raise DestinationError(
            f"Meta has blocked the audience (code {said}); appeal in Audience Manager, or name a new audience in the "
            "block's options"
        )
    if subcode == _MISSING:
        raise DestinationError(
            f"Meta knows no such ad account or audience, or the system user may not see it (code {said}); check "
            "BRAID_META_ADS__AD_ACCOUNT_ID, the block's audience_id, and who is assigned to the account"
        )
    if code == 10 or (isinstance(code, int) and 200 <= code < 300):
        reason = without_personal_data(str(error.get("message") or "no reason given"))
        raise DestinationError(
            f"Meta does not permit this (code {said}: {reason}); the token needs ads_management for the ad account"
        )


def _error_in(response: httpx.Response) -> Mapping[str, Any] | None:
    try:
        body = response.json()
    except ValueError:
        return None
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else None


def _wait(response: httpx.Response) -> float | None:
    """Seconds until calls are taken again: `Retry-After`, or the longest of the minutes in Meta's own header."""
    asked = retry_after(response.headers.get("retry-after"))
    if asked is not None:
        return asked
    try:
        usage = httpx.Response(200, content=response.headers.get(_USAGE, "{}")).json()
        minutes = [float(one.get("estimated_time_to_regain_access", 0)) for use in usage.values() for one in use]
    except (ValueError, AttributeError, TypeError):
        return None
    return max(minutes, default=0) * 60 or None
