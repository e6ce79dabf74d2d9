"""Columns are recognised by name and by value, whatever the habits and the language of who named them."""

from __future__ import annotations

import string
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.recognise import RecognisedTable, UnrecognisedTable, recognise
from identity.recognise.headers import promise_of
from identity.recognise.mapping_file import WrongMapping

HEADERS = {
    "given_name": ["firstName", "First Name", "FNAME", "Vorname", "Prénom", "prenom du client", "nombres", "voornaam"],
    "family_name": ["Last Name", "Surname", "Nachname", "Apellidos", "cognome", "Achternaam", "Sobrenome"],
    "former_family_names": ["Maiden Name", "Geburtsname", "Mädchenname", "nom de jeune fille", "surname2", "née"],
    "full_name": ["Full Name", "displayName", "nombre y apellidos", "Nom et prénom", "Name, Vorname"],
    "emails": ["E-Mail", "EMAIL_ADDRESS", "billingEMail 2", "Courriel", "correo electrónico", "e-mailadres", "email_1"],
    "phones": [
        "mobile_phone", "full_phone_num", "ph no", "Tel.",
        "Telefonnummer", "Téléphone portable", "móvil", "telemóvel", "phone_number_2",
    ],
    "birth_date": ["DOB", "Date of Birth", "Geburtsdatum", "date de naissance", "Fecha de nacimiento", "geb.datum"],
    "postcode": ["zip", "Post Code", "PLZ", "Postleitzahl", "code postal", "código postal", "CAP", "postcode_fake"],
    "city": ["City", "Ort", "Wohnort", "Ville", "ciudad", "città", "woonplaats", "cidade", "shipping_city"],
    "street": ["Street", "address_1", "Straße", "Straße und Hausnummer", "calle", "rua", "billing street"],
    "address": ["Address", "Anschrift", "adresse", "dirección", "indirizzo", "morada", "Home Address"],
    "street_number": ["house_no", "Hausnummer", "numero civico", "huisnummer"],
    "street_more": ["Address Line 2", "Adresszusatz", "suburb", "apartment number"],
    "country": ["Country Code", "Land", "Pays", "país", "paese"],
    "handles": ["username", "screen_name", "instagram_handle", "Benutzername", "twitter"],
    "national_id": ["ssn", "Passport No", "soc_sec_id", "NHS number", "codice fiscale", "DNI", "loyalty number"],
    "organisation": ["Company Name", "Firma", "empresa"],
    "occupation": ["job_title", "Beruf"],
    "birth_year": ["byear", "Year of birth", "Geburtsjahr"],
    None: [
        "x", "email_opt_in", "email_verified", "phone_type", "created_at", "first_order_date", "last contact",
        "product_name", "shop_name", "ip_address", "gender", "emergency contact phone", "mother's name",
        "notes", "cluster", "amount",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("field", "header"), [(field, header) for field, all_ in HEADERS.items() for header in all_])
def test_headers_of_many_habits_and_languages(field: str | None, header: str) -> None:
    assert promise_of(header).field == field


def _people(rows: int = 40, **columns: object) -> pa.Table:
    return pa.table({"id": [str(n) for n in range(rows)], "surname": [f"Name{n % 7}" for n in range(rows)], **columns})


def _field(found: RecognisedTable, name: str) -> str | None:
    return next(column.field for column in found.columns if column.name == name)


def _why(found: RecognisedTable, name: str) -> str:
    return next(column.why for column in found.columns if column.name == name)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ([f"person{n}@mail.org" for n in range(40)], "emails"),
        ([f"(212) 555-{n:04}" for n in range(40)], "phones"),
        ([f"+49 30 {n:07}" for n in range(1234567, 1234607)], "phones"),
        ([f"{1950 + n}-03-{n % 28 + 1:02}" for n in range(40)], "birth_date"),
        ([f"@ada.{n}" for n in range(40)], "handles"),
        ([[f"a{n}@mail.org", f"b{n}@mail.org"] for n in range(40)], "emails"),
        ([f"2024-{n % 12 + 1:02}-03" for n in range(40)], None),  # days of one year are no births
        ([f"{n:09}" for n in range(40)], None),
        ([f"{n:03}-{n:02}-{n:04}" for n in range(40)], None),
        ([f"words {n}" for n in range(40)], None),
        (list(range(1000000000, 1000000040)), None),  # ten digits that no plan has issued
    ],
)
def test_values_are_enough_when_they_are_clear(values: list[object], field: str | None) -> None:
    assert _field(recognise(_people(x17=values), "id"), "x17") == field


@pytest.mark.parametrize(
    ("header", "values", "why"),
    [
        ("email", ["yes", "no"] * 20, "0% of its values are"),
        ("dob", ["soon", "later"] * 20, "0% of its values are"),
        ("phone", ["N/A", None] * 20, "empty"),
        ("city", ["Springfield"] * 40, "one value for all"),
        ("title", ["Mr", "Ms"] * 20, "form of address"),
        ("gender", ["f", "m"] * 20, "half of all people"),
        ("source", [str(n) for n in range(40)], None),
        ("blob", [b"\xff\xfe"] * 40, "cannot be read as text"),
    ],
)
def test_a_column_without_worth_is_left_out_with_a_reason(header: str, values: list[object], why: str | None) -> None:
    found = recognise(_people(**{header: values}), "id")
    assert (_field(found, header) is None) == (why is not None)
    assert why is None or why in _why(found, header)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (
            ["Robert Smith", "Jones, Elizabeth", "William T. Zed", "Dr. Katherine Roe", "Q. Xylo", "James Poe"],
            "full_name",
        ),
        (["Robert", "Elizabeth", "William", "Katherine", "James", "Xylo"], "given_name"),
        (["red car", "blue car", "green bus", "grey van", "black van", "white bike"], None),
        (["Robert", "Elizabeth"], None),  # two are too few to tell
    ],
)
def test_names_are_known_by_their_values_where_no_column_is_called_one(values: list[str], field: str | None) -> None:
    mails = [f"p{n}@mail.org" for n in range(len(values))]
    assert _field(recognise(pa.table({"c1": values, "c2": mails})), "c1") == field
    assert _field(recognise(pa.table({"c1": values, "c2": mails, "name": values})), "c1") is None


@pytest.mark.parametrize(("name", "field"), [("date 2", "birth_date"), ("register_date", None), ("hired", None)])
def test_days_under_a_name_that_says_more_are_no_births(name: str, field: str | None) -> None:
    days = [f"{1950 + n}-03-{n % 28 + 1:02}" for n in range(40)]
    assert _field(recognise(_people(**{name: days}), "id"), name) == field


def test_a_suburb_is_the_city_where_no_other_column_is() -> None:
    table = pa.table({"id": ["1"], "address_1": ["12 Main St"], "address_2": ["Flat 3"], "suburb": ["Kew"]})
    row = recognise(table, "id").records.to_pylist()[0]
    assert (row["street"], row["city"]) == ("12 Main St Flat 3", "Kew")
    row = recognise(table.append_column("city", pa.array(["Melbourne"])), "id").records.to_pylist()[0]
    assert (row["street"], row["city"]) == ("12 Main St Flat 3 Kew", "Melbourne")


def test_a_header_that_lies_is_overruled_by_its_values() -> None:
    assert _field(recognise(_people(login=[f"p{n}@mail.org" for n in range(40)]), "id"), "login") == "handles"
    assert _field(recognise(_people(city=[f"p{n}@mail.org" for n in range(40)]), "id"), "city") == "emails"


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"Name": ["Meier"], "Vorname": ["Ida"]}, "family_name"),
        ({"Name": ["Ida"], "Surname": ["Meier"]}, "given_name"),
        ({"Name": ["Ida Meier"], "Vorname": ["Ida"]}, "full_name"),
        ({"Name": ["Ida Meier"]}, "full_name"),
        ({"nom": ["Durand"]}, "family_name"),
        ({"nome": ["Rosa"]}, "given_name"),
        ({"nombre": ["Rosa Luna"]}, "full_name"),
    ],
)
def test_name_is_what_the_columns_beside_it_leave(columns: dict[str, list[str]], field: str) -> None:
    assert _field(recognise(pa.table({"id": ["1"], **columns}), "id"), next(iter(columns))) == field


def test_a_table_becomes_records() -> None:
    table = pa.table(
        {
            "id": [1, 2],
            "first_name": ["Ada", None],
            "middle_name": ["Augusta", None],
            "street_number": ["12", None],
            "address_1": ["Main St", None],
            "email": ["a@x.org; b@x.org", "nan"],
            "mail2": ['["c@x.org", "Dee <d@x.org>"]', None],
            "instagram": ["ada", None],
            "ssn": ["123-45-6780", "000000000"],
            "dob": ["31/12/1815", "1815-00-10"],
            "zip": [12345.0, None],
        }
    )
    rows = recognise(table, "id").records.to_pylist()
    assert rows[0]["given_name"] == "Ada Augusta"
    assert rows[0]["street"] == "12 Main St"
    assert rows[0]["emails"] == ["a@x.org", "b@x.org", "c@x.org", "d@x.org"]
    assert rows[0]["handles"] == ["instagram:ada"]
    assert rows[0]["external_ids"] == ["social_security:123456780"]
    assert rows[0]["birth_date"] == date(1815, 12, 31)
    assert rows[0]["postcode"] == "12345"
    read = ("given_name", "street", "emails", "handles", "external_ids", "birth_date", "postcode")
    assert [rows[1][name] for name in read] == [None] * len(read)
    assert [row["record_id"] for row in rows] == ["1", "2"]


def test_nested_typed_and_listed_columns_are_read() -> None:
    table = pa.table(
        {
            "id": pa.array(["1", "2"]).dictionary_encode(),
            "name": pa.array([{"first": "Ada", "last": "Lovelace"}, None]),
            "phones": pa.array([["+1 212 736 5000", None, "n/a"], []]),
            "birthday": [datetime(1815, 12, 10, tzinfo=UTC), None],
            "segundo apellido": ["Byron", None],
        }
    )
    row = recognise(table, "id").records.to_pylist()[0]
    assert (row["given_name"], row["family_name"], row["phones"]) == ("Ada", "Lovelace Byron", ["+1 212 736 5000"])
    assert row["birth_date"] == date(1815, 12, 10)


def test_year_month_and_day_of_birth_make_a_date() -> None:
    table = pa.table({"id": ["1"], "first": ["Ada"], "birth year": [1815], "birth month": [12], "day of birth": [10]})
    assert recognise(table, "id").records["birth_date"].to_pylist() == [date(1815, 12, 10)]


def test_the_truth_is_left_alone_and_overrides_are_obeyed() -> None:
    table = pa.table({"id": ["1"], "name": ["Ada"], "rufname": ["Ada"], "col7": ["ada"], "city": ["Ely"]})
    overrides = {"rufname": "given_name", "col7": "handles", "city": "ignore"}
    found = recognise(table, "id", ignored={"name"}, overrides=overrides)
    assert found.mapping == {"given_name": ["rufname"], "handles": ["col7"]}


def test_an_override_that_names_nothing_is_an_error() -> None:
    with pytest.raises(WrongMapping, match="did you mean 'emails'"):
        recognise(_people(), "id", overrides={"surname": "email"})
    with pytest.raises(WrongMapping, match="did you mean 'surname'"):
        recognise(_people(), "id", overrides={"surnam": "family_name"})


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pa.table({"id": ["1", "2", "1"], "name": ["a", "b", "c"]}), "repeats values.*rows 1, 3;"),
        (pa.table({"id": ["1", None, " "], "name": ["a", "b", "c"]}), r"empty in 2 rows \(2, 3\)"),
        (pa.table({"key": ["1"], "name": ["a"]}), "no column 'id'"),
        (pa.table({"id": [["1"]], "name": ["a"]}), "cannot tell rows apart"),
        (pa.table({"id": ["1"], "blob": ["a"]}), "rename them"),
        (pa.table({"id": ["1"], "name": [None]}), "rename them"),
    ],
)
def test_a_table_that_cannot_be_read_says_what_to_do(table: pa.Table, message: str) -> None:
    with pytest.raises(UnrecognisedTable, match=message):
        recognise(table, "id")


def test_rows_are_told_apart_by_the_best_column_or_numbered() -> None:
    named = recognise(pa.table({"Customer ID": ["a", "b"], "id": ["1", "1"], "name": ["Ann Lee", "Bo Day"]}))
    assert named.ids.column == "Customer ID"
    numbered = recognise(pa.table({"id": ["1", "1"], "name": ["Ann Lee", "Bo Day"]}))
    assert (numbered.ids.column, numbered.records["record_id"].to_pylist()) == (None, ["1", "2"])
    assert "numbered" in numbered.notices[0]


def test_sources_keep_ids_apart() -> None:
    table = pa.table({"id": ["1", "1"], "source": ["crm", "shop"], "name": ["Ann Lee", "Bo Day"]})
    assert recognise(table, "id").records["record_id"].to_pylist() == ["crm:person:1", "shop:person:1"]
    within = recognise(table, "id", source="north").records
    assert within["record_id"].to_pylist() == ["north.crm:person:1", "north.shop:person:1"]
    assert within["source"].to_pylist() == ["north.crm", "north.shop"]


_CELLS = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.sampled_from(["", "N/A", "a@b.org", "[", '["x"]', "1/2/90", "@x", "12 Main St, Ely", "\x00", ";;|", "٣/٤/١٩٩٠"]),
    st.from_regex(r"[0-9@;,./ -]{0,12}", fullmatch=True),
)
_HEADER = st.one_of(
    st.sampled_from([header for all_ in HEADERS.values() for header in all_]), st.text(string.printable, max_size=8)
)


@settings(max_examples=60)
@given(st.data())
def test_any_text_under_any_header_is_read_or_refused_in_words(data: st.DataObject) -> None:
    headers = data.draw(st.lists(_HEADER, min_size=1, max_size=5, unique=True))
    rows = data.draw(st.integers(1, 12))
    columns = {
        header: pa.array(data.draw(st.lists(_CELLS, min_size=rows, max_size=rows)), pa.string()) for header in headers
    }
    table = pa.table({**columns, "email": pa.array([f"p{n}@x.org" for n in range(rows)])})
    try:
        found = recognise(table)
    except UnrecognisedTable:
        return
    assert found.records.num_rows == rows
    assert found.records["native_id"].to_pylist() == found.ids.ids.to_pylist()
    assert [column.name for column in found.columns] == table.column_names
    turned = recognise(table.take(list(reversed(range(rows)))))
    assert [column.field for column in turned.columns] == [column.field for column in found.columns]
