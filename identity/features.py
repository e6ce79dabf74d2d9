"""Source records to features: the comparable columns that blocking and comparisons read, one row per record."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from identity.columns import as_lists, each_distinct, exploded, one_array, text_or_null
from identity.identifiers import as_identifiers, emails_of, handles_of, keys_of, phones_of
from identity.mentioned import mentioned
from identity.standardise import address, name
from identity.standardise.phone import region_of

_TEXTS: Final = pa.list_(pa.string())
_NOT_ALNUM: Final = re.compile(r"[^a-z]+")
_NAME: Final = pa.struct([("given", pa.string()), ("family", pa.string()), ("families", _TEXTS)])


@dataclass(frozen=True)
class Features:
    """`table`: one row per record in the order of `record_id`, `rid` counting from 0; `identifiers` per contract."""

    table: pa.Table
    identifiers: pa.Table


def features_of_sorted(records: pa.Table, default_region: str) -> Features:
    """Standardise records of the identity contract that are sorted by `record_id`; see `feature_worker`."""
    emails = emails_of(records)
    phones = phones_of(records, default_region)
    handles = handles_of(records)
    count = records.num_rows
    given, family, former = _names(records)
    street = each_distinct(
        records["street"],
        lambda text: vars(address.street(text)),
        pa.struct([("words", pa.string()), ("number", pa.string())]),
    )
    table = pa.table(
        {
            "rid": pa.array(range(count), pa.int32()),
            "record_id": one_array(records["record_id"]),
            "source": one_array(records["source"]),
            "given": each_distinct(given, lambda text: text.split()[0], pa.string()),
            "given_all": given,
            "is_transcribed": _transcribed(records),
            "given_skeleton": each_distinct(given, lambda text: name.skeleton(text.split()[0]), pa.string()),
            "family_skeleton": each_distinct(family, name.skeleton, pa.string()),
            "family": family,
            "given_forms": each_distinct(given, _forms, _TEXTS),
            "family_forms": former,
            "emails": keys_of(emails, records),
            "phones": keys_of(phones, records),
            "handles": keys_of(handles, records, with_kind=True),
            "external_ids": one_array(records["external_ids"]),
            **mentioned(records, emails, phones, default_region),
            "countries": _countries(records, phones),
            "birth_date": each_distinct(records["birth_date"], _birth_date, pa.string()),
            "postcode": text_or_null(records, "postcode", address.postcode),
            "street": pc.struct_field(street, "words"),
            "house_number": pc.struct_field(street, "number"),
            "city": text_or_null(records, "city", address.fold_place),
            "birth_place": text_or_null(records, "birth_place", address.fold_place),
            "occupation": text_or_null(records, "occupation", address.fold_place),
            "seen_from": one_array(records["created_at"]),
            "seen_until": one_array(records["updated_at"]),
        }
    )
    return Features(table, as_identifiers(emails, phones, handles))


def _birth_date(day: date) -> str | None:
    # 1 January 1900 and 1970 are what systems write when they were told nothing.
    return None if (day.year, day.month, day.day) in {(1900, 1, 1), (1970, 1, 1)} else day.strftime("%Y%m%d").zfill(8)


def _forms(given: str) -> list[str]:
    words = given.split()
    return sorted({*name.given_forms(words[0]), "".join(words)})


def _without_user_names(records: pa.Table) -> pa.Array:
    """Full names but those that are user names: written like one, or the same as one of the record's own handles."""
    handles = exploded(records, "record_id", "handles")
    stems = pc.utf8_lower(
        pc.list_element(
            pc.split_pattern(pc.binary_join_element_wise(":", handles["value"], ""), ":", max_splits=1, reverse=True), 1
        )
    )
    names = pc.utf8_lower(records["full_name"].take(handles["position"]))
    repeats = one_array(handles["position"]).filter(pc.fill_null(pc.equal(names, pc.utf8_ltrim(stems, "@")), False))
    rows = pa.array(range(records.num_rows), repeats.type)
    written = pc.match_substring_regex(records["full_name"], r"[0-9_]|^[^ ]+\.[^ ]{2,}$")
    user_name = pc.or_(pc.is_in(rows, repeats), pc.fill_null(one_array(written), False))
    return pc.if_else(user_name, pa.scalar(None, pa.string()), records["full_name"])


def _transcribed(records: pa.Table) -> pa.Array:
    """Whether a record's name is written in a script that plain letters render badly."""
    text = pc.binary_join_element_wise(
        *(records[column] for column in ("full_name", "given_name", "family_name")),
        " ",
        null_handling="replace",
        null_replacement="",
    )
    return each_distinct(text, name.is_transcribed, pa.bool_())


def _names(records: pa.Table) -> tuple[pa.Array, pa.Array, pa.Array]:
    given = text_or_null(records, "given_name", name.given_name)
    family = text_or_null(records, "family_name", name.family_name)
    # One field that holds a whole name: the source's own, or a first name with nothing in the last name's field.
    whole = pc.if_else(pc.is_null(given), _without_user_names(records), records["given_name"])
    split = each_distinct(whole, _split, _NAME)
    alone = pc.is_null(family)
    split_given, split_family = pc.struct_field(split, "given"), pc.struct_field(split, "family")
    long_enough = pc.or_(pc.is_null(given), pc.greater(_word_count(given), 2))
    use_split = pc.and_(alone, pc.fill_null(long_enough, True))
    given = pc.if_else(use_split, split_given, given)
    family = pc.if_else(use_split, split_family, family)
    # An initial tells too little to be a family name of its own.
    family = pc.if_else(pc.greater(pc.utf8_length(family), 1), family, pa.scalar(None, pa.string()))
    former = exploded(records, "record_id", "former_family_names")
    former_names = each_distinct(former["value"], name.family_name, pa.string())
    known = pc.if_else(use_split, pc.struct_field(split, "families"), each_distinct(family, _family_parts, _TEXTS))
    forms = _family_forms(known, former_names, one_array(former["position"]), records.num_rows)
    return one_array(given), one_array(family), forms


def _word_count(names: pa.Array) -> pa.Array:
    return pc.add(pc.count_substring(names, " "), 1)


def _split(text: str) -> dict[str, object]:
    """The parts of a whole name; of three words and more, the middle ones may belong to the family name too."""
    parts = name.split_full_name(text)
    middle = parts.given.split()[1:] if parts.given and parts.family else []
    families = _family_parts(parts.family) if parts.family else None
    if families and middle and len(middle[-1]) > 2:
        families = sorted({*families, middle[-1], middle[-1] + (parts.family or "").replace(" ", "")})
    return {"given": parts.given, "family": parts.family, "families": families}


def _family_forms(own: pa.Array, former: pa.Array, position: pa.Array, count: int) -> pa.Array:
    """Each record's family names, former ones and the parts of double ones included, as lists."""
    earlier = each_distinct(former, _family_parts, _TEXTS)
    rows = pa.concat_arrays(
        [
            pc.list_parent_indices(own).cast(pa.int64()),
            position.cast(pa.int64()).take(pc.list_parent_indices(earlier)),
        ]
    )
    values = pa.concat_arrays([pc.list_flatten(own), pc.list_flatten(earlier)])
    return as_lists(rows, values, count)


def _family_parts(family: str) -> list[str]:
    words = [word for word in family.split() if word not in name.PARTICLES and len(word) > 2]
    return sorted({family.replace(" ", ""), *words})


def _countries(records: pa.Table, phones: pa.Table) -> pa.Array:
    """The countries of a record's address and phone numbers."""
    country = each_distinct(records["country"], region_of, pa.string())
    called = one_array(phones["region"])
    rows = pa.concat_arrays(
        [pa.array(range(records.num_rows), pa.int64()), one_array(phones["position"]).cast(pa.int64())]
    )
    return as_lists(rows, pa.concat_arrays([country, called]), records.num_rows)
