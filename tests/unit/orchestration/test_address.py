"""Any way of naming a Postgres database is understood, and a wrong one does not leak its password."""

import pytest

from orchestration.warehouse import Address, WarehouseError


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://ada:s3cret@db.example:6432/shop", ("db.example", 6432, "ada", "s3cret", "shop")),
        ("postgres://ada@db.example/shop", ("db.example", 5432, "ada", "", "shop")),
        ("postgresql://ada@/shop?host=/var/run/pg", ("/var/run/pg", 5432, "ada", "", "shop")),
        ("host=db.example user=ada dbname=shop", ("db.example", 5432, "ada", "", "shop")),
    ],
)
def test_reads_what_libpq_reads(url: str, expected: tuple[str, int, str, str, str]) -> None:
    address = Address.from_url(url)
    assert (address.host, address.port, address.user, address.password, address.database) == expected


def test_a_broken_url_is_not_repeated() -> None:
    with pytest.raises(WarehouseError, match="BRAID_DATABASE_URL") as caught:
        Address.from_url("postgresql://ada:s3cret@[broken")
    assert "s3cret" not in str(caught.value)


def test_the_password_is_not_in_the_repr() -> None:
    assert "s3cret" not in repr(Address.from_url("postgresql://ada:s3cret@db/shop"))
