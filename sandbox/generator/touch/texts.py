"""What people write to and about the retailer in the systems that export files: about one in five names an order, an
e-mail or a phone. Slots as in `sandbox.generator.texts`.
"""

from __future__ import annotations

from typing import Final

# Each chat or mail to the second brand, and the topic that its agents filed it under, at the same position.
BRAND_QUESTIONS: Final = (
    "Hi, is the {item} coming back?", "The colour is not what I expected. Can I send it back?",
    "My parcel should have been here on Monday.", "Do you have a store near me?", "The lid was cracked when it came.",
    "How do I clean it?", "I would like to change my address before it ships.", "Which one makes a good present?",
    "Write to {email} please, I am at work.", "Please call me back on {phone}.",
)  # fmt: skip
BRAND_TOPICS: Final = (
    "Stock", "Return", "Delivery", "Stores", "Damaged", "Product advice", "Address", "Product advice", "Delivery",
    "Call back",
)  # fmt: skip
BRAND_LATER: Final = (
    "Thank you!", "That works for me.", "Any news?", "Great, I will wait.", "No, it is still not here.", "Perfect.",
    "Yes, the large one.", "My address is {email} by the way.",
)  # fmt: skip
BRAND_ANSWERS: Final = (
    "Hello {name}, thank you for writing. I will find out.", "I am sorry to hear that. We will send a new one.",
    "It left our warehouse this morning.", "We have it in stock again next week.", "Of course, that is changed.",
    "Happy to help, {name}!",
)  # fmt: skip

# Posts in the social inbox and found by listening, and how they sound (-1 to 1), at the same position.
POSTS: Final = (
    "The {item} is everything 😍", "So happy with my {item}", "Best game night in ages", "Nice staff today",
    "When is the sale?", "Do you open on Sundays?", "Saw the new collection today", "Anyone tried the {item}?",
    "Queue of an hour at the till…", "Order {order} is late again 😡", "Still no answer about {order}",
    "The {item} broke after a week",
)  # fmt: skip
POST_SENTIMENTS: Final = (0.9, 0.8, 0.8, 0.6, 0.0, 0.0, 0.1, 0.0, -0.5, -0.8, -0.7, -0.8)
DIRECT: Final = (
    "Hi, is the {item} still available?", "Do you deliver to islands?", "Love your shop!", "What size should I take?",
    "The sleeve came off after one wash…", "Can I pay on delivery?", "Is there a code for new customers?",
    "Where is {order}? It should be here by now", "You can mail me at {email}", "Please call me on {phone}",
)  # fmt: skip
DIRECT_SENTIMENTS: Final = (0.1, 0.0, 0.9, 0.0, -0.6, 0.0, 0.1, -0.6, 0.0, -0.1)
POST_REPLIES: Final = ("Thank you! 💛", "We are on it, please send us a message.", "See you soon!", "Sorry about that!")

SMS: Final = (
    "Where is my parcel?", "Is the store open today?", "I missed the delivery, can you come again?", "Thanks!",
    "Can I pick it up tomorrow?", "Please cancel the delivery.", "YES", "What are the opening hours?",
    "It is order {order}", "You can mail me at {email}",
)  # fmt: skip
LATE_SMS: Final = (
    "My parcel is late. What is going on?", "Where is order {order}?", "Still waiting for my delivery",
    "It should have been here days ago",
)  # fmt: skip
SMS_REPLIES: Final = (
    "Thanks for your text. Your parcel is on its way.", "We are open until 8 pm.", "A colleague will call you.",
)  # fmt: skip
WRAP_UPS: Final = (
    "Asked about opening hours.", "Wants to exchange a size.", "Asked about points.", "Question about an invoice.",
    "Product advice given.", "Wants to be called back.",
)  # fmt: skip
LATE_WRAP_UPS: Final = (
    "Parcel late, traced with the carrier.", "Late delivery, apologised.", "Customer upset about the delay.",
)  # fmt: skip
REASONS: Final = ("Opening hours", "Exchange", "Loyalty", "Invoice", "Product advice", "Call back")

# Comments of the unhappy, the undecided and the happy.
LOW: Final = (
    "Took far too long.", "Nobody could help me.", "It arrived damaged.", "Order {order} came a week late.",
    "I had to ask three times.",
)  # fmt: skip
MIDDLE: Final = ("It was fine.", "Could be quicker.", "Good product, slow delivery.", "Parking was difficult.")
HIGH: Final = (
    "Lovely staff!", "Quick and easy.", "The {item} is beautiful.", "Always a pleasure.", "Everything went well.",
)  # fmt: skip

NOTES: Final = (
    "Tried on the {item}, undecided.", "Looked for a present.", "Asked for the {item} in another size.",
    "Came back to exchange.", "Regular, likes to be greeted by name.",
)  # fmt: skip
CODE_NOTES: Final = ("Gave a code for the {item}.", "Code for the next visit.", "Code as an apology.")
