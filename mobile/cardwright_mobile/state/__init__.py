"""What the app knows: observable, and without a single control."""
