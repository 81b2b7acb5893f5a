"""The pages: views, forms, templates, style sheet and drawings."""
