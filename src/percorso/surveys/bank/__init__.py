"""Surveys ready to send, one a file. `TEMPLATES` finds them by scanning this folder, and those that other packages add."""

from percorso.registry import Registry
from percorso.surveys.bank._template import Template

TEMPLATES: Registry[Template] = Registry(__name__, Template, "percorso.survey_templates")
