"""Reviews of identities: what people have to look at, by deadline, with everything in front of them."""
