"""The retailer's CRM as Salesforce objects: Contact, Lead, Campaign, CampaignMember.

Standard fields are named as in the Object Reference for the Salesforce Platform; `…__c` are this retailer's own.
"""

from __future__ import annotations

from typing import Any, Final

from sandbox.vendors.render import AT, MILLIS_OFFSET, entity, native, of_system, rows
from sandbox.vendors.stream import Payload, Row, Stream
from sandbox.world import World


def _row(payload: Payload, at: int) -> Row:
    return Row(at, str(payload["Id"]), payload)


def _contact(row: dict[str, Any]) -> Payload:
    return {
        "Id": row["native_id"],
        "FirstName": row["given_name"],
        "LastName": row["family_name"],
        "Email": row["email"],
        "Phone": row["phone"],
        "MobilePhone": row["mobile_phone"],
        "MailingStreet": row["street"],
        "MailingCity": row["city"],
        "MailingState": row["region"],
        "MailingPostalCode": row["postcode"],
        "MailingCountry": row["country"],
        "Birthdate": row["birth_date"],
        "HasOptedOutOfEmail": row["email_consent"] == "denied",
        "DoNotCall": row["sms_consent"] == "denied",
        "LeadSource": None,
        "IsDeleted": False,
        "CreatedDate": row["created_at"],
        "LastModifiedDate": row["updated_at"],
        "SystemModstamp": row["updated_at"],
        "Instagram_Handle__c": row["instagram_handle"],
        "X_Handle__c": row["x_handle"],
        "Shopify_Customer_Id__c": native(row["linked_record_id"])
        if entity(row["linked_record_id"]) == "shopify:customer"
        else None,
        "Loyalty_Number__c": row["loyalty_number"],
        "Former_Last_Name__c": row["former_family_name"],
    }


def _lead(row: dict[str, Any]) -> Payload:
    contact = native(row["linked_record_id"]) if entity(row["linked_record_id"]) == "salesforce:contact" else None
    return {
        "Id": row["native_id"],
        "FirstName": row["given_name"],
        "LastName": row["family_name"],
        "Company": row["company"],
        "Email": row["email"],
        "Phone": row["phone"],
        "MobilePhone": row["mobile_phone"],
        "Street": row["street"],
        "City": row["city"],
        "State": row["region"],
        "PostalCode": row["postcode"],
        "Country": row["country"],
        "Status": "Closed - Converted" if contact else "Open - Not Contacted",
        "IsConverted": contact is not None,
        "ConvertedContactId": contact,
        "HasOptedOutOfEmail": row["email_consent"] == "denied",
        "DoNotCall": row["sms_consent"] == "denied",
        "LeadSource": "Web",
        "IsDeleted": False,
        "CreatedDate": row["created_at"],
        "LastModifiedDate": row["updated_at"],
        "SystemModstamp": row["updated_at"],
    }


def _campaign(row: dict[str, Any]) -> Payload:
    return {
        "Id": row["campaign_id"],
        "Name": row["name"],
        "Type": row["type"],
        "Status": row["status"],
        "StartDate": row["start_date"],
        "IsDeleted": False,
        "CreatedDate": row["updated_at"],
        "LastModifiedDate": row["updated_at"],
        "SystemModstamp": row["updated_at"],
    }


def _member(row: dict[str, Any]) -> Payload:
    who = entity(row["record_id"])
    return {
        "Id": row["campaign_member_id"],
        "CampaignId": row["campaign_id"],
        "ContactId": native(row["record_id"]) if who == "salesforce:contact" else None,
        "LeadId": native(row["record_id"]) if who == "salesforce:lead" else None,
        "Status": row["status"],
        "HasResponded": row["has_responded"],
        # The real field is a date.
        "FirstRespondedDate": row["responded_at"][:10] if row["responded_at"] else None,
        "IsDeleted": False,
        "CreatedDate": row["created_at"],
        "LastModifiedDate": row["updated_at"],
        "SystemModstamp": row["updated_at"],
    }


_STAMPS: Final = ("IsDeleted", "CreatedDate", "LastModifiedDate", "SystemModstamp")
_PERSON: Final = ("Id", "FirstName", "LastName", "Email", "Phone", "MobilePhone", "HasOptedOutOfEmail", "DoNotCall")
_MAILING: Final = ("MailingStreet", "MailingCity", "MailingState", "MailingPostalCode", "MailingCountry")
_OWN: Final = (
    "Instagram_Handle__c",
    "X_Handle__c",
    "Shopify_Customer_Id__c",
    "Loyalty_Number__c",
    "Former_Last_Name__c",
)
_LEAD: Final = ("Company", "Street", "City", "State", "PostalCode", "Country", "Status", "IsConverted")
_MEMBER: Final = ("Id", "CampaignId", "ContactId", "LeadId", "Status", "HasResponded", "FirstRespondedDate")

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "Contact": (*_PERSON, *_MAILING, "Birthdate", "LeadSource", *_STAMPS, *_OWN),
    "Lead": (*_PERSON, *_LEAD, "ConvertedContactId", "LeadSource", *_STAMPS),
    "Campaign": ("Id", "Name", "Type", "Status", "StartDate", *_STAMPS),
    "CampaignMember": (*_MEMBER, *_STAMPS),
}
"""The fields of each object: what a query may name."""

STREAMS: Final = {
    "Contact": "contacts",
    "Lead": "leads",
    "Campaign": "campaigns",
    "CampaignMember": "campaign_members",
}
"""The stream that holds each object."""


def streams(world: World) -> dict[str, Stream]:
    """Contact, Lead, Campaign and CampaignMember, in the order of SystemModstamp."""
    contacts = rows(of_system(world["records"], "salesforce", "contact"), MILLIS_OFFSET, at="updated_at")
    leads = rows(of_system(world["records"], "salesforce", "lead"), MILLIS_OFFSET, at="updated_at")
    campaigns = rows(world["campaigns"], MILLIS_OFFSET, at="updated_at")
    members = rows(world["campaign_members"], MILLIS_OFFSET, at="updated_at")
    return {
        "contacts": Stream("contacts", (_row(_contact(row), row[AT]) for row in contacts)),
        "leads": Stream("leads", (_row(_lead(row), row[AT]) for row in leads)),
        "campaigns": Stream("campaigns", (_row(_campaign(row), row[AT]) for row in campaigns)),
        "campaign_members": Stream("campaign_members", (_row(_member(row), row[AT]) for row in members)),
    }
