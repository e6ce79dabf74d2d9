"""How the Google Ads API says no: a status with a `GoogleAdsFailure` in its details."""

from __future__ import annotations

import secrets
from typing import Final

from starlette.responses import Response

from sandbox.vendors.stream import Payload
from sandbox.vendors.vendor import reply

_TYPE: Final = "type.googleapis.com/google.ads.googleads.v24.errors.GoogleAdsFailure"
_STATUS: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_CODES: Final = {
    400: ("offlineUserDataJobError", "INVALID_ENCODING", "Data is not encoded properly."),
    401: ("authenticationError", "OAUTH_TOKEN_INVALID", "OAuth token with the header is not valid."),
    403: ("authorizationError", "USER_PERMISSION_DENIED", "User does not have permission to access customer."),
    404: ("mutateError", "RESOURCE_NOT_FOUND", "Resource was not found."),
    412: ("offlineUserDataJobError", "CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS", "Accept the customer data terms."),
    429: ("quotaError", "RESOURCE_TEMPORARILY_EXHAUSTED", "Too many requests. Retry in a moment."),
    451: ("authorizationError", "CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE", "The customer is not allowlisted."),
    500: ("internalError", "INTERNAL_ERROR", "An internal error has occurred."),
    503: ("internalError", "TRANSIENT_ERROR", "A transient internal error has occurred."),
}


def failure(status: int, retry_after: int | None = None) -> Response:
    """The refusal of an HTTP status; 412 stands for terms not accepted (400 at Google), 451 for a new adopter (403)."""
    kind, code, message = _CODES.get(status, _CODES[500])
    shown = {412: 400, 451: 403}.get(status, status)
    return refusal(shown, kind, code, message, retry_after)


def refusal(status: int, kind: str, code: str, message: str, retry_after: int | None = None) -> Response:
    """A refusal with one error; the wait of a quota is in its details and in Retry-After."""
    error: Payload = {"errorCode": {kind: code}, "message": message}
    if retry_after is not None and kind == "quotaError":
        error["details"] = {"quotaErrorDetails": {"rateScope": "ACCOUNT", "retryDelay": f"{retry_after}s"}}
    details = [{"@type": _TYPE, "errors": [error], "requestId": secrets.token_urlsafe(16)}]
    body = {"code": status, "message": message, "status": _STATUS.get(status, "INTERNAL"), "details": details}
    return reply({"error": body}, status, {} if retry_after is None else {"Retry-After": str(retry_after)})


def wrong_operation(place: int, code: str) -> Payload:
    """One error of `partialFailureError`: the operation at that place of the request."""
    path = [{"fieldName": "operations", "index": place}, {"fieldName": "create"}, {"fieldName": "user_identifiers"}]
    messages = {"INVALID_SHA256_FORMAT": "The SHA256 encoded value is malformed."}
    return {
        "errorCode": {"offlineUserDataJobError": code},
        "message": messages.get(code, "The operation is malformed."),
        "location": {"fieldPathElements": path},
    }
