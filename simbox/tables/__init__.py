"""Every table of the project, declared once."""
