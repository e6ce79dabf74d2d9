"""The timeline as the omnichannel marts have it."""

from __future__ import annotations

from typing import Final

# Rows are brought up to date by the next publication, which finds that
# their hash differs.
SCRIPT: Final = """
alter table activation.timeline
    add column body text,
    add column sentiment numeric,
    add column rating numeric,
    add column order_id text,
    add column conversation_id text,
    add column campaign text;
create index timeline_by_conversation on activation.timeline (conversation_id) where conversation_id is not null;
"""
