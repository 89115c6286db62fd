"""The same questions to django-appointment from PyPI, as a project of its own on the same PostgreSQL."""
