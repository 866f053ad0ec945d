"""Pictures of the mobile app, and how fast it is."""
