"""Notifications: turns what happened elsewhere into messages in people's inboxes and mailboxes."""
