"""Writing a survey: list, editor, preview, translations, versions, settings."""
