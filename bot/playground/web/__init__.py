"""The playground's page for the browser: the same small Discord, drawn as Discord draws it."""
