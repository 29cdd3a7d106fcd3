"""The respondent's pages: public, without a session, with or without script."""
