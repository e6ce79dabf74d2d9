"""Members of a segment by the page and as a stream, and why somebody is in it or is not."""

from __future__ import annotations

import csv
import io
import json
import time

import httpx
import pytest

from activation.access.scopes import Scope
from activation.publish import publish
from tests.integration.activation.serving.conftest import ADA, AS_OF, BYRON, MERGED


@pytest.fixture
def marketing(client):
    return client(Scope.MARKETING)


def crowd(shop, size: int) -> None:
    with shop.connection.transaction():
        shop.connection.execute(
            "insert into activation.segment_members select 'cross_sell', 'c' || lpad(i::text, 7, '0'), "
            """jsonb_build_object('orders', i) from generate_series(1, %s) as i""",
            [size],
        )


@pytest.mark.parametrize(
    ("params", "headers", "media_type"),
    [
        ({"format": "ndjson"}, {}, "application/x-ndjson"),
        ({"format": "csv"}, {"Accept": "application/json"}, "text/csv; charset=utf-8"),
        ({}, {"Accept": "text/csv"}, "text/csv; charset=utf-8"),
        ({}, {"Accept": "application/x-ndjson; q=0.9"}, "application/x-ndjson"),
        ({}, {"Accept": "*/*"}, "application/json"),
    ],
)
def test_the_format_is_the_one_asked_for(marketing, params, headers, media_type) -> None:
    answer = marketing.get("/v1/segments/vip/members", params=params, headers=headers)
    assert answer.headers["content-type"] == media_type
    assert ADA in answer.text


def test_a_stream_has_everybody_once_in_order(shop, marketing) -> None:
    crowd(shop, 9_001)
    lines = marketing.get("/v1/segments/cross_sell/members", params={"format": "ndjson"}).text.splitlines()
    members = [json.loads(line) for line in lines]
    assert [member["reason"]["orders"] for member in members] == list(range(1, 9_002))
    text = marketing.get("/v1/segments/cross_sell/members", params={"format": "csv"}).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["customer_id"] for row in rows] == [member["customer_id"] for member in members]
    assert json.loads(rows[-1]["reason"]) == {"orders": 9_001}
    assert text.startswith("customer_id,reason\r\n")


def test_an_empty_segment_is_an_empty_stream(marketing) -> None:
    assert marketing.get("/v1/segments/cross_sell/members", params={"format": "ndjson"}).text == ""
    assert marketing.get("/v1/segments/cross_sell/members", params={"format": "csv"}).text == "customer_id,reason\r\n"
    assert marketing.get("/v1/segments/no_such/members", params={"format": "csv"}).status_code == 404


def test_a_stream_is_of_one_publication(shop, marketing) -> None:
    crowd(shop, 40_000)
    with marketing.stream("GET", "/v1/segments/cross_sell/members", params={"format": "ndjson"}) as stream:
        lines = stream.iter_lines()
        next(lines)
        shop.execute("delete from activation.segment_members where segment = 'cross_sell'")
        assert sum(1 for _ in lines) == 39_999


def test_the_entry_in_the_audit_trail_is_there_before_the_first_byte(shop, marketing) -> None:
    crowd(shop, 40_000)
    with marketing.stream("GET", "/v1/segments/cross_sell/members", params={"format": "csv"}) as stream:
        next(stream.iter_bytes())
        ((detail,),) = shop.rows("select detail from activation.audit where action = 'segment.export'")
    assert (detail["segment"], detail["format"]) == ("cross_sell", "csv")


def test_exports_leave_connections_for_lookups_and_give_theirs_back(shop, client, marketing) -> None:
    crowd(shop, 400_000)
    waiting = []
    for _ in range(3):
        request = marketing.build_request("GET", "/v1/segments/cross_sell/members", params={"format": "ndjson"})
        waiting.append(marketing.send(request, stream=True))
    assert sorted(answer.status_code for answer in waiting) == [200, 200, 503]
    assert waiting[2].headers["retry-after"]
    assert client(Scope.SUPPORT).get(f"/v1/profiles/{ADA}").status_code == 200
    for answer in waiting:
        answer.close()
    deadline = time.monotonic() + 20
    while True:
        answer = marketing.get("/v1/segments/vip/members", params={"format": "ndjson"})
        if answer.status_code == 200 or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    assert answer.status_code == 200, "clients who went away gave nothing back"


def test_why_a_member_is_in_it(marketing) -> None:
    told = marketing.get("/v1/segments/vip/explain", params={"customer": MERGED}).json()
    assert (told["customer_id"], told["is_member"], told["rule_holds"]) == (ADA, True, True)
    assert told["failing"] == []
    seen = {one["path"]: (one["holds"], one["seen"]) for one in told["conditions"]}
    assert seen == {
        "1": (True, None),
        "1.1": (True, 3),
        "1.2": (True, None),
        "1.2.1": (True, "Oslo"),
        "1.2.2": (True, {"times": 7}),
        "2": (True, False),
    }


def test_events_are_counted_however_the_condition_is_written(shop, marketing) -> None:
    odd = "(select jsonb_build_object('times', (select count(*) from marts.interactions as e " \
          "where e.customer_id = traits.customer_id)))"  # fmt: skip
    shop.execute("update segments.segment_conditions set seen_sql = %s where kind = 'event'", [odd])
    assert publish(shop.connection, "r2", AS_OF).tables["counted_events"].changed == 0
    told = marketing.get("/v1/segments/vip/explain", params={"customer": ADA}).json()
    assert told["conditions"][4]["seen"] == {"times": 7}


def test_why_somebody_else_is_not_and_what_would_have_to_change(marketing) -> None:
    told = marketing.get("/v1/segments/vip/explain", params={"customer": BYRON}).json()
    assert (told["is_member"], told["rule_holds"]) == (False, False)
    assert told["failing"] == [
        "orders: at least 3 (seen: 1)",
        "city: is Oslo (seen: Rome)",
        "orders: at least 1 (seen: times 0)",
    ]


def test_a_segment_that_holds_back_is_judged_by_its_own_rule(shop, marketing) -> None:
    shop.execute("update segments.customer_features set channels = '{phone}' where customer_id = %s", [ADA])
    publish(shop.connection, "r2", AS_OF)
    told = marketing.get("/v1/segments/vip/explain", params={"customer": ADA}).json()
    assert told["rule_holds"]
    assert told["failing"] == ["no promotion to who is unhappy (seen: yes)"]


@pytest.mark.parametrize("customer", ["nobody", ""])
def test_only_of_somebody_can_be_explained(marketing, customer) -> None:
    answer = marketing.get("/v1/segments/vip/explain", params={"customer": customer})
    assert answer.status_code == (404 if customer else 422)
    assert marketing.get("/v1/segments/none/explain", params={"customer": ADA}).status_code == 404


def test_marketing_does_not_read_birth_dates_out_of_reasons(shop, client, marketing) -> None:
    shop.execute("alter table segments.customer_features add column birth_date date")
    shop.execute("update segments.customer_features set birth_date = '1990-05-17'")
    shop.execute(
        "insert into segments.segment_conditions values ('cross_sell', 1, '1', 0, 'trait', 'birthday: this month', "
        "'(traits.birth_date is not null)', 'to_jsonb(traits.birth_date)')"
    )
    reason = {"conditions": [{"condition": "birthday: this month", "seen": "1990-05-17"}]}
    shop.insert("segments.segment_memberships", ("cross_sell", ADA, json.dumps(reason)))
    publish(shop.connection, "r2", AS_OF)
    support = client(Scope.SUPPORT)
    for form in ("json", "ndjson", "csv"):
        path, params = "/v1/segments/cross_sell/members", {"format": form}
        assert "1990-05-17" in support.get(path, params=params).text
        hidden = marketing.get(path, params=params)
        assert ADA in hidden.text
        assert "1990" not in hidden.text
    path, params = "/v1/segments/cross_sell/explain", {"customer": ADA}
    assert "1990-05-17" in support.get(path, params=params).text
    masked = marketing.get(path, params=params)
    assert masked.json()["conditions"][0]["holds"]
    assert "1990" not in masked.text


def test_personas_and_the_one_of_a_customer(marketing) -> None:
    cards = marketing.get("/v1/personas").json()["items"]
    assert [(card["persona"], card["customer_count"]) for card in cards] == [("loyalist", 4), ("newcomer", 0)]
    one = marketing.get(f"/v1/profiles/{MERGED}/persona").json()
    assert (one["customer_id"], one["persona"], one["label"], one["reason"]) == (
        ADA, "loyalist", "Loyalist", "three orders"
    )  # fmt: skip


def figures(api: httpx.Client, **asked: object) -> list[tuple]:
    answer = api.get("/v1/service", params=asked)
    assert answer.status_code == 200, answer.text
    return [(row["level"], row["month"], row["channel"], row["team"], row["cases_opened"])
            for row in answer.json()["items"]]  # fmt: skip


def test_service_figures_are_totals_of_what_is_asked(client) -> None:
    api = client(Scope.SUPPORT)
    assert figures(api) == [("month", "2026-05-01", None, None, 12), ("month", "2026-04-01", None, None, 9)]
    assert figures(api, channel="email") == [("month_channel", "2026-05-01", "email", None, 7)]
    assert figures(api, channel="email", team="Orders") == [("month_channel_team", "2026-05-01", "email", "Orders", 7)]
    assert figures(api, level="all") == [("all", None, None, None, 21)]
    assert figures(api, since="2026-05-20") == [("month", "2026-05-01", None, None, 12)]
    assert figures(api, until="2026-04-30") == [("month", "2026-04-01", None, None, 9)]
    assert figures(api, team="Nobody") == []
    assert api.get("/v1/service", params={"level": "week"}).status_code == 422


def test_the_timeline_is_filtered_and_its_cursor_stays_good(shop, client) -> None:
    shop.execute("update activation.timeline set kind = 'message', channel = 'chat' where interaction_id = 'i0003'")
    api = client(Scope.SUPPORT)
    path = f"/v1/profiles/{ADA}/timeline"
    only = api.get(path, params={"kind": "message", "channel": ["chat", "email"]}).json()["items"]
    assert [item["interaction_id"] for item in only] == ["i0003"]
    page = api.get(path, params={"limit": 3}).json()
    shop.interaction(99, ADA)
    publish(shop.connection, "r2", AS_OF)
    rest = api.get(path, params={"cursor": page["next_cursor"]}).json()
    first = [item["interaction_id"] for item in page["items"]]
    assert first + [item["interaction_id"] for item in rest["items"]] == [
        "i0001", "i0000", "i0003", "i0002", "i0005", "i0004", "i0006"
    ]  # fmt: skip
