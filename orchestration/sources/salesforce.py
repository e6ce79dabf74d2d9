"""Salesforce: contacts, leads, campaigns and campaign members, by SOQL over the REST API.

`queryAll` is asked, so that deleted records are seen; `SystemModstamp` is the cursor, because it also moves when
Salesforce itself changes a record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import dlt
from dlt.extract import DltResource
from dlt.sources.helpers.rest_client.auth import OAuth2ClientCredentials
from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator

from orchestration.settings import SalesforceSettings
from orchestration.sources.client import PATIENT, Fault, Patience, Vendor
from orchestration.sources.rows import Row, raw_rows, stream

OBJECTS: Final[dict[str, tuple[str, str]]] = {
    "contacts": (
        "Contact",
        "Id, FirstName, LastName, Email, Phone, MobilePhone, MailingStreet, MailingCity, MailingState, "
        "MailingPostalCode, MailingCountry, Birthdate, HasOptedOutOfEmail, DoNotCall, LeadSource, IsDeleted, "
        "CreatedDate, LastModifiedDate, SystemModstamp, Instagram_Handle__c, X_Handle__c, Shopify_Customer_Id__c, "
        "Loyalty_Number__c, Former_Last_Name__c",
    ),
    "leads": (
        "Lead",
        "Id, FirstName, LastName, Company, Email, Phone, MobilePhone, Street, City, State, PostalCode, Country, "
        "Status, IsConverted, ConvertedContactId, HasOptedOutOfEmail, DoNotCall, LeadSource, IsDeleted, CreatedDate, "
        "LastModifiedDate, SystemModstamp",
    ),
    "campaigns": ("Campaign", "Id, Name, Type, Status, StartDate, LastModifiedDate, SystemModstamp"),
    "campaign_members": (
        "CampaignMember",
        "Id, CampaignId, ContactId, LeadId, Status, HasResponded, FirstRespondedDate, CreatedDate, LastModifiedDate, "
        "SystemModstamp",
    ),
}
"""Stream to the Salesforce object and the fields that are asked for."""


@dlt.source
def salesforce(settings: SalesforceSettings, patience: Patience = PATIENT) -> Sequence[DltResource]:
    """One resource per stream of Salesforce, each incremental on `SystemModstamp`."""
    vendor = Vendor(settings.url, read_fault, patience)
    auth = OAuth2ClientCredentials(
        access_token_url=f"{settings.url}/services/oauth2/token",
        client_id=settings.client_id,
        client_secret=settings.client_secret.get_secret_value(),
        session=vendor.session,
    )

    def fetch(name: str, since: str | None) -> Iterator[list[Row]]:
        for page in vendor.pages(
            name,
            f"/services/data/{settings.api_version}/queryAll",
            records="records",
            paginator=JSONLinkPaginator("nextRecordsUrl"),
            auth=auth,
            params={"q": soql(name, since)},
        ):
            yield raw_rows(page, native_id=lambda it: it.get("Id"), cursor=lambda it: it.get("SystemModstamp"))

    return [stream(name, lambda since, name=name: fetch(name, since)) for name in OBJECTS]  # type: ignore[misc]


def soql(name: str, since: str | None) -> str:
    """The query of a stream, from a cursor (`YYYY-MM-DDThh:mm:ss`, UTC) on."""
    thing, fields = OBJECTS[name]
    where = f" WHERE SystemModstamp >= {since}Z" if since else ""
    return f"SELECT {fields} FROM {thing}{where} ORDER BY SystemModstamp"


def read_fault(status: int, body: Any) -> Fault | None:
    """Salesforce answers an error with a list of `errorCode` and `message`; its token endpoint with `error`."""
    if status < 400:
        return None
    if isinstance(body, list) and body and isinstance(body[0], dict):
        code = body[0].get("errorCode")
        # Also sent with a 403: too many requests at once, which passes, unlike the daily limit.
        return Fault(code, body[0].get("message"), retry=code in ("SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW"))
    if isinstance(body, dict):
        return Fault(body.get("error"), body.get("error_description"))
    return None
