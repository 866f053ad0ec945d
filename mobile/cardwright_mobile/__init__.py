"""The mobile app: screens over what the public API says, and nothing of the server's own code."""
