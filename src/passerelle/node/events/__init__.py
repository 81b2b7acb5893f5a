"""Events, venues, sessions, posts and their need."""
