"""The tables of the authorization server: clients, signing keys, requests, codes, grants, spent proofs."""
