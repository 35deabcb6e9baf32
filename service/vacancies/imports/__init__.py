"""Vacancies in bulk: a file of an HR system."""
