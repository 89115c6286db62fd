"""Webhooks: other systems hear of changes in the diary, signed, in the form of Standard Webhooks."""
