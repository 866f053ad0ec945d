"""What all routers share: dependencies, strict parsing, problem+json, pages, limits. Knows no slice."""
