"""Checks that keep the architecture honest: each says what to do instead."""
