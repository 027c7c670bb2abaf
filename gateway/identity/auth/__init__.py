"""Who is calling: signing keys, access tokens, passwords."""
