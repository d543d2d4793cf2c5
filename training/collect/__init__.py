"""Get the texts that training needs from where they are published, with their licences."""
