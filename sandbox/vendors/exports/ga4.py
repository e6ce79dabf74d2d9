"""Google Analytics 4: the export to BigQuery, one event a line, one file a month.

After support.google.com/analytics, "BigQuery Export schema": INT64 as text, what is missing left out, `user_id` only on
the events of a session that follow a sign-in, `collected_traffic_source` of the session, `traffic_source` of the
browser's first. `purchase` and `begin_checkout` are there as well, though the shop knows them better.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sandbox.generator.columns import Text, codes, flat, join, lower, take
from sandbox.vendors.exports.export import Export, found, native, said, written
from sandbox.world import World

_TOLD: Final = ("number", "source", "browser", "user", "signed_in_at")
_STREAM: Final = "3141592653"
_SITE: Final = "https://www.braidandco.example"
_COUNTRIES: Final = {
    "US": "United States",
    "GB": "United Kingdom",
    "DE": "Germany",
    "FR": "France",
    "GR": "Greece",
    "ES": "Spain",
    "JP": "Japan",
}


def export(world: World) -> Export | None:
    """The events; nothing when there are none."""
    events = world["web_events"].sort_by([("occurred_at", "ascending"), ("event_id", "ascending")])
    if not events.num_rows:
        return None
    months = written(events["occurred_at"], "%Y%m").to_numpy(zero_copy_only=False)
    starts = np.flatnonzero(np.r_[True, months[1:] != months[:-1]]).tolist()
    sessions = _sessions(world["web_sessions"])
    # Month by month: a text array holds two gigabytes at most.
    files = (
        (f"ga4/events_{months[start]}.jsonl", _lines(world, sessions, events.slice(start, end - start)))
        for start, end in zip(starts, [*starts[1:], len(months)], strict=True)
    )
    return Export("  - use: ga4\n", files)


def _lines(world: World, sessions: pa.Table, events: pa.Table) -> bytes:
    parameters, source, browser, user, signed_in_at = found(events["session_id"], sessions, "session_id", *_TOLD)
    title, category, price = found(events["product_id"], world["products"], "product_id", "title", "category", "price")
    happened = flat(events["occurred_at"])
    is_known = pc.fill_null(pc.less_equal(signed_in_at, happened), False)
    is_start = pc.equal(flat(events["name"]), "session_start")
    # An event happens somewhere within its second, which its number tells.
    within = pa.array(events["event_id"].to_numpy() % 1_000_000)
    item = join(
        ',"items":[{"item_id":"', flat(events["product_id"]), '","item_name":"', _escaped(title),
        '","item_category":"', _escaped(category), '","price":', _text(price), ',"quantity":"',
        _text(flat(events["quantity"])), '"}]',
    )  # fmt: skip
    worth = join(
        ',{"key":"currency","value":{"string_value":"USD"}},{"key":"value","value":{"double_value":',
        _text(flat(events["value"])), "}}",
    )  # fmt: skip
    slug = flat(pc.replace_substring_regex(lower(title), "[^a-z0-9]+", "-"))
    lines = join(
        '{"event_date":"', written(happened, "%Y%m%d"),
        '","event_timestamp":"', _text(pc.add(happened.cast(pa.int64()), within)),
        '","event_name":"', flat(events["name"]),
        f'","event_params":[{{"key":"page_location","value":{{"string_value":"{_SITE}/', _or(join("products/", slug)),
        '"}}', parameters, flat(pc.if_else(is_start, source, "")), _or(worth), "]",
        flat(pc.if_else(is_known, join(',"user_id":"', user, '"'), "")),
        browser, _or(item),
        _or(join(',"ecommerce":{"transaction_id":"', flat(events["order_id"]), '"}')),
        f',"platform":"WEB","stream_id":"{_STREAM}"}}\n',
    )  # fmt: skip
    return "".join(lines.to_pylist()).encode()


def _sessions(sessions: pa.Table) -> pa.Table:
    """Of each session what its events repeat: its number, where it came from, its browser; who signs in, and when."""
    client = native(sessions["record_id"], "ga4:client")
    started = flat(sessions["started_at"].cast(pa.int64()))
    order = np.argsort(started.to_numpy(), kind="stable")
    _, first, browser = np.unique(codes(client)[order], return_index=True, return_inverse=True)
    first_of = np.empty(len(order), dtype=np.int64)
    first_of[order] = order[first[browser]]
    number = join(',{"key":"ga_session_id","value":{"int_value":"', _text(pc.divide(started, 1_000_000)), '"}}')
    title = ',{"key":"page_title","value":{"string_value":"Home"}}'
    source = join(title, *(_parameter(sessions, name) for name in ("source", "medium", "campaign")))
    description = join(
        ',"user_pseudo_id":"', client,
        '","device":{"category":"', flat(sessions["device"]),
        '"},"geo":{"country":"', _or(said(sessions["country"], _COUNTRIES)),
        '"},"traffic_source":', take(_traffic(sessions, "name", "medium", "source"), first_of),
        ',"collected_traffic_source":',
        _traffic(sessions, "manual_campaign_name", "manual_medium", "manual_source"),
    )  # fmt: skip
    told = (number, source, description, flat(sessions["user_id"]), flat(sessions["signed_in_at"]))
    return pa.table({"session_id": flat(sessions["session_id"])} | dict(zip(_TOLD, told, strict=True)))


def _traffic(sessions: pa.Table, campaign: str, medium: str, source: str) -> Text:
    name = _or(join(f'"{campaign}":"', _escaped(flat(sessions["campaign"])), '",'))
    return join("{", name, f'"{medium}":"', flat(sessions["medium"]), f'","{source}":"', flat(sessions["source"]), '"}')


def _parameter(sessions: pa.Table, name: str) -> Text:
    told = join(f',{{"key":"{name}","value":{{"string_value":"', _escaped(flat(sessions[name])), '"}}')
    return _or(told)


def _or(column: Text) -> Text:
    """Nothing where the column is missing."""
    return flat(pc.fill_null(column, ""))


def _text(column: pa.Array) -> Text:
    return flat(pc.cast(column, pa.string()))


def _escaped(column: Text) -> Text:
    """As it may stand in JSON: quotes escaped, control characters gone."""
    one_line = pc.replace_substring_regex(column, r"[\x00-\x1f]+", " ")
    return flat(pc.replace_substring_regex(one_line, r'(["\\])', r"\\\1"))
