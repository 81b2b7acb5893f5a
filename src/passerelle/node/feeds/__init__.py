"""Calendar feeds: a secret address a group or crew, which a calendar program asks; revocable at once."""
