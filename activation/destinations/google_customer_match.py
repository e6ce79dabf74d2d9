"""Google customer match: whom Google ads may be shown to, as hashes of their contact details.

Members cannot be read. A row is acknowledged when Google took its operation and the job that held it ended in success.
Adding and removing are operations on a set, so what may have been done is done again without harm.

Source: Google Ads API, "Get started with Customer Match", "Manage customer lists"; Data Manager API, "Send audience
members".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from activation.destinations.google_access import GoogleAdsAccount, Token, errors_in, judge
from activation.destinations.google_data_manager import DataManager
from activation.destinations.google_jobs import Member, OfflineJobs
from activation.destinations.hashing import GOOGLE_FIELDS, google_address, google_email, google_phone, sha256
from activation.destinations.kind import Account, DestinationKind
from activation.destinations.vendor_client import Refused, VendorClient
from activation.sync.block import Channel, SyncBlock
from activation.sync.destination import Change, Delivery, DestinationError, Fate, FieldKind, Identity, Outcome

_ROWS: Final = 20_000
_CHECK: Final = "BRAID_GOOGLE_ADS__URL, BRAID_GOOGLE_ADS__CUSTOMER_ID and BRAID_GOOGLE_ADS__DEVELOPER_TOKEN"
_ADDRESS: Final = ("hashedFirstName", "hashedLastName", "countryCode", "postalCode")
_KINDS: Final = ("hashedEmail", "hashedPhoneNumber", "addressInfo")


class CustomerMatchOptions(BaseModel):
    """The `options` of a block."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    user_list: str | None = Field(None, min_length=1, description="the list's name; `Braid <block>` if not said")
    user_list_id: str | None = Field(None, pattern=r"^\d+$", description="a list that exists, instead of a name")
    description: str = ""
    membership_days: int = Field(540, ge=1, le=540, description="Google forgets a member after so many days")
    consent: Literal["granted", "unspecified"] = Field("granted", description="what is said of consent with additions")
    api: Literal["google_ads", "data_manager"] = Field("google_ads", description="which of Google's APIs takes members")
    job_wait: float = Field(300, ge=0, le=21_600, description="the longest to wait for one job, in seconds")


class CustomerMatch:
    """Receives customers into one customer list."""

    name = "Google"
    batch_size = _ROWS
    max_bytes = None
    reads_back = False

    def __init__(self, account: GoogleAdsAccount, options: CustomerMatchOptions, block: str) -> None:
        """Prepare a client; no request is made. `block` is the sync's name."""
        self._options = options
        self._list_name = options.user_list or _named_after(block)
        self._customer = f"/{account.api_version}/customers/{account.customer}"
        self._account = account
        self._members: OfflineJobs | DataManager | None = None
        self._removing = False
        self._data_manager: VendorClient | None = None
        headers = {"login-customer-id": account.login_customer} if account.login_customer else {}
        if account.developer_token is not None:
            headers["developer-token"] = account.developer_token.get_secret_value()
        self._client = VendorClient(
            "Google",
            account.url,
            Token(account),
            _CHECK,
            account.retry,
            headers=headers,
            judge=judge,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
        if self._data_manager is not None:
            self._data_manager.close()

    def remembered(self, identity: Identity, fields: Mapping[str, Any]) -> Identity:
        """Hashes of all permitted addresses, and the postal address when the mapping sends one."""
        found: dict[str, list[str]] = {}
        for key, name, rule in (("hashedEmail", "email", google_email), ("hashedPhoneNumber", "phone", google_phone)):
            given = identity.get(name) or []
            normalised = {rule(raw) for raw in ([given] if isinstance(given, str) else given)} - {None}
            if normalised:
                found[key] = sorted(sha256(str(value)) for value in normalised)
        address = google_address(fields)
        if address is not None:
            found["addressInfo"] = ["|".join(address[part] for part in _ADDRESS)]
        return found

    def prepare(self, fields: Mapping[str, FieldKind]) -> None:
        """Find the customer list by its name, or make it.

        Raises:
            DestinationError: if the mapping names a field that Google has none for, the list is of another type, or it
                cannot be made.
        """
        unknown = sorted(set(fields) - set(GOOGLE_FIELDS))
        if unknown:
            raise DestinationError(
                f"a Google customer list has no field {', '.join(unknown)}; map {', '.join(GOOGLE_FIELDS)}, "
                "or leave them out"
            )
        self._members = self._filling(self._named())
        self._removing = False

    def _named(self) -> str:
        """The list's resource name."""
        by_jobs, wanted = self._options.api == "google_ads", self._options.user_list_id
        if self._account.developer_token is None and (by_jobs or wanted is None):
            raise DestinationError(
                "the Google Ads API asks for a developer token; set BRAID_GOOGLE_ADS__DEVELOPER_TOKEN, or write "
                "`api: data_manager` and the `user_list_id` of a list that exists in the block's options"
            )
        if wanted is not None:
            return f"customers/{self._account.customer}/userLists/{wanted}"
        return self._find() or self._create()

    def _filling(self, user_list: str) -> OfflineJobs | DataManager:
        granted, wait = self._options.consent == "granted", self._options.job_wait
        if self._options.api == "google_ads":
            consent = {"adUserData": "GRANTED", "adPersonalization": "GRANTED"} if granted else {}
            return OfflineJobs(self._client, self._customer, user_list, consent, wait)
        if self._data_manager is None:
            check = "BRAID_GOOGLE_ADS__CUSTOMER_ID, and that the OAuth client's project has the Data Manager API"
            self._data_manager = VendorClient(
                "Google", self._account.data_manager_url, Token(self._account), check, self._account.retry, judge=judge
            )
        account, manager = self._account.customer, self._account.login_customer
        return DataManager(self._data_manager, account, manager, user_list, granted=granted, wait=wait)

    def _find(self) -> str | None:
        name = self._list_name.replace("\\", "\\\\").replace("'", "\\'")
        query = (
            "SELECT user_list.resource_name, user_list.name, user_list.crm_based_user_list.upload_key_type "
            f"FROM user_list WHERE user_list.name = '{name}'"
        )
        found = self._client.request("POST", f"{self._customer}/googleAds:search", {"query": query}).get("results", [])
        if not found:
            return None
        held = found[0]["userList"]
        if (held.get("crmBasedUserList") or {}).get("uploadKeyType") != "CONTACT_INFO":
            raise DestinationError(
                f"Google has a list {self._list_name!r} that takes no contact details; name another one in the block's "
                "option user_list"
            )
        return str(held["resourceName"])

    def _create(self) -> str:
        made = {
            "name": self._list_name,
            "description": self._options.description,
            "membershipStatus": "OPEN",
            "membershipLifeSpan": str(self._options.membership_days),
            "crmBasedUserList": {"uploadKeyType": "CONTACT_INFO", "dataSourceType": "FIRST_PARTY"},
        }
        try:
            body = {"operations": [{"create": made}]}
            answer = self._client.request("POST", f"{self._customer}/userLists:mutate", body)
        except Refused as refusal:
            # Names are unique: a first attempt whose answer was lost has made it.
            taken = "NAME_ALREADY_USED" in {code for code, _ in errors_in(refusal.body or {})}
            found = self._find() if taken else None
            if found is None:
                raise DestinationError(f"Google does not make the list {self._list_name!r}: {refusal}") from None
            return found
        return str(answer["results"][0]["resourceName"])

    def confirm(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Unknown, all of them: nobody can read who is in a list. `deliver` meets a job that is still under way."""
        return [Outcome(row.key, Fate.UNKNOWN) for row in batch]

    def deliver(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Take back what is to be taken back, and when that is through, add.

        While a removal is under way nothing is added: Google may work on two jobs at once, and an addition overtaken
        by a removal of the same person would be lost.

        Raises:
            BatchRejected: if the Data Manager API refuses a request; which row is to blame, it does not say.
            DestinationError: if nothing more can be sent now.
        """
        if self._members is None:
            raise DestinationError("the customer list is not prepared; call prepare() first")
        kept = [row for row in batch if row.change is not Change.REMOVED]
        wanted = {pair for row in kept for pair in _pairs([row.identity])}
        gone = [_member(row, sorted(set(_pairs(row.held)) - wanted)) for row in batch]
        self._members.unfinished = False
        removed = self._members.run("remove", [member for member in gone if member.identifiers])
        self._removing |= self._members.unfinished
        added: dict[str, Outcome] = {}
        if not self._removing:
            additions = [_member(row, _pairs([row.identity])) for row in kept]
            added = self._members.run("create", [member for member in additions if member.identifiers])
        return [self._outcome(row, removed.get(row.key), added.get(row.key)) for row in batch]

    def _outcome(self, row: Delivery, removed: Outcome | None, added: Outcome | None) -> Outcome:
        if removed is not None and removed.fate is not Fate.ACKNOWLEDGED:
            return removed
        if row.change is Change.REMOVED:
            return Outcome(row.key, Fate.ACKNOWLEDGED)
        if not _pairs([row.identity]):
            return Outcome(row.key, Fate.REJECTED, "no e-mail, phone number or whole address that Google could match")
        return added or Outcome(row.key, Fate.UNKNOWN)


def _pairs(identities: Sequence[Identity]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for identity in identities:
        for kind in _KINDS:
            values = identity.get(kind) or []
            found += [(kind, value) for value in ([values] if isinstance(values, str) else values)]
    return found


def _member(row: Delivery, pairs: Sequence[tuple[str, str]]) -> Member:
    identifiers: list[Mapping[str, Any]] = []
    for kind, value in pairs:
        whole = dict(zip(_ADDRESS, value.split("|", 3), strict=True)) if kind == "addressInfo" else value
        identifiers.append({kind: whole})
    return Member(row.key, row.idempotency_key or row.payload_hash, tuple(identifiers))


def _build(block: SyncBlock, account: Account) -> CustomerMatch:
    options = CustomerMatchOptions.model_validate(block.options)
    return CustomerMatch(GoogleAdsAccount.model_validate(dict(account)), options, block.name)


def _named_after(block: str) -> str:
    return f"Braid {block}"


def _where(block: SyncBlock) -> dict[str, str]:
    """The list; both of Google's APIs fill the same one."""
    options = CustomerMatchOptions.model_validate(block.options)
    if options.user_list_id is not None:
        return {"user_list_id": options.user_list_id}
    return {"user_list": options.user_list or _named_after(block.name)}


KIND: Final = DestinationKind(
    name="google_customer_match",
    account="google_ads",
    channels=frozenset({Channel.ADVERTISING}),
    build=_build,
    options=CustomerMatchOptions,
    where=_where,
)
