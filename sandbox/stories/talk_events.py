"""What people and the retailer say to each other: messages, posts, tickets, calls, texts, notes in a store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sandbox.stories.shop_events import Order, Product
from sandbox.stories.tale import Tale


def writes_message(tale: Tale, account: str, at: datetime, body: str, *, ours: bool = False) -> str:
    """A direct message on Instagram, Messenger or X; one conversation for each account. Returns its id."""
    platform = {"meta:instagram_user": "instagram", "meta:messenger_user": "messenger", "x:user": "x"}[
        account.rsplit(":", 1)[0]
    ]
    native_id = account.split(":")[2]
    conversation = {"instagram": f"aWdfZAG{native_id}", "messenger": f"t_{native_id}", "x": f"1523-{native_id}"}[
        platform
    ]
    number = f"1999{tale.number('message'):015d}"
    key = number if platform == "x" else f"m_{number}"
    tale.happens(at, "conversations", conversation, conversation_id=conversation, record_id=account, platform=platform)
    tale.happens(
        at,
        "direct_messages",
        key,
        message_id=key,
        conversation_id=conversation,
        record_id=account,
        platform=platform,
        direction="outbound" if ours else "inbound",
        body=body,
        sent_at=at,
    )
    return key


def mentions_us(tale: Tale, account: str, at: datetime, body: str) -> str:
    """A post on X that mentions the retailer; returns its id."""
    key = f"1899{tale.number('post'):015d}"
    tale.happens(at, "mentions", key, post_id=key, record_id=account, body=body, posted_at=at)
    return key


def asks_for_help(
    tale: Tale,
    user: str,
    at: datetime,
    said: Sequence[tuple[str, str]],
    *,
    channel: str,
    subject: str,
    order: Order | None = None,
    pace: timedelta = timedelta(minutes=4),
    solved: datetime | None = None,
    score: str | None = None,
) -> str:
    """A ticket at the help desk, with what was said.

    Args:
        tale: to tell it in.
        user: the record of kind `zendesk:user`.
        at: when it was opened.
        said: who ("customer" or "agent") and what, in turn, `pace` apart; the customer first.
        channel: email, chat, phone, whatsapp or web.
        subject: in a few words.
        order: that the agent linked.
        pace: between two turns.
        solved: when it was solved, if it was.
        score: `good` or `bad`, given an hour after it was solved.

    Returns:
        The ticket's id.
    """
    key = f"9{tale.number('ticket'):06d}"
    tale.happens(
        at,
        "tickets",
        key,
        ticket_id=key,
        record_id=user,
        channel=channel,
        subject=subject,
        status="new",
        priority="normal",
        order_id=None if order is None else order.order_id,
        reopens=0,
        replies=0,
        created_at=at,
        due_at=at + timedelta(days=1),
    )
    replies = 0
    for turn, (who, body) in enumerate(said):
        spoken, comment = at + turn * pace, f"9{tale.number('comment'):07d}"
        tale.happens(
            spoken,
            "ticket_comments",
            comment,
            comment_id=comment,
            ticket_id=key,
            record_id=user if who == "customer" else None,
            body=body,
            is_public=True,
            created_at=spoken,
        )
        if who == "agent":
            replies += 1
            first = {"first_reply_at": spoken} if replies == 1 else {}
            tale.happens(spoken, "tickets", key, status="pending", replies=replies, **first)
        elif turn:
            tale.happens(spoken, "tickets", key, status="open")
    if solved is not None:
        tale.happens(solved, "tickets", key, status="solved", solved_at=solved)
    if solved is not None and score is not None:
        given, rating = solved + timedelta(hours=1), f"9{tale.number('rating'):06d}"
        tale.happens(
            given, "ratings", rating, rating_id=rating, ticket_id=key, record_id=user, score=score, created_at=given
        )
    return key


def calls(
    tale: Tale,
    caller: str,
    at: datetime,
    *,
    reason: str,
    note: str | None = None,
    queue: str = "Service",
    agent: str = "Ruth Adeyemi",
    wait: int = 45,
    handle: int = 300,
    outcome: str = "resolved",
    order: Order | None = None,
) -> str:
    """A call to the contact centre; `wait` and `handle` in seconds, `note` the agent's. Returns its id."""
    key = f"CC9{tale.number('call'):06d}"
    tale.happens(
        at,
        "calls",
        key,
        call_id=key,
        record_id=caller,
        kind="call",
        direction="inbound",
        number=caller.split(":", 2)[2],
        queue=queue,
        agent=agent,
        reason=reason,
        outcome=outcome,
        wait_seconds=wait,
        handle_seconds=handle,
        body=note,
        order_id=None if order is None else order.order_id,
        started_at=at,
    )
    tale.happens(at, "touch_records", caller)
    return key


def texts(tale: Tale, caller: str, at: datetime, body: str, *, ours: bool = False) -> str:
    """A text message to the contact centre, or its answer; returns its id."""
    key = f"CC9{tale.number('call'):06d}"
    tale.happens(
        at,
        "calls",
        key,
        call_id=key,
        record_id=caller,
        kind="sms",
        direction="outbound" if ours else "inbound",
        number=caller.split(":", 2)[2],
        queue="Service",
        agent="Chloe Martin" if ours else None,
        body=body,
        started_at=at,
    )
    tale.happens(at, "touch_records", caller)
    return key


def comes_in(
    tale: Tale,
    client: str,
    at: datetime,
    note: str,
    *,
    store: str = "Harbour Street",
    clerk: str = "Amira",
    product: Product | None = None,
    code: str | None = None,
) -> str:
    """A visit to a store, as the clerk noted it, or the discount code that the clerk handed out. Returns its id."""
    key = f"SV9{tale.number('note'):06d}"
    tale.happens(
        at,
        "store_notes",
        key,
        note_id=key,
        record_id=client,
        kind="visit" if code is None else "code",
        store=store,
        clerk=clerk,
        note=note,
        code=code,
        product_id=None if product is None else product.product_id,
        noted_at=at,
    )
    tale.happens(at, "touch_records", client)
    return key


def joins_programme(tale: Tale, member: str, since: datetime, at: datetime, *, tier: str, points: int) -> None:
    """A loyalty member's tier, balance and first day, as the programme tells them from `at` on."""
    tale.happens(at, "loyalty_status", member, record_id=member, tier=tier, points=points, member_since=since)
    key = f"LT9{tale.number('points'):08d}"
    tale.happens(
        at,
        "loyalty_points",
        key,
        movement_id=key,
        record_id=member,
        points=points,
        reason="opening balance",
        moved_at=at,
    )


def answers_survey(
    tale: Tale,
    respondent: str | None,
    at: datetime,
    *,
    touchpoint: str,
    scale: str,
    score: int,
    comment: str | None = None,
    order: Order | None = None,
) -> str:
    """An answer on csat_5, csat_10 or nps; returns its id."""
    key = f"SR9{tale.number('answer'):07d}"
    tale.happens(
        at,
        "survey_answers",
        key,
        answer_id=key,
        record_id=respondent,
        touchpoint=touchpoint,
        scale=scale,
        score=score,
        comment=comment,
        order_id=None if order is None else order.order_id,
        answered_at=at,
    )
    return key
