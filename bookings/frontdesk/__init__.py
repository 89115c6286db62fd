"""The door for the front desk: pages."""
