"""One installation: the Django project, its storage and its use cases. The only place with the ORM."""
