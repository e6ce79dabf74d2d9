"""A look-alike of the Meta Graph API: Instagram and Messenger conversations, media and comments."""
