"""The public API: models, and clients of what the app uses of it."""
