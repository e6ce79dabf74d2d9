"""What people write: templates with slots, filled a column at a time."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow.compute as pc

from sandbox.generator.columns import Text, holds, join, missing, take
from sandbox.generator.draw import Ints

# Slots: {order} {email} {phone} {name} {item}
SUBJECTS: Final = (
    "Where is my order {order}?", "Wrong size in {order}", "Refund not received", "Damaged {item}",
    "Cannot log in to my account", "Question about the {item}", "Cancel my order {order}", "Pick-up time for {order}",
    "Discount code does not work", "Change of address", "Gift card balance", "Please take me off your list",
)  # fmt: skip
QUESTIONS: Final = (
    "Hello, my order {order} has not arrived yet. Could you check?",
    "Hi, I ordered the {item} and it is too small. How do I exchange it?",
    "I returned {order} two weeks ago and still have no refund. You can reach me at {email}.",
    "The {item} arrived broken. Please call me on {phone}.",
    "I cannot sign in with {email}. Can you reset it?",
    "Is the {item} coming back in stock?",
    "Please cancel order {order}, I ordered twice by mistake.",
    "When can I collect {order} from the store?",
    "The code from your e-mail is refused at the checkout.",
    "I have moved. Please use my new address for {order}. My number is {phone}.",
    "How much is left on my gift card? My account is under {email}.",
    "Please stop sending me e-mails.",
)
ANSWERS: Final = (
    "Thank you for writing, {name}. I am looking into it.",
    "Hi {name}, I have checked with the warehouse and it is on its way.",
    "I am sorry about that. A replacement will leave us tomorrow.",
    "Your refund was issued today and should arrive within five days.",
    "Could you send us a photo, please?",
    "This is done. Is there anything else I can do for you?",
)
FOLLOW_UPS: Final = (
    "Thanks, that helps.", "Any news on this?", "Still waiting, this is really annoying.", "Perfect, thank you!",
    "It is order {order}, if that helps.", "You can also call me: {phone}", "My other address is {email}.",
    "OK, I will wait until Friday.",
)  # fmt: skip
PRAISE: Final = ("Quick and friendly.", "Very helpful, thank you.", "Solved at once.", "Great service!")
COMPLAINT: Final = (
    "Nobody answered for days.", "I had to explain everything three times.", "Still not solved.", "Rude on the phone.",
)  # fmt: skip
MESSAGES: Final = (
    "Hi! Is the {item} still available?", "Do you ship the {item} abroad?", "My order {order} is late, can you help?",
    "Love the {item} 😍", "What size should I take?", "Can I collect it in the store today?",
    "You can mail me at {email}", "Call me on {phone} please", "Thanks a lot!", "Is there a discount for the {item}?",
)  # fmt: skip
REPLIES: Final = (
    "Hi {name}! Yes, it is in stock.", "Thanks for reaching out, we will check.",
    "You can order it from the link in our bio.", "Could you send us your order number?",
    "We are on it!", "You are welcome!",
)  # fmt: skip
COMMENTS: Final = (
    "Love this!", "Need the {item} 😍", "How much is it?", "So pretty", "Is it in stores?", "Got mine today!",
    "My order {order} still has not come 😡", "Tag me when it is back", "Beautiful colours", "Restock please!",
)  # fmt: skip
MENTIONS: Final = (
    "@braidandco my order {order} is a week late. Anyone there?", "Just got the {item} from @braidandco, love it",
    "@braidandco do you ship to islands?", "Game night thanks to @braidandco", "@braidandco your checkout is down",
    "Third time I ask @braidandco: where is my refund?", "The {item} from @braidandco is worth every cent",
)  # fmt: skip
CAPTIONS: Final = (
    "New in: the {item}", "Sunday at home", "Game night, anyone?", "Behind the scenes", "Back in stock: {item}",
    "Which one is yours?",
)  # fmt: skip


def write(templates: tuple[str, ...], which: Ints, slots: dict[str, Text]) -> Text:
    """The templates chosen, with their slots filled; `fitting` sees to it that no slot is missing."""
    body = take(templates, which)
    for slot, values in slots.items():
        has = pc.match_substring(body, "{" + slot + "}")
        rows = np.flatnonzero(holds(has))
        if not len(rows):
            continue
        chosen = body.take(rows)
        start = pc.replace_substring_regex(chosen, r"\{" + slot + r"\}.*$", "")
        end = pc.replace_substring_regex(chosen, r"^.*\{" + slot + r"\}", "")
        body = pc.replace_with_mask(body, has, join(start, take(values, rows), end))
    return body


def fitting(rng: np.random.Generator, slots: dict[str, Text], *template_sets: tuple[str, ...]) -> Ints:
    """A template for each row, the same position in every set; who has no order writes of none."""
    needs_order = np.array([any("{order}" in text for text in texts) for texts in zip(*template_sets, strict=True)])
    has_order = ~missing(slots["order"])
    drawn = rng.integers(0, len(needs_order), len(has_order))
    without = np.flatnonzero(~needs_order)
    instead = without[rng.integers(0, len(without), len(has_order))]
    return np.where(needs_order[drawn] & ~has_order, instead, drawn)


def say(rng: np.random.Generator, templates: tuple[str, ...], slots: dict[str, Text]) -> Text:
    """One of the templates for each row, filled."""
    return write(templates, fitting(rng, slots, templates), slots)
